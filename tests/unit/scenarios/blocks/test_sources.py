"""Taxes on home goods or imports alone, in scenarios: `source` of an input_tax or a final_demand_tax."""

from __future__ import annotations

import numpy as np
import pytest

from cge.closure import Closure
from cge.errors import PolicyError
from cge.scenarios.economy.setting import setting
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind

TAX = {"instrument": "final_demand_tax", "regions": "USA", "agents": "C", "add": 10}


def policy(*shocks, blocks=("users",)):
    where = setting("world2022-12x12", Closure(blocks=blocks))
    said = {"title": "t", "question": "q", "sources": ["s"], "leaves_out": "l"}
    scenario = Scenario(name="own", shocks=[dict(shock) for shock in shocks], **said)
    return bind(scenario, where.benchmark, where.parameters), where.parameters


def test_a_tax_on_imports_alone_is_beside_that_on_both():
    found, p = policy({**TAX, "source": "import"})
    assert set(found.instruments) == {"tc_import"}
    moved = (found.instruments["tc_import"] - p.data["tc_import0"]).sel(region="USA", agent="C")
    bought = p.data["final_use"].sel(region="USA", agent="C") != 0.0
    np.testing.assert_allclose(moved.values[bought.values], 0.1)


def test_setting_the_rate_on_home_goods_sets_the_sum_of_the_two():
    shock = {"instrument": "input_tax", "regions": "KOR", "source": "home", "set": 5}
    found, p = policy(shock)
    total = (p.data["ti0"] + found.instruments["ti_home"]).sel(region="KOR")
    used = p.data["input_use"].sel(region="KOR") != 0.0
    np.testing.assert_allclose(total.values[used.values], 0.05)


def test_setting_the_rate_on_both_leaves_nothing_beside_it():
    found, _ = policy({"instrument": "final_demand_tax", "regions": "USA", "set": 7, "source": "both"})
    assert set(found.instruments) == {"tc", "tc_home", "tc_import"}
    assert float(abs(found.instruments["tc_import"].sel(region="USA")).max()) == 0.0


def test_sources_need_a_structure_that_has_them():
    with pytest.raises(PolicyError, match="users have no sources of their own here"):
        policy({**TAX, "source": "import"}, blocks=())


def test_source_is_for_taxes_on_users():
    tariff = {"instrument": "import_tariff", "exporters": "all", "importers": "all", "set": 1}
    with pytest.raises(PolicyError, match="source is for input_tax and final_demand_tax"):
        policy({**tariff, "source": "home"})
