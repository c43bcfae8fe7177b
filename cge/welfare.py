r"""Welfare: exact equivalent and compensating variation, real GDP, real consumption, terms of trade, revenue, rents.

**The household.** Utility is Stone-Geary over goods, government :math:`G` and saving (Lluch 1973), so expenditure
has a closed form, with indices that are 1 at the benchmark and money in shares of benchmark income:

.. math:: e_r(p, u) = \sum_s \kappa_{rs} C^0_{rs} p^C_{rs} + \bar v_r\, u\, \Pi_r(p), \qquad
    \Pi_r(p) = \prod_s (p^C_{rs})^{\beta_{rs}} (p^G_r)^{\beta^G_r} (p^S_r)^{\beta^S_r}

with :math:`\beta_{rs} = (1-\kappa_{rs}) C^0_{rs}/\bar v_r`, :math:`\beta^G_r = G^0_r/\bar v_r`,
:math:`\beta^S_r = S^0_r/\bar v_r`, and :math:`u_r = v_r/\Pi_r(p)`, which is 1 at the benchmark.

The price of saving is the price of the region's own investment, :math:`p^S_r = p^I_r`: a unit of saving is a
unit of capital at home. In GTAP (McDougall 2003, Technical Paper 20) the price of saving is an average over
regions, since a global bank pools savings, and private demand is CDE, so that the share of private spending in
income moves with utility and EV needs a correction, :math:`\Phi`. Here goods, government and saving share one
supernumerary income in fixed proportions, and there is no such term.

A structure may have another household (`cge.block.Household`): the separate one has utility over goods and its own
saving only, and government consumption and saving are not part of its EV.

Where benchmark saving is negative its exponent is too: the demands still follow from :math:`e` (Shephard), but
:math:`u` falls with saving there, and such a region's EV is to be read with care.

Sources: Stone (1954); Lluch (1973), "The extended linear expenditure system"; Hertel (1997), ch. 2; McDougall
(2003), "A new regional household demand system for GTAP"; ILO et al. (2009), "Export and import price index
manual".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from . import accounts
from .block import Array, Household, Table
from .parameters import Parameters


def household(parameters: Parameters, point: xr.Dataset) -> Household:
    """Whose welfare is measured at a point."""
    return accounts.completed(parameters, point).structure.household


def consumer_price(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Price of a good to the household [region, sector], index relative to the world factor price."""
    return accounts.labelled(parameters, accounts.numbers(parameters, point)[1]["consumer_price"])


