"""Textbook models of Hosoe, Gasawa and Hashimoto: standard, two countries, import quota.

Bread and milk, capital and labour. The tables and rules are those of the authors' programs in the GAMS model library;
what could be found of their solutions is the value of the objective after the simulation, the utility of the
household, summed over countries, as a public repository that runs the library reports it. Settings:

* A separate household and a government; output taxes on basic prices; Cobb-Douglas and Leontief technology;
  transformation and Armington elasticities of 2.
* The government saves a fixed share of its revenue, foreign saving is fixed in foreign wages, and in the quota model
  the household pays the direct tax on rents while no tariff falls on them. The closures have none of the three rules,
  so the levels of the instruments `sg`, `sf` and `lumpsum` that keep them are found by iteration.
* The single country's world prices are fixed: the rest of the world makes both goods from one factor, and takes
  home and foreign goods as substitutes with an elasticity of 1,000, 2,000 and 4,000; extrapolated to infinity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pytest
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.closure import Closure
from cge.solvers import Problem, Quota
from tests.limits import limit
from tests.truth import record

BOOK = "Hosoe, Gasawa and Hashimoto (2010), GAMS model library {}; its objective as reported by jeffreyhorn/nlp2mcp"
SIGMAS = (1000.0, 2000.0, 4000.0)
GOODS, FACTORS = ["BRD", "MLK"], ["CAP", "LAB"]

# use of goods by industries, factors, indirect tax, tariff, household, government, investment, exports, imports
ACCOUNTS: Mapping[str, Mapping[str, Sequence[float] | Sequence[Sequence[float]]]] = {
    "JPN": {
        "use": [[21, 8], [17, 9]], "factors": [[20, 30], [15, 25]], "indirect": [5, 4], "tariff": [1, 2],
        "C": [20, 30], "G": [19, 14], "I": [16, 15], "exports": [8, 4], "imports": [13, 11],
        "direct": [23], "saving": [2],
    },
    "USA": {
        "use": [[40, 1], [17, 29]], "factors": [[33, 30], [15, 31]], "indirect": [10, 20], "tariff": [1, 1],
        "C": [30, 30], "G": [20, 14], "I": [20, 15], "exports": [13, 11], "imports": [8, 4],
        "direct": [29], "saving": [27],
    },
}  # fmt: skip


def account(name: str, *countries: str) -> np.ndarray:
    return np.array([ACCOUNTS[country][name] for country in countries], dtype=float)


def two_countries() -> Benchmark:
    get = lambda name: account(name, "JPN", "USA")  # noqa: E731
    trade, tariff = np.zeros((2, 2, 2)), np.zeros((1, 2, 2, 2))
    trade[0, 1], trade[1, 0] = get("exports")
    rate = get("tariff") / get("imports")
    tariff[0, 1, 0], tariff[0, 0, 1] = rate
    output = get("use").sum(1) + get("factors").sum(1) + get("indirect")
    return Benchmark.from_arrays(
        ["JPN", "USA"],
        GOODS,
        factor=FACTORS,
        layer=["mfn"],
        domestic=output - get("exports"),
        trade=trade,
        tariff=tariff,
        intermediate=get("use"),
        final=np.stack([get("C"), get("G"), get("I")], axis=-1),
        factor_income=get("factors"),
        output_tax=get("indirect"),
        direct_tax=get("direct")[:, 0],
        government_saving=get("saving")[:, 0],
    )


def one_country(size: float) -> Benchmark:
    """Japan and a rest of the world with one factor; `size` does not matter."""
    get = lambda name: account(name, "JPN")[0]  # noqa: E731
    zero = np.zeros(2)
    trade, tariff, owner = np.zeros((2, 2, 2)), np.zeros((1, 2, 2, 2)), np.zeros((3, 2, 2, 2))
    trade[0, 1], trade[1, 0] = get("exports"), get("imports")
    tariff[0, 1, 0] = get("tariff") / get("imports")
    owner[0], owner[1, 1, 0] = 1.0, 1.0
    owner[0, 1, 0] = 0.0  # the importer's firms own the rent of a quota
    output = get("use").sum(0) + get("factors").sum(0) + get("indirect")
    home = np.stack([get("C"), get("G"), get("I")], axis=-1)
    abroad = np.stack([size + get("exports"), zero, zero], axis=-1)
    return Benchmark.from_arrays(
        ["JPN", "ROW"],
        GOODS,
        factor=FACTORS,
        layer=["mfn"],
        domestic=[output - get("exports"), zero + size],
        trade=trade,
        tariff=tariff,
        rent_share=owner,
        intermediate=[get("use"), np.zeros((2, 2))],
        final=[home, abroad],
        factor_income=[get("factors"), [zero, size + get("imports")]],
        output_tax=[get("indirect"), zero],
        direct_tax=[*get("direct"), 0.0],
        government_saving=[*get("saving"), 0.0],
    )


def elasticities(benchmark: Benchmark, sigma: float = 2.0) -> xr.Dataset:
    """`sigma` is that of the second region, which transforms nothing if it is the rest of the world."""
    one, zero = ("sector", np.ones(2)), ("sector", np.zeros(2))
    cet = [[2.0, 2.0], [2.0, 2.0] if sigma == 2.0 else [np.inf, np.inf]]
    return xr.Dataset(
        {
            "esubd": (("region", "sector"), [[2.0, 2.0], [sigma, sigma]]),
            "cet": (("region", "sector"), cet),
            **dict.fromkeys(("esubm", "esubva", "income_elasticity"), one),
            **dict.fromkeys(("esubt", "esubn"), zero),
            "esubg": 1.0,
            "esubi": 1.0,
            "frisch": -1.0,
            "eta_factor": ("factor", np.full(2, np.inf)),
        },
        coords={"region": benchmark.regions, "sector": GOODS, "factor": FACTORS},
    )


def utility(
    benchmark: Benchmark,
    instruments: Mapping[str, float],
    quotas: Sequence[Quota] = (),
    sigma: float = 2.0,
) -> float:
    """Utility of the first region, or of both if the second is a country, under the textbook's rules."""
    parameters = calibrate(benchmark, elasticities(benchmark, sigma))
    p, problem = parameters.data, Problem(parameters, Closure("separate", government="deficit"))
    foreign = benchmark.regions[1]
    revenue0 = p.direct_taxes0 + p.tariffs0 + p.output_taxes0
    rules = {"sg": p.sg0, "sf": p.sf0, "lumpsum": xr.zeros_like(p.sg0)}
    for _ in range(50):
        x = problem.solve({**instruments, **rules}, quotas).data
        rent = p.trade * x.px.rename(region="exporter") * x.flow * x.rho
        tariff = (x.tm * rent).sum(["exporter", "sector"]).rename(importer="region") / p.income0
        tax = p.td0 * (x.rent_home + tariff)
        revenue = x.direct_taxes + tax + x.tariffs - tariff + x.output_taxes
        share = (p.sg0 / revenue0.where(revenue0 != 0.0)).fillna(0.0)
        new = {
            "sg": share * revenue / x.cpi,
            "sf": p.sf0 * x.w.sel(region=foreign, factor="LAB", drop=True) / x.pworld,
            "lumpsum": (tax - tariff) / x.cpi,
        }
        change = max(float(abs(new[name] - rules[name]).max()) for name in rules)
        rules = new
        if change < 1e-12:
            break
    else:
        raise AssertionError(f"the textbook's rules are not met ({change:.1e})")
    goods = (x.c * p.final_use.sel(agent="C", drop=True)) ** p.share_cpi
    countries = [name for name in benchmark.regions if name != "ROW"]
    return float(goods.prod("sector").sel(region=countries).sum())


