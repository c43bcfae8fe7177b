"""The decomposition of a scenario: by name, on disk, and by shock."""

import json

import numpy as np
import pandas as pd
import pytest

import cge
from cge.errors import RequestError
from cge.scenarios.economy import decompose
from cge.scenarios.policy.bind import bind


@pytest.fixture(scope="module")
def policy():
    return cge.Scenario(
        name="steel",
        title="A tariff and a quota",
        question="What does each do?",
        sources=["a test"],
        shocks=[
            {"instrument": "import_tariff", "add": 10, "importers": "USA", "exporters": "all"},
            {"quota": "hard", "exporters": "KOR", "importers": "USA", "sectors": "STL", "volume": 0.8},
            {"instrument": "import_tariff", "scale": 0.5, "importers": "EU27", "exporters": "all"},
        ],
    )


def test_shocks_sum_to_the_policy(policy, world, parameters, runner):
    shocks = decompose.shocks_of(runner, policy)
    whole = bind(policy, world, parameters)
    assert [name.split(".")[0] for name in shocks] == ["1", "2", "3"]
    total = sum(shock.changes["tm"] for shock in shocks.values() if "tm" in shock.changes)
    np.testing.assert_allclose(whole.parameters.data["tm0"] + total, whole.instruments["tm"], atol=1e-12)
    assert [len(shock.quotas) for shock in shocks.values()] == [0, 1, 0]


def test_effects_by_shock_are_written_beside_the_result(policy, world, tmp_path):
    found = cge.decompose(policy, world, out=tmp_path, steps=2, by_shock=True)
    folder = tmp_path / "steel"
    result = cge.Result.load(folder)
    np.testing.assert_allclose(found.ev, result.welfare["ev_musd"], rtol=1e-8)
    table = pd.read_csv(folder / decompose.TABLE, keep_default_na=False)
    np.testing.assert_allclose(table.groupby("region")["musd"].sum()[result.welfare.index], found.ev, rtol=1e-9)
    facts = json.loads((folder / decompose.FACTS).read_text())
    assert facts["steps"] == 2
    assert facts["scenario_sha256"] == result.proof["scenario_sha256"]
    with pytest.raises(FileExistsError, match="kept"):
        cge.decompose(policy, world, out=tmp_path, steps=2)


def test_a_scenario_without_shocks_has_no_effects(policy, world):
    found = cge.decompose(policy.model_copy(update={"shocks": ()}), world, steps=1, by_shock=True)
    assert float(abs(found.ev).max()) < 1e-9
    assert float(abs(found.summary()).max().max()) < 1e-9


def test_a_path_needs_a_step(policy, world):
    with pytest.raises(RequestError, match="at least one"):
        cge.decompose(policy, world, steps=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["us-universal-10", "korea-cptpp", "korea-steel-trq"])
def test_it_closes_for_the_headline_policies(name):
    found = cge.decompose(name, "world2020-12x12")
    assert float((abs(found.residual) / abs(found.ev)).max()) < 1e-5


def test_what_a_swap_frees_has_effects_in_its_own_shock_s_name(world):
    """It moves to where the result has it, along the same path as the other shocks."""
    policy = cge.Scenario(
        name="revenue",
        title="A tariff for revenue, beside another",
        question="What does each do?",
        sources=["a test"],
        shocks=[
            {
                "hold": {"outcome": "tariff_revenue", "regions": "USA", "at": {"change_pct": 20}},
                "free": {"instrument": "import_tariff", "exporters": "all", "importers": "USA"},
            },
            {"instrument": "import_tariff", "add": 5, "importers": "EU27", "exporters": "all"},
        ],
    )
    found = cge.decompose(policy, world, steps=4, by_shock=True)
    result = cge.run(policy, world)["revenue"]
    np.testing.assert_allclose(found.ev, result.welfare["ev_musd"], rtol=1e-7, atol=1e-6)
    assert float(abs(found.residual).max() / abs(found.ev).max()) < 1e-5
    assert (abs(found.summary()["total_musd"]).groupby("shock").max() > 1e-3).all()
