"""Every variable, instrument and parameter of the base structure, once; a block brings its own (`cge.block`).

Each `Symbol` says what a name means: its axes, unit, domain, letter, benchmark value and the parameter whose non-zero
entries say where it exists. Everything else (index sets, start values, the attributes of result files, what solvers
take a logarithm of, the documentation's tables) is read from here.

Variables are **indices relative to the benchmark** (1 there) unless the unit says otherwise, so that residuals
are relative and no equation needs scaling. Money flows of a region are shares of its benchmark income.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .notation import AXES, LABELS, LETTERS, Domain, Kind, Measure, Symbol, symbols

__all__ = ["AXES", "LABELS", "LETTERS", "Domain", "Kind", "Measure", "Symbol"]

R, S, F, M = ("region",), ("sector",), ("factor",), ("margin",)
RS, RF = R + S, R + F
FLOW = ("exporter", "importer", "sector")
RFS = ("region", "factor", "sector")
RGS = ("region", "input", "sector")
RSA = ("region", "sector", "agent")
RSM = ("region", "sector", "margin")
K = ("quota",)

INDEX = Measure("index, benchmark = 1", "positive")
SPENDING = Measure("index, benchmark = 1", "spending")
RETURN = Measure("index, benchmark = 1", "signed")
"""A return may be a loss."""
RATE = Measure("ad valorem rate", "rate", low=-1.0)
WITHIN = Measure("ad valorem rate", "signed", high=1.0)
"""A rate on a value that holds the tax: it leaves something, and a subsidy may exceed what is left without it."""
SHARE = Measure("share of benchmark regional income")
INCOME = Measure("share of benchmark regional income", "positive")
PRICES = Measure("share of benchmark regional income, in consumer prices")
WORLD = Measure("share of world income")
FACTOR_PRICES = Measure("share of benchmark regional income, in units of the world price")
CHARGE = Measure("share of the benchmark price, in units of the world price")
MONEY = Measure("million USD", low=0.0)
PART = Measure("share", low=0.0, high=1.0)
FLOWS = Measure("million USD")
SIGNED = Measure("share")
"""Uses of goods, and their shares, are negative in some tables (inventories, by-products)."""
BELOW = Measure("share", high=1.0)
"""Subsistence is negative where an income elasticity exceeds the Frisch parameter."""
FLAG = Measure("0 or 1", low=0.0, high=1.0)
ELASTICITY = Measure("elasticity", low=0.0)
YEARLY = Measure("rate", low=0.0)
CARBON = Measure("kt CO2", low=0.0)


VARIABLES = symbols(
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
    ("rw", RF, INDEX, r"\hat w_{rf}", "real reward of a factor, net of direct tax", 1.0, "endowment"),
    ("pg", R, INDEX, "p^G_r", "price of government consumption", 1.0, "government"),
    ("pinv", R, INDEX, "p^I_r", "price of investment", 1.0, "investment"),
    ("premium", K, RATE, r"\pi_k", "quota premium on the fob value", "premium0"),
    ("rent", ("owner", *FLOW), RATE, r"\varrho_{oirs}", "rent premium on the fob value, by owner", "rent0", "rentable"),
    ("rho", FLOW, RATE, r"\rho_{irs}", "rent premium on the fob value", "rho0", "rentable"),
    ("mix", FLOW, INDEX, r"\mu_{irs}", "volume shipped for a unit of a flow of two parts", 1.0, "divided"),
    ("cover", FLOW, INDEX, r"\gamma^\beta_{irs}", "part of a flow's volume that is under a limit", 1.0, "divided"),
    ("cpi", R, INDEX, "P_r", "consumer price index, benchmark weights (Laspeyres)"),
    ("pworld", (), INDEX, "P^W", "world factor price index, benchmark weights"),
    # quantities
    ("y", RS, INDEX, "Y_{rs}", "output of an industry", 1.0, "output"),
    ("qd", RS, INDEX, "D_{rs}", "own output bought at home", 1.0, "domestic"),
    ("qx", RS, INDEX, "X_{rs}", "own output bought abroad", 1.0, "exports"),
    ("qm", RS, INDEX, "M_{rs}", "import composite", 1.0, "imports"),
    ("qa", RS, INDEX, "A_{rs}", "Armington composite", 1.0, "absorption"),
    ("flow", FLOW, INDEX, r"M^I_{irs}", "imports by origin, volume on arrival", 1.0, "duty_paid"),
    ("qf", RFS, INDEX, "F_{rfs}", "factor employed in an industry", 1.0, "factor_use"),
    ("qt", M, INDEX, "T_m", "world transport margin", 1.0, "margin_total"),
    ("volume", K, INDEX, "Q_k", "imports under a quantity limit, benchmark weights"),
    ("c", RS, SPENDING, "C_{rs}", "household consumption of a good", 1.0, "private"),
    ("g", R, SPENDING, "G_r", "government consumption", 1.0, "government"),
    ("inv", R, SPENDING, "I_r", "investment", 1.0, "investment"),
    ("v", R, SPENDING, "v_r", "supernumerary income, above the cost of subsistence"),
    # money
    ("income", R, INCOME, "E_r", "regional income", 1.0),
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
    ("gap", R, RETURN, r"\gamma_r", "expected return to capital over the world's", 1.0, "investment"),
    ("lending", (), WORLD, r"B^W", "foreign saving of all regions; zero", 0.0),
    ("walras", (), WORLD, r"\Omega", "slack of the redundant balance; zero", 0.0),
)
"""Variables: each is paired with one equation, or held by the closure."""

INSTRUMENTS = symbols(
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
    ("binds", K, FLAG, "b_k", "the limit binds: its volume is held", "binds0"),
    ("bound", K, RATE, r"\pi^B_k", "premium of a limit that does not bind", 0.0),
    ("above", K, FLAG, "h_k", "imports exceed the limit and pay the out-of-quota rate", 0.0),
    ("whole", K, FLAG, r"\ell^W_k", "the limit is on the whole flow, also where the benchmark limits a part", 0.0),
    ("licence", ("quota", "owner"), PART, r"\lambda_{ko}", "owners of the licences", "licence0"),
    ("tau", FLOW, INDEX, r"\tau_{irs}", "iceberg cost: shipped per arrived", 1.0, "duty_paid"),
    ("tm_unit", FLOW, CHARGE, "c^M_{irs}", "charge on a unit of imports", 0.0, "duty_paid"),
    ("te_unit", FLOW, CHARGE, "c^X_{irs}", "charge on a unit of exports", 0.0, "duty_paid"),
    ("to_unit", RS, CHARGE, "c^Y_{rs}", "charge on a unit of output", 0.0, "output"),
    ("to", RS, WITHIN, "t^Y_{rs}", "output tax on the basic price", "to0", "output"),
    ("tf", RFS, RATE, "t^F_{rfs}", "factor tax", "tf0", "factor_use"),
    ("ti", RGS, RATE, "t^N_{rgs}", "tax on an intermediate input", "ti0", "input_use"),
    ("tc", RSA, RATE, "t^C_{rsa}", "tax on final demand", "tc0", "final_use"),
    ("td", R, WITHIN, "t^D_r", "direct tax on factor income", "td0"),
    ("lumpsum", R, PRICES, "T^H_r", "lump-sum tax on the household", 0.0),
    ("endow", RF, INDEX, r"\bar F_{rf}", "factor endowment", 1.0, "endowment"),
    ("tfp", RS, INDEX, "a_{rs}", "total factor productivity", 1.0, "output"),
    ("sg", R, PRICES, "S^G_r", "government saving", "sg0"),
    ("rorg", (), INDEX, r"\varphi", "world expected rate of return"),
    ("sf", R, FACTOR_PRICES, r"B_r", "foreign saving", "sf0"),
)
"""Instruments: exogenous, held at a value; a closure may free one and hold a variable in its place."""

PARAMETERS = symbols(
    "parameter",
    # benchmark values, which also say where things exist
    ("income0", R, MONEY, "E^0_r", "benchmark regional income"),
    ("output", RS, MONEY, r"\bar Y_{rs}", "output at basic prices"),
    ("domestic", RS, MONEY, r"\bar D_{rs}", "output sold at home"),
    ("exports", RS, MONEY, r"\bar X^T_{rs}", "output sold abroad, margins included"),
    ("trade", FLOW, MONEY, r"\bar X_{irs}", "trade at basic prices"),
    ("duty_paid", FLOW, MONEY, r"\bar V_{irs}", "imports at duty-paid prices"),
    ("imports", RS, MONEY, r"\bar M_{rs}", "imports of all origins, duty paid"),
    ("absorption", RS, MONEY, r"\bar A_{rs}", "home and imported goods at market prices"),
    ("input_cost", RS, MONEY, r"\bar C^N_{rs}", "intermediates at users' prices"),
    ("factor_cost", RS, MONEY, r"\bar C^F_{rs}", "value added at users' prices"),
    ("factor_use", RFS, MONEY, r"\bar W_{rfs}", "factor income by industry"),
    ("endowment", RF, MONEY, r"\bar W^F_{rf}", "factor income"),
    ("input_use", RGS, FLOWS, r"\bar N_{rgs}", "intermediates at market prices"),
    ("final_use", RSA, FLOWS, r"\bar C_{rsa}", "final demand at market prices"),
    ("private", RS, FLOWS, r"\bar C^H_{rs}", "household consumption at users' prices"),
    ("government", R, MONEY, r"\bar G_r", "government consumption at users' prices"),
    ("investment", R, MONEY, r"\bar I_r", "investment at users' prices"),
    ("margin_total", M, MONEY, r"\bar T_m", "transport margins"),
    ("emissions0", RS, CARBON, r"\bar Z_{rs}", "CO2 of an industry"),
    ("household_emissions0", R, CARBON, r"\bar Z^H_r", "CO2 of households"),
    ("rent_share", ("owner", *FLOW), PART, r"\bar\lambda_{oirs}", "benchmark owners of the rent of a flow"),
    ("member", (*K, *FLOW), FLAG, "m_{kirs}", "the flow is under the limit"),
    ("quota_weight", (*K, *FLOW), PART, r"\theta^Q_{kirs}", "flow in the benchmark volume under the limit"),
    ("limited", FLOW, PART, r"\beta_{irs}", "part of a flow's volume under the benchmark's limit"),
    ("divided", FLOW, FLAG, r"\mathbb{1}^\beta_{irs}", "the benchmark limits a part of the flow"),
    ("premium0", K, RATE, r"\pi^0_k", "benchmark quota premium"),
    ("binds0", K, FLAG, r"b^0_k", "the limit binds at the benchmark"),
    ("licence0", ("quota", "owner"), PART, r"\lambda^0_{ko}", "benchmark owners of the licences"),
    ("rent0", ("owner", *FLOW), RATE, r"\bar\varrho_{oirs}", "benchmark rent premium, by owner"),
    ("invests", R, FLAG, r"\mathbb{1}^I_r", "foreign saving pays for investment; elsewhere it is income"),
    ("is_treasury", ("owner",), FLAG, r"\mathbb{1}^T_o", "the owner is the importer's treasury"),
    ("every_owner", ("owner",), FLAG, r"\mathbb{1}_o", "one for each owner"),
    # benchmark rates and money shares
    ("tm0", FLOW, RATE, r"\bar t^M_{irs}", "benchmark tariff, all layers"),
    ("te0", FLOW, RATE, r"\bar t^X_{irs}", "benchmark export tax"),
    ("rho0", FLOW, RATE, r"\bar\rho_{irs}", "benchmark rent premium"),
    ("to0", RS, WITHIN, r"\bar t^Y_{rs}", "benchmark output tax"),
    ("tf0", RFS, RATE, r"\bar t^F_{rfs}", "benchmark factor tax"),
    ("ti0", RGS, RATE, r"\bar t^N_{rgs}", "benchmark tax on intermediates"),
    ("tc0", RSA, RATE, r"\bar t^C_{rsa}", "benchmark tax on final demand"),
    ("td0", R, WITHIN, r"\bar t^D_r", "benchmark direct tax"),
    ("sg0", R, SHARE, r"\bar S^G_r", "benchmark government saving"),
    ("sf0", R, SHARE, r"\bar B_r", "benchmark foreign saving"),
    ("transfers0", R, FACTOR_PRICES, r"\bar E^N_r", "net transfers from other regions"),
    ("factor_earnings0", R, SHARE, r"\bar E^F_r", "benchmark factor income"),
    ("tariffs0", R, SHARE, r"\bar R^M_r", "benchmark tariff revenue"),
    ("export_taxes0", R, SHARE, r"\bar R^X_r", "benchmark export tax revenue"),
    ("output_taxes0", R, SHARE, r"\bar R^Y_r", "benchmark output tax revenue"),
    ("factor_taxes0", R, SHARE, r"\bar R^F_r", "benchmark factor tax revenue"),
    ("input_taxes0", R, SHARE, r"\bar R^N_r", "benchmark revenue of taxes on intermediates"),
    ("final_taxes0", R, SHARE, r"\bar R^C_r", "benchmark revenue of taxes on final demand"),
    ("direct_taxes0", R, SHARE, r"\bar R^D_r", "benchmark direct tax revenue"),
    ("rent_abroad0", R, SHARE, r"\bar Q^X_r", "benchmark rents earned as exporter"),
    ("rent_home0", R, SHARE, r"\bar Q^M_r", "benchmark rents earned by importing firms"),
    ("rent_treasury0", R, SHARE, r"\bar Q^T_r", "benchmark rents earned by the treasury"),
    ("saving0", R, SHARE, r"\bar S_r", "benchmark national saving"),
    # shares of the nests
    ("share_factor", RFS, PART, r"\theta^F_{rfs}", "factor in value added"),
    ("share_input", RGS, SIGNED, r"\theta^N_{rgs}", "input in the intermediate bundle"),
    ("share_va", RS, PART, r"\theta^{VA}_{rs}", "value added in unit cost"),
    ("share_home", RS, PART, r"\theta^D_{rs}", "home good in the composite"),
    ("share_origin", FLOW, PART, r"\theta^M_{irs}", "origin in imports"),
    ("share_fob", FLOW, PART, r"\phi^B_{irs}", "fob value in the cif value"),
    ("share_margin", ("margin", *FLOW), PART, r"\phi^M_{mirs}", "margin in the cif value"),
    ("share_margin_supply", RSM, PART, r"\theta^T_{rsm}", "supplier in a margin"),
    ("share_final", RSA, SIGNED, r"\theta^C_{rsa}", "good in an agent's spending"),
    ("share_cpi", RS, SIGNED, r"\omega^C_{rs}", "good in household consumption"),
    ("partner", ("exporter", "importer"), PART, r"\omega^P_{ir}", "partner in a region's trade, both ways"),
    ("trades_abroad", R, FLAG, r"\mathbb{1}^P_r", "the region trades with others"),
    ("share_world", RF, PART, r"\omega^W_{rf}", "factor in the world price index"),
    # shares of the markets
    ("sales_home", RS, PART, r"\phi^D_{rs}", "home sales in output"),
    ("sales_flow", FLOW, PART, r"\phi^X_{irs}", "destination in exports"),
    ("sales_margin", RSM, PART, r"\phi^S_{rsm}", "margins in exports"),
    ("use_input", RGS, SIGNED, r"\phi^N_{rgs}", "industry in the use of a good"),
    ("use_final", RSA, SIGNED, r"\phi^C_{rsa}", "agent in the use of a good"),
    ("use_margin", ("margin", *FLOW), PART, r"\phi^T_{mirs}", "flow in the use of a margin"),
    ("employment", RFS, PART, r"\phi^F_{rfs}", "industry in the employment of a factor"),
    ("subsistence", RS, BELOW, r"\kappa_{rs}", "subsistence in consumption of a good"),
    ("subsistence_cost", RS, SHARE, r"\bar\kappa_{rs}", "cost of subsistence"),
    ("super_regional", R, SHARE, r"\bar v_r", "supernumerary income of the regional household"),
    ("super_private", R, SHARE, r"\bar v^H_r", "supernumerary income of the private household"),
    ("household_saving0", R, SHARE, r"\bar S^H_r", "benchmark saving of the private household"),
    # elasticities
    ("sigma_top", RS, ELASTICITY, r"\sigma^T_{rs}", "value added against intermediates"),
    ("sigma_va", RS, ELASTICITY, r"\sigma^{VA}_{rs}", "among factors"),
    ("sigma_n", RS, ELASTICITY, r"\sigma^N_{rs}", "among intermediates"),
    ("sigma_d", RS, ELASTICITY, r"\sigma^D_{rs}", "home good against imports"),
    ("sigma_m", RS, ELASTICITY, r"\sigma^M_{rs}", "among origins of imports"),
    ("sigma_g", R, ELASTICITY, r"\sigma^G_r", "among goods of government"),
    ("sigma_i", R, ELASTICITY, r"\sigma^I_r", "among goods of investment"),
    ("omega", RS, ELASTICITY, r"\omega_{rs}", "transformation, home against exports; 0 = none"),
    ("eta", RF, ELASTICITY, r"\eta_{rf}", "transformation of a factor among industries"),
    ("mobile", RF, FLAG, r"\mathbb{1}^M_{rf}", "the factor moves freely among industries"),
    ("sluggish", RF, FLAG, r"\mathbb{1}^S_{rf}", "the factor moves at the elasticity of transformation"),
    ("transforms", RS, FLAG, r"\mathbb{1}^\omega_{rs}", "finite transformation between home and export sales"),
    ("one_good", RS, FLAG, r"\mathbb{1}^1_{rs}", "home and export sales are one good, at one price"),
    # capital (used by the global bank)
    ("share_capital", RF, PART, r"\omega^K_{rf}", "factor in the reward of capital"),
    ("rental", R, YEARLY, r"\bar r_r", "gross rental per unit of capital"),
    ("depreciation", R, YEARLY, r"\delta_r", "depreciation"),
    ("investment_rate", R, YEARLY, r"\bar\iota_r", "investment per unit of capital"),
    ("flexibility", R, ELASTICITY, r"\epsilon_r", "expected return to the capital stock"),
    # roles of the factors
    ("is_labour", F, FLAG, r"\mathbb{1}^L_f", "the factor is labour"),
    ("is_capital", F, FLAG, r"\mathbb{1}^K_f", "the factor is capital"),
)
"""Parameters: calibrated once from a benchmark, never changed by a solve."""

ELASTICITIES = frozenset(name for name, symbol in PARAMETERS.items() if symbol.unit == ELASTICITY.unit)
"""Parameters that a user may vary without changing the benchmark that the model replicates."""

RENTABLE = symbols(
    "parameter",
    ("rentable", FLOW, FLAG, r"\mathbb{1}^R_{irs}", "the flow is under a limit or a non-tariff measure"),
)["rentable"]
"""Where a model has rents."""

MOVABLE = (
    "tm", "te", "ntm", "tau", "to", "tf", "ti", "tc", "td", "lumpsum", "endow", "tfp", "sg", "sf", "gap",
    "tm_unit", "te_unit", "to_unit",
)  # fmt: skip
"""Symbols that a lever may move: where it does, they are unknowns around the level that is set."""

QUOTAS = ("limit", "binds", "bound", "above", "whole", "licence")
"""Instruments of quantity limits."""

EVERYWHERE = frozenset({"tm", "to", "td", "lumpsum", "endow", "tfp", "sg", "sf", "rorg", *QUOTAS})
"""Instruments that every model holds at every index where they make sense."""

SYMBOLS: Mapping[str, Symbol] = MappingProxyType({**VARIABLES, **INSTRUMENTS, **PARAMETERS, "rentable": RENTABLE})
"""Every symbol of the base structure by name."""
