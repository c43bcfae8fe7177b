"""Write sam.xlsx: a small SAM in IFPRI's layout, with the faults that docs/own-table.md finds and mends.

    python make_sam.py              # with three faults
    python make_sam.py --mend 2     # with the first two mended; --mend 3 mends all

The numbers are made up.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

ACCOUNTS = [
    "a-agr",
    "a-ind",
    "a-ser",
    "c-agr",
    "c-ind",
    "c-ser",
    "trc",
    "lab",
    "cap",
    "land",
    "ent",
    "hh-rur",
    "hh-urb",
    "gov",
    "dtax",
    "stax",
    "mtax",
    "s-i",
    "dstk",
    "row",
]
CELLS = """
a-agr c-agr 268; a-agr c-ind 12; a-ind c-ind 690; a-ind c-ser 30; a-ser c-ser 700;
c-agr a-agr 30; c-agr a-ind 60; c-agr a-ser 10; c-ind a-agr 40; c-ind a-ind 210; c-ind a-ser 70;
c-ser a-agr 25; c-ser a-ind 90; c-ser a-ser 110; c-ser trc 60; trc c-agr 18; trc c-ind 42;
lab a-agr 90; lab a-ind 170; lab a-ser 290; cap a-agr 35; cap a-ind 190; cap a-ser 220; land a-agr 60;
c-agr hh-rur 44; c-agr hh-urb 112; c-ind hh-rur 88; c-ind hh-urb 300; c-ser hh-rur 58; c-ser hh-urb 215; c-ser gov 140;
c-agr s-i 2; c-ind s-i 130; c-ser s-i 52; c-agr dstk -6; c-ind dstk 9; c-agr row 78; c-ind row 170; c-ser row 55;
row c-agr 33; row c-ind 230; row c-ser 50; stax c-agr 6; stax c-ind 38; stax c-ser 25; mtax c-agr 5; mtax c-ind 23;
row cap 12; ent cap 433; hh-rur lab 130; hh-urb lab 420; hh-rur land 60; hh-rur ent 25; hh-urb ent 220; dtax ent 48;
dtax hh-rur 8; dtax hh-urb 58; gov dtax 114; gov stax 69; gov mtax 28; hh-rur gov 15; hh-urb gov 18; row gov 5;
hh-rur row 30; hh-urb row 9; dstk s-i 3
"""


def sam() -> pd.DataFrame:
    """The SAM; saving closes the accounts of institutions, and what the rest of the world lends the last."""
    table = pd.DataFrame(0.0, index=ACCOUNTS, columns=ACCOUNTS)
    for cell in CELLS.replace("\n", " ").split(";"):
        seller, buyer, amount = cell.split()
        table.loc[seller, buyer] += float(amount)
    for good in ("c-agr", "c-ind", "c-ser"):  # the urban household buys what is left of a good
        table.loc[good, "hh-urb"] += table[good].sum() - table.loc[good].sum()
    for activity in ("a-agr", "a-ind", "a-ser"):  # profits are what is left of its sales, and go to enterprises
        left = table.loc[activity].sum() - table[activity].sum()
        table.loc["cap", activity] += left
        table.loc["ent", "cap"] += left
    for name in ("ent", "hh-rur", "hh-urb", "gov", "row"):
        table.loc["s-i", name] += table.loc[name].sum() - table[name].sum()
    return table


FAULTS = (
    ("stax", "c-ser", "n/a"),  # a number that somebody did not have
    ("total", "c-ind", 1111.0),  # a total that was typed
    ("c-ind", "hh-rur", 68.0),  # a cell that was changed after the totals
)


def write(path: Path, table: pd.DataFrame, mended: int) -> None:
    """Write the SAM with a title and totals, and with what people get wrong in all but the first faults."""
    sheet: pd.DataFrame = table.astype(object).where(table != 0.0, None)
    sheet["total"] = table.sum(axis=1)
    sheet.loc["total"] = [*table.sum(), float(table.to_numpy().sum())]
    for row, column, value in FAULTS[mended:]:
        sheet.loc[row, column] = value
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        sheet.to_excel(book, sheet_name="SAM", startrow=2)
        book.sheets["SAM"].write(0, 0, "Social accounting matrix 2020, million USD")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mend", type=int, default=0, choices=range(4), help="faults that are mended")
    write(Path("sam.xlsx"), sam(), parser.parse_args().mend)
