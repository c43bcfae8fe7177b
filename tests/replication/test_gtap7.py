"""GTAP version 7: an independent solution of it on synthetic data, structure by structure."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cge.accounts import benchmark_point
from cge.calibration import gtap
from cge.calibration.shares import calibrate
from cge.closure import Closure
from cge.decomposition import decompose
from cge.equations.structures import STRUCTURES
from cge.solvers import Problem
from cge.solvers.saving_price import with_saving_price
from cge.solvers.sensitivity import Shock, trace
from cge.welfare import ev
from tests.replication.gtap_world import SAID, reference
from tests.truth import record

SOURCE = "GTAP version 7 (Corong et al. 2017), independent levels solver on synthetic data, power of every tariff x 1.1"
GTAP7 = STRUCTURES["gtap7"]
VARIANTS = {
    "gtap7, RORDELTA=1": ("bank", GTAP7),
    "gtap7, RORDELTA=0": ("shares", GTAP7),
    "no CDE (Cobb-Douglas private demand)": ("bank", tuple(b for b in GTAP7 if b != "cde")),
    "no agent sourcing (one mix of home and imports, one tax on the composite)": (
        "bank", tuple(b for b in GTAP7 if b != "users")
    ),
    "no depreciation (income and saving gross)": ("bank", tuple(b for b in GTAP7 if b != "net-income")),
    "saving priced at investment (no psave)": ("bank", tuple(b for b in GTAP7 if b != "saving-price")),
}  # fmt: skip
PARTS = {
    "prodtax": ("output_tax",), "pfacttax": ("factor_tax",), "inctax": ("income_tax",),
    "inputtax": ("input_tax", "input_tax_import"), "mtax": ("tariff",), "xtax": ("export_tax",),
    "tot_x": ("export_price", "margin_sales"), "tot_m": ("import_price", "margin_cost"),
    "is": ("capital_goods", "price_of_saving"),
}  # fmt: skip


@pytest.fixture(scope="module")
def world():
    data, solutions = reference()
    benchmark, _ = gtap.benchmark_of(data, contents=SAID)
    return benchmark, gtap.elasticities_of(data), solutions


def solved(world, variant, steps=2):
    benchmark, values, _ = world
    saving, blocks = VARIANTS[variant]
    if "cde" not in blocks:
        one = xr.ones_like(values["income_elasticity"])
        values = values.assign(income_elasticity=one, frisch=-xr.ones_like(values["frisch"]))
    p = calibrate(benchmark, values)
    problem = Problem(p, Closure(saving=saving, blocks=blocks), certificate="arrays")
    moved = {"tm": 1.1 * (1.0 + p.data["tm0"]) - 1.0}
    found, _ = with_saving_price(problem, problem.solve(moved), moved, steps=steps)
    return problem, found, moved


@pytest.mark.parametrize("variant", VARIANTS)
def test_ev_prices_and_outputs_are_the_reference_s(world, variant):
    wanted = world[2][variant]
    _, found, _ = solved(world, variant)
    gain = ev(found.parameters, found.data).values
    record(f"GTAP: EV of {variant}, million USD", wanted["ev"], gain, 1e-6, SOURCE, relative=True)
    for name, theirs in (("py", "pb"), ("y", "qo")):
        ours = found.data[name].transpose("sector", "region").values.ravel()
        record(f"GTAP: {theirs} of {variant}", wanted[theirs], ours, 1e-8, SOURCE)
    record(f"GTAP: qinv of {variant}", wanted["qinv"], found.data["inv"].values, 1e-8, SOURCE)
    if "up" in found.data:
        record(f"GTAP: up of {variant}", wanted["up"], found.data["up"].values, 1e-8, SOURCE)


@pytest.mark.slow
def test_the_decomposition_has_the_reference_s_parts(world):
    """Parts by tax and effect, and by user of consumption, government and investment, to 1e-6 of EV."""
    wanted = world[2]["gtap7, RORDELTA=1"]
    problem, found, moved = solved(world, "gtap7, RORDELTA=1")
    start = found.parameters.data["tm0"]
    path = trace(problem, {"all": Shock({"tm": moved["tm"] - start})}, 16)
    split = decompose(problem.model.parameters, path)
    size = np.abs(wanted["ev"]).max()
    for theirs, ours in PARTS.items():
        got = sum(split.total(name) for name in ours).values
        said = np.array(wanted["decomposition"][theirs]) / size
        record(f"GTAP: {theirs} in the decomposition of EV, share of EV", said, got / size, 1e-6, SOURCE)
    users = sum(split.parts[name].sum("sector") for name in ("final_tax", "final_tax_import"))
    for agent, theirs in (("C", "contax"), ("G", "govtax"), ("I", "invtax")):
        got = users.sel(agent=agent).transpose("region").values
        said = np.array(wanted["decomposition"][theirs]) / size
        record(f"GTAP: {theirs} in the decomposition of EV, share of EV", said, got / size, 1e-6, SOURCE)
    record("GTAP: the decomposition closes, share of EV", 0.0, split.residual.values / size, 1e-8, SOURCE)


def test_results_go_out_under_gtap_s_names(world):
    _, found, _ = solved(world, "gtap7, RORDELTA=1")
    start = benchmark_point(found.parameters)
    named = gtap.named(found.data, start)
    wanted = np.array(world[2]["gtap7, RORDELTA=1"]["qo"])
    got = 1.0 + named["qo"].transpose("sector", "region").values.ravel() / 100.0
    record("GTAP: qo under GTAP's names", wanted, got, 1e-8, SOURCE)
    traded = found.parameters.data["duty_paid"].values > 0.0
    record("GTAP: tms, % change of the power of the tariff", 10.0, named["tms"].values[traded], 1e-9, SOURCE)


def test_the_deflator_moves_terms_of_trade_to_saving(world):
    """Two points suffice: the two parts are opposite, and the reference's total of both effects stays."""
    benchmark, values, solutions = world
    p = calibrate(benchmark, values)
    closure = Closure(saving="bank", blocks=(*GTAP7, "export-deflator"))
    problem = Problem(p, closure, certificate="arrays")
    rise = 1.1 * (1.0 + p.data["tm0"]) - 1.0 - p.data["tm0"]
    split = decompose(problem.model.parameters, trace(problem, {"all": Shock({"tm": rise})}, 4))
    off, back = (split.total(f"world_price_of_{name}").values for name in ("trade", "saving"))
    assert abs(off).max() > 0.01
    np.testing.assert_allclose(off, -back, rtol=1e-12)
    summary = split.summary()
    both = summary["terms_of_trade"] + summary["investment_saving"]
    parts = solutions["gtap7, RORDELTA=1"]["decomposition"]
    total = sum(np.array(parts[name]) for name in ("tot_x", "tot_m", "is"))
    np.testing.assert_allclose(both, total, atol=1e-3)
