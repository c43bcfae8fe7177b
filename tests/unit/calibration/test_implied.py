"""Implied elasticities against demand itself, by finite differences, and Slutsky's conditions."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cge.calibration.implied import implied
from tests.solved import world


@pytest.fixture(scope="module")
def case():
    w = world(2)
    p = w.parameters.data
    rng = np.random.default_rng(0)
    e = w.elasticities
    wide = xr.DataArray(
        rng.uniform(0.4, 1.6, p["share_cpi"].shape), coords=p["share_cpi"].coords, dims=p["share_cpi"].dims
    )
    frisch = xr.DataArray(
        np.linspace(-4.0, -1.5, p.sizes["region"]), dims="region", coords={"region": p["region"].values}
    )
    return w, e.assign(income_elasticity=wide, frisch=frisch)


def demand(share, engel, frisch, prices, spending):
    """Volumes of the linear expenditure system with the benchmark's prices and spending at one."""
    marginal = share * engel
    committed = share * (1.0 + engel / frisch)
    return committed + marginal * (spending - prices @ committed) / prices


def test_household_elasticities_are_those_of_its_demand(case):
    w, e = case
    found = implied(w.benchmark, e)
    for region in map(str, found.share["region"].values):
        share, engel, frisch = (a.sel(region=region).values for a in (found.share, found.income, found.frisch))
        n, h = len(share), 1e-6
        base = demand(share, engel, frisch, np.ones(n), 1.0)
        np.testing.assert_allclose(base, share)
        up, down = (demand(share, engel, frisch, np.ones(n), 1.0 + d) for d in (h, -h))
        np.testing.assert_allclose((up - down) / (2.0 * h * share), engel, rtol=1e-6)
        cross = found.cross(region)
        for j in range(n):
            step = np.zeros(n)
            step[j] = h
            change = demand(share, engel, frisch, 1.0 + step, 1.0) - demand(share, engel, frisch, 1.0 - step, 1.0)
            np.testing.assert_allclose(change / (2.0 * h * share), cross.iloc[:, j], rtol=1e-5, atol=1e-8)
        compensated = found.cross(region, compensated=True)
        np.testing.assert_allclose(compensated, cross.values + np.outer(engel, share), atol=1e-12)


def test_income_elasticities_are_the_given_ones_scaled_to_engel(case):
    w, e = case
    found = implied(w.benchmark, e)
    given = e["income_elasticity"].where(found.share > 0.0, 0.0)
    np.testing.assert_allclose(found.income, given / (given * found.share).sum("sector"), rtol=1e-9)


def test_slutsky_holds_and_is_seen_to_fail(case):
    w, e = case
    found = implied(w.benchmark, e)
    table = found.slutsky()
    assert table["holds"].all()
    assert (table["largest eigenvalue"] < 1e-12).all()
    assert list(table["frisch"]) == list(e["frisch"].values)
    upside_down = type(found)(
        found.share, found.income, -found.frisch, *(getattr(found, k) for k in ("home", "origin", "sigma_d", "sigma_m"))
    )
    assert not upside_down.slutsky()["holds"].any()
    inferior = found.income.copy()
    inferior[0, 0] = -0.5
    wrong = type(found)(
        found.share, inferior, *(getattr(found, k) for k in ("frisch", "home", "origin", "sigma_d", "sigma_m"))
    )
    assert not wrong.slutsky()["holds"].iloc[0]


def test_import_elasticities_are_those_of_the_two_nests(case):
    w, e = case
    found = implied(w.benchmark, e)
    table = found.imports()
    region, sector = map(str, table.index[0])
    at = {"region": region, "sector": sector}
    home, sd, sm = (float(a.sel(at)) for a in (found.home, found.sigma_d, found.sigma_m))
    origins = found.origin.sel(importer=region, sector=sector)
    shares = origins.values

    def volumes(prices):
        """Imports by origin for one unit of the composite, by the CES functions themselves."""
        pm = (shares @ prices ** (1.0 - sm)) ** (1.0 / (1.0 - sm)) if sm != 1.0 else np.exp(shares @ np.log(prices))
        total = home + (1.0 - home) * pm ** (1.0 - sd) if sd != 1.0 else None
        p = total ** (1.0 / (1.0 - sd)) if sd != 1.0 else pm ** (1.0 - home)
        return shares * (prices / pm) ** -sm * (pm / p) ** -sd

    k, h = int(shares.argmax()), 1e-6
    step = np.zeros(len(shares))
    step[k] = h
    own = (volumes(1.0 + step)[k] - volumes(1.0 - step)[k]) / (2.0 * h * shares[k])
    assert table.loc[(region, sector), "largest origin, own price"] == pytest.approx(own, rel=1e-5)
    assert table.loc[(region, sector), "largest origin"] == str(origins["exporter"].values[k])
    together = (volumes(np.full(len(shares), 1.0 + h)).sum() - volumes(np.full(len(shares), 1.0 - h)).sum()) / (2.0 * h)
    assert table.loc[(region, sector), "imports, own price"] == pytest.approx(together, rel=1e-5)


def test_the_household_table_has_own_prices_below_zero(case):
    w, e = case
    table = implied(w.benchmark, e).household()
    bought = table[table["share"] > 0.0]
    assert (bought["own price, compensated"] <= 0.0).all()
    assert set(table.index.names) == {"region", "sector"}
