"""Every axis, variable, instrument and parameter of the model, once.

Each `Symbol` says what a name means: its axes, unit, LaTeX, benchmark value and the parameter whose non-zero
entries say where it exists. Everything else (index sets, start values, the attributes of result files, the
documentation's tables) is read from here.

Variables are **indices relative to the benchmark** (1 there) unless the unit says otherwise, so that residuals
are relative and no equation needs scaling. Money flows of a region are shares of its benchmark income.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["variable", "instrument", "parameter"]

AXES: Mapping[str, str] = MappingProxyType(
    {
        "region": "region of the world, r",
        "exporter": "region in its role as origin of a flow, i",
        "importer": "region in its role as destination of a flow, r",
        "sector": "industry and the good it makes, s",
        "input": "good in its role as intermediate input, g",
        "factor": "primary factor, f",
        "agent": "final demand: C household, G government, I investment",
        "margin": "sector that supplies international transport margins, m",
        "owner": "who receives a rent: exporter, importer (firms), treasury (of the importer)",
        "quota": "quantity limit on a group of flows, k",
        "swap": "outcome that is held and instrument that is freed for it, l",
    }
)
"""Axes by name. `exporter` and `importer` carry the labels of `region`; `input` and `margin` those of `sector`."""

LABELS: Mapping[str, str] = MappingProxyType({"exporter": "region", "importer": "region", "input": "sector"})
"""Axes that share another axis's labels."""


