"""Reader of the NAFTA data of Caliendo and Parro (2015): 31 regions, 40 sectors, 1993.

The file (NumPy's npz) holds, with n importer, i exporter, j sector, k input, in USD: `trade_cif_jni` (import value
before tariff, home sales on the diagonal), `tariff0_jni` and `tariff1_jni` (rates of 1993, and with NAFTA's of
2005), `interm_nkj`, `va_jn`, `final_kn`, `theta_j`, `regions`, and if it has them the authors' counterfactual
`cf_w`, `cf_P`, `cf_I`, `cf_c`, `cf_p` and `cf_trade`. Any file of this form can be read.

The authors' model is one setting of this one: a Cobb-Douglas technology and household, one mobile factor, and one
Armington nest over all origins, the home one included, with sigma = 1 + theta in both of its levels.

Source: Caliendo and Parro (2015), "Estimates of the trade and welfare effects of NAFTA", Review of Economic Studies
82(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from cge.calibration.balancing.settle import settle
from cge.calibration.benchmark import Benchmark, assemble
from cge.errors import DataError

Array = npt.NDArray[np.float64]

FLOW = ("exporter", "importer", "sector")
FACTOR = "LAB"

CODES: Mapping[str, str] = {
    "Argentina": "ARG", "Australia": "AUS", "Austria": "AUT", "Brazil": "BRA", "Canada": "CAN", "Chile": "CHL",
    "China": "CHN", "Denmark": "DNK", "Finland": "FIN", "France": "FRA", "Germany": "DEU", "Greece": "GRC",
    "Hungary": "HUN", "India": "IND", "Indonesia": "IDN", "Ireland": "IRL", "Italy": "ITA", "Japan": "JPN",
    "Korea": "KOR", "Mexico": "MEX", "Netherlands": "NLD", "NewZealand": "NZL", "Norway": "NOR", "Portugal": "PRT",
    "SouthAfrica": "ZAF", "Spain": "ESP", "Sweden": "SWE", "Turkey": "TUR", "UK": "GBR", "USA": "USA", "RoW": "ROW",
}  # fmt: skip
"""ISO codes of the file's regions; a name that is not here stays as it is."""

SECTORS = (
    "agriculture", "mining", "food", "textile", "wood", "paper", "petroleum", "chemicals", "plastic", "minerals",
    "basic metals", "metal products", "machinery", "office", "electrical", "communication", "medical", "auto",
    "other transport", "other", "electricity", "construction", "retail", "hotels", "land transport",
    "water transport", "air transport", "aux transport", "post", "finance", "real estate", "renting machinery",
    "computer", "r&d", "other business", "public", "education", "health", "other services", "private",
)  # fmt: skip
"""The paper's sectors in its order; the last twenty are not traded."""

_NEEDED: Mapping[str, str] = {
    "trade_cif_jni": "jni",
    "tariff0_jni": "jni",
    "tariff1_jni": "jni",
    "interm_nkj": "njj",
    "va_jn": "jn",
    "final_kn": "jn",
    "theta_j": "j",
    "regions": "n",
}


@dataclass(frozen=True)
class CaliendoParro:
    """What the file holds, in the package's own types.

    Attributes:
        benchmark: balanced table, million USD.
        elasticities: for `cge.calibration.shares.calibrate`.
        tariffs: import tariff after the change [exporter, importer, sector], ad valorem rate.
        solution: the authors' solution, as ratios to the benchmark: `w`, `P`, `I` [region]; `c` (producer price),
            `p` (price of the composite) [region, sector]; `trade` (cif value, home sales on the diagonal)
            [exporter, importer, sector], million USD. World value added is their numeraire. Empty if the file has
            none.
    """

    benchmark: Benchmark
    elasticities: xr.Dataset
    tariffs: xr.DataArray
    solution: xr.Dataset


