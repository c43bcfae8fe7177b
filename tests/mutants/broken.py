"""Deliberately broken equations: each is what a tired hand might write, and at least one check must see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from cge import accounts, forms, welfare
from cge.dual import Dual
from cge.equations.demand import GOVERNMENT, HOUSEHOLD
from cge.equations.quotas import EXPORTER
from cge.forms import power, unit_cost, unit_cost_of_two
from cge.structure import Structure

_EV = welfare.ev
BASE = Structure()
Patch = Callable[[Any], None]
"""Puts a mutant in place with pytest's monkeypatch."""


@dataclass(frozen=True)
class Mutant:
    """One broken line.

    Attributes:
        what: what is wrong with it.
        where: equation or function, with its file.
        patch: puts it in place.
    """

    what: str
    where: str
    patch: Patch


def _equation(name: str, what: str, body: Callable[..., Any]) -> Mutant:
    one = {**BASE.equations, **BASE.quantities}[name]
    file = one.home.replace(".", "/") + ".py"
    return Mutant(what, f"{name} ({file})", lambda monkeypatch: monkeypatch.setitem(one.__dict__, "body", body))


def _function(owner: Any, name: str, file: str, what: str, body: Callable[..., Any]) -> Mutant:
    return Mutant(what, f"{name} ({file})", lambda monkeypatch: monkeypatch.setattr(owner, name, body))


# Production ------------------------------------------------------------------------------------------------------


def cost_with_wrong_exponent(m, r, s):
    wrong = m.sigma_top[r, s] + 0.5
    return m.unit_revenue[r, s], unit_cost_of_two(m.share_va[r, s], m.pva[r, s], m.pn[r, s], wrong)


def factor_demand_without_tax(m, r, f, s):
    value_added = m.activity[r, s] * power(m.unit_revenue[r, s] / m.pva[r, s], m.sigma_top[r, s])
    return m.qf[r, f, s], value_added * power(m.pva[r, s] / m.pf[r, f, s], m.sigma_va[r, s])


def transformation_the_wrong_way(m, r, s):
    return m.y[r, s] * (m.py[r, s] / m.px[r, s]) ** m.omega[r, s], m.qx[r, s]


# Trade -----------------------------------------------------------------------------------------------------------


def tariff_on_fob(m, i, r, s):
    margins = m.total(("margin",), lambda k: m.share_margin[k, i, r, s], lambda k: m.pt[k])
    duty = (1.0 + m.tm[i, r, s]) / (1.0 + m.tm0[i, r, s])
    return m.pms[i, r, s], m.tau[i, r, s] * (m.share_fob[i, r, s] * m.fob_price[i, r, s] * duty + margins)


def margin_not_paid(m, i, r, s):
    duty = (1.0 + m.tm[i, r, s]) / (1.0 + m.tm0[i, r, s])
    return m.pms[i, r, s], m.tau[i, r, s] * duty * m.fob_price[i, r, s]


def swapped_shares(m, r, s):
    return m.pa[r, s], unit_cost_of_two(1.0 - m.share_home[r, s], m.pd[r, s], m.pm[r, s], m.sigma_d[r, s])


def origins_of_the_exporter(m, r, s):
    return m.pm[r, s], unit_cost(
        m, ("exporter",), lambda i: m.share_origin[r, i, s], lambda i: m.pms[r, i, s], m.sigma_m[r, s]
    )


def flow_with_wrong_elasticity(m, i, r, s):
    return m.flow[i, r, s], m.qm[r, s] * power(m.pm[r, s] / m.pms[i, r, s], m.sigma_d[r, s])


def iceberg_lost(m, i, s):
    goods = m.total(("importer",), lambda r: m.sales_flow[i, r, s], lambda r: m.flow[i, r, s])
    services = m.total(("margin",), lambda k: m.sales_margin[i, s, k], lambda k: m.qt[k] * m.pt[k] / m.px[i, s])
    return m.qx[i, s], goods + services


# Demand ----------------------------------------------------------------------------------------------------------


def subsistence_lost(m, r, s):
    return m.c[r, s], m.v[r] / m.final_price[r, s, HOUSEHOLD]


def tax_of_government_lost(m, r):
    return m.pg[r], unit_cost(
        m, ("sector",), lambda s: m.share_final[r, s, GOVERNMENT], lambda s: m.pa[r, s], m.sigma_g[r]
    )


def investment_in_fixed_proportions(m, r, s):
    return m.inv[r]


def subsistence_at_old_prices(m, r):
    cost = m.cost_of_subsistence[r] / m.cpi[r]
    return m.v[r], (m.income[r] - cost) / m.super_regional[r]


# Income ----------------------------------------------------------------------------------------------------------


def income_without_auctions(m, r):
    taxes = (
        m.tariffs[r] + m.export_taxes[r] + m.output_taxes[r] + m.factor_taxes[r] + m.input_taxes[r] + m.final_taxes[r]
    )
    return m.income[r], m.factor_earnings[r] + taxes + m.rent_abroad[r] + m.rent_home[r]


def tariffs_at_old_volumes(m, r):
    return m.tariffs[r], m.total(
        ("exporter", "sector"),
        lambda i, s: m.has_tm[i, r, s] * m.duty_paid[i, r, s] / m.income0[r],
        lambda i, s: m.tm[i, r, s] / (1.0 + m.tm[i, r, s]) * m.pms[i, r, s],
    )


