"""The public solve: what it accepts, what it refuses, and what it proves."""

import numpy as np
import pytest
import xarray as xr

from cge.closure import Closure
from cge.errors import PolicyError, SolveError
from cge.quotas import Quota
from cge.solvers.problem import Problem
from cge.symbols import VARIABLES
from tests.points import parameters

P = parameters("full", 3, 3, 2)
"""Three regions, two sectors, every account, some zero flows."""


@pytest.fixture(scope="module")
def problem():
    return Problem(P)


@pytest.fixture(scope="module")
def flow():
    """A flow between two regions that carries no rent at the benchmark."""
    return next(
        tuple(str(x) for x in cell)
        for cell in ((e, i, s) for e in P.labels["region"] for i in P.labels["region"] for s in P.labels["sector"])
        if cell[0] != cell[1] and float(P.data.trade.loc[cell]) > 0.0 and float(P.data.rho0.loc[cell]) == 0.0
    )


def premium(found, flow):
    return float(found.data.rho.loc[flow])


def limit(flow, **options):
    return Quota((tuple(flow),), **options)


def regime_of(found, flow):
    (regime,) = [q for q in found.quotas if tuple(flow) in q.flows]
    return regime


# What it proves --------------------------------------------------------------------------------------------------


def test_a_result_carries_its_proof(problem):
    found = problem.solve({"tm": P.data.tm0 + 0.2})
    proof = found.proof
    assert proof.ipopt_status == 0
    assert max(proof.benchmark_residual, proof.max_residual, proof.walras) < 1e-9
    assert proof.parameters_sha256 == P.sha256
    assert proof.benchmark_sha256 == P.data.attrs["benchmark_sha256"]
    assert {"prepare", "solve", "certify"} <= set(proof.seconds)
    assert found.parameters is P
    np.testing.assert_array_equal(found.data.tm, xr.where(P.data.duty_paid > 0, P.data.tm0 + 0.2, P.data.tm0))
    assert all(found.data[name].attrs["unit"] for name in found.data)


def test_no_shock_is_the_benchmark(problem):
    found = problem.solve()
    assert found.proof.iterations == 0
    for name, symbol in VARIABLES.items():
        if name in found.data and symbol.benchmark == 1.0:
            np.testing.assert_allclose(found.data[name], 1.0, atol=1e-12)


def test_results_do_not_depend_on_what_was_solved_before(problem):
    shock = {"tm": P.data.tm0 + 0.2}
    first = Problem(P).solve(shock).data
    problem.solve({"tfp": P.data.output * 0 + 0.7})
    problem.solve({"tau": P.data.trade * 0 + 1.1})  # a new instrument, a new model
    again = problem.solve(shock).data
    for name in first:
        np.testing.assert_allclose(again[name], first[name], atol=1e-11)


@pytest.mark.parametrize("numeraire", ["world", "r1"])
def test_doubling_the_numeraire_doubles_prices_only(numeraire):
    """Homogeneity through the public path: prices and money double, quantities stay."""
    held = Problem(P, Closure(numeraire=numeraire))
    shock = {"tm": P.data.tm0 + 0.2}
    name = "pworld" if numeraire == "world" else "cpi"
    one, two = held.solve(shock).data, held.solve(shock | {name: 2.0}).data
    for name, factor in [
        *((price, 2.0) for price in ("py", "pa", "pf", "cpi", "income", "tariffs", "v", "saving")),
        *((quantity, 1.0) for quantity in ("y", "c", "flow", "g", "inv", "rw")),
    ]:
        there = held.model.exists[name]
        np.testing.assert_allclose(two[name].values[there], factor * one[name].values[there], rtol=1e-10, atol=1e-12)


def test_progress_is_told(problem):
    told = []
    problem.solve({"tm": P.data.tm0 + 0.2}, progress=lambda event: told.append((event.stage, event.share)))
    assert {"prepare", "solve", "certify"} <= {stage for stage, _ in told}
    assert any("Newton step" in stage for stage, _ in told)
    assert all(0.0 <= share <= 1.0 for _, share in told)


