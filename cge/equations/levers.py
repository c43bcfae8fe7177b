"""Levers: an outcome is held at a target, and an instrument is freed and moved in a pattern to reach it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import Any

from cge.symbols import MOVABLE, SYMBOLS, UNIT_CHARGES

from .demand import GOVERNMENT, HOUSEHOLD, INVESTMENT
from .income import (
    export_tax_base,
    factor_tax_base,
    final_tax_base,
    input_tax_base,
    output_tax_base,
    tariff_base,
)
from .registry import equation
from .trade import cif_price, fob_price, shipped

PROCEEDS = "proceeds"
"""The outcome that a lever's own instrument yields, on top of what its set level yields."""


@dataclass(frozen=True)
class Outcome:
    """Something that a lever may hold: a sum over cells, with benchmark weights.

    Attributes:
        dims: axes over which it is summed.
        weight: parameter that holds what a cell weighs.
        body: value of a cell, over the benchmark.
        unit: of the weighted sum; "" if only its change means anything.
        description: in words.
        nominal: it doubles when all prices double, so it is measured in units of the world factor price.
    """

    dims: tuple[str, ...]
    weight: str
    body: Callable[..., Any]
    unit: str
    description: str
    nominal: bool = False


_FLOW = ("exporter", "importer", "sector")
_MUSD = "million USD"

OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "tariff_revenue": Outcome(
            ("region",), "income0", lambda m, r: m.tariffs[r], _MUSD, "tariff revenue", nominal=True
        ),
        "export_tax_revenue": Outcome(
            ("region",), "income0", lambda m, r: m.export_taxes[r], _MUSD, "export tax revenue", nominal=True
        ),
        "output_tax_revenue": Outcome(
            ("region",), "income0", lambda m, r: m.output_taxes[r], _MUSD, "output tax revenue", nominal=True
        ),
        "direct_tax_revenue": Outcome(
            ("region",), "income0", lambda m, r: m.direct_taxes[r], _MUSD, "direct tax revenue", nominal=True
        ),
        "income": Outcome(("region",), "income0", lambda m, r: m.income[r], _MUSD, "regional income", nominal=True),
        "trade_balance": Outcome(
            ("region",),
            "income0",
            lambda m, r: -m.sf[r] - m.transfers0[r],
            _MUSD,
            "exports less imports, at world factor prices",
        ),
        "real_exchange_rate": Outcome(
            ("region",),
            "income0",
            lambda m, r: m.cpi[r],
            "",
            "consumer prices over the world factor price index; a fall is a depreciation",
            nominal=True,
        ),
        "real_wage": Outcome(("region", "factor"), "endowment", lambda m, r, f: m.rw[r, f], "", "real factor reward"),
        "output": Outcome(("region", "sector"), "output", lambda m, r, s: m.y[r, s], _MUSD, "output, volume"),
        "producer_price": Outcome(
            ("region", "sector"), "output", lambda m, r, s: m.py[r, s], "", "basic price of output", nominal=True
        ),
        "employment": Outcome(
            ("region", "factor", "sector"),
            "factor_use",
            lambda m, r, f, s: m.qf[r, f, s],
            _MUSD,
            "factors employed, at benchmark rewards",
        ),
        "consumption": Outcome(
            ("region", "sector"), "private", lambda m, r, s: m.c[r, s], _MUSD, "household consumption, volume"
        ),
        "government": Outcome(("region",), "government", lambda m, r: m.g[r], _MUSD, "government consumption, volume"),
        "investment": Outcome(("region",), "investment", lambda m, r: m.inv[r], _MUSD, "investment, volume"),
        "emissions": Outcome(
            ("region", "sector"), "emissions0", lambda m, r, s: m.y[r, s], "kt CO2", "CO2 of industries"
        ),
        "trade_volume": Outcome(
            _FLOW, "trade", lambda m, i, r, s: m.flow[i, r, s], _MUSD, "trade between regions, volume on arrival"
        ),
        "trade_value": Outcome(
            _FLOW,
            "fob0",
            lambda m, i, r, s: fob_price(m, i, r, s) * shipped(m, i, r, s),
            _MUSD,
            "trade between regions at fob prices, with export tax and rent",
            nominal=True,
        ),
    }
)
"""What a lever may hold, besides the proceeds of its own instrument."""