@dataclass(frozen=True)
class Symbol:
    """One name of the model.

    Attributes:
        name: identifier in equations, result files and scenarios.
        dims: axes in order.
        unit: unit of measurement.
        latex: how the documentation prints it.
        description: meaning in one line.
        kind: variable (an equation determines it), instrument (held at a value by the user) or parameter.
        benchmark: value at the benchmark; a string names the parameter that holds it.
        where: parameter whose non-zero entries say where the symbol exists; empty means everywhere.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    latex: str
    description: str
    kind: Kind
    benchmark: float | str = 1.0
    where: str = ""


R, S, F, M = ("region",), ("sector",), ("factor",), ("margin",)
RS, RF = R + S, R + F
FLOW = ("exporter", "importer", "sector")
RFS = ("region", "factor", "sector")
RGS = ("region", "input", "sector")
RSA = ("region", "sector", "agent")
RSM = ("region", "sector", "margin")
K = ("quota",)

INDEX = "index, benchmark = 1"
SHARE = "share of benchmark regional income"
RATE = "ad valorem rate"
CHARGE = "share of the benchmark price, in units of the world price"


def _table(kind: Kind, *rows: tuple[object, ...]) -> Mapping[str, Symbol]:
    symbols = [
        Symbol(name, dims, unit, latex, description, kind, *rest)  # type: ignore[arg-type]
        for name, dims, unit, latex, description, *rest in rows
    ]
    return MappingProxyType({symbol.name: symbol for symbol in symbols})


VARIABLES = _table(
    "variable",
    # prices
    ("py", RS, INDEX, "p^Y_{rs}", "basic price of output, what a seller receives", 1.0, "output"),
    ("pd", RS, INDEX, "p^D_{rs}", "basic price of output sold at home", 1.0, "domestic"),
    ("px", RS, INDEX, "p^X_{rs}", "basic price of output sold abroad", 1.0, "exports"),
    ("pt", M, INDEX, "p^T_m", "price of a world transport margin", 1.0, "margin_total"),
    ("pms", FLOW, INDEX, "p^{MS}_{irs}", "duty-paid price of imports by origin", 1.0, "duty_paid"),
    ("pm", RS, INDEX, "p^M_{rs}", "price of the import composite", 1.0, "imports"),
    ("pa", RS, INDEX, "p^A_{rs}", "price of the Armington composite", 1.0, "absorption"),
    ("pn", RS, INDEX, "p^N_{rs}", "price of the intermediate bundle", 1.0, "input_cost"),
    ("pva", RS, INDEX, "p^{VA}_{rs}", "price of value added at users' prices", 1.0, "factor_cost"),
    ("pf", RFS, INDEX, "p^F_{rfs}", "reward of a factor in an industry", 1.0, "factor_use"),
    ("w", RF, INDEX, "w_{rf}", "average reward of a factor", 1.0, "endowment"),
    ("rw", RF, INDEX, "w_{rf}/P_r", "real reward of a factor, net of direct tax", 1.0, "endowment"),
    ("pg", R, INDEX, "p^G_r", "price of government consumption", 1.0, "government"),
    ("pinv", R, INDEX, "p^I_r", "price of investment", 1.0, "investment"),
    ("premium", K, RATE, r"\pi_k", "quota premium on the fob value", "premium0"),
    ("rent", ("owner", *FLOW), RATE, r"\varrho_{oirs}", "rent premium on the fob value, by owner", "rent0", "rentable"),
    ("rho", FLOW, RATE, r"\varrho_{irs}", "rent premium on the fob value", "rho0", "rentable"),
    ("cpi", R, INDEX, "P_r", "consumer price index, benchmark weights (Laspeyres)"),
    ("pworld", (), INDEX, "P^W", "world factor price index, benchmark weights"),
    # quantities
    ("y", RS, INDEX, "Y_{rs}", "output of an industry", 1.0, "output"),
    ("qd", RS, INDEX, "D_{rs}", "own output bought at home", 1.0, "domestic"),
    ("qx", RS, INDEX, "X_{rs}", "own output bought abroad", 1.0, "exports"),
    ("qm", RS, INDEX, "M_{rs}", "import composite", 1.0, "imports"),
    ("qa", RS, INDEX, "A_{rs}", "Armington composite", 1.0, "absorption"),
    ("flow", FLOW, INDEX, "M_{irs}", "imports by origin, volume on arrival", 1.0, "duty_paid"),
    ("qf", RFS, INDEX, "F_{rfs}", "factor employed in an industry", 1.0, "factor_use"),
    ("qt", M, INDEX, "T_m", "world transport margin", 1.0, "margin_total"),
    ("volume", K, INDEX, "Q_k", "imports under a quantity limit, benchmark weights"),
    ("c", RS, INDEX, "C_{rs}", "household consumption of a good", 1.0, "private"),
    ("g", R, INDEX, "G_r", "government consumption", 1.0, "government"),
    ("inv", R, INDEX, "I_r", "investment", 1.0, "investment"),
    ("v", R, INDEX, "v_r", "supernumerary income, above the cost of subsistence"),
    # money
    ("income", R, SHARE, "E_r", "regional income", 1.0),
    ("factor_earnings", R, SHARE, "E^F_r", "factor income net of factor taxes", "factor_earnings0"),
    ("tariffs", R, SHARE, "R^M_r", "tariff revenue", "tariffs0"),
    ("export_taxes", R, SHARE, "R^X_r", "export tax revenue", "export_taxes0"),
    ("output_taxes", R, SHARE, "R^Y_r", "output tax revenue", "output_taxes0"),
    ("factor_taxes", R, SHARE, "R^F_r", "factor tax revenue", "factor_taxes0"),
    ("input_taxes", R, SHARE, "R^N_r", "revenue of taxes on intermediates", "input_taxes0"),
    ("final_taxes", R, SHARE, "R^C_r", "revenue of taxes on final demand", "final_taxes0"),
    ("direct_taxes", R, SHARE, "R^D_r", "direct tax revenue", "direct_taxes0"),
    ("rent_abroad", R, SHARE, "Q^X_r", "quota rents earned as exporter", "rent_abroad0"),
    ("rent_home", R, SHARE, "Q^M_r", "quota rents earned by importing firms", "rent_home0"),
    ("rent_treasury", R, SHARE, "Q^T_r", "quota rents earned by the treasury", "rent_treasury0"),
    ("saving", R, SHARE, "S_r", "national saving", "saving0"),
    ("gap", R, INDEX, r"\rho_r/\rho", "expected return to capital over the world's", 1.0, "investment"),
    ("lending", (), "share of world income", "B", "foreign saving of all regions; zero", 0.0),
    ("walras", (), "share of world income", r"\Omega", "slack of the redundant balance; zero", 0.0),
)
"""Variables: each is paired with one equation, or held by the closure."""

INSTRUMENTS = _table(
    "instrument",
    ("tm", FLOW, RATE, "t^M_{irs}", "import tariff on the cif value", "tm0", "duty_paid"),
    ("te", FLOW, RATE, "t^X_{irs}", "export tax on the basic value", "te0", "duty_paid"),
    (
        "ntm",
        ("owner", *FLOW),
        RATE,
        r"\nu_{oirs}",
        "rent premium of a non-tariff measure on the fob value, by owner",
        0.0,
        "duty_paid",
    ),
    ("limit", K, INDEX, r"\bar Q_k", "largest volume under a quantity limit"),
    ("binds", K, "0 or 1", "b_k", "the limit binds: its volume is held", "binds0"),
    ("bound", K, RATE, r"\bar\pi_k", "premium of a limit that does not bind", 0.0),
    ("above", K, "0 or 1", "h_k", "imports exceed the limit and pay the out-of-quota rate", 0.0),
    ("licence", ("quota", "owner"), "share", r"\lambda_{ko}", "owners of the licences", "licence0"),
    ("tau", FLOW, "index", r"\tau_{irs}", "iceberg cost: shipped per arrived", 1.0, "duty_paid"),
    ("tm_unit", FLOW, CHARGE, "c^M_{irs}", "charge on a unit of imports", 0.0, "duty_paid"),
    ("te_unit", FLOW, CHARGE, "c^X_{irs}", "charge on a unit of exports", 0.0, "duty_paid"),
    ("to_unit", RS, CHARGE, "c^Y_{rs}", "charge on a unit of output", 0.0, "output"),
    ("to", RS, RATE, "t^Y_{rs}", "output tax on the basic price", "to0", "output"),
    ("tf", RFS, RATE, "t^F_{rfs}", "factor tax", "tf0", "factor_use"),
    ("ti", RGS, RATE, "t^N_{rgs}", "tax on an intermediate input", "ti0", "input_use"),
    ("tc", RSA, RATE, "t^C_{rsa}", "tax on final demand", "tc0", "final_use"),
    ("td", R, RATE, "t^D_r", "direct tax on factor income", "td0"),
    ("lumpsum", R, SHARE + ", in consumer prices", "T_r", "lump-sum tax on the household", 0.0),
    ("endow", RF, INDEX, r"\bar F_{rf}", "factor endowment", 1.0, "endowment"),
    ("tfp", RS, INDEX, "a_{rs}", "total factor productivity", 1.0, "output"),
    ("sg", R, SHARE + ", in consumer prices", "S^G_r", "government saving", "sg0"),
    ("rorg", (), INDEX, r"\rho", "world expected rate of return"),
    ("sf", R, SHARE + ", in units of the world price", "B_r", "foreign saving", "sf0"),
)
"""Instruments: exogenous, held at a value; a closure may free one and hold a variable in its place."""

PARAMETERS = _table(
    "parameter",
    # benchmark values, which also say where things exist
    ("income0", R, "million USD", "E^0_r", "benchmark regional income"),
    ("output", RS, "million USD", "", "output at basic prices"),
    ("domestic", RS, "million USD", "", "output sold at home"),
    ("exports", RS, "million USD", "", "output sold abroad, margins included"),
    ("trade", FLOW, "million USD", "", "trade at basic prices"),
    ("duty_paid", FLOW, "million USD", "", "imports at duty-paid prices"),
    ("imports", RS, "million USD", "", "imports of all origins, duty paid"),
    ("absorption", RS, "million USD", "", "home and imported goods at market prices"),
    ("input_cost", RS, "million USD", "", "intermediates at users' prices"),
    ("factor_cost", RS, "million USD", "", "value added at users' prices"),
    ("factor_use", RFS, "million USD", "", "factor income by industry"),
    ("endowment", RF, "million USD", "", "factor income"),
    ("input_use", RGS, "million USD", "", "intermediates at market prices"),
    ("final_use", RSA, "million USD", "", "final demand at market prices"),
    ("private", RS, "million USD", "", "household consumption at users' prices"),
    ("government", R, "million USD", "", "government consumption at users' prices"),
    ("investment", R, "million USD", "", "investment at users' prices"),
    ("margin_total", M, "million USD", "", "transport margins"),
    ("emissions0", RS, "kt CO2", "", "CO2 of an industry"),
    ("household_emissions0", R, "kt CO2", "", "CO2 of households"),
    ("rent_share", ("owner", *FLOW), "share", "", "benchmark owners of the rent of a flow"),
    ("member", (*K, *FLOW), "0 or 1", "m_{kirs}", "the flow is under the limit"),
    ("quota_weight", (*K, *FLOW), "share", r"\theta^Q_{kirs}", "flow in the benchmark volume under the limit"),
    ("premium0", K, RATE, "", "benchmark quota premium"),
    ("binds0", K, "0 or 1", "", "the limit binds at the benchmark"),
    ("licence0", ("quota", "owner"), "share", "", "benchmark owners of the licences"),
    ("rent0", ("owner", *FLOW), RATE, "", "benchmark rent premium, by owner"),
    ("invests", R, "0 or 1", "", "foreign saving pays for investment; elsewhere it is income"),
    ("is_treasury", ("owner",), "0 or 1", "", "the owner is the importer's treasury"),
    ("every_owner", ("owner",), "0 or 1", "", "one for each owner"),
    # benchmark rates and money shares
    ("tm0", FLOW, RATE, "", "benchmark tariff, all layers"),
    ("te0", FLOW, RATE, "", "benchmark export tax"),
    ("rho0", FLOW, RATE, "", "benchmark rent premium"),
    ("to0", RS, RATE, "", "benchmark output tax"),
    ("tf0", RFS, RATE, "", "benchmark factor tax"),
    ("ti0", RGS, RATE, "", "benchmark tax on intermediates"),
    ("tc0", RSA, RATE, "", "benchmark tax on final demand"),
    ("td0", R, RATE, "", "benchmark direct tax"),
    ("sg0", R, SHARE, "", "benchmark government saving"),
    ("sf0", R, SHARE, "", "benchmark foreign saving"),
    ("transfers0", R, SHARE + ", in units of the world price", r"\bar N_r", "net transfers from other regions"),
    ("factor_earnings0", R, SHARE, "", "benchmark factor income"),
    ("tariffs0", R, SHARE, "", "benchmark tariff revenue"),
    ("export_taxes0", R, SHARE, "", "benchmark export tax revenue"),
    ("output_taxes0", R, SHARE, "", "benchmark output tax revenue"),
    ("factor_taxes0", R, SHARE, "", "benchmark factor tax revenue"),
    ("input_taxes0", R, SHARE, "", "benchmark revenue of taxes on intermediates"),
    ("final_taxes0", R, SHARE, "", "benchmark revenue of taxes on final demand"),
    ("direct_taxes0", R, SHARE, "", "benchmark direct tax revenue"),
    ("rent_abroad0", R, SHARE, "", "benchmark rents earned as exporter"),
    ("rent_home0", R, SHARE, "", "benchmark rents earned by importing firms"),
    ("rent_treasury0", R, SHARE, "", "benchmark rents earned by the treasury"),
    ("saving0", R, SHARE, "", "benchmark national saving"),
    # shares of the nests
    ("share_factor", RFS, "share", r"\theta^F_{rfs}", "factor in value added"),
    ("share_input", RGS, "share", r"\theta^N_{rgs}", "input in the intermediate bundle"),
    ("share_va", RS, "share", r"\theta^{VA}_{rs}", "value added in unit cost"),
    ("share_home", RS, "share", r"\theta^D_{rs}", "home good in the composite"),
    ("share_origin", FLOW, "share", r"\theta^M_{irs}", "origin in imports"),
    ("share_fob", FLOW, "share", r"\phi^X_{irs}", "fob value in the cif value"),
    ("share_margin", ("margin", *FLOW), "share", r"\phi^T_{mirs}", "margin in the cif value"),
    ("share_margin_supply", RSM, "share", r"\theta^T_{rsm}", "supplier in a margin"),
    ("share_final", RSA, "share", r"\theta^C_{rsa}", "good in an agent's spending"),
    ("share_cpi", RS, "share", r"\omega_{rs}", "good in household consumption"),
    ("share_world", RF, "share", r"\omega_{rf}", "factor in the world price index"),
    # shares of the markets
    ("sales_home", RS, "share", r"\phi^D_{rs}", "home sales in output"),
    ("sales_flow", FLOW, "share", r"\phi^X_{irs}", "destination in exports"),
    ("sales_margin", RSM, "share", r"\phi^T_{rsm}", "margins in exports"),
    ("use_input", RGS, "share", r"\phi^N_{rgs}", "industry in the use of a good"),
    ("use_final", RSA, "share", r"\phi^C_{rsa}", "agent in the use of a good"),
    ("use_margin", ("margin", *FLOW), "share", r"\phi^T_{mirs}", "flow in the use of a margin"),
    ("employment", RFS, "share", r"\phi^F_{rfs}", "industry in the employment of a factor"),
    ("subsistence", RS, "share", r"\kappa_{rs}", "subsistence in consumption of a good"),
    ("subsistence_cost", RS, SHARE, r"\kappa_{rs} C^0_{rs}", "cost of subsistence"),
    ("super_regional", R, SHARE, "", "supernumerary income of the regional household"),
    ("super_private", R, SHARE, "", "supernumerary income of the private household"),
    ("household_saving0", R, SHARE, "", "benchmark saving of the private household"),
    # elasticities
    ("sigma_top", RS, "elasticity", r"\sigma^T_{rs}", "value added against intermediates"),
    ("sigma_va", RS, "elasticity", r"\sigma^{VA}_{rs}", "among factors"),
    ("sigma_n", RS, "elasticity", r"\sigma^N_{rs}", "among intermediates"),
    ("sigma_d", RS, "elasticity", r"\sigma^D_{rs}", "home good against imports"),
    ("sigma_m", RS, "elasticity", r"\sigma^M_{rs}", "among origins of imports"),
    ("sigma_g", R, "elasticity", r"\sigma^G_r", "among goods of government"),
    ("sigma_i", R, "elasticity", r"\sigma^I_r", "among goods of investment"),
    ("omega", RS, "elasticity", r"\omega_{rs}", "transformation, home against exports; 0 = none"),
    ("eta", RF, "elasticity", r"\eta_{rf}", "transformation of a factor among industries"),
    ("mobile", RF, "0 or 1", "", "the factor moves freely among industries"),
    ("sluggish", RF, "0 or 1", "", "the factor moves at the elasticity of transformation"),
    ("transforms", RS, "0 or 1", "", "finite transformation between home and export sales"),
    ("perfect", RS, "0 or 1", "", "home and export sales are the same good"),
    # capital (used by the global bank)
    ("share_capital", RF, "share", "", "factor in the reward of capital"),
    ("rental", R, "rate", "r_r", "gross rental per unit of capital"),
    ("depreciation", R, "rate", r"\delta_r", "depreciation"),
    ("investment_rate", R, "rate", "", "investment per unit of capital"),
    ("flexibility", R, "elasticity", r"\epsilon_r", "expected return to the capital stock"),
)
"""Parameters: calibrated once from a benchmark, never changed by a solve."""

ELASTICITIES = frozenset(name for name, symbol in PARAMETERS.items() if symbol.unit == "elasticity")
"""Parameters that a user may vary without changing the benchmark that the model replicates."""

SUPPORTS: Mapping[str, Symbol] = _table(
    "parameter",
    *(
        ("has_" + i.name, i.dims, "0 or 1", "", f"the model's structure holds: {i.description}")
        for i in INSTRUMENTS.values()
    ),
)
"""For each instrument, where the structure of a model holds it; elsewhere it is a constant of the benchmark."""

RENTABLE = _table("parameter", ("rentable", FLOW, "0 or 1", "", "the flow is under a limit or a non-tariff measure"))
"""Where a model's structure has rents."""