def read_caliendo_parro(path: str | Path) -> CaliendoParro:
    """Read the file.

    Args:
        path: of the npz file.

    Raises:
        FileNotFoundError: if it is not there.
        DataError: naming arrays that are missing or of a wrong shape, or accounts that do not balance; gaps of
            rounding are closed.
    """
    with np.load(Path(path)) as file:
        raw = {name: file[name] for name in file.files}
    faults = _faults(raw)
    if faults:
        raise DataError(faults, what=Path(path).name)
    regions = [CODES.get(str(name), str(name)) for name in raw["regions"]]
    count = len(raw["theta_j"])
    sectors = list(SECTORS) if count == len(SECTORS) else [f"s{j + 1:02d}" for j in range(count)]
    coords = {"region": regions, "exporter": regions, "importer": regions, "sector": sectors, "factor": [FACTOR]}
    solution = _solution(raw, coords)
    return CaliendoParro(
        benchmark=_benchmark(raw, regions, sectors),
        elasticities=_elasticities(raw["theta_j"], coords),
        tariffs=_labelled(raw["tariff1_jni"].transpose(2, 1, 0), FLOW, coords),
        solution=solution,
    )


def _benchmark(raw: Mapping[str, Array], regions: list[str], sectors: list[str]) -> Benchmark:
    trade = raw["trade_cif_jni"].transpose(2, 1, 0) / 1e6
    home = np.eye(len(regions), dtype=bool)
    final = np.zeros((len(regions), len(sectors), 3))
    final[:, :, 0] = raw["final_kn"].T / 1e6  # household; their model has no government and no investment
    table = assemble(
        regions,
        sectors,
        factor=[FACTOR],
        layer=["mfn"],
        attrs={"title": "Caliendo and Parro (2015)", "year": 1993},
        domestic=trade[home],
        trade=np.where(home[:, :, None], 0.0, trade),
        tariff=raw["tariff0_jni"].transpose(2, 1, 0)[None],
        intermediate=raw["interm_nkj"] / 1e6,
        final=final,
        factor_income=raw["va_jn"].T[:, None, :] / 1e6,
    )
    return Benchmark(settle(table))


def _elasticities(theta: Array, coords: Mapping[str, list[str]]) -> xr.Dataset:
    sigma, one = ("sector", 1.0 + theta), ("sector", np.ones(theta.size))
    return xr.Dataset(
        {
            "esubm": sigma,
            "esubd": sigma,
            "esubva": one,
            "esubt": one,
            "esubn": one,
            "cet": ("sector", np.full(theta.size, np.inf)),
            "income_elasticity": one,
            "esubg": 1.0,
            "esubi": 1.0,
            "frisch": -1.0,  # no subsistence: Cobb-Douglas
            "eta_factor": ("factor", [np.inf]),
        },
        coords={axis: coords[axis] for axis in ("sector", "factor")},
        attrs={"set": "Caliendo and Parro (2015), table 1, 99 % sample"},
    )


def _solution(raw: Mapping[str, Array], coords: Mapping[str, list[str]]) -> xr.Dataset:
    result = xr.Dataset()
    for name in ("w", "P", "I"):
        if f"cf_{name}" in raw:
            result[name] = _labelled(raw[f"cf_{name}"], ("region",), coords)
    for name in ("c", "p"):
        if f"cf_{name}" in raw:
            result[name] = _labelled(raw[f"cf_{name}"].T, ("region", "sector"), coords)
    if "cf_trade" in raw:
        result["trade"] = _labelled(raw["cf_trade"].transpose(2, 1, 0) / 1e6, FLOW, coords)
    return result


def _labelled(values: Array, dims: tuple[str, ...], coords: Mapping[str, list[str]]) -> xr.DataArray:
    return xr.DataArray(values, dims=dims, coords={axis: coords[axis] for axis in dims})


def _faults(raw: Mapping[str, Array]) -> list[str]:
    missing = [f"{name} is missing" for name in _NEEDED if name not in raw]
    if missing:
        return missing
    size = {"n": len(raw["regions"]), "j": len(raw["theta_j"])}
    size["i"] = size["n"]
    wanted = {name: tuple(size[axis] for axis in axes) for name, axes in _NEEDED.items()}
    faults = [
        f"{name} has the shape {raw[name].shape}, not {shape}"
        for name, shape in wanted.items()
        if raw[name].shape != shape
    ]
    home = [j for j in range(size["j"]) if not faults and np.any(np.diagonal(raw["tariff0_jni"][j]) != 0.0)]
    return faults + [f"tariff0_jni taxes home sales in sector {j}" for j in home]
