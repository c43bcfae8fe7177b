"""Pictures of a result as PNG files: export shares before and after, and welfare by region."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from cge.errors import InstallError, RequestError, nearest
from cge.scenarios.names.axes import Axis
from cge.scenarios.names.groups import load_groups

from .groups import members_of, regions_of
from .letters import drawn, lettering
from .results import Result

log = logging.getLogger("cge")

PARTNERS = ("eu", "asean")
"""Groups that are shown as one partner where the benchmark separates all their members."""

BEFORE, AFTER, LOSS, GAIN = "#9aa5b1", "#1f5fa8", "#c2570c", "#1f5fa8"
"""Blue and orange differ for readers who confuse red and green, and in grey."""
SHOWN = 12


def available() -> bool:
    """Whether pictures can be drawn (the extra `plot` is installed)."""
    return find_spec("matplotlib") is not None


def draw(result: Result, folder: Path, exporter: str = "KOR") -> list[Path]:
    """Write the pictures of a result into a folder; none if matplotlib is not installed.

    A picture that fails is left out, with a line in the log, and costs nothing else.

    Args:
        result: with its tables.
        folder: to write to.
        exporter: label, or country, whose export shares to show, if it is a region of the benchmark.

    Returns:
        The files.
    """
    if not available():
        return []
    makers: dict[str, Callable[[Path], None]] = {"welfare.png": lambda file: _welfare(result, file)}
    region = regions_of(result.equilibrium).label_of(exporter)
    if region is not None:
        makers["export_shares.png"] = lambda file: _shares(export_shares(result, region), result.title, region, file)
    return [folder / name for name, make in makers.items() if _made(make, folder / name)]


KINDS = ("welfare", "export_shares")
SUFFIXES = (".png", ".svg", ".pdf")
COLUMN = 7.5
"""Inches of a figure; it can be set to the width of a column."""


def figure(result: Result, kind: str, file: Path, exporter: str = "KOR", *, width: float = COLUMN) -> Path:
    """Write one figure.

    Args:
        result: with its tables.
        kind: one of `KINDS`.
        file: whose name ends in .png, .svg or .pdf.
        exporter: of `export_shares`: a region, or a group of regions.
        width: inches; 3.5 is a column of most journals.

    Raises:
        RequestError: there is no such kind, region or form.
        InstallError: matplotlib is not installed.
    """
    faults = [
        f"unknown {what} {given!r}{nearest(given, known)}; use one of {', '.join(known)}"
        for what, given, known in (("figure", kind, KINDS), ("form", file.suffix, SUFFIXES))
        if given not in known
    ]
    if faults:
        raise RequestError(faults)
    if not available():
        raise InstallError("a figure needs matplotlib, which is not installed: pip install matplotlib (the extra plot)")
    with lettering():
        if kind == "welfare":
            _welfare(result, file, width)
        else:
            _shares(export_shares(result, exporter), result.title, exporter, file, width)
    return file


def _made(make: Callable[[Path], None], file: Path) -> bool:
    try:
        with lettering():
            make(file)
    except Exception as error:  # whatever it is, the result is worth more than its picture
        log.warning("no picture %s: %s: %s", file.name, type(error).__name__, error)
        file.unlink(missing_ok=True)
        return False
    return True


def export_shares(result: Result, exporter: str) -> pd.DataFrame:
    """Export shares by partner before and after, per cent of exports to other regions at fob prices.

    Returns:
        Index `partner` in descending order, columns `base_pct`, `new_pct`.

    Raises:
        RequestError: the benchmark has no such region or group.
    """
    inside = [exporter] if exporter in result.welfare.index else _members(result, exporter)
    flows = result.trade[result.trade["exporter"].isin(inside) & ~result.trade["importer"].isin(inside)]
    partner = flows["importer"].map(_partners(regions_of(result.equilibrium)))
    value = flows["base_musd"] * (1.0 + flows["value_pct"] / 100.0)
    sums = pd.DataFrame({"base_pct": flows["base_musd"], "new_pct": value}).groupby(partner).sum()
    shares = 100.0 * sums / sums.sum()
    return shares.sort_values("base_pct", ascending=False).rename_axis("partner")


def _members(result: Result, exporter: str) -> list[str]:
    """Regions of a group of exporters."""
    axis = regions_of(result.equilibrium)
    if exporter not in axis.groups:
        known = [*map(str, result.welfare.index), *axis.groups]
        hint = nearest(exporter, known)
        raise RequestError([f"no region or group {exporter!r}{hint}; use one of {', '.join(known)}"])
    return members_of(result.equilibrium, [exporter])[exporter]


def _partners(regions: Axis) -> Mapping[str, str]:
    """Region to the partner that it is shown under."""
    words = [regions.titles.get(label, label) for label in regions.labels]
    names = {
        label: word if words.count(word) == 1 else f"{word} ({label})"
        for label, word in zip(regions.labels, words, strict=True)
    }
    for group in (load_groups()["region"][name] for name in PARTNERS):
        whole = [label for label, share in regions.shares(group)[0].items() if share == 1.0]
        if set(group.members) <= {code for label in whole for code in regions.held(label)}:
            names |= dict.fromkeys(whole, group.title)
    return names


def _axes(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False, labelsize=9)
    axes.grid(axis="x", color="#e3e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _head(axes: Any, title: str, subtitle: str) -> None:
    axes.set_title(drawn(subtitle), loc="left", fontsize=9, color="#52606d", pad=8)
    axes.figure.suptitle(drawn(title), x=0.01, ha="left", fontsize=11, fontweight="bold")


def _shares(shares: pd.DataFrame, title: str, exporter: str, file: Path, width: float = COLUMN) -> None:
    top = shares.head(SHOWN)
    rest = shares.iloc[SHOWN:].sum()
    if len(shares) > SHOWN:
        top = pd.concat([top, rest.to_frame("Others").T])
    figure, axes = _axes(width, 0.42 * len(top) + 1.5)
    rows = range(len(top))
    axes.barh([r - 0.19 for r in rows], top["base_pct"], 0.36, color=BEFORE, label="benchmark")
    axes.barh([r + 0.19 for r in rows], top["new_pct"], 0.36, color=AFTER, label="scenario")
    for row, (base, new) in zip(rows, top[["base_pct", "new_pct"]].itertuples(index=False), strict=True):
        text, end = f"{new:.1f} ({new - base:+.2f})", (max(base, new), row)
        axes.annotate(text, end, (4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(list(rows), [drawn(str(label)) for label in top.index])
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.set_xlabel("% of exports to other regions (change in points)", fontsize=9)
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    _head(axes, title, f"{exporter}: export shares by partner, before and after")
    figure.savefig(file)


def _welfare(result: Result, file: Path, width: float = COLUMN) -> None:
    table = result.welfare.dropna(subset=["ev_pct"]).sort_values("ev_pct")
    figure, axes = _axes(width, 0.24 * len(table) + 1.6)
    values = table["ev_pct"]
    axes.barh(range(len(table)), values, 0.7, color=[LOSS if v < 0 else GAIN for v in values])
    for row, (share, money) in enumerate(zip(values, table["ev_musd"], strict=True)):
        axes.annotate(
            f"{money / 1e3:+,.2f} bn USD",
            (share, row),
            (4 if share >= 0 else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if share >= 0 else "right",
            fontsize=7,
            color="#52606d",
        )
    axes.axvline(0.0, color="#52606d", linewidth=0.8)
    axes.set_yticks(range(len(table)), [drawn(str(r)) for r in table.index])
    axes.margins(x=0.18, y=0.01)
    axes.set_xlabel(f"equivalent variation, % of benchmark income ({result.household})", fontsize=9)
    _head(axes, result.title, "Welfare by region against the benchmark")
    figure.savefig(file)


def drivers(table: pd.DataFrame, title: str, file: Path) -> bool:
    """A picture of the largest effects of a table of drivers; false if none could be drawn."""

    def bars(target: Path) -> None:
        top = table.head(SHOWN).iloc[::-1]
        figure, axes = _axes(7.5, 1.2 + 0.32 * len(top))
        names = [drawn(f"{row.instrument} {row.cell}") for row in top.itertuples()]
        axes.barh(names, top["effect"], color=[GAIN if effect > 0.0 else LOSS for effect in top["effect"]])
        axes.set_title(drawn(title), fontsize=10, loc="left")
        axes.set_xlabel("effect of a point of a rate, a per cent of an index, a tenth of an elasticity", fontsize=8)
        figure.savefig(target)

    return available() and _made(bars, file)


def abatement_curves(table: pd.DataFrame, file: Path) -> bool:
    """A picture of what prices of CO2 cut, a line a region and supply of fuels; false if none could be drawn."""

    def lines(target: Path) -> None:
        figure, axes = _axes(6.5, 4.0)
        for (region, supply), rows in table.groupby(["region", "supply"], sort=False):
            axes.plot(rows["cut_pct"], rows["price_usd"], marker="o", label=drawn(f"{region}, supply {supply}"))
        axes.set_title("What prices of CO2 cut", fontsize=10, loc="left")
        axes.set_xlabel("cut of CO2, %", fontsize=8)
        axes.set_ylabel("price, USD a tonne", fontsize=8)
        axes.legend(fontsize=7)
        figure.savefig(target)

    return available() and _made(lines, file)