def small_country(instruments: Mapping[str, float], quotas: Sequence[Quota] = (), size: float = 100.0) -> float:
    """Utility with world prices fixed."""
    return float(limit(partial(utility, one_country(size), instruments, quotas), SIGMAS))


def test_two_countries_abolish_tariffs() -> None:
    expected = 20**0.4 * 30**0.6 + 30.0
    record("two countries, utility at the benchmark", expected, utility(two_countries(), {}), 1e-9, "theory")
    got = utility(two_countries(), {"tm": 0.0})
    record("two countries, utility without tariffs", 56.78, got, 5e-3, BOOK.format("twocge"))


def test_standard_model_abolishes_tariffs() -> None:
    record("standard model, utility without tariffs", 26.0926, small_country({"tm": 0.0}), 5e-5, BOOK.format("stdcge"))


def test_import_quota() -> None:
    quota = Quota((("ROW", "JPN", "BRD"),), volume=0.9)
    source = BOOK.format("quocge") + "; that the quota is 90 % of bread imports is read off the objective"
    record("quota on bread at 90 %, utility", 25.68, small_country({}, [quota]), 5e-3, source)


@pytest.mark.parametrize("size", [50.0, 1000.0])
def test_the_size_of_the_rest_of_the_world_does_not_matter(size: float) -> None:
    got = small_country({"tm": 0.0}, size=size)
    record("standard model, any size of the rest of the world", small_country({"tm": 0.0}), got, 1e-6, "theory")
