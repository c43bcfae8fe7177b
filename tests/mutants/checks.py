"""Cheap identities of a model, each a number that must be nearly zero; together they must see every mutant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import xarray as xr

from cge import accounts, welfare
from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.calibration.update import identities
from cge.closure import CLOSURES
from cge.household import regional_preferences
from cge.model import Model, Values
from cge.parameters import Parameters
from cge.quotas import Quota, flags, limits, with_quotas
from cge.solvers.equilibrium import dataset
from cge.solvers.methods.newton import Newton
from cge.system import System
from tests.economies import elasticities, random_benchmark
from tests.points import EVERY, random_point

TABLE = {"margins": True, "inner_trade": True, "zeros": 0.1}
REGIONS, SECTORS, SEED = 3, 2, 5
HARD, RATE = ("r1", "r0", "s0"), ("r2", "r0", "s1")
"""The flows under a hard quota, licensed to exporters, and under a tariff-rate quota, auctioned."""


@cache
def benchmark(*, rents: bool = True) -> Benchmark:
    """The economy that all checks look at."""
    return random_benchmark(SEED, REGIONS, SECTORS, rents=rents, **TABLE)


def calibrated(table: Benchmark) -> Parameters:
    """Finite transformation in the first sector, Cobb-Douglas among intermediates in the second."""
    drawn = elasticities(table, SEED)
    return calibrate(
        table, drawn.assign(cet=("sector", [2.0, np.inf]), esubn=("sector", [0.4, 1.0]), esubg=0.7, esubi=0.5)
    )


@cache
def parameters() -> Parameters:
    """Parameters with the two quotas."""
    return with_quotas(calibrated(benchmark()), quotas())


def quotas() -> tuple[Quota, ...]:
    """A hard quota that binds, and a tariff-rate quota with more than enters under it."""
    return (
        Quota((HARD,), 0.7, licence={"exporter": 0.5, "importer": 0.3, "treasury": 0.2}),
        Quota((RATE,), 0.3, ceiling=0.1, licence={"importer": 1.0}),
    )


@dataclass(frozen=True)
class Case:
    """The model as it stands when it is made: with a mutant in place, the mutant's.

    Attributes:
        closure: name of what is held.
    """

    closure: str = "standard"

    @cached_property
    def system(self) -> System:
        """Its square system with every instrument everywhere."""
        closure = CLOSURES[self.closure]
        model = Model(parameters(), closure.structure(EVERY))
        return model.system(closure.held(model))

    @cached_property
    def model(self) -> Model:
        """Its model."""
        return self.system.model

    @cached_property
    def solved(self) -> Values:
        """A solution after a shock that touches every instrument, with a quota in each regime."""
        start = self.model.start()
        for number, (name, size) in enumerate(SHOCK.items()):
            rng = np.random.default_rng([SEED, number])  # each its own, so that one of another shape moves no other
            start[name] = start[name] + size * rng.uniform(0.5, 1.0, start[name].shape)
        asked = limits(parameters(), quotas())
        names = parameters().labels["quota"]
        hard, rate = (names.index("-".join(flow)) for flow in (HARD, RATE))
        state = ["slack"] * len(names)
        state[hard], state[rate] = "binding", "above"
        found = Newton(self.system, mend=False).solve({**start, **flags(state, asked)})
        if not found.converged:
            raise ArithmeticError("no solution")
        return found.values

    @cached_property
    def point(self) -> xr.Dataset:
        """The solution with labels."""
        return dataset(self.model, self.solved)

    def sides(self, name: str, values: Values, columns: dict[str, Any] | None = None) -> tuple[Any, Any]:
        """The two sides of an equation where it exists."""
        return self.model.evaluate(self.model.equations[name], values, columns or {})

    def slope(self, name: str, of: str, values: Values) -> np.ndarray:
        """Derivative of an equation's right side in all entries of a symbol [row..., entry]."""
        shape = self.model.benchmark[of].shape
        numbers = np.arange(int(np.prod(shape))).reshape(shape)
        _, right = self.sides(name, values, {of: numbers})
        place = self.model.place(self.model.equations[name])
        result = np.zeros((place.exists.size, numbers.size))
        for row, column, value in right.triplets(place.exists.shape):
            np.add.at(result, (row, column), np.nan_to_num(value))
        full = np.zeros((*self.model.rows(self.model.equations[name]).shape, numbers.size))
        where = np.argwhere(self.model.rows(self.model.equations[name]))
        full[tuple(where.T)] = result[place.exists.ravel()]
        return full


SHOCK = {
    "tm": 0.2, "te": 0.05, "tau": 0.05, "to": 0.03, "tf": 0.1, "ti": 0.05, "tc": 0.1, "ntm": 0.03,
    "endow": 0.1, "tfp": 0.1, "td": 0.05,
}  # fmt: skip


# The checks ------------------------------------------------------------------------------------------------------