TAX_BASES: Mapping[str, tuple[str, Callable[..., Any]]] = MappingProxyType(
    {
        "tm": ("duty_paid", tariff_base),
        "te": ("trade", export_tax_base),
        "to": ("output", output_tax_base),
        "tf": ("factor_use", factor_tax_base),
        "ti": ("input_use", input_tax_base),
        "td": ("income0", lambda m, r: m.factor_earnings[r]),
        "lumpsum": ("income0", lambda m, r: m.cpi[r]),
    }
)
"""Instruments that yield revenue, besides taxes on final demand: the benchmark base, and the base over it."""


@equation("outcome", defines=True)
def held_outcome(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Outcome that is held: a weighted sum of a real outcome x, of a nominal one X, or the lever's proceeds.

    .. math:: Z_l = \sum_c h_{lc} x_c + \frac{1}{P^W} \sum_c h_{lc} X_c
        + \frac{\ell_l}{P^W} \sum_c a_{lc} h_{lc} B_c

    B is the base of the tax that the lever moves. Index (share of benchmark income for money). A swap holds it.

    Source: Dixon, Parmenter, Sutton and Vincent (1982), "ORANI: a multisectoral model of the Australian economy" (swaps
    of exogenous and endogenous variables).
    """
    real: Any = 0.0
    nominal: Any = 0.0
    for name, outcome in OUTCOMES.items():
        weight = getattr(m, "hold_" + name)
        part = m.total(outcome.dims, lambda *c, w=weight: w[(k, *c)], lambda *c, body=outcome.body: body(m, *c))
        if outcome.nominal:
            nominal = nominal + part
        else:
            real = real + part
    return m.outcome[k], real + (nominal + m.lever[k] * _base(m, k)) / m.pworld[()]


def _base(m: Any, k: Any) -> Any:
    """Base of the tax that a lever moves, in its pattern; zero unless the lever holds its own proceeds."""
    base: Any = 0.0
    for name, (_, body) in TAX_BASES.items():
        weight = getattr(m, "yield_" + name)
        base = base + m.total(SYMBOLS[name].dims, lambda *c, w=weight: w[(k, *c)], lambda *c, body=body: body(m, *c))
    for agent in (HOUSEHOLD, GOVERNMENT, INVESTMENT):
        base = base + m.total(
            ("region", "sector"),
            lambda r, s, a=agent: m.yield_tc[k, r, s, a],
            lambda r, s, a=agent: final_tax_base(m, r, s, a),
        )
    return base


_CHARGED: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "tm_unit": cif_price,
        "te_unit": lambda m, i, r, s: m.px[i, s],
        "to_unit": lambda m, r, s: m.py[r, s],
    }
)
"""Prices that charges on a unit fall on, over their benchmark values."""


def _moved(name: str) -> Callable[..., tuple[Any, Any]]:
    """The equation of a symbol where levers move it."""
    symbol = SYMBOLS[name]
    charge = UNIT_CHARGES.get(name, "")

    def body(m: Any, *c: Any) -> tuple[Any, Any]:
        pattern = getattr(m, "pattern_" + name)
        moves = m.total(("swap",), lambda k: pattern[(k, *c)], lambda k: m.lever[k])
        if charge:
            there, on_unit = getattr(m, "has_" + charge), getattr(m, charge)
            moves = moves + m.total((), lambda: there[c], lambda: on_unit[c] * m.pworld[()] / _CHARGED[charge](m, *c))
        return getattr(m, name)[c], getattr(m, f"{name}_set")[c] + moves

    axes = [Parameter(axis, Parameter.POSITIONAL_ONLY) for axis in ("m", *symbol.dims)]
    body.__signature__ = Signature(axes)  # type: ignore[attr-defined]  # it takes what it is told to
    body.__name__ = f"moved_{name}"
    per_unit = f" + {SYMBOLS[charge].latex} P^W / p_c" if charge else ""
    also = ", and the charge on a unit over the price p that it falls on" if charge else ""
    body.__doc__ = rf"""Where levers move it, the {symbol.description} is its set level and their moves{also}
    ({symbol.unit}).

    .. math:: {symbol.latex} = \tilde {symbol.latex} + \sum_l a_{{lc}} \ell_l{per_unit}

    Source: Dixon, Parmenter, Sutton and Vincent (1982).
    """
    return body


for _name in MOVABLE:
    equation(_name, where=("moved_" + _name,), defines=True)(_moved(_name))
