"""The base of a tariff: the customs value, by flow, as an account of its own."""

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.identities import tariff_revenue
from cge.calibration.shares import calibrate
from cge.errors import DataError
from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import elasticities_of, setting
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind

FLOW = {"exporter": "MEX", "importer": "USA", "sector": "AUT"}


def scenario(name="t", **shock):
    block = {"instrument": "import_tariff", "exporters": "MEX", "importers": "USA", "sectors": "AUT"} | shock
    return Scenario(name=name, title="t", question="?", sources=["x"], shocks=[block])


@pytest.fixture(scope="module")
def valued():
    """The 12 x 12 world with its US duties from Mexico on a base of 1.25: the rates fall so that the duty stays."""
    data = Benchmark.load("world2020-12x12").data
    factor = data["valuation"].copy()
    factor.loc[{"exporter": "MEX", "importer": "USA"}] = 1.25
    return Benchmark(data.assign(valuation=factor, tariff=data["tariff"] / factor))


def test_the_duty_falls_on_the_customs_value_and_the_default_is_the_cif_value(valued):
    plain = Benchmark.load("world2020-12x12")
    assert (plain.data["valuation"] == 1.0).all()
    np.testing.assert_allclose(tariff_revenue(valued.data), tariff_revenue(plain.data), atol=1e-9)
    assert valued.sha256 != plain.sha256
    assert "valuation" not in plain.data.drop_vars("valuation")
    assert Benchmark(plain.data.drop_vars("valuation")).sha256 == plain.sha256


def test_ten_points_more_are_twelve_and_a_half_on_the_cif_value(valued):
    parameters = calibrate(valued, elasticities_of(valued))
    tm = bind(scenario(add=10), valued, parameters).instruments["tm"]
    assert float(tm.sel(FLOW) - parameters.data["tm0"].sel(FLOW)) == pytest.approx(0.125)


def test_aggregation_keeps_the_duty_and_a_baseline_keeps_the_base(valued):
    names = {r: "NAM" if r in ("MEX", "CAN") else r for r in valued.regions}
    joined = valued.aggregate(names)
    before = float(tariff_revenue(valued.data).sel(importer="USA").sum())
    assert float(tariff_revenue(joined.data).sel(importer="USA").sum()) == pytest.approx(before, rel=1e-12)
    factor = float(joined.data["valuation"].sel(FLOW | {"exporter": "NAM"}))
    assert 1.0 < factor < 1.25
    runner = Runner(setting(valued))
    from cge.scenarios.economy.baseline import rebased

    there = rebased(setting(valued), scenario("base", add=10)).benchmark.data
    assert float(there["valuation"].sel(FLOW)) == 1.25
    rate = float(valued.data["tariff"].sel(FLOW).sum()) + 0.1
    assert float(there["tariff"].sel(FLOW).sum()) == pytest.approx(rate)
    assert runner.solve(scenario(add=10)).proof["identities"] < 1e-9


def test_a_base_of_nothing_is_refused(valued):
    with pytest.raises(DataError, match="valuation is not above 0"):
        Benchmark(valued.data.assign(valuation=valued.data["valuation"] * 0.0))