def replication(case: Case) -> float:
    """The benchmark solves every equation."""
    return float(np.abs(case.system.residuals(case.model.benchmark)).max())


def homogeneity(case: Case) -> float:
    """Where prices and money double, off equilibrium, each residual doubles or stays."""
    values = random_point(case.model, SEED)
    nominal = {name for name in (*accounts.PRICES, *accounts.MONEY, "pworld", "walras") if name in values}
    doubled = {name: array * 2.0 if name in nominal else array for name, array in values.items()}
    one, two = case.system.residuals(values), case.system.residuals(doubled)
    seen = np.abs(one) > 1e-6
    ratio = two[seen] / one[seen]
    return float(np.minimum(np.abs(ratio - 1.0), np.abs(ratio - 2.0)).max())


def walras(case: Case) -> float:
    """The redundant balance needs no slack at a solution."""
    return abs(float(case.solved["walras"]))


def world_accounts(case: Case) -> float:
    """Accounts that nobody imposed balance at a solution."""
    return float(identities(benchmark(), parameters(), case.point)["relative"].abs().max())


def shephard(case: Case) -> float:
    """The slope of each unit cost in a price is the demand for it."""
    x, p = case.solved, case.model.constants
    gaps = []

    def compare(exists: np.ndarray, slope: np.ndarray, demand: np.ndarray) -> None:
        gaps.append(np.abs(slope - demand)[exists].max(initial=0.0))

    n, k = REGIONS, SECTORS
    r, s = np.ogrid[:n, :k]
    own = r * k + s  # position of [r, s] among the entries of a price
    slope = case.slope("import_price", "pms", x).reshape(n, k, n, n, k)
    for i in range(n):
        found = slope[r, s, i, r, s]
        compare(p["trade"][i] > 0, found, p["share_origin"][i] * x["flow"][i] / x["qm"])
    rows = p["absorption"] > 0
    for price, share, volume in (("pd", p["share_home"], "qd"), ("pm", 1.0 - p["share_home"], "qm")):
        compare(rows, case.slope("composite_price", price, x)[r, s, own], share * x[volume] / x["qa"])
    bent = p["transforms"] > 0
    for price, share, volume in (("pd", p["sales_home"], "qd"), ("px", 1.0 - p["sales_home"], "qx")):
        compare(bent, case.slope("output_revenue", price, x)[r, s, own], share * x[volume] / x["y"])
    user = x["pf"] * (1.0 + x["tf"]) / (1.0 + p["tf0"])
    value_added = (p["share_factor"] * x["qf"] * user).sum(1) / x["pva"]
    compare(
        p["output"] > 0,
        case.slope("zero_profit", "pva", x)[r, s, own],
        p["share_va"] * value_added / (x["y"] / x["tfp"]),
    )
    for f in range(p["factor_use"].shape[1]):
        found = case.slope("value_added_price", "pf", x).reshape(n, k, n, -1, k)[r, s, r, f, s]
        wedge = (1.0 + x["tf"][:, f]) / (1.0 + p["tf0"][:, f])
        compare(p["factor_use"][:, f] > 0, found, p["share_factor"][:, f] * x["qf"][:, f] / value_added * wedge)
    for price, volume, agent in (("government_price", "g", 1), ("investment_price", "inv", 2)):
        wedge = (1.0 + x["tc"][:, :, agent]) / (1.0 + p["tc0"][:, :, agent])
        taken = case.slope("composite_market", volume, x)[r, s, r] / p["use_final"][:, :, agent]
        found = case.slope(price, "pa", x).reshape(n, n, k)[r, r, s]
        compare(rows, found, p["share_final"][:, :, agent] * taken * wedge)
    return float(max(gaps))


def adding_up(case: Case) -> float:
    """What the household spends and saves is its income."""
    x, p = case.solved, case.model.constants
    price = x["pa"] * (1.0 + x["tc"][:, :, 0]) / (1.0 + p["tc0"][:, :, 0])
    spent = (p["private"] * x["c"] * price).sum(1) + p["government"] * x["g"] * x["pg"]
    return float(np.abs(spent / p["income0"] + x["saving"] - x["income"]).max())


def permutation(case: Case) -> float:
    """Regions in another order have the same residuals, off equilibrium, in that order."""
    table = benchmark(rents=False)
    order = list(reversed(table.regions))
    turned = Benchmark(table.data.sel(region=order, exporter=order, importer=order))
    closure = CLOSURES[case.closure]
    here, there = (Model(calibrated(one), closure.structure(EVERY)) for one in (table, turned))
    values = random_point(here, SEED)
    moved = {name: _turned(array, here.symbols[name].dims) for name, array in values.items()}
    systems = [model.system(closure.held(model)) for model in (here, there)]
    one, two = (system.residuals(point) for system, point in zip(systems, (values, moved), strict=True))
    worst = 0.0
    for name, rows in systems[0].rows.items():
        exists, other = rows >= 0, systems[1].rows[name]
        residual = np.zeros(rows.shape)
        residual[exists] = one[rows[exists]]
        turned_residual = _turned(residual, systems[0].model.equations[name].pairs.dims)
        worst = max(worst, float(np.abs(turned_residual[other >= 0] - two[other[other >= 0]]).max(initial=0.0)))
    return worst