MOVABLE = (
    "tm", "te", "ntm", "tau", "to", "tf", "ti", "tc", "td", "lumpsum", "endow", "tfp", "sg", "sf", "gap",
    "tm_unit", "te_unit", "to_unit",
)  # fmt: skip
"""Symbols that a lever may move: where it does, they are unknowns around the level that is set."""

UNIT_CHARGES: Mapping[str, str] = MappingProxyType({"tm": "tm_unit", "te": "te_unit", "to": "to_unit"})
"""Taxes that a charge on a unit adds to, and the charge; where a model has one, the tax's rate is unknown."""

_MOVED = tuple({**VARIABLES, **INSTRUMENTS}[name] for name in MOVABLE)

MOVES: Mapping[str, Symbol] = _table(
    "parameter",
    *(("moved_" + s.name, s.dims, "0 or 1", "", f"levers or a charge move it: {s.description}") for s in _MOVED),
)
"""Where levers, or a charge on a unit, move a symbol."""

LEVERS: Mapping[str, Symbol] = MappingProxyType(
    {
        **_table("variable", ("outcome", ("swap",), "share or index", "Z_l", "outcome that is held", 0.0)),
        **_table("instrument", ("lever", ("swap",), "unit of what it moves", r"\ell_l", "move of what is freed", 0.0)),
        **_table(
            "instrument",
            *(
                (
                    f"{s.name}_set",
                    s.dims,
                    s.unit,
                    rf"\tilde {s.latex}",
                    f"set level of {s.name}",
                    s.benchmark,
                    "moved_" + s.name,
                )
                for s in _MOVED
            ),
        ),
    }
)
"""Symbols of a model with levers (`cge.levers`)."""

SYMBOLS: Mapping[str, Symbol] = MappingProxyType(
    {**VARIABLES, **INSTRUMENTS, **PARAMETERS, **SUPPORTS, **RENTABLE, **MOVES, **LEVERS}
)
"""Every symbol by name."""
