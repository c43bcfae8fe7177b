"""Caliendo and Parro (2015), NAFTA.

Settings alone turn the model into theirs (see `cge.calibration.published.caliendo_parro`). A random economy of the
same form is compared with exact hat algebra, written here on its own; the published one, 31 x 40, is read from
`../shared/reference` and skipped without it.

Not covered: their solution with the aggregate deficits of 1993. The file holds the benchmark without deficits alone,
and the trade and spending of 1993 that the other solution starts from cannot be had from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.optimize import root

from cge.accounts import benchmark_point
from cge.calibration.published.caliendo_parro import CaliendoParro, read_caliendo_parro
from cge.calibration.shares import calibrate
from cge.decomposition import first_order
from cge.errors import DataError
from cge.solvers import Equilibrium, Problem
from cge.welfare import ev
from tests.truth import record

SOURCE = "Caliendo and Parro (2015), RES 82(1)"
FOLDER = Path(__file__).parents[3] / "shared" / "reference" / "caliendo_parro_2015"
FILE = FOLDER / "cp2015_baseline_sam.npz"

published = pytest.mark.skipif(not FILE.exists(), reason="needs ../shared/reference/caliendo_parro_2015")


@dataclass(frozen=True)
class Outcome:
    """A solved change of tariffs and what the paper reports of it."""

    case: CaliendoParro
    equilibrium: Equilibrium

    def ratios(self) -> xr.Dataset:
        """Wages, price index, income, unit cost, composite price; cif trade in million USD."""
        x, p = self.equilibrium.data, self.equilibrium.parameters.data
        value = p.trade * x.px.rename(region="exporter") * x.flow
        home = (p.domestic * x.pd * x.qd).rename(region="exporter")
        same = (value.exporter == value.importer).astype(float)
        return xr.Dataset(
            {
                "w": x.w.sel(factor="LAB", drop=True),
                "P": np.exp((p.share_cpi * np.log(x.pa)).sum("sector")),
                "I": x.income,
                "c": x.py,
                "p": x.pa,
                "trade": value + same * home,
            }
        )

    def real_income(self) -> xr.DataArray:
        """Exact change of real income, %."""
        new = self.ratios()
        return 100.0 * (new.I / new.P - 1.0)


def solve(case: CaliendoParro, method: str = "newton") -> Outcome:
    problem = Problem(calibrate(case.benchmark, case.elasticities), method=method)
    return Outcome(case, problem.solve({"tm": case.tariffs}))


# A random economy of their form against exact hat algebra --------------------------------------------------------


def random_arrays(seed: int, n: int = 4, j: int = 3) -> dict[str, np.ndarray]:
    """A balanced world in the arrays of the file: spending is the fixed point of income and input demand."""
    rng = np.random.default_rng(seed)
    theta = rng.uniform(1.5, 9.0, j)
    before, after = rng.uniform(0.0, 0.4, (2, j, n, n))
    home = np.eye(n, dtype=bool)
    before[:, home] = after[:, home] = 0.0
    share = rng.uniform(0.1, 1.0, (j, n, n)) + n * home
    share[-1] = home  # the last good is not traded
    share[0, 1, 1] = 0.0  # and one region buys the first good abroad only
    share /= share.sum(2, keepdims=True)
    alpha = rng.dirichlet(np.ones(j), n).T  # [good, region]
    gamma = rng.dirichlet(np.full(j + 1, 2.0), (n, j)).transpose(0, 2, 1)  # [region, input, industry]; last: labour
    gamma[2, 0, 1], gamma[2, 1, 1] = -0.01, gamma[2, 1, 1] + gamma[2, 0, 1] + 0.01  # a by-product
    sold = share / (1.0 + before)  # [good, buyer, seller]

    def spending(x: np.ndarray) -> np.ndarray:
        output = np.einsum("jni,jn->ji", sold, x)
        revenue = np.einsum("jni,jni,jn->n", before, sold, x)
        income = np.einsum("nj,jn->n", gamma[:, j, :], output) + revenue
        return alpha * income + np.einsum("nkj,jn->kn", gamma[:, :j, :], output)

    basis = np.eye(j * n).reshape(-1, j, n)
    matrix = np.stack([spending(unit).ravel() for unit in basis], axis=1)
    values, vectors = np.linalg.eig(matrix)
    x = np.abs(np.real(vectors[:, np.argmin(abs(values - 1.0))])).reshape(j, n)
    x *= 1e9 / x.sum()
    trade = sold * x[:, :, None]
    output = trade.sum(1)
    return {
        "trade_cif_jni": trade,
        "tariff0_jni": before,
        "tariff1_jni": after,
        "interm_nkj": gamma[:, :j, :] * output.T[:, None, :],
        "va_jn": gamma[:, j, :].T * output,
        "final_kn": x - np.einsum("nkj,jn->kn", gamma[:, :j, :], output),
        "theta_j": theta,
        "regions": np.array([f"r{k}" for k in range(n)]),
    }


def hat_algebra(raw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Their equilibrium in changes (equations 10 to 14), wages found by a general root finder."""
    trade, before, after = raw["trade_cif_jni"], raw["tariff0_jni"], raw["tariff1_jni"]
    output, va, theta = trade.sum(1), raw["va_jn"], raw["theta_j"]
    gamma, labour = raw["interm_nkj"] / output.T[:, None, :], va / output
    alpha = raw["final_kn"] / raw["final_kn"].sum(0)
    paid = trade * (1.0 + before)
    share = paid / paid.sum(2, keepdims=True)
    kappa, power = (1.0 + after) / (1.0 + before), -theta[:, None]
    j, n = output.shape

    def prices(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = np.ones((j, n))
        for _ in range(500):
            c = np.exp(labour * np.log(w) + np.einsum("nkj,kn->jn", gamma, np.log(p)))
            p = (share * (c[:, None, :] * kappa) ** power[:, :, None]).sum(2) ** (1.0 / power)
        return c, p

    def outcome(w: np.ndarray) -> dict[str, np.ndarray]:
        c, p = prices(w)
        sold = share * (c[:, None, :] * kappa / p[:, :, None]) ** power[:, :, None] / (1.0 + after)
        x = raw["final_kn"] + raw["interm_nkj"].sum(2).T
        for _ in range(2000):
            y = np.einsum("jni,jn->ji", sold, x)
            income = va.sum(0) * w + np.einsum("jni,jni,jn->n", after, sold, x)
            x = alpha * income + np.einsum("nkj,jn->kn", gamma, y)
        base = va.sum(0) + (trade * before).sum((0, 2))
        P = np.exp((alpha * np.log(p)).sum(0))
        return {"w": w, "P": P, "I": income / base, "c": c, "p": p, "trade": sold * x[:, :, None], "y": y}

    def excess(free: np.ndarray) -> np.ndarray:
        w = np.append(free, (va.sum() - va.sum(0)[:-1] @ free) / va.sum(0)[-1])  # world value added is the numeraire
        return ((labour * outcome(w)["y"]).sum(0) / (va.sum(0) * w) - 1.0)[:-1]

    free = root(excess, np.ones(n - 1), tol=1e-12).x
    return outcome(np.append(free, (va.sum() - va.sum(0)[:-1] @ free) / va.sum(0)[-1]))


def read(raw: Mapping[str, np.ndarray], folder: Path) -> CaliendoParro:
    np.savez(folder / "small.npz", **raw)
    return read_caliendo_parro(folder / "small.npz")


@pytest.mark.parametrize("method", ["newton", "ipopt"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hat_algebra(seed: int, method: str, tmp_path: Path) -> None:
    raw = random_arrays(seed)
    truth, new = hat_algebra(raw), solve(read(raw, tmp_path), method).ratios()
    for name, text in {"w": "wages", "P": "price index", "I": "income"}.items():
        record(f"random economies, {text} against exact hat algebra", truth[name], new[name], 1e-8, SOURCE)
    for name, text in {"c": "unit costs", "p": "composite prices"}.items():
        record(f"random economies, {text} against exact hat algebra", truth[name].T, new[name], 1e-8, SOURCE)
    trade = truth["trade"].transpose(2, 1, 0) / 1e6
    record("random economies, trade against exact hat algebra, million USD of 1000", trade, new.trade, 1e-6, SOURCE)


def test_a_file_that_is_something_else_is_told(tmp_path: Path) -> None:
    raw = random_arrays(1)
    with pytest.raises(DataError, match="va_jn is missing"):
        read({name: array for name, array in raw.items() if name != "va_jn"}, tmp_path)
    with pytest.raises(DataError, match="va_jn has the shape"):
        read(dict(raw, va_jn=raw["va_jn"].T), tmp_path)
    with pytest.raises(DataError, match="taxes home sales in sector 0"):
        read(dict(raw, tariff0_jni=raw["tariff0_jni"] + 0.1), tmp_path)


# The published economy -------------------------------------------------------------------------------------------

PARTNERS = ("MEX", "CAN", "USA")
EXACT = {"MEX": 0.00732, "CAN": -0.1101, "USA": 0.07415}
FORMULA = {"MEX": (1.3121, -0.4118, 1.7239), "CAN": (-0.0638, -0.1081, 0.0443), "USA": (0.0848, 0.0435, 0.0412)}
REAL_WAGE = {"MEX": 1.7153, "CAN": 0.3228, "USA": 0.1124}
IMPORTS = {"MEX": 118.28, "CAN": 11.11, "USA": 40.52}


@cache
def nafta() -> Outcome:
    return solve(read_caliendo_parro(FILE))


def table(name: str, case: CaliendoParro) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name).set_index(pd.Index(case.benchmark.regions))


@pytest.mark.slow
@published
def test_real_income() -> None:
    got = nafta()
    real, gain = got.real_income(), ev(got.equilibrium.parameters, got.equilibrium.data)
    income = got.equilibrium.parameters.data.income0
    for region, expected in EXACT.items():
        record(f"{region}, exact real income, %", expected, real.sel(region=region), 1e-5, SOURCE)
    record("EV is the exact real income, 31 regions, % of income", real, 100.0 * gain / income, 1e-9, SOURCE)


@pytest.mark.slow
@published
def test_formula_and_real_wage() -> None:
    got = nafta()
    new, parameters = got.ratios(), got.equilibrium.parameters
    formula = first_order(parameters, benchmark_point(parameters), got.equilibrium.data)
    names = {"total": "total_pct", "terms of trade": "terms_of_trade_pct", "volume": "volume_of_trade_pct"}
    for region in PARTNERS:
        for (text, column), expected in zip(names.items(), FORMULA[region], strict=True):
            record(f"{region}, published formula, {text}, %", expected, formula.loc[region, column], 5.1e-5, SOURCE)
        wage = 100.0 * float((new.w / new.P).sel(region=region) - 1.0)
        record(f"{region}, real wage, %", REAL_WAGE[region], wage, 5.1e-5, SOURCE)


@pytest.mark.slow
@published
def test_trade_growth() -> None:
    got = nafta()
    partners = list(PARTNERS)
    trade = got.ratios().trade.sel(exporter=partners).sum("sector")
    base = got.case.benchmark.data.trade.sel(exporter=partners).sum("sector")
    for region, expected in IMPORTS.items():
        others = [name for name in partners if name != region]
        new, old = (t.sel(importer=region, exporter=others).sum() for t in (trade, base))
        record(f"{region}, imports from NAFTA, %", expected, 100.0 * (new / old - 1.0), 5.1e-3, SOURCE)


@pytest.mark.slow
@published
def test_every_number_of_the_solution() -> None:
    got = nafta()
    new, theirs = got.ratios(), got.case.solution
    texts = {"w": "wages", "P": "price index", "I": "income", "c": "unit costs", "p": "composite prices"}
    for name, text in texts.items():
        record(f"{text}, {theirs[name].size} numbers", theirs[name], new[name], 1e-5, SOURCE, relative=True)
    flows = theirs.trade.values > 0.0
    text = f"bilateral trade, {flows.sum()} flows"
    record(text, theirs.trade.values[flows], new.trade.transpose(*theirs.trade.dims).values[flows], 1e-5, SOURCE,
           relative=True)  # fmt: skip
    record("trade where they have none, million USD", 0.0, new.trade.transpose(*theirs.trade.dims).values[~flows],
           1e-9, SOURCE)  # fmt: skip
    zero = table("welfare_zero_deficits.csv", got.case)
    formula = first_order(got.equilibrium.parameters, benchmark_point(got.equilibrium.parameters), got.equilibrium.data)
    wage = 100.0 * (new.w / new.P - 1.0)
    record("exact real income, 31 regions, %", zero.real_income_exact, got.real_income(), 1e-5, SOURCE)
    record("real wage, 31 regions, %", zero.realwage, wage, 1e-5, SOURCE)
    record("published formula, terms of trade, 31 regions, %", zero.tot, formula.terms_of_trade_pct, 1e-5, SOURCE)
    record("published formula, volume of trade, 31 regions, %", zero.vot, formula.volume_of_trade_pct, 1e-5, SOURCE)


@pytest.mark.slow
@published
def test_certificate() -> None:
    proof = nafta().equilibrium.proof
    record("residual at the benchmark, before any iteration", 0.0, proof.benchmark_residual, 1e-9, "exact")
    record("residual that IPOPT certifies", 0.0, proof.max_residual, 1e-9, "exact")
    record("Walras: the dropped balance, share of world income", 0.0, proof.walras, 1e-9, "exact")
    assert proof.ipopt_status == 0