def export_tax_on_arrivals(m, i):
    return m.export_taxes[i], m.total(
        ("importer", "sector"),
        lambda r, s: m.has_te[i, r, s] * m.trade[i, r, s] / m.income0[i],
        lambda r, s: m.te[i, r, s] * m.px[i, s] * m.flow[i, r, s],
    )


def rent_before_export_tax(m, i):
    return m.rent_abroad[i], m.total(
        ("importer", "sector"),
        lambda r, s: m.rentable[i, r, s] * m.trade[i, r, s] / m.income0[i],
        lambda r, s: m.rent[EXPORTER, i, r, s] * m.px[i, s] * m.shipped[i, r, s],
    )


# Markets, saving, quotas -----------------------------------------------------------------------------------------


def market_in_values(m, r, f):
    return m.endow[r, f], m.total(
        ("sector",), lambda s: m.employment[r, f, s], lambda s: m.factor_price[r, f, s] * m.qf[r, f, s]
    )


def wage_in_world_prices(m, r, f):
    return m.rw[r, f], m.w[r, f] * (1.0 - m.td[r]) / (1.0 - m.td0[r]) / m.pworld[()]


def slack_in_one_region(m, r):
    funds = m.saving[r] + m.sf[r] * m.pworld[()] + m.walras[()] * np.equal(r, 0)
    return m.inv[r], funds * m.income0[r] / m.investment[r] / m.pinv[r]


def foreign_saving_in_home_prices(m, r):
    funds = m.saving[r] + m.sf[r] * m.cpi[r] + m.walras[()]
    return m.inv[r], funds * m.income0[r] / m.investment[r] / m.pinv[r]


def duty_above_the_quota_lost(m, o, i, r, s):
    quotas = m.total(("quota",), lambda k: m.member[k, i, r, s], lambda k: m.premium[k] * m.licence[k, o])
    return m.rent[o, i, r, s], m.ntm[o, i, r, s] + quotas * (1.0 - m.is_treasury[o])


# Forms, derivatives, welfare -------------------------------------------------------------------------------------


def cobb_douglas_as_a_mean(x):
    return x


def power_rule_without_its_exponent(self, exponent):
    return self._scaled(self.value**exponent, self.value ** (exponent - 1.0))


def ev_at_new_prices(parameters, point):
    return _EV(parameters, point) * welfare.price_of_utility(parameters, point)


def expenditure_without_subsistence(parameters, point, level):
    return parameters.data["income0"] * level * welfare.price_of_utility(parameters, point)


def imports_with_tariffs(p: xr.Dataset, x: xr.Dataset) -> xr.DataArray:
    return accounts.taxed_price(x) * (1.0 + x["tm"])


def _no_logarithms(monkeypatch: Any) -> None:
    monkeypatch.setattr(forms, "log", cobb_douglas_as_a_mean)
    monkeypatch.setattr(forms, "exp", cobb_douglas_as_a_mean)


MUTANTS = (
    _equation("zero_profit", "wrong exponent", cost_with_wrong_exponent),
    _equation("factor_demand", "factor tax lost", factor_demand_without_tax),
    _equation("export_sales", "transformation the wrong way round", transformation_the_wrong_way),
    _equation("duty_paid_price", "tariff on fob in place of cif", tariff_on_fob),
    _equation("duty_paid_price", "margin not paid", margin_not_paid),
    _equation("composite_price", "swapped shares", swapped_shares),
    _equation("import_price", "wrong index in a sum", origins_of_the_exporter),
    _equation("trade_flow", "elasticity of another nest", flow_with_wrong_elasticity),
    _equation("exports", "iceberg losses lost", iceberg_lost),
    _equation("consumption", "subsistence lost", subsistence_lost),
    _equation("government_price", "tax on government's goods lost", tax_of_government_lost),
    _equation("investment_volume", "investment does not substitute", investment_in_fixed_proportions),
    _equation("supernumerary_income", "subsistence at old prices", subsistence_at_old_prices),
    _equation("regional_income", "rent of the treasury dropped", income_without_auctions),
    _equation("tariff_revenue", "revenue at old volumes", tariffs_at_old_volumes),
    _equation("export_tax_revenue", "tax on what arrives", export_tax_on_arrivals),
    _equation("rent_of_exporters", "rent before the export tax", rent_before_export_tax),
    _equation("mobile_market", "values in place of volumes", market_in_values),
    _equation("real_reward", "deflated by the world's prices", wage_in_world_prices),
    _equation("investment_balance", "Walras' slack in one region only", slack_in_one_region),
    _equation("investment_balance", "foreign saving in home prices", foreign_saving_in_home_prices),
    _equation("rent_by_owner", "out-of-quota duty lost", duty_above_the_quota_lost),
    Mutant("Cobb-Douglas as an arithmetic mean", "unit_cost (cge/forms.py)", _no_logarithms),
    _function(Dual, "__pow__", "cge/dual.py", "power rule without its exponent", power_rule_without_its_exponent),
    _function(welfare, "ev", "cge/welfare.py", "EV at new prices", ev_at_new_prices),
    _function(
        welfare, "expenditure", "cge/welfare.py", "subsistence not in expenditure", expenditure_without_subsistence
    ),
    _function(accounts, "paid_price", "cge/accounts.py", "terms of trade with tariffs", imports_with_tariffs),
)
