"""A small world with sectors of its own for coal, oil and gas, for refined fuels and for utilities."""

from __future__ import annotations

from functools import cache

from cge.calibration.benchmark import Benchmark
from cge.scenarios.blocks.carbon_market import CarbonMarket
from cge.scenarios.economy.setting import Setting, setting
from cge.scenarios.files import library

SECTORS = {
    "ENE": "ENE", "PET": "PET", "UTL": "UTL", "STL": "STL", "CHM": "CHM", "NMM": "NMM", "TRN": "TRN",
    "AGR": "AGR", "FOO": "AGR",
}  # fmt: skip
REGIONS = {"KOR": "KOR", "EU27": "EU27", "USA": "USA"}


@cache
def energy_world() -> Benchmark:
    """Korea, the European Union, the United States and the rest; nine sectors of the embedded benchmark of 2022."""
    table = Benchmark.load("world2022-29x28")
    return table.aggregate(
        {region: REGIONS.get(region, "ROW") for region in table.regions},
        {sector: SECTORS.get(sector, "OTH") for sector in table.sectors},
    )


@cache
def energy_setting(closure: str = "energy") -> Setting:
    """That world with the package's elasticities."""
    return setting(energy_world(), closure)


def needs_fuels(name: str) -> bool:
    """Whether a scenario of the library asks for sectors of energy, which the 12 x 12 benchmarks do not have."""
    shocks = library.load(name).shocks
    fuels = any(isinstance(shock, CarbonMarket) or getattr(shock, "fuels", None) is True for shock in shocks)
    return fuels or any(getattr(shock, "scope", None) == "electricity" for shock in shocks)


def fitting(names: list[str], benchmark: str) -> list[str]:
    """The names of the library's scenarios that a published benchmark has the sectors for."""
    return [name for name in names if not (benchmark.endswith("12x12") and needs_fuels(name))]
