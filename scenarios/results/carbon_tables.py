"""Tables of results on CO2: emissions, their sources, leakage, carbon in trade, permits."""

from __future__ import annotations

from cge.embodied import carbon_trade
from cge.emission_tables import leakage, permits, sources
from cge.tables import emissions

from .columns import (
    EXPORTER,
    IMPORTER,
    REGION,
    USD,
    percent,
)
from .table import Column, Table

EMISSIONS = Table(
    "emissions",
    "CO2 emissions",
    "one row an industry and one a region's households (empty for a benchmark without emissions)",
    (REGION, Column("emitter", "", "emitter", "a sector, or `households`")),
    (
        Column("base_kt", "kt CO2", "benchmark", "emissions in the benchmark", ",.1f"),
        Column("new_kt", "kt CO2", "new", "emissions after the shock", ",.1f"),
        percent("change_pct", "change"),
    ),
    lambda solved: emissions(solved.parameters, solved.equilibrium.data),
    "Emissions of an industry move with its output, those of households with their real consumption "
    "([why](decisions/0011-emissions.md)).",
)

CO2_SOURCES = Table(
    "co2_sources",
    "CO2 by the fuel that is burnt",
    "one row an emitter and source of a region (empty without CO2 by fuel)",
    (
        REGION,
        Column("emitter", "", "emitter", "a sector, or `households`"),
        Column("source", "", "source", "the sector whose good is burnt; `process`; of households `other`"),
    ),
    (
        Column("base_kt", "kt CO2", "benchmark", "emissions in the benchmark", ",.1f"),
        Column("new_kt", "kt CO2", "new", "emissions after the shock", ",.1f"),
    ),
    lambda solved: sources(solved.parameters, solved.equilibrium.data),
    "`other` are emissions of households beyond what the fuels that they buy can hold ([energy](energy.md)).",
)

LEAKAGE = Table(
    "leakage",
    "Leakage of CO2",
    "one row a region, and one for the world (empty where no region, or every region, prices CO2)",
    (REGION,),
    (
        Column("acts", "", "prices CO2", "`yes` or `no`"),
        Column("base_kt", "kt CO2", "benchmark", "emissions of industries and households in the benchmark", ",.1f"),
        Column("new_kt", "kt CO2", "new", "emissions after the shock", ",.1f"),
        Column("change_kt", "kt CO2", "change", "new less benchmark", "+,.1f"),
        percent(
            "leakage_pct",
            "leakage",
            "change of a region that does not act over the cut of those that do; the world's row has the sum",
            "% of the cut",
        ),
    ),
    lambda solved: leakage(solved.parameters, solved.equilibrium.data),
)

CARBON_TRADE = Table(
    "carbon_trade",
    "CO2 content of trade",
    "one row a pair of regions that trade (empty without CO2 by fuel)",
    (EXPORTER, IMPORTER),
    (
        Column("base_direct_kt", "kt CO2", "direct before", "of the exporting industries themselves", ",.1f"),
        Column("new_direct_kt", "kt CO2", "direct", "the same after the shock", ",.1f"),
        Column("base_full_kt", "kt CO2", "full before", "of all that went into the goods, wherever", ",.1f"),
        Column("new_full_kt", "kt CO2", "full", "the same after the shock", ",.1f"),
    ),
    lambda solved: carbon_trade(solved.parameters, solved.equilibrium.data),
    "Full content by input-output analysis, at the volumes of the benchmark and of the solution.",
)

PERMITS = Table(
    "permits",
    "Permits of CO2",
    "one row a region that trades permits (empty without a market)",
    (REGION,),
    (
        Column("price_usd", "USD a tonne", "price", "what those who emit pay", ",.2f"),
        Column("allowances_kt", "kt CO2", "allowances", "or the baseline of a seller without a cap", ",.1f"),
        Column("emissions_kt", "kt CO2", "emissions", "of those who are covered", ",.1f"),
        Column("sold_kt", "kt CO2", "sold", "permits sold abroad less those bought", "+,.1f"),
        Column("sold_musd", USD, "receipts", "what the region gets for them, with what a fund pays it", "+,.1f"),
    ),
    lambda solved: permits(solved.parameters, solved.equilibrium.data),
)