# What it refuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instruments", "complaint"),
    [
        (lambda: {"tmm": P.data.tm0}, "unknown instrument 'tmm' .did you mean tm"),
        (lambda: {"tm": P.data.tm0.rename(importer="region")}, "tm has the axes"),
        (lambda: {"tm": P.data.tm0.isel(exporter=0)}, "tm has the axes"),
        (lambda: {"tm": P.data.tm0.isel(exporter=[0, 1])}, "axis exporter of tm lacks r2"),
        (lambda: {"tm": P.data.tm0.assign_coords(importer=["r0", "r1", "XYZ"])}, "axis importer of tm lacks r2"),
        (lambda: {"tm": P.data.tm0 * np.nan}, "tm holds values that are not finite"),
        (lambda: {"tm": float("nan")}, "tm holds values that are not finite"),
        (lambda: {"py": P.data.output}, "py is determined by the model"),
        (lambda: {"binds": 1.0}, "binds belongs to the quotas"),
        (lambda: {"tmm": 0.1, "py": 1.0}, "(?s)tmm.*py is determined"),
    ],
)
def test_user_errors_are_told_with_their_repair(problem, instruments, complaint):
    with pytest.raises(ValueError, match=complaint):
        problem.solve(instruments())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"flows": (("XYZ", "r1", "s0"),)}, "names XYZ, which the benchmark does not have"),
        ({"flows": (("r0", "r1", "XYZ"),)}, "names XYZ, which the benchmark does not have"),
        ({"flows": ()}, "names no flow"),
        ({"licence": {"exporter": 0.5}}, "sum to 1"),
        ({"licence": {"nobody": 1.0}}, "must be shares of exporter, importer, treasury"),
        ({"volume": 0.0}, "volume 0; it must be positive"),
        ({"volume": float("nan")}, "must be positive"),
        ({"ceiling": -0.1}, "ceiling"),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(problem, flow, change, complaint):
    with pytest.raises(PolicyError, match=complaint):
        problem.solve(quotas=[Quota(**({"flows": (flow,), "volume": 0.5} | change))])


def test_a_quota_on_no_flow_is_refused(problem):
    at = np.argwhere(P.data.trade.values == 0.0)[0]
    labels = [P.labels[axis][k] for axis, k in zip(("region", "region", "sector"), at, strict=True)]
    with pytest.raises(ValueError, match="the benchmark has no such flow"):
        problem.solve(quotas=[limit(labels, volume=0.5)])


def test_two_quotas_on_one_flow_are_refused(problem, flow):
    with pytest.raises(ValueError, match="is under two quotas"):
        problem.solve(quotas=[limit(flow, volume=0.5), limit(flow, volume=0.7)])


@pytest.mark.parametrize("options", [{"method": "magic"}, {"certificate": "none"}])
def test_an_unknown_method_is_refused(options):
    with pytest.raises(ValueError, match="is one of"):
        Problem(P, **options)


def test_no_result_without_a_solution(problem):
    """A region that must lend more than it has: an error that names equations, and nothing else."""
    lent = P.data.sf0 - 3.0 * (P.data.region == "r0") + 0.0
    with pytest.raises(SolveError, match=r"Worst equations: \w+\[.*Try a smaller shock"):
        problem.solve({"sf": lent})


# Quotas ----------------------------------------------------------------------------------------------------------


def test_a_slack_quota_changes_nothing(problem, flow):
    free = problem.solve({"tm": P.data.tm0 + 0.1})
    volume = float(free.data["flow"].loc[flow])
    found = problem.solve({"tm": P.data.tm0 + 0.1}, [limit(flow, volume=volume * 1.01)])
    regime = regime_of(found, flow)
    assert (regime.regime, regime.premium) == ("slack", 0.0)
    assert regime.fill == pytest.approx(1 / 1.01, rel=1e-9)
    np.testing.assert_allclose(found.data.y, free.data.y, rtol=1e-9)


def test_a_binding_quota_has_a_premium(problem, flow):
    found = problem.solve(quotas=[limit(flow, volume=0.6)])
    regime = regime_of(found, flow)
    assert (regime.regime, regime.premium) == ("binding", premium(found, flow))
    assert regime.premium > 0.01
    assert regime.fill == pytest.approx(1.0, abs=1e-10)
    assert float(found.data["flow"].loc[flow]) == pytest.approx(0.6, abs=1e-10)


def test_regimes_of_a_tariff_rate_quota(problem, flow):
    """Every inequality holds, and the premium falls from ceiling to floor as the quota grows."""
    last = np.inf
    seen = []
    for volume in (0.3, 0.6, 0.8, 0.9, 0.95, 1.2):
        found = problem.solve(quotas=[limit(flow, volume=volume, ceiling=0.1)])
        regime = regime_of(found, flow)
        assert {
            "slack": regime.premium == 0.0 and regime.fill <= 1.0 + 1e-9,
            "binding": -1e-9 <= regime.premium <= 0.1 + 1e-9 and abs(regime.fill - 1.0) < 1e-9,
            "above": regime.premium == 0.1 and regime.fill >= 1.0 - 1e-9,
        }[regime.regime]
        assert regime.premium <= last + 1e-12
        last = regime.premium
        seen.append(regime.regime)
    assert set(seen) == {"slack", "binding", "above"}