def _turned(array: np.ndarray, dims: tuple[str, ...]) -> np.ndarray:
    """An array with its regions in reversed order."""
    return np.flip(array, [k for k, axis in enumerate(dims) if axis in ("region", "exporter", "importer")])


def derivatives(case: Case) -> float:
    """The Jacobian is what differences of residuals say."""
    system = case.system
    values = random_point(case.model, SEED, 0.1)
    x = system.pack(values)
    direction = np.random.default_rng(SEED).uniform(-1.0, 1.0, x.size)
    up, down = (system.residuals(system.unpack(x + step * direction, values)) for step in (1e-6, -1e-6))
    return float(np.abs(system.linearise(values).jacobian @ direction - (up - down) / 2e-6).max())


def money_metric(case: Case) -> float:
    """Utility and expenditure by quantities agree with those by prices; a tariff alone moves no terms of trade."""
    p, x = parameters(), case.point
    wants = regional_preferences(*accounts.numbers(p, accounts.benchmark_point(p)))
    numbers = accounts.deflated(x)
    kept = p.data["subsistence"]
    goods = ((x["c"] - kept) / (1.0 - kept)) ** (wants.goods / wants.supernumerary)
    saved = numbers["saving"] / p.data["saving0"] / numbers["pinv"]
    total = wants.supernumerary
    by_volume = goods.prod("sector") * x["g"] ** (wants.government / total) * saved ** (wants.saving / total)
    gain = welfare.ev(p, x) / p.data["income0"] - total * (by_volume - 1.0)
    spent = welfare.expenditure(p, x, welfare.utility(p, x)) / p.data["income0"] - numbers["income"]
    base = accounts.benchmark_point(p)
    terms = welfare.terms_of_trade(p, base.assign(tm=base["tm"] + 0.2)) - 1.0
    return float(max(np.abs(one.values).max() for one in (gain, spent, terms)))


def golden(case: Case) -> float:
    """Stored numbers of solved cases, taken when every other check held."""
    gaps = []
    for closure, expected in GOLDEN.items():
        found = case if closure == case.closure else Case(closure)
        gaps.append(np.abs(np.concatenate([found.solved[name].ravel()[:6] for name in STORED]) - expected).max())
    return float(max(gaps))


STORED = ("income", "y", "c", "flow", "rw")
GOLDEN = {
    "standard": np.array(
        [
            1.372713713561, 1.345410116015, 1.278746034342, 1.194661938984, 1.167784705215, 1.176555889121,
            1.1569263317, 1.176427581902, 1.144405686344, 1.185230838207, 1.147677857349, 1.186503203423,
            1.117512245352, 1.164575744874, 1.112440945936, 0.817958544947, 0.60037380286, 1.0,
            0.881081319388, 0.988615936093, 0.742584835508, 0.852754945621, 0.863436886559, 0.872157455942,
            0.845064161197, 0.836771314972, 0.850049670606,
        ]
    ),
    "unemployment": np.array(
        [
            1.281323596468, 1.266802064266, 1.224379433336, 1.112321849628, 1.078768058424, 1.112888854519,
            1.089466845649, 1.142420230546, 1.113181259914, 1.118249160158, 1.079943756176, 1.134206324806,
            1.06842093309, 1.140889269888, 1.085507793039, 0.743884499378, 0.526354001608, 1.0,
            0.763386864564, 0.930592579147, 0.642280134242, 1.0, 0.768381498299, 0.659090432747,
            1.0, 0.759167421023, 0.684866632263,
        ]
    ),
}  # fmt: skip
"""By closure: the first numbers of each of these, one after the other."""

CHECKS = {
    "replication": (replication, 1e-9),
    "homogeneity": (homogeneity, 1e-8),
    "Walras": (walras, 1e-9),
    "accounts": (world_accounts, 1e-9),
    "Shephard": (shephard, 1e-9),
    "adding-up": (adding_up, 1e-9),
    "permutation": (permutation, 1e-9),
    "derivatives": (derivatives, 1e-6),
    "welfare": (money_metric, 1e-9),
    "stored numbers": (golden, 1e-8),
}
"""Each check with the largest deviation of a model that is right."""


def seen_by(case: Case | None = None) -> list[str]:
    """Names of the checks that the model as it stands fails; one that cannot be computed is failed."""
    case = case or Case()
    failed = []
    for name, (check, tolerance) in CHECKS.items():
        try:
            deviation = check(case)
        except (ArithmeticError, ValueError):
            deviation = np.inf
        if not deviation <= tolerance:
            failed.append(name)
    return failed
