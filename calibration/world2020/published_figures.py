"""The published benchmark against what statistics say of the same year: every figure with its source and our deviation.

It looks at the benchmark as it is committed, so it needs none of the raw tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cge.calibration.benchmark import Benchmark

from .build import FLOWS, GDP, merchandise
from .tariffs import EXPECTED, weighted_tariff

NAME = "world2020-29x28"
"""The benchmark that is compared."""

SERVICES = ("UTL", "CON", "TRD", "TRN", "ACI", "FIN", "PRO", "PUB")
PRIMARY = ("AGR", "ENE", "MIN")
ASEAN = ("VNM", "SGP", "MYS", "BRN", "IDN", "THA", "PHL", "XSE")

OECD = "OECD Inter-Country Input-Output Tables, 2023 edition"
TETI = "Teti (2024), Global Tariff Database, weighted with the trade of the table"
KITA = "Korea International Trade Association, exports of 2020 (Yonhap, 19 January 2021)"
MOTIE = "Korean Ministry of Trade, Industry and Energy, 4 January 2021"
WDI = "World Bank, World Development Indicators, NE.EXP.GNFS.ZS"
NONE = "no figure in a source that we hold"

CUSTOMS = "customs has the first destination, the table where goods are used"
THROUGH = "the table looks through Hong Kong to where goods are used"
MARGINS = "basic prices: trade and transport up to the border are sales of services here, not of goods"


@dataclass(frozen=True)
class Known:
    """A figure of the world beside the benchmark's.

    Attributes:
        what: with its unit.
        known: the figure; not a number where none is held.
        ours: the benchmark's.
        band: largest deviation, in the unit of the figure.
        source: of the figure.
        why: of a deviation that is not rounding.
    """

    what: str
    known: float
    ours: float
    band: float
    source: str
    why: str = ""


def compare(benchmark: Benchmark) -> list[Known]:
    """Every figure.

    Args:
        benchmark: `world2020-29x28`, or one with its labels.
    """
    return [*_sizes(benchmark), *_tariffs(benchmark), *_korea(benchmark)]


def _sizes(benchmark: Benchmark) -> list[Known]:
    gdp = benchmark.gdp / 1e3
    flows = merchandise(benchmark.data).sel(exporter="KOR", importer="USA") / 1e3
    sizes = [
        Known(f"GDP of {region}, bn USD", known, float(gdp.sel(region=region)), 0.005 * known, OECD)
        for region, known in GDP.items()
    ]
    sold = [
        Known(
            f"Korea's sales of {sector} to the United States, bn USD", known, float(flows.sel(sector=sector)), 0.1, OECD
        )
        for sector, known in FLOWS.items()
    ]
    return sizes + sold


def _tariffs(benchmark: Benchmark) -> list[Known]:
    trade, rate = merchandise(benchmark.data), benchmark.data["tariff"]
    return [
        Known(
            f"tariff on goods from {exporter or 'the world'} to {importer}, %",
            known,
            100.0 * weighted_tariff(rate.sel(layer=layer), trade, exporter, importer),
            0.1,
            TETI,
        )
        for exporter, importer, layer, known in EXPECTED
    ]


def _korea(benchmark: Benchmark) -> list[Known]:
    trade = merchandise(benchmark.data).sel(exporter="KOR", drop=True)
    goods = trade.drop_sel(sector=list(SERVICES))
    total, gdp = float(goods.sum()), float(benchmark.gdp.sel(region="KOR"))

    def share(what: str, partners: Sequence[str], known: float, band: float, source: str, why: str = CUSTOMS) -> Known:
        ours = 100.0 * float(goods.sel(importer=list(partners)).sum()) / total
        return Known(f"share of {what} in Korea's exports of goods, %", known, ours, band, source, why)

    cost = benchmark.data["factor_income"] + benchmark.data["factor_tax"]
    added = cost.sum("factor").sel(region="KOR")
    made = added.drop_sel(sector=[*SERVICES, *PRIMARY])
    nothing = np.nan, np.nan, NONE, ""
    return [
        Known("Korea's exports of goods, bn USD", 512.9, total / 1e3, 80.0, MOTIE, MARGINS),
        share(
            "China with Hong Kong",
            ["CHN"],
            31.8,
            2.0,
            KITA,
            "the table looks through Hong Kong to where goods are used",
        ),
        share("the United States", ["USA"], 14.5, 3.0, KITA),
        share("Viet Nam", ["VNM"], 9.5, 3.0, KITA),
        share("Japan", ["JPN"], 4.9, 1.5, KITA),
        share("Chinese Taipei", ["TWN"], 3.2, 1.5, KITA),
        share("ASEAN", ASEAN, *nothing),
        share("the EU", ["EU27"], *nothing),
        share("India", ["IND"], *nothing),
        share("Saudi Arabia (of the GCC, the rest is in ROW)", ["SAU"], *nothing),
        share("Mercosur", ["MER"], *nothing),
        share("Africa", ["AFR"], *nothing),
        Known(
            "Korea's exports of goods and services, % of GDP",
            36.45,
            100.0 * float(trade.sum()) / gdp,
            4.0,
            WDI,
            "basic prices: the margins and taxes of the border are not in it",
        ),
        Known("manufacturing in Korea's value added, %", np.nan, 100.0 * float(made.sum() / added.sum()), np.nan, NONE),
    ]


def page(benchmark: Benchmark) -> str:
    """The comparison as a table in Markdown."""
    lines = [
        "| what | known | ours | deviation | band | source | why |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in compare(benchmark):
        if np.isnan(row.known):
            lines.append(f"| {row.what} | | {row.ours:,.2f} | | | {row.source} | {row.why} |")
        else:
            gap = f"{row.ours - row.known:+,.2f}"
            lines.append(
                f"| {row.what} | {row.known:,g} | {row.ours:,.2f} | {gap} | {row.band:,g} | {row.source} | {row.why} |"
            )
    return "\n".join(lines) + "\n"
