"""US steel quotas in two parts: product categories whose quotas are full, beside others that never fill theirs.

Source of the premium and of the share that binds, with low and high: data/steel_measures_2020.csv.
"""

from __future__ import annotations

import xarray as xr

from cge.calibration.balancing.settle import balancing_tax
from cge.calibration.benchmark import Benchmark
from cge.calibration.world2020.us_measures import Case, rent_in_value, steel_measures
from cge.calibration.world2020.world import Log

SECTOR, IMPORTER = "STL", "USA"
CASES: tuple[Case, ...] = ("default", "lower", "upper")


def _given(country: str, what: str, case: Case) -> float:
    return float(steel_measures()[f"{what}_{case}"].to_dict()[country])


def limited_volume(country: str, case: Case = "default") -> float:
    """Share of a country's steel to the United States, by volume, in categories that bind.

    Of a value that holds the rent, the share b binds, at prices that a premium p raises: its volume is b / (1 + p)
    beside 1 - b.

    Args:
        country: ISO3 code of a country under a steel quota.
        case: set of parameters.
    """
    binding = _given(country, "binding", case)
    if binding == 0.0:
        return 1.0  # nothing binds, and there is no rent
    volume = binding / (1.0 + _given(country, "premium", case))
    return volume / (volume + 1.0 - binding)


def with_limited_part(data: xr.Dataset, log: Log) -> xr.Dataset:
    """The account `limited`: the part of each flow's volume that the quota of its rent is on."""
    limited = xr.ones_like(data["trade"])
    for country in steel_measures().index:
        at = {"exporter": country, "importer": IMPORTER, "sector": SECTOR}
        part = limited_volume(str(country))
        if float(data["rent"].loc[at]) == 0.0 or part >= 1.0:
            continue
        limited.loc[at] = part
        value, low, high = (_given(str(country), "binding", case) for case in CASES)
        log.add("steel quota on a part of the flow", f"{country} to {IMPORTER} {SECTOR}",
                f"{part:.0%} of the volume, {value:.0%} of the value; low {low:.0%}, high {high:.0%}",
                "categories that bind beside others that never fill theirs (steel_measures_2020.csv)")  # fmt: skip
    return data.assign(limited=limited)


def with_steel_case(benchmark: Benchmark, case: Case) -> Benchmark:
    """A benchmark with another premium, share that binds and share kept of the steel quotas: "lower" or "upper".

    Args:
        benchmark: that has the countries under quotas and the United States as regions, and steel as a sector;
            regions that hold others too keep theirs.
        case: set of parameters of steel_measures_2020.csv.
    """
    data = benchmark.data.copy(deep=True)
    limited = data["limited"].copy()
    for country in set(map(str, steel_measures().index)) & set(benchmark.regions):
        at = {"exporter": country, "importer": IMPORTER, "sector": SECTOR}
        before = float(data["rent"].loc[at])
        value = float(data["trade"].loc[at]) + before
        rent = value * rent_in_value(country, case)
        data["trade"].loc[at] = value - rent
        data["rent"].loc[at] = rent
        data["factor_income"].loc[{"region": country, "factor": "CAP", "sector": SECTOR}] -= rent - before
        kept = _given(country, "exporter", case)
        data["rent_share"].loc[at] = xr.DataArray([kept, 1.0 - kept, 0.0], dims="owner")
        limited.loc[at] = limited_volume(country, case)
    data = data.assign(limited=limited)
    return Benchmark(data.assign(direct_tax=balancing_tax(data))).with_contents(benchmark.contents)