def test_many_quotas_at_once(problem):
    """Half of all flows under quotas of all kinds: regimes are found, and each is what its inequalities say."""
    rng = np.random.default_rng(0)
    quotas = []
    for at in np.argwhere((P.data.trade.values > 0) & (P.data.rho0.values == 0.0)):
        labels = [P.labels[axis][k] for axis, k in zip(("region", "region", "sector"), at, strict=True)]
        if rng.random() < 0.5 and labels[0] != labels[1]:
            quotas.append(limit(labels, volume=rng.uniform(0.5, 1.2), ceiling=rng.choice([np.inf, 0.1])))
    found = problem.solve({"tm": P.data.tm0 + 0.05}, quotas)
    assert len(quotas) >= 3
    for quota in quotas:
        regime = regime_of(found, quota.flows[0])
        assert regime.fill <= 1.0 + 1e-9 or regime.premium == quota.ceiling
        assert regime.premium == 0.0 or regime.fill >= 1.0 - 1e-9


def test_a_quota_premium_of_the_benchmark_can_be_relaxed():
    """A flow that carries a rent: at its volume the premium is the benchmark's, above it falls to nothing."""
    at = np.argwhere(P.data.rho0.values > 0.0)[0]
    labels = [P.labels[axis][k] for axis, k in zip(("region", "region", "sector"), at, strict=True)]
    rent = float(P.data.rho0.values[tuple(at)])
    held = Problem(P)
    same = regime_of(held.solve(quotas=[limit(labels, volume=1.0)]), labels)
    assert same.premium == pytest.approx(rent, abs=1e-9)
    wider = regime_of(held.solve(quotas=[limit(labels, volume=1.05)]), labels)
    assert wider.premium < rent
    gone = regime_of(held.solve(quotas=[limit(labels, volume=100.0)]), labels)
    assert (gone.regime, gone.premium) == ("slack", 0.0)


def test_one_limit_on_two_flows_has_one_premium(problem):
    """The limit holds the volume of both together, and moves neither to a limit of its own."""
    cells = np.argwhere((P.data.trade.values > 0) & (P.data.rho0.values == 0.0))
    labels = [
        tuple(P.labels[axis][k] for axis, k in zip(("region", "region", "sector"), c, strict=True)) for c in cells
    ]
    pair = [flow for flow in labels if flow[0] != flow[1]][:2]
    assert len(pair) == 2
    found = problem.solve(quotas=[Quota(tuple(pair), volume=0.7)])
    first, second = (premium(found, flow) for flow in pair)
    assert first == pytest.approx(second, rel=1e-12)
    assert first > 0.0
    base = np.array([float(P.data.trade.loc[flow]) for flow in pair])
    volume = np.array([float(found.data["flow"].loc[flow]) for flow in pair])
    assert (base * volume).sum() / base.sum() == pytest.approx(0.7, abs=1e-9)
    assert abs(volume[0] - volume[1]) > 1e-6


def test_rents_go_to_the_owners_of_licences(problem, flow):
    """Under the limit by licence; above it the duty is the treasury's, and licences earn on the limit only."""
    licence = {"importer": 0.25, "treasury": 0.75}
    found = problem.solve(quotas=[limit(flow, volume=0.6, licence=licence)])
    rent = found.data.rent.sel(exporter=flow[0], importer=flow[1], sector=flow[2])
    shares = (rent / rent.sum()).sel(owner=["exporter", "importer", "treasury"]).values
    np.testing.assert_allclose(shares, [0.0, 0.25, 0.75], atol=1e-12)
    found = problem.solve(quotas=[limit(flow, volume=0.3, ceiling=0.1)])
    regime = regime_of(found, flow)
    rent = found.data.rent.sel(exporter=flow[0], importer=flow[1], sector=flow[2])
    assert regime.regime == "above"
    np.testing.assert_allclose(float(rent.sel(owner="exporter") / rent.sum()), 1.0 / regime.fill, rtol=1e-9)
    np.testing.assert_allclose(float(rent.sum()), 0.1, rtol=1e-12)
