"""Swaps: an outcome is held at a target, and an instrument is freed and moved in a pattern to reach it.

What can be held and freed depends on the structure, so its equations are made for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cge.block import Charge, Outcome
from cge.equation import Equation
from cge.notation import Measure, Symbol, symbols
from cge.symbols import FLAG, FLOW

from .demand import GOVERNMENT, HOUSEHOLD, INVESTMENT
from .income import final_tax_base

PROCEEDS = "proceeds"
"""The outcome that a lever's own instrument yields, on top of what its set level yields."""


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
            lambda m, r: m.cpi[r] / m.prices_of_partners[r],
            "",
            "consumer prices over those of its trading partners; a fall is a depreciation",
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
            ("region", "sector"),
            "emissions0",
            lambda m, r, s: m.industry_emissions[r, s],
            "kt CO2",
            "CO2 of industries",
        ),
        "trade_volume": Outcome(
            FLOW, "trade", lambda m, i, r, s: m.flow[i, r, s], _MUSD, "trade between regions, volume on arrival"
        ),
        "trade_value": Outcome(
            FLOW,
            "fob0",
            lambda m, i, r, s: m.fob_price[i, r, s] * m.shipped[i, r, s],
            _MUSD,
            "trade between regions at fob prices, with export tax and rent",
            nominal=True,
        ),
    }
)
"""What a lever may hold, besides the proceeds of its own instrument."""

TAX_BASES: Mapping[str, tuple[str, Callable[..., Any]]] = MappingProxyType(
    {
        "tm": ("duty_paid", lambda m, *c: m.tariff_base[c]),
        "te": ("trade", lambda m, *c: m.export_tax_base[c]),
        "to": ("output", lambda m, *c: m.output_tax_base[c]),
        "tf": ("factor_use", lambda m, *c: m.factor_tax_base[c]),
        "ti": ("input_use", lambda m, *c: m.input_tax_base[c]),
        "td": ("income0", lambda m, r: m.factor_earnings[r]),
        "lumpsum": ("income0", lambda m, r: m.cpi[r]),
    }
)
"""Instruments that yield revenue, besides taxes on final demand: the benchmark base, and the base over it."""

CHARGES = (
    Charge("tm", "tm_unit", lambda m, *c: m.tm_unit[c] * m.pworld[()] / m.cif_price[c]),
    Charge("te", "te_unit", lambda m, i, r, s: m.te_unit[i, r, s] * m.pworld[()] / m.px[i, s]),
    Charge("to", "to_unit", lambda m, r, s: m.to_unit[r, s] * m.pworld[()] / m.py[r, s]),
)
"""Charges on a unit, over the price that they fall on, its benchmark value being one."""

OUTCOME = Symbol("outcome", ("swap",), "share or index", "Z_l", "outcome that is fixed", "variable", 0.0)
LEVER = Symbol(
    "lever", ("swap",), "unit of what it moves", r"\ell_l", "move of the freed instrument", "instrument", 0.0
)


def lever_symbols(movable: Sequence[Symbol]) -> Mapping[str, Symbol]:
    """Symbols of a model with swaps: outcome, lever, and the level around which each freed symbol moves."""
    levels = {
        f"{s.name}_set": Symbol(
            f"{s.name}_set", s.dims, s.unit, rf"\tilde {s.latex}", f"set level of {s.name}", "instrument", s.benchmark,
            f"moved_{s.name}", s.domain,
        )
        for s in movable
    }  # fmt: skip
    return {"outcome": OUTCOME, "lever": LEVER} | levels


