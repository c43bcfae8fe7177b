"""A limit on a part of a flow: two varieties of one origin, of which one bears the premium."""

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.calibration.update.after_shock import updated_benchmark
from cge.decomposition import decompose
from cge.errors import DataError
from cge.quotas import Quota
from cge.solvers import Problem
from cge.solvers.sensitivity import Shock, trace
from tests.economies import elasticities, random_benchmark

PART = 0.4
AXES = ("exporter", "importer", "sector")


@pytest.fixture(scope="module")
def tables():
    """A world with rents on whole flows, and the same with the largest of them on two fifths of its volume."""
    whole = random_benchmark(5, margins=True, rents=True)
    rent = whole.data["rent"]
    share = whole.data["limited"].where(rent < rent.max(), PART)
    return whole, Benchmark(whole.data.assign(limited=share))


@pytest.fixture(scope="module")
def flow(tables):
    rent = tables[0].data["rent"].transpose(*AXES)
    at = np.unravel_index(int(rent.values.argmax()), rent.shape)
    return tuple(str(rent[axis].values[k]) for axis, k in zip(AXES, at, strict=True))


def solve(table, quotas=()):
    parameters = calibrate(table, elasticities(table, 1))
    return parameters, Problem(parameters).solve({}, quotas)


def test_buyers_treat_the_two_parts_as_origins(tables, flow):
    """Prices and volumes of both parts, worked out by hand, make up the flow, its rent and the import price."""
    parameters, found = solve(tables[1], [Quota((flow,), 0.7)])
    p, x = parameters.data, found.data
    at = dict(zip(AXES, flow, strict=True))
    buyer = {"region": flow[1], "sector": flow[2]}
    (limit,) = [quota for quota in found.quotas if quota.flows == (flow,)]
    assert limit.regime == "binding"
    volume0, rho0 = float(p["trade"].loc[at]), float(p["rho0"].loc[at])
    tax = 1.0 + float(p["te0"].loc[at])
    margin0 = (p["share_margin"] * p["duty_paid"] / (1.0 + p["tm0"])).loc[at] / volume0
    duty = 1.0 + float(p["tm0"].loc[at])
    px, margin = float(x["px"].loc[{"region": flow[0], "sector": flow[2]}]), float((margin0 * x["pt"]).sum())
    parts = {}
    for name, share, before, now in (
        ("limited", PART, rho0 / PART, limit.premium),
        ("free", 1.0 - PART, 0.0, 0.0),
    ):
        then, new = (duty * (price * tax * (1.0 + premium) + freight) for price, premium, freight in (
            (1.0, before, float(margin0.sum())), (px, now, margin)))  # fmt: skip
        sigma = float(p["sigma_m"].loc[buyer])
        index = float(x["qm"].loc[buyer]) * (float(x["pm"].loc[buyer]) / (new / then)) ** sigma
        parts[name] = share * volume0 * index, new, share * volume0 * then, new / then, sigma
    shipped = sum(part[0] for part in parts.values())
    value = sum(part[0] * part[1] for part in parts.values())
    assert parts["limited"][0] == pytest.approx(0.7 * PART * volume0, rel=1e-9)
    made = volume0 * float((x["tau"] * x["mix"] * x["flow"]).loc[at])
    assert made == pytest.approx(shipped, rel=1e-9)
    paid = float((p["duty_paid"] * x["pms"] * x["flow"]).loc[at])
    assert paid == pytest.approx(value, rel=1e-9)
    rent = float((x["rho"]).loc[at]) * px * tax * made
    assert rent == pytest.approx(limit.premium * px * tax * parts["limited"][0], rel=1e-9)
    others = (
        (p["duty_paid"] * x["pms"] ** (1.0 - sigma)).sel(importer=flow[1], sector=flow[2]).drop_sel(exporter=flow[0])
    )
    mean = float(others.sum()) + sum(part[2] * part[3] ** (1.0 - sigma) for part in parts.values())
    price = (mean / float(p["duty_paid"].sel(importer=flow[1], sector=flow[2]).sum())) ** (1.0 / (1.0 - sigma))
    assert float(x["pm"].loc[buyer]) == pytest.approx(price, rel=1e-9)


