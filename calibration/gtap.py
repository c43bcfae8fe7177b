"""From a GTAP data base to a benchmark and its elasticities.

What the model's equations cannot hold is merged, and the log says so with amounts: home goods and imports bear one tax
by user and good, and every user of a good has the same mix of them; the CDE becomes the linear expenditure
system that has the same income elasticities and, over all goods, the same own-price elasticities.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cge.errors import DataError

from .balancing.settle import settle
from .benchmark import Benchmark, assemble
from .contents import Contents, FactorContents, RegionContents, Role
from .log import Entry, Log
from .readers.gtap import read_gtap

USERS = {"C": "P", "G": "G", "I": "I"}
"""Letter of a final user in the names of GTAP's arrays."""


_AXES = {
    "reg": "region", "acts": "sector", "endw": "factor", "marg": "margin", "src": "exporter", "dst": "importer",
}  # fmt: skip
"""Axes of a data base, and those of a benchmark."""


def benchmark_of(
    data: xr.Dataset, title: str = "GTAP", contents: Contents | None = None, limit: float = 1e-5
) -> tuple[Benchmark, Log]:
    """The benchmark of a data base.

    Args:
        data: as `cge.calibration.readers.gtap.read_gtap` gives it.
        title: of the benchmark.
        contents: countries of regions, products of commodities and roles of endowments, which the files do not
            say; if None, the unit, the roles of endowments that have their names in `ROLES` and, where POP is
            there, the population are known.
        limit: largest gap of an account that counts as single precision, as a share of its turnover.

    Returns:
        Benchmark and what was merged or settled.

    Raises:
        DataError: industries that make more than their own good, or accounts that are out by more than the limit.
    """
    _refuse_by_products(data)
    region, sector = (list(map(str, data[axis].values)) for axis in ("reg", "comm"))
    users, final = _purchases(data)
    accounts: dict[str, xr.DataArray] = {
        "domestic": data["VDFB"].sum("acts") + sum(data[f"VD{u}B"] for u in USERS.values()),
        "trade": data["VXSB"],
        "export_tax": data["VFOB"] - data["VXSB"],
        "margin_use": data["VTWR"],
        "margin_supply": data["VST"],
        "tariff": _ratio(data["VMSB"] - data["VCIF"], data["VCIF"]).expand_dims(layer=["applied"]),
        "intermediate": users["B"],
        "intermediate_tax": users["P"] - users["B"],
        "final": final["B"],
        "final_tax": final["P"] - final["B"],
        "factor_income": data["EVFB"],
        "factor_tax": data["EVFP"] - data["EVFB"],
        "output_tax": (data["MAKB"] - data["MAKS"]).sum("acts"),
    }
    if "VKB" in data and "VDEP" in data:
        accounts |= {"capital_stock": data["VKB"], "depreciation": _ratio(data["VDEP"], data["VKB"])}
    arrays: dict[str, Any] = {
        name: _renamed(array, _AXES, crossed=name.startswith("intermediate")) for name, array in accounts.items()
    }
    table = assemble(
        region,
        sector,
        factor=list(map(str, data["endw"].values)),
        margin=list(map(str, data["marg"].values)),
        layer=["applied"],
        attrs={"title": title},
        contents=contents or _contents(data),
        **arrays,
    )
    settled = settle(table, limit)
    income_tax = (data["EVFB"] - data["EVOS"]).sum(("endw", "acts")).rename(reg="region")
    saved = settled["government_saving"] + income_tax - settled["direct_tax"]
    result = settled.assign(direct_tax=income_tax.drop_vars("region"), government_saving=saved.drop_vars("region"))
    return Benchmark(result), _log(data, table, settled)


