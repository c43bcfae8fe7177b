"""Social accounting matrices: square accounts of one economy, by IFPRI's naming or by a map of the user's.

IFPRI's layout: Löfgren, Harris and Robinson (2002), "A Standard Computable General Equilibrium (CGE) Model in GAMS",
Microcomputers in Policy Research 5. Activities, commodities, factors, institutions, one account a tax,
saving-investment, stock changes, rest of the world. A row receives from its columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from cge.calibration.raw import About, RawTable, square

from .labelled import Labelled, name

IFPRI: Mapping[str, str] = {
    r"a[-_]?(?P<label>.+)": "industry",
    r"c[-_](?P<label>.+)": "good",
    r"trc|trnc(st)?[-_]?\w*|tr[dei]|tc": "margin",
    r"f?[-_]?(?P<label>lab\w*([-_].+)?)": "labour",
    r"f?[-_]?(?P<label>cap\w*([-_].+)?)": "capital",
    r"f?[-_]?(?P<label>(land|lnd)\w*([-_].+)?)": "land",
    r"f?[-_]?(?P<label>(res|nat|nr|fsh|min)\w*([-_].+)?)": "resource",
    r"(?P<label>ent\w*([-_].+)?)": "enterprise",
    r"(?P<label>(hh|hhd|h)([-_].+)?)": "household",
    r"gov\w*": "government",
    r"(dtax|ytax|instax|dir\w*)([-_].+)?": "tax:direct",
    r"(stax|comtax|vatax|excise|vat)([-_].+)?": "tax:product",
    r"(mtax|imptax|tar|tariff)([-_].+)?": "tax:tariff",
    r"(etax|exptax)([-_].+)?": "tax:export",
    r"(atax|acttax|ptax)([-_].+)?": "tax:production",
    r"(ftax|factax)([-_].+)?": "tax:factor",
    r"s[-_]i": "investment",
    r"dstk|d-?stk": "stocks",
    r"row": "rest-of-world",
}
"""Names of accounts in IFPRI's layout and their roles."""


def square_accounts(block: Labelled, region: str, about: About) -> RawTable:
    """A square block as a table of one region; IFPRI's roles where every account has one of its names."""
    short = [label[-1] for label in block.rows]
    names = [name(label) if short.count(label[-1]) > 1 else label[-1] for label in block.rows]
    order = [block.columns.index(label) for label in block.rows]
    roles = ifpri(names)
    accounts = pd.DataFrame(
        [(region if role != "rest-of-world" else "", label, role, "") for role, label in roles],
        index=pd.Index(names, name="account"),
        columns=["region", "label", "role", "contents"],
    )
    return RawTable(square(block.values[:, order], names), accounts, about=about)


def ifpri(names: list[str]) -> list[tuple[str, str]]:
    """Role and label of every account by IFPRI's naming; no roles at all unless every account has one of its names.

    A layout is recognised whole: activities, commodities, a factor, saving-investment and the rest of the world.
    """
    found = [_role(name) for name in names]
    roles = {role for role, _ in found}
    whole = {"industry", "good", "labour", "investment", "rest-of-world"} <= roles and "" not in roles
    return found if whole else [("", name) for name in names]


def _role(account: str) -> tuple[str, str]:
    order = sorted(IFPRI.items(), key=lambda item: item[1] == "industry")  # "a..." is the widest pattern
    for pattern, role in order:
        match = re.fullmatch(pattern, account.strip().lower())
        if match and role == "industry" and not re.fullmatch(r"a[-_].+", account.strip().lower()):
            continue
        if match:
            return role, (match.groupdict().get("label") or account.strip().lower())
    return "", account