def test_a_quota_on_the_whole_flow_is_that_of_a_world_without_parts(tables, flow):
    whole, divided = tables
    _, first = solve(whole, [Quota((flow,), 0.8)])
    _, second = solve(divided, [Quota((flow,), 0.8, whole=True)])
    _, third = solve(divided, [Quota((flow,), 0.8)])
    np.testing.assert_allclose(first.data["income"], second.data["income"], atol=1e-9)
    assert abs(first.data["income"] - third.data["income"]).max() > 1e-6


def test_the_end_of_the_limit_raises_what_was_limited_and_its_welfare_closes(tables, flow):
    parameters, found = solve(tables[1], [Quota((flow,), np.inf)])
    at = dict(zip(AXES, flow, strict=True))
    assert float(found.data["cover"].loc[at]) > 1.01
    assert float(found.data["mix"].loc[at]) != 1.0
    made = updated_benchmark(tables[1], parameters, found.data)  # every account balances
    assert made.identities()["relative"].abs().max() < 1e-9
    problem = Problem(parameters, certificate="arrays")
    path = trace(problem, {"end": Shock({}, (Quota((flow,), np.inf),))}, 8)
    parts = decompose(problem.model.parameters, path)
    assert abs(parts.residual).max() < 1e-5 * abs(parts.ev).max()
    assert float(abs(parts.parts["mix"]).sum()) > 0.0


def test_a_solution_is_a_benchmark_with_its_own_parts(tables, flow):
    parameters, found = solve(tables[1], [Quota((flow,), 0.9)])
    there = updated_benchmark(tables[1], parameters, found.data)
    _, same = solve(there)
    np.testing.assert_allclose(same.data["income"], 1.0, atol=1e-9)
    _, back = solve(there, [Quota((flow,), 1.0 / 0.9)])
    at = dict(zip(AXES, flow, strict=True))
    (limit,) = [quota for quota in back.quotas if quota.flows == (flow,)]
    assert limit.premium == pytest.approx(
        float(parameters.data["rho0"].loc[at]) / PART, rel=1e-5
    )  # subsistence is drawn up anew


def test_where_a_limit_has_ended_its_part_can_be_limited_anew(tables, flow):
    """The end of a limit as the starting point: the old limit, put back, leads to the old premium."""
    parameters, found = solve(tables[1], [Quota((flow,), np.inf)])
    at = dict(zip(AXES, flow, strict=True))
    there = updated_benchmark(tables[1], parameters, found.data)
    assert float(there.data["rent"].sel(at)) == 0.0
    grown = float((found.data["flow"] * found.data["mix"] * found.data["cover"]).sel(at))
    _, back = solve(there, [Quota((flow,), 1.0 / grown)])
    (limit,) = [quota for quota in back.quotas if quota.flows == (flow,)]
    assert limit.premium == pytest.approx(float(parameters.data["rho0"].sel(at)) / PART, rel=1e-3)


def test_groups_of_regions_keep_what_is_limited(tables, flow):
    divided = tables[1]
    joined = divided.aggregate({r: "X1" if r == flow[0] else r for r in divided.regions})
    assert float(joined.data["limited"].min()) == PART
    both = divided.aggregate(None, dict.fromkeys(divided.sectors, "goods1")).data["limited"].squeeze()
    data = divided.data
    cell = {"exporter": flow[0], "importer": flow[1]}
    under = (data["limited"] * data["trade"].where(data["rent"] > 0.0, 0.0)).sel(cell).sum()
    wanted = under / data["trade"].sel(cell).sum()
    assert float(both.sel(cell)) == pytest.approx(float(wanted))


def test_a_part_is_a_share(tables):
    data = tables[0].data
    for wrong in (0.0, 1.5):
        with pytest.raises(DataError, match="limited is not above 0 and at most 1"):
            Benchmark(data.assign(limited=data["limited"] * wrong))