def elasticities_of(data: xr.Dataset) -> xr.Dataset:
    """The elasticities of a data base: ESBD, ESBM, ESBV, ESBT, ESBC, ESBG, ESBI, ETRE, INCP and SUBP.

    Args:
        data: as `cge.calibration.readers.gtap.read_gtap` gives it.

    Returns:
        What `cge.run` takes [region; sector or factor]; income elasticities and the Frisch parameter are those of
        the linear expenditure system nearest to the CDE (see `fitted`). What users buy from home and its taxes come
        along, for structures with the block `users`.
    """
    names = {"reg": "region", "comm": "sector", "acts": "sector", "endw": "factor"}

    def given(name: str, otherwise: float = 0.0) -> xr.DataArray:
        array = data[name] if name in data else xr.full_like(data["ESBT"], otherwise)
        return array.rename({dim: names[str(dim)] for dim in array.dims})

    income, frisch = fitted(data)
    regions = xr.zeros_like(frisch)
    return xr.Dataset(
        {
            "esubm": given("ESBM"),
            "esubd": given("ESBD"),
            "esubva": given("ESBV"),
            "esubt": given("ESBT"),
            "esubn": given("ESBC"),
            "esubg": given("ESBG") if "ESBG" in data else regions + 1.0,
            "esubi": given("ESBI") if "ESBI" in data else regions,
            "cet": xr.full_like(given("ESBM"), np.inf),
            "eta_factor": _mobility(data).rename(reg="region", endw="factor"),
            "income_elasticity": income.rename(reg="region", comm="sector"),
            "frisch": frisch.rename(reg="region"),
            "cde_substitution": data["SUBP"].rename(reg="region", comm="sector"),
            "cde_expansion": data["INCP"].rename(reg="region", comm="sector"),
            "income_tax": _ratio(data["EVFB"] - data["EVOS"], data["EVFB"]).rename(
                reg="region", endw="factor", acts="sector"
            ),
            **_sources(data),
            **_of_regions_and_margins(data),
        }
    ).drop_attrs()


