"""Carbon prices and border carbon charges: a specific charge is an ad valorem rate of charge over price."""

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.embodied import intensity
from cge.scenarios.blocks.carbon import CONTENTS
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind
from cge.solvers import Problem
from tests.economies import elasticities, random_benchmark
from tests.truth import record

SOURCE = "theory: a specific charge equals an ad valorem rate of charge over price"
PRICE = 80.0
POINT = ("income", "flow", "py", "y", "tariffs", "output_taxes", "export_taxes")


@pytest.fixture(scope="module")
def place():
    table = random_benchmark(7, margins=True, rents=True)
    rng = np.random.default_rng(7)
    output = table.data["domestic"] + table.data["trade"].sum("importer").rename(exporter="region")
    # up to one kilogram per dollar
    world = Benchmark(table.data.assign(emissions=output * rng.uniform(0.0, 1.0, output.shape)))
    return world, calibrate(world, elasticities(world, 7))


def solve(place, *shocks, levels=None):
    world, parameters = place
    scenario = Scenario(name="t", title="t", question="?", sources=["x"], shocks=shocks)
    policy = bind(scenario, world, parameters)
    return Problem(parameters).solve({**policy.instruments, **(levels or {})}, policy.quotas, policy.swaps).data


BORDER = {"border_carbon": PRICE, "importers": "r0", "sectors": "s0"}


@pytest.mark.parametrize("scope", ["direct", "full"])
def test_a_border_carbon_charge_is_a_tariff_of_charge_over_price(place, scope):
    p = place[1].data
    charged = solve(place, BORDER | {"scope": scope})
    content = CONTENTS[scope](place[1], intensity(place[1]))
    # price at the border before duty, of a unit whose basic price is one in the benchmark
    cif = p["duty_paid"] / (1.0 + p["tm0"]) / p["trade"].where(p["trade"] > 0.0)
    index = charged["pms"] / charged["tau"] / (1.0 + charged["tm"]) * (1.0 + p["tm0"])
    rate = 1e-3 * PRICE * content.rename(region="exporter") * charged["pworld"] / (cif * index)
    flows = {"importer": "r0", "sector": "s0", "exporter": ["r1", "r2"]}
    added = (charged["tm"] - p["tm0"]).sel(flows)
    assert float(rate.sel(flows).max()) > 0.01
    record(f"border carbon charge, {scope}, tariff equivalent tau e / p", rate.sel(flows), added, 1e-12, SOURCE)
    tariff = solve(place, levels={"tm": charged["tm"]})
    for name in POINT:
        record(f"border carbon charge, {scope}, against that tariff: {name}", tariff[name], charged[name], 1e-9, SOURCE)
    more = solve(place, levels={"tm": p["tm0"] + (charged["tm"] - p["tm0"]) * 1.1})
    record("against a tariff a tenth higher: income", more["income"], charged["income"], 1e-6, SOURCE, differs=True)


def test_no_difference_in_the_clubs_rule_no_border_charge(place):
    """Everyone has the members' price at home, so the charge falls to nothing."""
    home = {"carbon_price": PRICE, "regions": "all"}
    without, with_border = solve(place, home), solve(place, home, BORDER)
    for name in POINT:
        record(f"border carbon charge on equal carbon prices: {name}", without[name], with_border[name], 1e-10, SOURCE)
    kept = solve(place, home, BORDER | {"deduct": False})
    record("the same without deduction: income", without["income"], kept["income"], 1e-6, SOURCE, differs=True)


def test_a_carbon_price_is_an_output_tax_of_charge_over_price(place):
    p = place[1].data
    priced = solve(place, {"carbon_price": PRICE, "regions": "r1"})
    rate = 1e-3 * PRICE * intensity(place[1]) * priced["pworld"] / priced["py"]
    added = priced["to"] - p["to0"]
    record("carbon price, output tax equivalent", rate.sel(region="r1"), added.sel(region="r1"), 1e-12, SOURCE)
    tax = solve(place, levels={"to": priced["to"]})
    for name in POINT:
        record(f"carbon price against that output tax: {name}", tax[name], priced[name], 1e-9, SOURCE)


def test_a_rebate_at_export_is_an_export_subsidy_of_charge_over_price(place):
    p = place[1].data
    at = {"region": "r1", "sector": "s0"}
    solved = solve(place, {"carbon_price": PRICE, "regions": "r1", "sectors": "s0", "rebate": True})
    rate = 1e-3 * PRICE * intensity(place[1]).sel(at) * solved["pworld"] / solved["px"].sel(at)
    back = (p["te0"] - solved["te"]).sel(exporter="r1", sector="s0", importer=["r0", "r2"])
    record("rebate on exports, subsidy equivalent", float(rate), back, 1e-12, SOURCE)
    other = (p["te0"] - solved["te"]).sel(exporter=["r0", "r2"])
    record("rebate on exports of others", 0.0, other, 1e-15, SOURCE)


def test_a_cap_on_emissions_is_the_price_that_meets_it(place):
    p = place[1].data["emissions0"].sel(region="r1")
    priced = solve(place, {"carbon_price": PRICE, "regions": "r1"})
    kept = float((p * priced["y"].sel(region="r1")).sum() / p.sum())
    hold = {"outcome": "emissions", "regions": "r1", "at": {"change_pct": 100.0 * (kept - 1.0)}}
    capped = solve(place, {"hold": hold, "free": {"instrument": "carbon_price", "regions": "r1"}})
    source = "theory: a cap and the price that meets it are one policy"
    record("price that meets a cap, USD a tonne", PRICE, float(capped["lever"][0]), 1e-6, source)
    for name in POINT:
        record(f"cap against price: {name}", priced[name], capped[name], 1e-9, source)


def test_what_is_charged_is_what_is_emitted(place):
    p = place[1].data
    priced = solve(place, {"carbon_price": PRICE, "regions": "r1"})
    base = p["output"] * priced["py"] * priced["y"] / priced["pworld"]
    paid = ((priced["to"] - p["to0"]) * base).sel(region="r1").sum()
    emitted = (p["emissions0"] * priced["y"]).sel(region="r1").sum()
    record("revenue of a carbon price over emissions, USD a tonne", PRICE, 1e3 * float(paid / emitted), 1e-9, SOURCE)
