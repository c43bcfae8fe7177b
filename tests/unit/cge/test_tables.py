"""Tables of trade, industries and rents."""

import numpy as np
import pytest

from cge.tables import rents, sectors, trade
from cge.welfare import quota_rent
from tests.solved import problem, shock


@pytest.fixture(scope="module")
def solved():
    found = problem(1)
    return found, found.solve(shock(found.parameters, 1))


def test_no_shock_changes_nothing():
    found = problem(1)
    data = found.solve().data
    assert abs(trade(found.parameters, data)[["value_pct", "volume_pct"]]).to_numpy().max() < 1e-9
    assert abs(sectors(found.parameters, data).drop(columns=["region", "sector"])).to_numpy().max() < 1e-9
    table = rents(found.parameters, data)
    np.testing.assert_allclose(table.base_musd, table.new_musd, rtol=1e-10)


def test_trade_lists_the_flows_of_the_benchmark(solved):
    found, result = solved
    table = trade(found.parameters, result.data)
    assert list(table.columns[:4]) == ["exporter", "importer", "sector", "base_musd"]
    assert {"new_musd", "value_pct", "volume_pct"} <= set(table.columns)
    assert len(table) == int((found.parameters.data.duty_paid != 0).sum())
    row = table.iloc[7]
    cell = {"exporter": row.exporter, "importer": row.importer, "sector": row.sector}
    p, x = found.parameters.data, result.data
    base = float(p.trade.sel(cell) * (1 + p.te0.sel(cell)) * (1 + p.rho0.sel(cell)))
    assert row.base_musd == pytest.approx(base)
    price = float(x.px.sel(region=row.exporter, sector=row.sector) / x.pworld)
    wedge = float((1 + x.te.sel(cell)) * (1 + x.rho.sel(cell)))
    value = float(p.trade.sel(cell) * x.tau.sel(cell) * x.flow.sel(cell)) * wedge * price
    assert row.value_pct == pytest.approx(100 * (value / base - 1))
    assert row.volume_pct == pytest.approx(100 * (float(x.flow.sel(cell)) - 1))


def test_sectors_report_output_price_and_labour(solved):
    found, result = solved
    table = sectors(found.parameters, result.data).set_index(["region", "sector"])
    x = result.data
    row = table.loc[("r1", "s2")]
    assert row.output_pct == pytest.approx(100 * (float(x.y.sel(region="r1", sector="s2")) - 1))
    labour = float(x.qf.sel(region="r1", factor="LAB", sector="s2"))
    assert row.employment_pct == pytest.approx(100 * (labour - 1))


def test_the_numeraire_moves_no_table(solved):
    found, result = solved
    doubled = found.solve(shock(found.parameters, 1) | {"pworld": 2.0}).data
    for table in (trade, sectors, rents):
        before, after = (table(found.parameters, data).select_dtypes("number") for data in (result.data, doubled))
        np.testing.assert_allclose(after, before, rtol=1e-8, atol=1e-8)


def test_rents_by_owner_add_up_to_what_regions_receive(solved):
    found, result = solved
    table = rents(found.parameters, result.data)
    table["region"] = table.exporter.where(table.owner == "exporter", table.importer)
    received = table.groupby("region").new_musd.sum()
    expected = quota_rent(found.parameters, result.data).to_series()
    np.testing.assert_allclose(received.reindex(expected.index, fill_value=0.0), expected, rtol=1e-12)