def lever_parameters(
    movable: Sequence[Symbol], outcomes: Mapping[str, Outcome], yields: Sequence[Symbol]
) -> Mapping[str, Symbol]:
    """Numbers of a model's swaps: where symbols move and how far, what an outcome weighs, and bases of proceeds."""
    number = Measure("weight")
    rows: list[tuple[object, ...]] = []
    for s in movable:
        letter, _, index = s.latex.rpartition("_")
        index = index.strip("{}")
        rows.append(
            (f"moved_{s.name}", s.dims, FLAG, rf"\mathbb{{1}}[{letter}]_{{{index}}}", "a swap or a charge moves it")
        )
        rows.append(
            (f"pattern_{s.name}", ("swap", *s.dims), number, rf"a[{letter}]_{{l{index}}}", "move for one of a lever")
        )
    for s in yields:
        letter, _, index = s.latex.rpartition("_")
        dims = ("swap", *s.dims)
        rows.append(
            (f"yield_{s.name}", dims, number, rf"h[{letter}]_{{l{index.strip('{}')}}}", "base in a swap's proceeds")
        )
    for k, (name, outcome) in enumerate(outcomes.items()):
        rows.append((f"hold_{name}", ("swap", *outcome.dims), number, rf"h^{{{k}}}", f"weight: {outcome.description}"))
    return symbols("parameter", *rows)


def held_outcome(
    outcomes: Mapping[str, Outcome], tax_bases: Mapping[str, tuple[str, Callable[..., Any]]], dims: Mapping[str, Symbol]
) -> Equation:
    """The equation of what swaps hold.

    Args:
        outcomes, tax_bases: of the structure.
        dims: the taxes' symbols.
    """

    def held_outcome(m: Any, k: Any) -> tuple[Any, Any]:
        r"""Outcome that is held: a weighted sum of a real outcome, of a nominal one, or the lever's proceeds.

        Index (share of benchmark income for money). Proceeds are the base of the tax that the lever moves, times its
        move. A swap holds it.

        Source: Dixon, Parmenter, Sutton and Vincent (1982), "ORANI: a multisectoral model of the Australian economy"
        (swaps of exogenous and endogenous variables).
        """
        real: Any = 0.0
        nominal: Any = 0.0
        for name, outcome in outcomes.items():
            weight = getattr(m, "hold_" + name)
            part = m.total(outcome.dims, lambda *c, w=weight: w[(k, *c)], lambda *c, body=outcome.body: body(m, *c))
            if outcome.nominal:
                nominal = nominal + part
            else:
                real = real + part
        return m.outcome[k], real + (nominal + m.lever[k] * base(m, k)) / m.pworld[()]

    def base(m: Any, k: Any) -> Any:
        """Base of the tax that a lever moves, in its pattern; zero unless the lever holds its own proceeds."""
        result: Any = 0.0
        for name, (_, body) in tax_bases.items():
            weight = getattr(m, "yield_" + name)
            result = result + m.total(
                dims[name].dims, lambda *c, w=weight: w[(k, *c)], lambda *c, body=body: body(m, *c)
            )
        for agent in (HOUSEHOLD, GOVERNMENT, INVESTMENT):
            result = result + m.total(
                ("region", "sector"),
                lambda r, s, a=agent: m.yield_tc[k, r, s, a],
                lambda r, s, a=agent: final_tax_base(m, r, s, a),
            )
        return result

    return Equation("held_outcome", held_outcome, OUTCOME, (), defines=True)


def moved(symbol: Symbol, charges: Sequence[Charge]) -> Equation:
    """The equation of a symbol where swaps or charges on a unit move it."""

    def body(m: Any, *c: Any) -> tuple[Any, Any]:
        pattern = getattr(m, "pattern_" + symbol.name)
        moves = m.total(("swap",), lambda k: pattern[(k, *c)], lambda k: m.lever[k])
        for charge in charges:
            there = getattr(m, f"charged_{charge.tax}_{charge.instrument}")
            moves = moves + m.total((), lambda there=there: there[c], lambda rate=charge.rate: rate(m, *c))
        return getattr(m, symbol.name)[c], getattr(m, f"{symbol.name}_set")[c] + moves

    also = ", and the charge on a unit over the price that it falls on" if charges else ""
    body.__name__ = f"moved_{symbol.name}"
    body.__doc__ = f"""Where swaps move it, the {symbol.description} is its set level and their moves{also}
    ({symbol.unit}).

    Source: Dixon, Parmenter, Sutton and Vincent (1982).
    """
    exists = ((symbol.where,) if symbol.where else ()) + (f"moved_{symbol.name}",)
    return Equation(body.__name__, body, symbol, exists, defines=True)
