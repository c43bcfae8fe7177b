"""The 2022 benchmark beside published figures that its build does not use, each with its deviation, band and reason.

It looks at the benchmark as it is committed, and needs none of the raw tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.identities import cif, tariff_revenue

NAME = "world2022-29x28"
SERVICES = ("UTL", "CON", "TRD", "TRN", "ACI", "FIN", "PRO", "PUB")

BEFORE = "world2020-29x28"
TREASURY = "US Treasury, customs duties of 2022"
TREASURY_2020 = "US Treasury, customs duties of 2020"
KCS = "Korea Customs Service yearbook (taxtimes.co.kr, 27 June 2025); 1,291 won a dollar"
CUSTOMS_CHINA = (
    "General Administration of Customs of China, 280.6 bn yuan in 2021 (24 January 2022); 6.45 yuan a dollar"
)
TAXUD = "European Commission, DG TAXUD, 25.2 bn euro in 2022; 1.053 dollars a euro"
MOTIE = "Korean Ministry of Trade, Industry and Energy (Yonhap, 1 January 2023)"
SHARE = "Korea Customs Service (Hankyoreh, 3 January 2023)"
BEA = "US Bureau of Economic Analysis, balance-of-payments basis"

BASIC = "basic prices: trade and transport up to the border are sales of services here, not of goods"
PREFERENCES = (
    "statutory rates: drawback, bonded processing, and the structure of imports within a sector, which averages over "
    "lines overstate"
)
FIRST = "customs has the first destination, the table where goods are used"


@dataclass(frozen=True)
class Check:
    """A published figure and ours.

    Attributes:
        what: with its unit.
        known, ours: in that unit.
        band: deviation allowed, % of the known.
        source: of the known figure.
        why: what explains the deviation.
    """

    what: str
    known: float
    ours: float
    band: float
    source: str
    why: str

    @property
    def deviation(self) -> float:
        """Ours less the known, % of it."""
        return 100.0 * (self.ours / self.known - 1.0)


def compare(benchmark: Benchmark) -> Sequence[Check]:
    """The checks of `world2022-29x28`."""
    data = benchmark.data
    goods = [s for s in benchmark.sectors if s not in SERVICES]
    apart = data["exporter"] != data["importer"]
    flow = benchmark.cif.where(apart, 0.0).sel(sector=goods)
    duty = tariff_revenue(data).where(apart, 0.0).sum(("layer", "exporter", "sector")) / 1e3
    exports = flow.sum(("importer", "sector")) / 1e3
    imports = flow.sum(("exporter", "sector")) / 1e3

    def sold(exporter: str, importer: str) -> float:
        return float(flow.sel(exporter=exporter, importer=importer).sum()) / 1e3

    def paid(importer: str) -> float:
        return float(duty.sel(importer=importer))

    korea = float(exports.sel(exporter="KOR"))
    return [
        Check("customs duties of the United States, bn USD", 98.0, paid("USA"), 5.0, TREASURY,
              "rates of 2024 on customs values of 2022; of what is missing, duties of 2022 on steel before the quotas"),
        Check("customs duties of the United States in 2020, bn USD", 65.6, us_duties_of_2020(benchmark), 5.0,
              TREASURY_2020, "flows and rates of world2020-29x28 on the customs values by partner and sector of 2022; "
              "on basic values, as that benchmark has them, 57.6"),
        Check("customs duties of Korea, bn USD", 8.0, paid("KOR"), 60.0, KCS, PREFERENCES),
        Check("customs duties of China, bn USD", 43.5, paid("CHN"), 60.0, CUSTOMS_CHINA, PREFERENCES),
        Check("customs duties of the European Union, bn USD", 26.5, paid("EU27"), 25.0, TAXUD, PREFERENCES),
        Check("Korea's exports of goods, bn USD", 683.9, korea, 15.0, MOTIE, BASIC),
        Check("Korea's imports of goods, bn USD", 731.2, float(imports.sel(importer="KOR")), 25.0, MOTIE, BASIC),
        Check("China in Korea's exports of goods, %", 22.8, 100.0 * sold("KOR", "CHN") / korea, 15.0, SHARE, FIRST),
        Check("US imports of goods from the EU, bn USD", 553.3, sold("EU27", "USA"), 30.0, BEA, BASIC),
        Check("US imports of goods from China, bn USD", 536.3, sold("CHN", "USA"), 30.0, BEA, BASIC),
        Check("US imports of goods from Mexico, bn USD", 454.8, sold("MEX", "USA"), 30.0, BEA, BASIC),
        Check("US imports of goods from Canada, bn USD", 436.6, sold("CAN", "USA"), 30.0, BEA, BASIC),
        Check("US imports of goods from Japan, bn USD", 148.1, sold("JPN", "USA"), 30.0, BEA, BASIC),
    ]  # fmt: skip


def us_duties_of_2020(benchmark: Benchmark) -> float:
    """US duties on the flows of 2020 at the rates of 2020, on the customs values of a benchmark, billion USD."""
    before = Benchmark.load(BEFORE).data
    value = cif(before).where(before["exporter"] != before["importer"], 0.0) * benchmark.data["valuation"]
    return float((value * before["tariff"].sum("layer")).sel(importer="USA").sum()) / 1e3


def duty_among(benchmark: Benchmark, sector: str, members: Sequence[str]) -> float:
    """Average duty on a good that some regions sell to each other, % of its value."""
    inside = {"exporter": list(members), "importer": list(members), "sector": sector}
    apart = xr.DataArray(benchmark.data["exporter"] != benchmark.data["importer"]).sel(
        exporter=list(members), importer=list(members)
    )
    flow = benchmark.cif.sel(inside).where(apart, 0.0)
    rate = (benchmark.data["tariff"].sum("layer") * benchmark.data["valuation"]).sel(inside)
    return 100.0 * float((flow * rate).sum() / flow.sum())


def page(benchmark: Benchmark) -> str:
    """The checks as a table in Markdown."""
    lines = ["| what | published | ours | deviation, % | band, % | source | why |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {c.what} | {c.known:,g} | {c.ours:,.1f} | {c.deviation:+.1f} | {c.band:g} | {c.source} | {c.why} |"
        for c in compare(benchmark)
    ]
    return "\n".join(lines) + "\n"