def _sources(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """Home goods and the tax on them by user, which the block `users` of a structure takes (see its `GIVENS`)."""
    firms = {"reg": "region", "comm": "input", "acts": "sector"}
    final = {"reg": "region", "comm": "sector"}
    agent = xr.DataArray(list(USERS), dims="agent", name="agent")
    home = {"B": data["VDFB"], "P": data["VDFP"]}
    own = {price: xr.concat([data[f"VD{u}{price}"] for u in USERS.values()], agent) for price in "BP"}
    return {
        "input_home": home["B"].rename(firms),
        "input_home_tax": (home["P"] - home["B"]).rename(firms),
        "final_home": own["B"].rename(final),
        "final_home_tax": (own["P"] - own["B"]).rename(final),
    }


def _of_regions_and_margins(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """Flexibility of the return to capital, and elasticity among suppliers of margins, where the data base has them."""
    found = {"esubs": ("ESBS", {"marg": "margin"}), "rorflex": ("RFLX", {"reg": "region"})}
    return {name: data[header].rename(axes) for name, (header, axes) in found.items() if header in data}


def cde(data: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Budget shares, income and compensated own-price elasticities of the CDE at the benchmark [comm, reg].

    Source: Hertel (1997), appendix to chapter 2, after Hanoch (1975), Econometrica 43(3).
    """
    spent = data["VDPP"] + data["VMPP"]
    share = spent / spent.sum("comm")
    alpha, expansion = 1.0 - data["SUBP"], data["INCP"]
    mean = (share * alpha).sum("comm")
    income = (expansion * (1.0 - alpha) + (share * expansion * alpha).sum("comm")) / (share * expansion).sum("comm")
    income = income + alpha - mean
    return share, income, share * (2.0 * alpha - mean) - alpha


def fitted(data: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Income elasticities [comm, reg] and Frisch parameter [reg] of the linear expenditure system nearest to the CDE.

    The system's compensated own-price elasticity is -phi eta (1 - share eta), with phi = -1 / Frisch; phi makes the
    mean over goods, by budget shares, that of the CDE. phi above one is none that the system can have: it is one.
    """
    share, income, own = cde(data)
    phi = -(share * own).sum("comm") / (share * income * (1.0 - share * income)).sum("comm")
    return income, -1.0 / phi.clip(0.02, 1.0)


def _contents(data: xr.Dataset) -> Contents:
    people = data["POP"].values if "POP" in data else [None] * data.sizes["reg"]
    regions = {str(r): RegionContents(population=p) for r, p in zip(data["reg"].values, people, strict=True)}
    factors = {str(f): FactorContents(role=ROLES.get(str(f).lower())) for f in data["endw"].values}
    return Contents(regions=regions, factors=factors, unit="million USD")


ROLES: Mapping[str, Role] = {
    "land": "land", "capital": "capital", "natlres": "resource", "natres": "resource", "natrlres": "resource",
    "tech_aspros": "labour", "clerks": "labour", "service_shop": "labour", "off_mgr_pros": "labour",
    "ag_othlowsk": "labour", "sklab": "labour", "unsklab": "labour", "labor": "labour",
}  # fmt: skip
"""Roles of the endowments by the names that GTAP data bases of versions 6 to 11 give them."""


def _refuse_by_products(data: xr.Dataset) -> None:
    acts, goods = (list(map(str, data[axis].values)) for axis in ("acts", "comm"))
    if acts != goods:
        told = f"activities are {', '.join(acts)} and commodities {', '.join(goods)}"
        raise DataError(
            [f"{told}; give a data base in which every activity makes the commodity of its name"], "the make"
        )
    values = data["MAKB"].transpose("reg", "acts", "comm").values
    faults = [
        f"{data['reg'].values[r]} {acts[a]} makes {values[r, a, c]:,.6g} of {goods[c]}; move it to activity {goods[c]}"
        for r, a, c in np.argwhere(values != 0.0)
        if a != c
    ]
    if faults:
        raise DataError(faults, "the make")


def _purchases(data: xr.Dataset) -> tuple[dict[str, xr.DataArray], dict[str, xr.DataArray]]:
    """Purchases of home goods and imports together at basic (B) and users' (P) prices: by firms, and by final users."""
    firms = {price: data[f"VDF{price}"] + data[f"VMF{price}"] for price in "BP"}
    axis = xr.DataArray(list(USERS), dims="agent", name="agent")
    final = {
        price: xr.concat([data[f"VD{u}{price}"] + data[f"VM{u}{price}"] for u in USERS.values()], axis)
        for price in "BP"
    }
    return firms, final


def _renamed(array: xr.DataArray, names: dict[str, str], *, crossed: bool) -> xr.DataArray:
    """An array with the axes of the benchmark; an industry's inputs are its commodities."""
    of = {**names, "comm": "input" if crossed else "sector"}
    return array.drop_attrs().rename({dim: of[str(dim)] for dim in array.dims if str(dim) in of})


def _ratio(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    return (part / whole.where(whole != 0.0)).fillna(0.0)


def _mobility(data: xr.Dataset) -> xr.DataArray:
    """Elasticity of transformation [endw, reg]: infinite for mobile endowments, zero for fixed ones."""
    eta = abs(data["ETRE"])
    if "EFLG" not in data:
        return xr.where((data["ETRE"] == 0.0).all("reg"), np.inf, eta)
    mobile, _, fixed = (data["EFLG"].isel(kind=k, drop=True) > 0.0 for k in range(3))
    return xr.where(mobile, np.inf, xr.where(fixed, 0.0, eta))


def _log(data: xr.Dataset, table: xr.Dataset, settled: xr.Dataset) -> Log:
    """What single precision left and was closed, and what of users' own mixes and taxes is merged."""
    entries = [
        Entry(
            "rounding",
            name,
            float(table[name].sum()),
            float(settled[name].sum()),
            float(abs(settled[name] - table[name]).sum()),
            "gaps that single precision leaves, closed in proportion",
        )
        for name in ("margin_supply", "final", "factor_income")
    ]
    home, abroad = data["VDFB"].sum("acts"), data["VMFB"].sum("acts")
    for u in USERS.values():
        home, abroad = home + data[f"VD{u}B"], abroad + data[f"VM{u}B"]
    share = _ratio(home, home + abroad)
    for name, (h, m) in {"firms": ("VDFB", "VMFB"), **{u: (f"VD{u}B", f"VM{u}B") for u in USERS.values()}}.items():
        moved = float(abs(data[h] - share * (data[h] + data[m])).sum())
        who = {"P": "households", "G": "governments", "I": "investment"}.get(name, name)
        entries.append(
            Entry("one mix of home goods and imports", who, amount=moved, why="users share a composite good")
        )
    return Log(tuple(entries))


NAMES: Mapping[str, tuple[str, str, str]] = {
    "qo": ("y", "index", "output of an activity"),
    "ps": ("py", "index", "price that a supplier receives"),
    "pds": ("pd", "index", "price of the home good"),
    "qds": ("qd", "index", "home good sold at home"),
    "pms": ("pm", "index", "price of the import composite"),
    "qms": ("qm", "index", "import composite"),
    "pmds": ("pms", "index", "price of imports by origin, duty paid"),
    "qxs": ("flow", "index", "imports by origin"),
    "qfe": ("qf", "index", "factor employed in an activity"),
    "peb": ("pf", "index", "reward of a factor in an activity, before income tax"),
    "qe": ("endow", "index", "endowment"),
    "pe": ("w", "index", "reward of an endowment"),
    "qpa": ("c", "index", "private consumption"),
    "up": ("up", "index", "utility of private consumption"),
    "yp": ("spent", "index", "private spending"),
    "uelas": ("upper", "index", "elasticity of income in utility"),
    "uepriv": ("expansion", "index", "elasticity of private spending in utility"),
    "ug": ("g", "index", "government consumption"),
    "pgov": ("pg", "index", "price of government consumption"),
    "qinv": ("inv", "index", "investment"),
    "pinv": ("pinv", "index", "price of investment"),
    "ptrans": ("pt", "index", "price of a margin"),
    "qtm": ("qt", "index", "margin"),
    "pfactwld": ("pworld", "index", "world factor price"),
    "aoall": ("tfp", "index", "productivity"),
    "tms": ("tm", "rate", "power of the tariff"),
    "txs": ("te", "rate", "power of the export tax"),
    "tfe": ("tf", "rate", "power of the factor tax"),
}
"""GTAP's variables: the symbol here, whether it is an index or a rate whose power GTAP has, and what it is."""


def named(point: xr.Dataset, start: xr.Dataset | None = None) -> xr.Dataset:
    """A solution under GTAP's names: changes in per cent, of indices and of powers of taxes.

    Args:
        point: a solution, such as `Result.point`.
        start: the benchmark's point (`cge.accounts.benchmark_point`), from which powers of taxes have changed; without
            it taxes are left out.

    Returns:
        Those of `NAMES` that the structure has, with the axes of the point.
    """
    found = {}
    for name, (symbol, kind, text) in NAMES.items():
        if symbol not in point or (kind == "rate" and start is None):
            continue
        if kind == "rate" and start is not None:
            change = (1.0 + point[symbol]) / (1.0 + start[symbol]) - 1.0
        else:
            change = point[symbol] - 1.0
        found[name] = (100.0 * change).assign_attrs(description=text, unit="% change", symbol=symbol)
    return xr.Dataset(found)


def options(*paths: str | Path, contents: Contents | None = None, title: str = "GTAP") -> dict[str, Any]:
    """What `cge.economy` takes, from header array files: benchmark, elasticities, the structure gtap7 and its closure.

    Args:
        paths: files with base data, parameters and sets, of version 6 or 7.
        contents: what regions, sectors and factors contain (see `benchmark_of`).
        title: of the benchmark.

    Raises:
        AbsentError, DataError: as `read_gtap` and `benchmark_of`.
    """
    data = read_gtap(*paths)
    keeps_shares = "RDLT" in data and float(data["RDLT"].squeeze()) == 0.0
    return {
        "benchmark": benchmark_of(data, title, contents)[0],
        "elasticities": elasticities_of(data),
        "structure": "gtap7",
        "closure": "global-bank-fixed-shares" if keeps_shares else "global-bank",
    }
