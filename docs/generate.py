"""Write the pages that come from the code: the equations and the symbols of the model.

Run by `make docs`; a test compares the committed pages with what this writes, so they cannot rot.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from cge.calibration.benchmark import Benchmark
from cge.calibration.world2020 import known
from cge.calibration.world2020.build import YEAR
from cge.closure import CLOSURES, OPTIONS
from cge.equations import EQUATIONS
from cge.symbols import AXES, INSTRUMENTS, LEVERS, PARAMETERS, VARIABLES, Symbol

HERE = Path(__file__).parent
HEAD = "<!-- Written by docs/generate.py from the code; change it there and run `make docs`. -->\n"


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    return {
        "equations.md": equations(),
        "symbols.md": symbols(),
        "closures.md": closures(),
        "benchmark.md": benchmark(),
    }


def benchmark() -> str:
    """The committed benchmark against the world."""
    lines = [
        HEAD,
        "# The benchmark against the world",
        "",
        f"`{known.NAME}`, goods and services of {YEAR}, beside what statistics say",
        "(`cge.calibration.world2020.known`). Deviations are ours less theirs; a test holds each to its band. Where no",
        "figure stands, we hold none with a source that we have read. The",
        "[build report](../calibration/data/build-report.md) says how the table was made",
        "and what falls short in it.",
        "",
    ]
    return "\n".join(lines) + "\n" + known.page(Benchmark.load(known.NAME))


def equations() -> str:
    """The list of equations: formula, meaning, source, the variable that each determines."""
    lines = [
        HEAD,
        "# Equations",
        "",
        "Every equation is one function in `cge/equations`; this page is their docstrings. Variables are indices",
        "relative to the benchmark, a bar marks a benchmark value, and functional forms are in calibrated-share form",
        "([symbols](symbols.md), [closures](closures.md)). *Defines* means that the equation gives its variable as a",
        "formula, so the solver can eliminate it.",
    ]
    room = ""
    for equation in EQUATIONS.values():
        module = sys.modules[equation.body.__module__]
        if module.__name__ != room:
            room = module.__name__
            title, _, rest = (module.__doc__ or "").partition(":")
            lines += ["", f"## {title.strip()}", "", rest.strip()[:1].upper() + rest.strip()[1:]]
        notes = [f"determines `{equation.pairs.name}[{', '.join(equation.pairs.dims)}]`"]
        notes += ["defines it"] if equation.defines else []
        notes += [f"{option} = {value}" for option, value in equation.structure.items()]
        lines += ["", f"### {equation.name}", "", f"*{'; '.join(notes)}*", "", _markdown(equation.doc)]
    return "\n".join(lines) + "\n"


def symbols() -> str:
    """The tables of axes, variables, instruments and parameters."""
    lines = [HEAD, "# Symbols", "", "## Axes", "", "| axis | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in AXES.items()]
    for title, table in (
        ("Variables", VARIABLES),
        ("Instruments", INSTRUMENTS),
        ("Levers", LEVERS),
        ("Parameters", PARAMETERS),
    ):
        lines += ["", f"## {title}", "", "| name | symbol | dims | unit | meaning |", "|---|---|---|---|---|"]
        lines += [_row(symbol) for symbol in table.values()]
    return "\n".join(lines) + "\n"


def closures() -> str:
    """The options of a closure and the closures by name."""
    lines = [HEAD, "# Closures", "", "A closure says what is held and what adjusts (`cge.closure`)."]
    for option, choices in OPTIONS.items():
        lines += ["", f"## {option}", ""] + [f"- **{name}**: {text}." for name, text in choices.items()]
    lines += ["", "## By name", "", "| name | household | saving | labour | government |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | {c.household} | {c.saving} | {c.labour} | {c.government} |" for name, c in CLOSURES.items()
    ]
    lines += ["", "The numeraire is the world factor price index (`world`) or the consumer price index of a region."]
    return "\n".join(lines) + "\n"


def _row(symbol: Symbol) -> str:
    latex = f"${symbol.latex}$" if symbol.latex else ""
    return f"| `{symbol.name}` | {latex} | {', '.join(symbol.dims)} | {symbol.unit} | {symbol.description} |"


def _markdown(doc: str) -> str:
    """A docstring with its `.. math::` blocks as Markdown formulas."""
    text = inspect.cleandoc(doc)
    return re.sub(
        r"^\.\. math:: (.*?)(?=\n\n|\Z)",
        lambda match: "$$\n" + " ".join(match[1].split()) + "\n$$",
        text,
        flags=re.DOTALL | re.MULTILINE,
    )


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/{name}")
