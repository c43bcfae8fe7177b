"""Equilibrium: a certified solution and its proof. No such object exists without convergence."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from cge.accounts import described
from cge.model import Model, Values
from cge.parameters import Parameters
from cge.shown import card, line


@dataclass(frozen=True)
class Regime:
    """What a quota does at a solution.

    Attributes:
        name: of the limit.
        flows: exporter, importer and sector of each flow under it.
        regime: "slack" (premium at its floor), "binding" (volume at the limit) or "above" (premium at its ceiling:
            what exceeds the limit pays the out-of-quota rate).
        premium: ad valorem premium on the fob value.
        fill: imports over the limit; zero for an infinite limit.
    """

    name: str
    flows: tuple[tuple[str, str, str], ...]
    regime: str
    premium: float
    fill: float


@dataclass(frozen=True)
class Move:
    """What a swap does at a solution.

    Attributes:
        name: of the swap.
        unit: of the outcome; "" for an index.
        base, now: the outcome in the benchmark and at the solution, in its unit.
        lever: move of a cell of weight one of the freed instrument around its set level.
    """

    name: str
    unit: str
    base: float
    now: float
    lever: float


@dataclass(frozen=True)
class Proof:
    """Why a solution can be believed.

    Attributes:
        benchmark_residual: largest residual at the benchmark, before any iteration.
        max_residual: largest residual of the Pyomo model at the solution.
        walras: slack of the redundant balance, share of world income.
        identities: largest deviation of any account after the shock, share of its turnover (`cge.identities`).
        ipopt_status: IPOPT's return code; 0 is success.
        ipopt_iterations: iterations that IPOPT took; 0 means that it accepted the point as given.
        ipopt_version: of IPOPT.
        method: how the point was found: "newton", "logarithms" (Newton in logarithms), "path" (along a path of
            shocks) or "ipopt", or several with a plus; "tightening" where quotas closed bit by bit.
        iterations: steps of that method.
        quotas: largest violation of any inequality of any quota.
        benchmark_sha256: fingerprint of the benchmark.
        parameters_sha256: fingerprint of all parameters, elasticities included.
        seconds: by stage.
    """

    benchmark_residual: float
    max_residual: float
    walras: float
    identities: float
    ipopt_status: int
    ipopt_iterations: int
    ipopt_version: str
    method: str
    iterations: int
    quotas: float
    benchmark_sha256: str
    parameters_sha256: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class Equilibrium:
    """A certified solution.

    Attributes:
        parameters: what it was computed from.
        data: every variable and instrument of the model with its labels; unit and description in the attributes.
            Entries that do not exist hold their benchmark value.
        quotas: regime of every quota.
        proof: why it can be believed.
        swaps: what was held and how far the freed instrument moved, of every swap.
    """

    parameters: Parameters
    data: xr.Dataset
    quotas: tuple[Regime, ...]
    proof: Proof
    swaps: tuple[Move, ...] = ()

    def __repr__(self) -> str:
        return line("Equilibrium", self._facts)

    def _repr_html_(self) -> str:
        return card("Equilibrium", self._facts, note="data has every variable with its unit; proof why to believe it")

    @property
    def _facts(self) -> dict[str, object]:
        proof = self.proof
        told = {"largest residual": proof.max_residual, "Walras": proof.walras, "accounts": proof.identities}
        return {"variables": len(self.data), **{name: f"{value:.1e}" for name, value in told.items()}}


def dataset(model: Model, values: Values) -> xr.Dataset:
    """A point as labelled data."""
    labels = model.axis_labels
    arrays = {
        name: (symbol.dims, values[name], {"unit": symbol.unit, "description": symbol.description, "kind": symbol.kind})
        for name, symbol in model.symbols.items()
    }
    used = {axis for symbol in model.symbols.values() for axis in symbol.dims}
    coords = {axis: labels[axis] for axis in labels if axis in used}
    return xr.Dataset(arrays, coords=coords, attrs=described(model.structure))


@dataclass(frozen=True)
class Found:
    """A point with the regimes of its quotas, and how it was found."""

    values: Values
    quotas: tuple[Regime, ...]
    method: str
    iterations: int
    broken: float