def price_of_utility(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    r"""Cost of one more unit of utility, :math:`\Pi_r(p)` [region], index relative to the world factor price."""
    p, x = accounts.numbers(parameters, point)
    return accounts.labelled(parameters, x.structure.household.price_of_utility(p, x))


def utility(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    r"""Utility, :math:`u_r = v_r/\Pi_r(p)` [region], index."""
    p, x = accounts.numbers(parameters, point)
    return accounts.labelled(parameters, x.structure.household.utility(p, x))


def expenditure(parameters: Parameters, point: xr.Dataset, level: xr.DataArray | float) -> xr.DataArray:
    """What a level of utility costs at a point's prices [region], million USD (see `cge.accounts`).

    Args:
        parameters: with the preferences.
        point: whose prices to use.
        level: of utility; 1 is the benchmark's.
    """
    p, x = accounts.numbers(parameters, point)
    of = level.variable if isinstance(level, xr.DataArray) else level
    return accounts.labelled(parameters, x.structure.household.expenditure(p, x, of))


def ev(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    r"""Equivalent variation [region], million USD at benchmark prices.

    .. math:: EV_r = e_r(p^0, u^1) - e_r(p^0, u^0) = E^0_r \bar v_r (u_r - 1)
    """
    p, x = accounts.numbers(parameters, point)
    return accounts.labelled(parameters, x.structure.household.ev(p, x))


def cv(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    r"""Compensating variation [region], million USD at the point's prices relative to the world factor price.

    .. math:: CV_r = e_r(p^1, u^1) - e_r(p^1, u^0) = E^0_r \bar v_r (u_r - 1) \Pi_r(p^1)
    """
    p, x = accounts.numbers(parameters, point)
    of = x.structure.household
    here, there = of.utility(p, x), xr.ones_like(p["income0"])
    return accounts.labelled(parameters, of.expenditure(p, x, here) - of.expenditure(p, x, there))


def user_cost(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    r"""What the capital that was added costs a year [region], million USD at benchmark prices; negative for less.

    .. math:: \sum_{f \in K} \frac{w_{rf}}{\Pi_r} (\bar F_{rf} - 1) W^F_{rf}

    Its upkeep and the waiting for it, :math:`(\rho + \delta) p^I`, which is what it earns where a long run holds its
    real return (docs/welfare.md). Capital that comes from abroad is paid for: what it earns is its owners'.
    """
    p, x = accounts.numbers(parameters, point)
    own = 1.0 - p["roams"] if "roams" in p else 1.0
    added = p["is_capital"] * p["endowment"] * (x["endow"] - 1.0) * own
    cost = (x["w"] * added).sum("factor") / x.structure.household.price_of_utility(p, x)
    return accounts.labelled(parameters, cost)


def ev_net(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Equivalent variation less the user cost of the capital that was added [region], million USD.

    With fixed stocks it is EV. `ev` alone counts added capital as free.
    """
    return ev(parameters, point) - user_cost(parameters, point)


def ev_steady(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    r"""Equivalent variation of steady-state consumption [region], million USD; nothing where capital is fixed.

    Of goods and government alone, less the upkeep of capital that investment lacks,
    :math:`I^0_r (p^I_r/\Pi^C_r)(K_r - I_r)`. It counts no transition: consumption that was forgone to build the
    stock is left out, so that a gain is an upper bound.
    """
    if "real_return" not in point:
        return xr.full_like(parameters.labelled["income0"], np.nan)
    p, x = accounts.numbers(parameters, point)
    of = x.structure.household
    stock = (p["share_capital"] * x["endow"]).sum("factor")
    lacking = p["investment"] * x["pinv"] / of.price_of_spending(p, x) * (stock - x["inv"])
    return accounts.labelled(parameters, of.ev_of_spending(p, x) - lacking)


# Index numbers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PricedVolume:
    """Prices and volumes of one kind of transaction, with the axis that is its region.

    Attributes:
        price, volume: labelled alike; a value is their product.
        region: axis of the region to which it belongs.
        sign: 1 for what adds to the total, -1 for what is taken off it.
    """

    price: Array
    volume: Array
    region: str = "region"
    sign: float = 1.0


def _value(prices: list[PricedVolume], volumes: list[PricedVolume]) -> Array:
    """Volumes of one point at the prices of another [region]."""
    values = []
    for at, of in zip(prices, volumes, strict=True):
        value = of.sign * at.price * of.volume
        value = accounts.total(value, [axis for axis in value.dims if axis != of.region])
        values.append(accounts.renamed(value, **{of.region: "region"}))
    return sum(values)


def fisher_volume(base: list[PricedVolume], new: list[PricedVolume]) -> Array:
    """Fisher index of volume [region]: the geometric mean of Laspeyres and Paasche; 1 where there is nothing."""
    at_old = _index(_value(base, new), _value(base, base))
    at_new = _index(_value(new, new), _value(new, base))
    return (at_old * at_new) ** 0.5


def fisher_price(base: list[PricedVolume], new: list[PricedVolume]) -> Array:
    """Fisher index of price [region]; 1 where there is nothing."""
    at_old = _index(_value(new, base), _value(base, base))
    at_new = _index(_value(new, new), _value(base, new))
    return (at_old * at_new) ** 0.5


def _index(new: Array, base: Array) -> Array:
    return xr.where(base == 0.0, 1.0, accounts.ratio(new, base))


def _final(p: Table, x: Table, where: Array | float = 1.0) -> list[PricedVolume]:
    return [PricedVolume(accounts.final_price(x), where * accounts.final_volume(p, x))]


def _exports(p: Table, x: Table, where: Array | float = 1.0) -> list[PricedVolume]:
    """Exports at the price that the region receives; transport services at their own price."""
    goods = PricedVolume(accounts.received_price(p, x), where * accounts.shipped(p, x), "exporter")
    return [goods, PricedVolume(x["px"], accounts.services(p, x))]


def _imports(p: Table, x: Table, where: Array | float = 1.0) -> list[PricedVolume]:
    """Imports on arrival at what the region pays abroad, before tariffs; what melts away raises the price."""
    price = accounts.paid_price(p, x) * accounts.per_arrival(x)
    return [PricedVolume(price, where * p["trade"] * x["flow"], "importer", -1.0)]


def _gdp(p: Table, x: Table) -> list[PricedVolume]:
    return [*_final(p, x), *_exports(p, x), *_imports(p, x)]


def _three(parameters: Parameters, point: xr.Dataset) -> tuple[Table, Table, Table]:
    """Parameters, benchmark and point."""
    p, x = accounts.numbers(parameters, point)
    return p, accounts.at_benchmark(accounts.completed(parameters, point)), x


def real_gdp(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Real GDP [region], index: Fisher index of expenditure on GDP.

    Consumption, government and investment at users' prices, good by good, plus exports (fob, with transport
    services) less imports (cif). A quota rent is in the price of a flow only as far as it goes abroad, as in
    the accounts of a benchmark.
    """
    p, base, new = _three(parameters, point)
    return accounts.labelled(parameters, fisher_volume(_gdp(p, base), _gdp(p, new)))


def real_consumption(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Household consumption [region], Fisher index of volume at users' prices."""
    p, base, new = _three(parameters, point)
    household = accounts.AGENT["C"]
    return accounts.labelled(parameters, fisher_volume(_final(p, base, household), _final(p, new, household)))


def real_absorption(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Consumption, government and investment together [region], Fisher index of volume at users' prices."""
    p, base, new = _three(parameters, point)
    return accounts.labelled(parameters, fisher_volume(_final(p, base), _final(p, new)))


def terms_of_trade(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Terms of trade [region], index: Fisher price of exports (fob) over that of imports (cif, before tariffs).

    Export taxes and rents that the exporter keeps are part of what the region receives; rents that importing
    firms or their treasury keep are not part of what it pays. Iceberg costs raise the price of a unit that
    arrives. Trade of an aggregate region with itself is left out: it has no terms.
    """
    p, base, new = _three(parameters, point)
    outside = (p["exporter"] != p["importer"]).astype(float)
    exports = fisher_price(_exports(p, base, outside), _exports(p, new, outside))
    imports = fisher_price(_imports(p, base, outside), _imports(p, new, outside))
    return accounts.labelled(parameters, exports / imports)


# Revenue and rents ---------------------------------------------------------------------------------------------


def tariff_revenue(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Tariff revenue at the point [region], million USD at the benchmark's world factor price; a level."""
    p, x = accounts.numbers(parameters, point)
    return accounts.labelled(parameters, x["tariffs"] * p["income0"])


def rent_by_owner(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Quota rents by flow and owner [owner, exporter, importer, sector], million USD; a level.

    The owner "exporter" is in the exporting region; "importer" (its firms) and "treasury" in the importing one.
    """
    return accounts.labelled(parameters, accounts.rent_by_owner(*accounts.numbers(parameters, point)))


def quota_rent(parameters: Parameters, point: xr.Dataset) -> xr.DataArray:
    """Quota rents that a region receives, all its owners together [region], million USD; a level."""
    rent, abroad = accounts.rent_by_owner(*accounts.numbers(parameters, point)), accounts.OWNER["exporter"]
    received = accounts.of_exporter(rent * abroad) + accounts.of_importer(rent * (1.0 - abroad))
    return accounts.labelled(parameters, received)


def welfare(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Welfare of each region at a point against the benchmark.

    Args:
        parameters: of the model.
        point: a solution (see `cge.accounts`).

    Returns:
        Index `region`. `ev_musd`, `cv_musd`: million USD, in benchmark prices and in new prices; `ev_pct`: % of
        benchmark regional income; `ev_net_musd`, `ev_net_pct`: EV less the user cost of added capital (`ev_net`);
        `ev_steady_pct`: EV of steady-state consumption, % of income (`ev_steady`); `real_gdp_pct`,
        `real_consumption_pct`, `real_government_pct`, `real_investment_pct`, `real_absorption_pct`,
        `terms_of_trade_pct`: % change;
        `tariff_revenue_musd`, `quota_rent_musd`: **levels** at the point, not changes, million USD at
        the benchmark's world factor price (at the benchmark itself they are the benchmark's own).
    """
    gain, net = ev(parameters, point), ev_net(parameters, point)
    of_income = 100.0 / parameters.data["income0"].variable
    p, x = accounts.numbers(parameters, point)
    columns = {
        "ev_musd": gain,
        "ev_pct": of_income * gain,
        "cv_musd": cv(parameters, point),
        "ev_net_musd": net,
        "ev_net_pct": of_income * net,
        "ev_steady_pct": of_income * ev_steady(parameters, point),
        "real_gdp_pct": accounts.percent(real_gdp(parameters, point)),
        "real_consumption_pct": accounts.percent(real_consumption(parameters, point)),
        "real_government_pct": accounts.percent(xr.where(p["government"] == 0.0, 1.0, x["g"])),
        "real_investment_pct": accounts.percent(xr.where(p["investment"] == 0.0, 1.0, x["inv"])),
        "real_absorption_pct": accounts.percent(real_absorption(parameters, point)),
        "terms_of_trade_pct": accounts.percent(terms_of_trade(parameters, point)),
        "tariff_revenue_musd": tariff_revenue(parameters, point),
        "quota_rent_musd": quota_rent(parameters, point),
    }
    index = pd.Index(parameters.labels["region"], name="region")
    return pd.DataFrame({name: column.values for name, column in columns.items()}, index=index)
