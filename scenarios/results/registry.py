"""Every table of a result, once: files, screen, spreadsheets, pages, batches and docs read it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pandas as pd

from cge.accounts import benchmark_point
from cge.decomposition import first_order
from cge.indicators import indicators
from cge.scenarios.blocks.swaps import swaps
from cge.tables import INPUT_LABELS, diversion, factors, inputs, prices, revenue, sectors, trade
from cge.welfare import welfare

from .carbon_tables import CARBON_TRADE, CO2_SOURCES, EMISSIONS, LEAKAGE, PERMITS
from .columns import (
    FLOW,
    IMPORTER,
    INCOME,
    MONEY,
    NUMBER,
    REGION,
    SECTOR,
    USD,
    money,
    percent,
)
from .rents import rents
from .table import Column, Solved, Table

WELFARE = Table(
    "welfare",
    "Welfare by region against the benchmark",
    "one row a region",
    (REGION,),
    (
        money(
            "ev_musd",
            "EV",
            "equivalent variation: what the household would take at benchmark prices in place of the policy",
        ),
        percent("ev_pct", "EV", "the same", INCOME),
        money("cv_musd", "CV", "compensating variation: the same at the new prices"),
        money(
            "ev_net_musd",
            "EV net",
            "EV less the user cost of the capital that was added ([welfare](welfare.md)); EV where stocks are fixed",
        ),
        percent("ev_net_pct", "EV net", "the same", INCOME),
        percent(
            "ev_steady_pct",
            "steady",
            "EV of steady-state consumption in the long run, an upper bound of a gain; empty where stocks are fixed",
            INCOME,
        ),
        percent("real_gdp_pct", "real GDP", "real GDP, Fisher index of expenditure on GDP"),
        percent("real_consumption_pct", "real cons.", "household consumption, Fisher index"),
        percent("real_government_pct", "real gov.", "government consumption, volume"),
        percent("real_investment_pct", "real inv.", "investment, volume"),
        percent("real_absorption_pct", "absorption", "consumption, government and investment together, Fisher index"),
        percent(
            "terms_of_trade_pct",
            "terms of trade",
            "price of exports (fob) over price of imports (cif, before tariffs), Fisher indices",
        ),
        money(
            "tariff_revenue_musd",
            "tariff rev.",
            "tariff revenue after the shock, border carbon charges included (a level)",
        ),
        money(
            "quota_rent_musd",
            "quota rent",
            "rents of quotas and non-tariff measures that the region receives after the shock (a level)",
        ),
    ),
    lambda solved: welfare(solved.parameters, solved.equilibrium.data),
    "The file has one more column, `household`: whose EV and CV these are, and what they cover (in Python: "
    "`result.household`). It depends on the closure, and putting results of two households side by side warns.",
)

FIRST_ORDER = Table(
    "first_order",
    "Welfare by the first-order formula",
    "one row a region",
    (REGION,),
    (
        percent("total_pct", "total", "the sum of the two", INCOME),
        percent("terms_of_trade_pct", "terms of trade", "prices of exports less prices of imports", INCOME),
        percent("volume_of_trade_pct", "volume of trade", "tariffs times volumes of imports", INCOME),
    ),
    lambda solved: first_order(solved.parameters, benchmark_point(solved.parameters), solved.equilibrium.data),
    "The formula of Caliendo and Parro (2015). It values a large change at the old tariffs; use `ev_pct`, and this to "
    "compare with studies that report it.",
)

TRADE = Table(
    "trade",
    "Trade by flow",
    "one row a flow of the benchmark",
    FLOW,
    (
        money("base_musd", "benchmark", "value in the benchmark, fob with export tax and rent"),
        percent("value_pct", "value", "change of that value"),
        percent("volume_pct", "volume", "change of the volume that arrives"),
        money("new_musd", "new", "value after the shock, fob with export tax and rent"),
        money("import_base_musd", "imports before", "value in the benchmark, cif with rents: what a tariff falls on"),
        money("import_new_musd", "imports", "the same after the shock"),
        percent("tariff_base_pct", "tariff before", "duties in the benchmark, all layers", "% of the cif value"),
        percent("tariff_pct", "tariff", "duties after the shock, charges included", "% of the cif value"),
    ),
    lambda solved: trade(solved.parameters, solved.equilibrium.data),
    "Sales at home are no flow; trade inside an aggregate region is.",
)

SECTORS = Table(
    "sectors",
    "Industries",
    "one row an industry of the benchmark",
    (REGION, SECTOR),
    (
        percent("output_pct", "output", "volume of output"),
        percent("price_pct", "price", "basic price (at the mill) over the world factor price"),
        percent("users_price_pct", "users' price", "the same of home goods and imports together, to users there"),
        percent("employment_pct", "employment", "labour employed, weighted with benchmark wages"),
    ),
    lambda solved: sectors(solved.parameters, solved.equilibrium.data),
)

RENTS = Table(
    "rents",
    "Quotas and their rents",
    "one row a flow and owner of a rent",
    FLOW,
    (
        Column("regime", "", "quota is", "`slack`, `binding`, `above`; `none` where no quota is left"),
        percent("base_premium_pct", "premium before", "premium in the benchmark", "% of the fob value"),
        percent("premium_pct", "premium", "premium after the shock", "% of the fob value"),
        Column("fill", "ratio", "fill", "imports over the quota; empty without a quota", ".3f"),
        Column(
            "owner",
            "",
            "owner",
            "who gets the rent: `exporter`, `importer`, `treasury`; `nobody` where there is none",
        ),
        Column("receiver", "", "receiver", "the region of the owner"),
        Column("base_musd", USD, "rent before", "the rent in the benchmark", ",.1f"),
        Column("new_musd", USD, "rent", "the rent after the shock", ",.1f"),
        percent("limited_pct", "limited", "share of the flow's volume that is under the limit", "% of the volume"),
    ),
    rents,
)

SWAPS = Table(
    "swaps",
    "Closure swaps: outcomes that are fixed, and the instruments freed for them",
    "one row a swap or budget (empty without)",
    (Column("swap", "", "swap", "its name"),),
    (
        Column("outcome", "", "fixed outcome", "the outcome that is fixed"),
        Column("unit", "", "unit", "of the outcome"),
        Column("base", "as `unit` says", "before", "the outcome in the benchmark; an index if it has no unit", NUMBER),
        Column("now", "as `unit` says", "after", "the outcome after the shock", NUMBER),
        Column("instrument", "", "freed instrument", "the instrument that is endogenous for it"),
        Column(
            "move",
            "as `move_unit` says",
            "move",
            "how far every cell of the freed instrument moved around the level that the scenario sets",
            "+,.3f",
        ),
        Column("move_unit", "", "unit of the move", "percentage points; of a carbon price, USD a tonne"),
    ),
    lambda solved: swaps(solved.swaps, solved.equilibrium),
)

INPUTS = Table(
    "inputs",
    "What the model was given",
    "one row an elasticity, share or rate",
    (
        Column("parameter", "", "parameter", "see [symbols](symbols.md)"),
        *(Column(axis, "", axis, "empty where it is the same for all, or has no such axis") for axis in INPUT_LABELS),
    ),
    (
        Column("value", "as `unit` says", "value", "", NUMBER),
        Column("unit", "", "unit"),
    ),
    lambda solved: inputs(solved.parameters),
    "Every elasticity as the model held it (`inf` for a mobile factor, and for output that is one good at home and "
    "abroad), the household's subsistence shares, the parameters of capital, and the benchmark's rates; a rate that is "
    "not listed is zero.",
)

INDICATORS = Table(
    "indicators",
    "Indicators by region",
    "one row a region and indicator",
    (REGION, Column("indicator", "", "indicator", "one of the list below")),
    (
        Column("base", "as `unit` says", "benchmark", "in the benchmark", NUMBER),
        Column("new", "as `unit` says", "new", "after the shock", NUMBER),
        Column("change", "as `unit` says; of rates, points", "change", "new less benchmark", "+,.4g"),
        percent("change_pct", "change", "the same, per cent of the benchmark; empty where that is zero"),
        Column("unit", "", "unit", "of the indicator"),
        Column("base_weight", "of the denominator", "weight before", "the denominator in the benchmark", NUMBER),
        Column("new_weight", "of the denominator", "weight", "the denominator after the shock", NUMBER),
    ),
    lambda solved: indicators(
        solved.parameters,
        solved.equilibrium.data,
        {label: region.population for label, region in solved.contents.regions.items()},
    ),
    "What has weights is a ratio, and the world's, or a group's, is the mean of its members' with these weights; what "
    "has none adds up. In Python, `result.indicators_of(groups=[...])` adds the rows of the world and of groups.",
)

REVENUE = Table(
    "revenue",
    "Revenue of the government",
    "one row a region and source of revenue",
    (REGION, Column("source", "", "source", "a tax, or the treasury's part of quota rents")),
    (
        money("base_musd", "benchmark", "in the benchmark"),
        money("new_musd", "new", "after the shock"),
        money("change_musd", "change", "new less benchmark"),
        Column("new_real_musd", "million USD in benchmark consumer prices", "new, real", "after the shock", MONEY),
        Column("change_real_musd", "million USD in benchmark consumer prices", "change, real", "its change", MONEY),
        percent("base_pct", "benchmark", "in the benchmark", "% of income"),
        percent("new_pct", "new", "after the shock", "% of income"),
    ),
    lambda solved: revenue(solved.parameters, solved.equilibrium.data),
)

FACTORS = Table(
    "factors",
    "Factors and their rewards",
    "one row a region and factor",
    (REGION, Column("factor", "", "factor")),
    (
        money("base_musd", "benchmark", "earnings in the benchmark"),
        money("new_musd", "new", "earnings after the shock"),
        percent("reward_pct", "reward", "average reward over the world factor price"),
        percent("real_reward_pct", "real reward", "average reward in consumer prices"),
        percent("employment_pct", "employment", "volume employed"),
    ),
    lambda solved: factors(solved.parameters, solved.equilibrium.data),
    "No benchmark holds numbers of workers, so employment is in per cent, weighted with benchmark rewards.",
)

PRICES = Table(
    "prices",
    "Consumer prices",
    "one row a region and good",
    (REGION, SECTOR),
    (
        money("base_musd", "consumption", "household consumption in the benchmark"),
        percent("price_pct", "price", "users' price over the world factor price"),
        percent("real_price_pct", "relative price", "users' price over the consumer price index"),
        percent("volume_pct", "volume", "household consumption, volume"),
    ),
    lambda solved: prices(solved.parameters, solved.equilibrium.data),
)

DIVERSION = Table(
    "diversion",
    "Trade creation and diversion",
    "one row an importer and sector",
    (IMPORTER, SECTOR),
    (
        money("base_musd", "imports", "imports from other regions in the benchmark, cif"),
        money("gained_musd", "gained", "more imports from the origins that gain"),
        money("lost_musd", "lost", "less imports from the origins that lose"),
        money("creation_musd", "creation", "gained less lost: imports in place of home goods; negative the other way"),
        money("diversion_musd", "diversion", "the smaller of the two: imports that changed their origin"),
    ),
    lambda solved: diversion(solved.parameters, solved.equilibrium.data),
    "Volumes at benchmark cif prices ([definition](results.md#trade-creation-and-diversion)).",
)


def _labels(solved: Solved) -> pd.DataFrame:
    contents, labels = solved.contents, solved.parameters.labels
    held = {("region", label): contents.countries(label) for label in labels["region"]}
    held |= {("sector", label): contents.products(label) for label in labels["sector"]}
    held |= {("factor", label): frozenset({contents.role(label) or ""}) for label in labels["factor"]}
    rows = [(axis, label, contents.name(axis, label), " ".join(sorted(codes))) for (axis, label), codes in held.items()]
    return pd.DataFrame(rows, columns=LABELS.names)


LABELS = Table(
    "labels",
    "Labels in words",
    "one row a label",
    (Column("axis", "", "axis", "region, sector or factor"), Column("label", "", "label")),
    (
        Column("name", "", "name", "in words; the label where the benchmark has none"),
        Column("contains", "", "contains", "codes of countries, products, or the role of a factor"),
    ),
    _labels,
)


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            WELFARE, INDICATORS, FIRST_ORDER, TRADE, DIVERSION, SECTORS, PRICES, FACTORS, REVENUE, RENTS, SWAPS,
            EMISSIONS, CO2_SOURCES, LEAKAGE, PERMITS, CARBON_TRADE, INPUTS, LABELS,
        )
    }
)  # fmt: skip
"""The tables of a result by name, in the order of its files."""

FIRST = frozenset({"welfare", "first_order", "trade", "sectors", "rents", "swaps", "emissions"})
"""Tables that results of every version hold; one that lacks another has an empty one in its place."""


def made(solved: Solved, names: Iterable[str] = TABLES) -> dict[str, pd.DataFrame]:
    """Tables of a solution by name, all or those that are named."""
    return {name: make(solved) for name in names if (make := TABLES[name].make) is not None}
