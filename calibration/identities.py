"""The identities of `cge.identities`, for tables."""

from cge.identities import (
    balance_faults,
    cif,
    commodity_gap,
    duty_rate,
    foreign_saving,
    government_gap,
    identities,
    income,
    industry_gap,
    out_of_balance,
    saving,
    spending,
    tariff_revenue,
    tax_revenue,
    treasury_rents,
)

__all__ = [
    "balance_faults",
    "cif",
    "commodity_gap",
    "duty_rate",
    "foreign_saving",
    "government_gap",
    "identities",
    "income",
    "industry_gap",
    "out_of_balance",
    "saving",
    "spending",
    "tariff_revenue",
    "tax_revenue",
    "treasury_rents",
]
