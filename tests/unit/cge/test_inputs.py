"""What the model was given, as a table of every result; and the accounts as a part of every proof."""

import numpy as np
import pytest

from cge.calibration.shares import calibrate
from cge.errors import SolveError
from cge.identities import imbalance
from cge.solvers import Problem
from cge.tables import inputs
from tests.economies import elasticities, random_benchmark

BENCHMARK = random_benchmark(2, 3, 3, margins=True, rents=True)
VALUES = elasticities(BENCHMARK, 5, cet=2.0)


@pytest.fixture(scope="module")
def parameters():
    return calibrate(BENCHMARK, VALUES)


def value(table, parameter, **labels):
    rows = table[table["parameter"] == parameter]
    for axis, label in labels.items():
        rows = rows[rows[axis].isin([label, ""])]
    (only,) = rows["value"]
    return only


def test_every_input_stands_there_as_the_model_held_it(parameters):
    table = inputs(parameters)
    assert value(table, "sigma_m", region="r1", sector="s2") == float(VALUES.esubm.sel(sector="s2"))
    assert value(table, "omega", sector="s0") == 2.0
    assert np.isinf(value(table, "eta", factor="LAB"))
    assert value(table, "eta", factor="LND") == 0.0
    flow = {"exporter": "r0", "importer": "r2", "sector": "s1"}
    assert value(table, "tm0", **flow) == pytest.approx(float(BENCHMARK.data["tariff"].sel(flow).sum()))
    assert value(table, "rental") == 0.10
    assert set(table["unit"]) <= {"elasticity", "ad valorem rate", "rate", "rate a year", "share"}
    assert not table.duplicated(["parameter", *table.columns[1:-2]]).any()


def test_another_input_is_another_table(parameters):
    other = inputs(calibrate(BENCHMARK, VALUES.assign(esubm=VALUES.esubm * 1.01)))
    base = inputs(parameters)
    moved = base["parameter"][(base["value"] != other["value"]).to_numpy()].unique()
    assert list(moved) == ["sigma_m"]


def test_a_solution_whose_accounts_do_not_balance_is_none_at_the_problem_either(parameters, monkeypatch):
    from cge.solvers import problem

    place = Problem(parameters, certificate="arrays")
    solved = place.solve({"tm": parameters.data["tm0"] + 0.1 * (parameters.data["trade"] > 0.0)})
    assert solved.proof.identities < 1e-9
    wrong = solved.data.assign(qf=solved.data["qf"] * 1.001)
    worst, identity = imbalance(parameters, wrong)
    assert worst > 1e-4
    assert identity in ("industry", "gdp", "region")
    monkeypatch.setattr(problem, "imbalance", lambda *_: (worst, identity))
    with pytest.raises(SolveError, match="the accounts do not balance after the shock"):
        place.solve({})
