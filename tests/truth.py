"""Checks against theory and published work: each is written once, and serves pytest and the table of `make truth`.

In a test under tests/identities or tests/replication, state what is known and what the model says; it asserts:

    record("real income of Mexico, %", 0.00732, got, 1e-5, source="Caliendo and Parro (2015), exact solution")

Numbers or arrays alike; of an array, and of a check that is recorded many times (Hypothesis), the row shows the
worst case. `differs=True` is the twin that must fail: it asserts that the two are further apart than the tolerance.
`relative=True` measures the distance against the expected value. The first line of the module's docstring heads its
rows. A skipped test and an expected failure have a row too, with the reason: "skipped" and "open".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

COLUMNS = ("what", "expected", "got", "distance", "tolerance", "cases", "verdict", "source")
FEW, MANY = 2, 8
"""Random economies that Hypothesis draws for a check in the tests, and with `--truth`."""

_KEY = "truth"
_running: list[pytest.Item] = []


def record(
    what: str,
    expected: Any,
    got: Any,
    tolerance: float,
    source: str,
    *,
    differs: bool = False,
    relative: bool = False,
) -> None:
    """Assert that what the model says is what is known, and make it a row of the table.

    Args:
        what: the check in words, with its unit.
        expected: what theory or a publication says; a number or an array.
        got: what the model says, of the same shape (or one that broadcasts).
        tolerance: largest distance allowed.
        source: publication, or the theory's name.
        differs: the distance must be larger than the tolerance.
        relative: distance as a share of the expected value.
    """
    wanted, found = np.broadcast_arrays(np.asarray(expected, dtype=float), np.asarray(got, dtype=float))
    scale = np.maximum(np.abs(wanted), 1e-300) if relative else np.ones(wanted.shape)
    distance = np.nan_to_num(np.abs(found - wanted) / scale, nan=np.inf)
    worst = np.unravel_index(int(distance.argmax()), distance.shape) if distance.ndim else ()
    largest = float(distance[worst])
    passed = (largest > tolerance) if differs else (largest <= tolerance)
    if _running:
        row = {
            "what": what,
            "expected": float(wanted[worst]),
            "got": float(found[worst]),
            "distance": largest,
            "tolerance": float(tolerance),
            "differs": differs,
            "relative": relative,
            "passed": bool(passed),
            "source": source,
        }
        _running[-1].user_properties.append((_KEY, row))
    relation = "further apart than" if differs else "within"
    assert passed, f"{what}: expected {wanted[worst]}, got {found[worst]}; not {relation} {tolerance} ({largest:.3g})"


# The pytest plugin -----------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--truth", metavar="PAGE", help="print every recorded check as a row and write the page")


def pytest_configure(config: pytest.Config) -> None:
    """Random economies are always the same ones; `--truth` draws more of them."""
    settings.register_profile("tests", derandomize=True, deadline=None, database=None, max_examples=FEW)
    settings.register_profile("truth", settings.get_profile("tests"), max_examples=MANY)
    settings.load_profile("truth" if config.getoption("--truth") else "tests")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    module = getattr(item, "module", None)
    title = (getattr(module, "__doc__", None) or item.nodeid).strip().splitlines()[0]
    item.user_properties.append((f"{_KEY} title", title))
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.pop()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    page = config.getoption("--truth")
    if not page:
        return
    groups = _groups(terminalreporter)
    rows = [row for group in groups.values() for row in group]
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in ("ok", "FAIL", "open", "skipped")}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    terminalreporter.section("truth")
    for title, group in groups.items():
        terminalreporter.write_line("")
        terminalreporter.write_line(title, bold=True)
        for line in _aligned(group):
            terminalreporter.write_line(line)
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{len(rows)} checks: {told}", bold=True)
    Path(page).write_text(_markdown(groups, f"{len(rows)} checks: {told}."), encoding="utf-8")
    terminalreporter.write_line(f"wrote {page}")


def _groups(terminalreporter: Any) -> dict[str, list[dict[str, str]]]:
    """Rows by title, in the order of the files and of the checks within them."""
    reports = [
        report
        for outcome, some in terminalreporter.stats.items()
        for report in some
        if outcome and hasattr(report, "user_properties") and hasattr(report, "longrepr")  # no deselected items
    ]
    groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for report in sorted(reports, key=lambda report: (report.location[0], report.location[1] or 0, report.nodeid)):
        title = next((value for key, value in report.user_properties if key == f"{_KEY} title"), report.nodeid)
        checks = groups.setdefault(title, {})
        for row in _recorded(report):
            checks.setdefault(row["what"], []).append(row)
    return {title: [_row(cases) for cases in checks.values()] for title, checks in groups.items() if checks}


def _recorded(report: Any) -> list[dict[str, Any]]:
    """What a test recorded, and how it ended if its checks do not say so."""
    rows = [row | {"verdict": "ok" if row["passed"] else "FAIL"} for key, row in report.user_properties if key == _KEY]
    name = report.nodeid.split("::", 1)[-1].removeprefix("test_").replace("_", " ")
    reason = getattr(report, "wasxfail", None)
    told = [row for row in rows if not row["passed"]]
    if reason is not None:
        for row in told:
            row |= {"verdict": "open", "source": f"{row['source']}. {reason}"}
        return rows if told else [*rows, {"what": f"{name}: {reason}", "verdict": "open"}]
    if report.skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return [*rows, {"what": f"{name}: {why.removeprefix('Skipped: ')}", "verdict": "skipped"}]
    if report.failed and not told:
        crash = getattr(report.longrepr, "reprcrash", None)
        lines = str(getattr(crash, "message", report.longrepr)).strip().splitlines()
        return [*rows, {"what": f"{name}: {lines[0] if lines else 'failed'}", "verdict": "FAIL"}]
    return rows


def _row(cases: list[dict[str, Any]]) -> dict[str, str]:
    """The row of a check as it is printed: its worst case."""
    if "distance" not in cases[0]:
        return dict.fromkeys(COLUMNS, "") | {"what": cases[0]["what"], "verdict": cases[0]["verdict"]}
    sign = -1.0 if cases[0]["differs"] else 1.0
    worst = max(cases, key=lambda row: (not row["passed"], sign * row["distance"]))
    return {
        "what": worst["what"],
        "expected": ("not " if worst["differs"] else "") + _number(worst["expected"], worst["tolerance"]),
        "got": _number(worst["got"], worst["tolerance"]),
        "distance": _distance(worst["distance"]),
        "tolerance": ("> " if worst["differs"] else "") + f"{worst['tolerance']:.0e}" + " rel." * worst["relative"],
        "cases": str(len(cases)),
        "verdict": worst["verdict"],
        "source": worst["source"],
    }


def _number(value: float, tolerance: float) -> str:
    """Seven digits; noise around zero is zero, so that the page does not change with it."""
    return "0" if abs(value) < min(tolerance, 1e-7) else f"{value:.7g}"


def _distance(value: float) -> str:
    """One digit; of what is rounding, and differs from machine to machine, a power of ten above it."""
    if value > 1e-6 or value < 1e-15:
        return f"{value:.0e}" if value > 1e-6 else "0"
    return f"< {10.0 ** math.ceil(math.log10(value)):.0e}"


def _aligned(group: list[dict[str, str]]) -> list[str]:
    widths = {name: max(len(name), *(len(row[name]) for row in group)) for name in COLUMNS}
    table = [dict(zip(COLUMNS, COLUMNS, strict=True)), *group]
    return ["  ".join(row[name].ljust(widths[name]) for name in COLUMNS).rstrip() for row in table]


def _markdown(groups: dict[str, list[dict[str, str]]], count: str) -> str:
    lines = [
        "# What the model reproduces",
        "",
        "`make truth` runs every check, prints this table and writes this page; it fails if one check fails. A check",
        "that runs on many random economies shows its worst case. *open*: the model does not reach it yet, and why;",
        "*skipped*: it could not run.",
        "",
        count,
    ]
    for title, group in groups.items():
        lines += ["", f"## {title.rstrip('.')}", "", "| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
        lines += ["| " + " | ".join(row[name].replace("|", "\\|") for name in COLUMNS) + " |" for row in group]
    return "\n".join(lines) + "\n"
