"""Write the pages that come from the code: the equations and the symbols of the model.

Run by `make docs`; a test compares the committed pages with what this writes, so they cannot rot.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cge.calibration.benchmark import Benchmark
from cge.calibration.world2020 import published_figures as of_2020
from cge.calibration.world2020.build import YEAR
from cge.calibration.world2022 import published_figures as of_2022
from cge.closure import CLOSURES, OPTIONS
from cge.equation import Equation, Quantity
from cge.equations import MODULES
from cge.equations.structures import BLOCKS
from cge.indicators import UNITS
from cge.latex import latex, meaning
from cge.notation import AXES, Symbol
from cge.scenarios.cli import app
from cge.scenarios.names.horizon import HORIZONS
from cge.scenarios.results.registry import TABLES
from cge.scenarios.screen.examples import EXAMPLES, STATUS
from cge.structure import Structure
from cge.symbols import INSTRUMENTS, PARAMETERS, VARIABLES

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import reference  # noqa: E402 (beside this file, however it is run)

HORIZON_LINES = (
    "## Horizons",
    "",
    "A horizon is a closure with the elasticities that go with it (`--horizon NAME`, [horizons](horizons.md)).",
)
HEAD = "<!-- Written by docs/generate.py from the code; change it there and run `make docs`. -->\n"

OF_2022 = [
    HEAD,
    "# The benchmark against the world",
    "",
    f"`{of_2022.NAME}`, the default, beside published figures that its build does not use",
    "(`cge.calibration.world2022.published_figures`); a test holds each to its band. The build report,",
    "`calibration/data/build-report-2022.md`, lists every change by size; [what moved the headline",
    "figures](changes-2022.md) from the 2020 benchmark, step by step, has a page of its own.",
    "",
    "- **Observed**: trade in goods by pair and sector with home sales, services by pair, output and value",
    "  added of 20 areas by sector (OECD, edition of 2025). The OECD extrapolates 2022 itself, with one growth",
    "  rate for all goods, in BRA CAN CHN EGY IND MMR RUS THA TUR ZAF: 46 % of the world's goods output.",
    "- **Estimated**: who uses what (the table of 2020 fitted to what is observed), services by sector, product",
    "  taxes.",
    "- **How good out of sample**: the table of 2020 taken to 2019 by the same code, beside the OECD's own 2019",
    "  (20 x 12, `python benchmarks/out_of_sample.py`): composite inputs 4.2 % off (7.6 unfitted), foreign",
    "  cells 12.0 (16.8), services by sector and pair 9.6 (13.4), final demand 4.1 (7.4). It is optimistic: the",
    "  year is the next one.",
    "- **Duties on electronics and medicines** among USA, KOR, JPN and EU27 average 0.25 and 0.05 %. Pairs",
    "  above a half per cent: Japan to the United States 0.8 on electronics (as collected in 2024), Japan to",
    "  Korea 1.0 on electronics (lines outside the agreement, by what Japan sells to the United States) and 3.1",
    "  on medicines (Korea is no party to that agreement, and the RCEP's cuts of 2022 are in no source at",
    "  hand).",
    "- **Coal** is not apart from oil and gas: trade and output have it, the uses of the table of 2020, labour",
    "  shares and emissions do not, and an input structure without data would be invented.",
    "- **Steel under quota** is in [two parts](steel.md): categories that bind and categories that do not.",
    "",
    "With GTAP or a national table at hand, use it: a table of a statistical office has its own input",
    "structure, where this one carries that of other countries and of 2014 for half of its economies, and its",
    "trade at purchasers' prices has margins by route. `Benchmark.from_arrays` and the readers take such",
    "tables; keep the duties, which are the better part.",
    "",
]
OF_2020 = [
    f"## {of_2020.NAME}",
    "",
    f"Goods and services of {YEAR} beside what statistics say (`cge.calibration.world2020.published_figures`).",
    "Rows with the",
    "OECD or the Global Tariff Database as source are the build's own inputs: they show that it kept them, no",
    "more. The build report, `calibration/data/build-report.md`, says how the table was made and what falls",
    "short in it.",
    "",
]


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    return {
        "equations.md": equations(),
        "symbols.md": symbols(),
        "closures.md": closures(),
        "benchmark.md": benchmark(),
        "tables.md": tables(),
        "commands.md": commands(),
        "blocks.md": "\n".join([HEAD, *reference.blocks()]) + "\n",
        "api.md": "\n".join([HEAD, *reference.api()]) + "\n",
        "labels.md": "\n".join([HEAD, *reference.labels()]) + "\n",
    }


def commands() -> str:
    """Every command with what it does and examples, and what the status at its end says."""
    lines = [
        HEAD,
        "# The command line",
        "",
        "`cge COMMAND --help` lists the options; `cge --install-completion` lets the shell complete commands, options",
        "and names of scenarios. `--quiet` and `--json` (run, compare) are for scripts: JSON goes to standard output,",
        "and progress, notices and mistakes to standard error.",
    ]
    for command in app.registered_commands:
        callback = command.callback
        if callback is None:
            continue
        name = command.name or callback.__name__
        lines += ["", f"## {name}", "", " ".join((callback.__doc__ or "").split())]
        if name in EXAMPLES:
            lines += ["", "```sh", *EXAMPLES[name], "```"]
    lines += ["", "## Exit status", "", "| status | meaning |", "|---|---|"]
    lines += [f"| {status} | {meaning} |" for status, meaning in STATUS.items()]
    return "\n".join(lines) + "\n"


def tables() -> str:
    """Every table of a result: its file, keys and columns with their units."""
    lines = [
        HEAD,
        "# Tables of a result",
        "",
        "Every scenario's folder has one CSV file a table, under the table's name, and in Python `result.NAME` is the",
        "same ([what else a folder holds](results.md)). Numbers in files are never rounded. Million USD are at the",
        "prices of the benchmark's year, with the world factor price as the yardstick; changes are against the",
        "benchmark.",
    ]
    for table in TABLES.values():
        keys = ", ".join(f"`{key.name}`" for key in table.keys)
        lines += ["", f"## {table.name}", "", f"{table.title}: {table.row}, named by {keys}.", ""]
        lines += ["| column | unit | meaning |", "|---|---|---|"]
        lines += [f"| `{c.name}` | {c.unit} | {c.meaning or c.heading} |" for c in table.columns]
        lines += ["", table.note] if table.note else []
        if table.name == "indicators":
            lines += ["", "| indicator | unit | meaning |", "|---|---|---|"]
            lines += [f"| `{name}` | {unit} | {meaning} |" for name, (unit, meaning) in UNITS.items()]
    return "\n".join(lines) + "\n"


def benchmark() -> str:
    """The committed benchmarks against the world."""
    old = "\n".join(OF_2020) + "\n" + of_2020.page(Benchmark.load(of_2020.NAME))
    return "\n".join(OF_2022) + "\n" + of_2022.page(Benchmark.load(of_2022.NAME)) + "\n" + old


def equations() -> str:
    """The list of equations and quantities: formula, meaning, source, the variable that each determines."""
    base = Structure()
    lines = [
        HEAD,
        "# Equations",
        "",
        "Every equation is one function in `cge/equations`, and every formula here is printed by its body, which is",
        "also what solvers and IPOPT evaluate. Variables are indices relative to the benchmark, a bar is a benchmark",
        "value, and functional forms are in calibrated-share form ([symbols](symbols.md), [closures](closures.md)).",
        "Prices with their taxes and volumes that users buy are *quantities*, each written once. *Defines* means that",
        "the equation gives its variable as a formula, so the solver can eliminate it. `cge show equation NAME` prints",
        "one of them.",
    ]
    room = ""
    of_base: dict[str, Equation | Quantity] = {**base.quantities, **base.equations}
    order = [module.__name__ for module in MODULES]
    for one in sorted(of_base.values(), key=lambda one: order.index(one.home) if one.home in order else len(order)):
        if one.home != room:
            room = one.home
            lines += _heading(room)
        lines += _entry(base, one)
    for block in BLOCKS.values():
        lines += _heading(block.home)
        lines += [
            f"*A block of the structure: {block.title}"
            + (f"; closure {' '.join(block.option)}.*" if block.option else ".*")
        ]
        structure = Structure((*block.needs, block))
        for other in (*block.quantities, *block.equations):
            lines += _entry(structure, other)
    return "\n".join(lines) + "\n"


def _heading(room: str) -> list[str]:
    title, _, rest = (sys.modules[room].__doc__ or "").partition(":")
    return ["", f"## {title.strip()}", "", rest.strip()[:1].upper() + rest.strip()[1:]]


def _entry(structure: Structure, one: Equation | Quantity) -> list[str]:
    """One equation or quantity, with its formula."""
    if isinstance(one, Equation):
        notes = [f"determines `{one.pairs.name}[{', '.join(one.pairs.dims)}]`"]
        notes += ["defines it"] if one.defines else []
        notes += [f"replaces {', '.join(one.replaces)}"] if one.replaces else []
    else:
        notes = [f"quantity `{one.name}[{', '.join(one.dims)}]`"]
    return [
        "",
        f"### {one.name}",
        "",
        f"*{'; '.join(notes)}*",
        "",
        "$$",
        latex(structure, one.name),
        "$$",
        "",
        meaning(one),
    ]


def symbols() -> str:
    """The tables of axes, variables, instruments and parameters."""
    base = Structure()
    lines = [HEAD, "# Symbols", "", "## Axes", "", "| axis | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in AXES.items()]
    for title, table in (
        ("Variables", VARIABLES),
        ("Instruments", INSTRUMENTS),
        ("Swaps", base.levers),
        ("Parameters", PARAMETERS),
        *((f"Block {block.name}", {s.name: s for s in block.symbols}) for block in BLOCKS.values() if block.symbols),
    ):
        lines += ["", f"## {title}", "", "| name | symbol | dims | unit | meaning |", "|---|---|---|---|---|"]
        lines += [_row(symbol) for symbol in table.values()]
    return "\n".join(lines) + "\n"


def closures() -> str:
    """The options of a closure and the closures by name."""
    lines = [
        HEAD,
        "# Closures",
        "",
        "A closure says which variables are exogenous and which are endogenous (`cge.closure`).",
    ]
    for option, choices in OPTIONS.items():
        lines += ["", f"## {option}", ""] + [f"- **{name}**: {text}." for name, text in choices.items()]
    lines += ["", "## By name", "", f"| name | {' | '.join(OPTIONS)} |", "|---" * (len(OPTIONS) + 1) + "|"]
    lines += [
        f"| `{name}` | {' | '.join(getattr(closure, option) for option in OPTIONS)} |"
        for name, closure in CLOSURES.items()
    ]
    lines += ["", *HORIZON_LINES, "", "| horizon | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {horizon.title} |" for name, horizon in HORIZONS.items()]
    lines += ["", "The numeraire is the world factor price index (`world`) or the consumer price index of a region."]
    return "\n".join(lines) + "\n"


def _row(symbol: Symbol) -> str:
    latex = f"${symbol.latex}$" if symbol.latex else ""
    return f"| `{symbol.name}` | {latex} | {', '.join(symbol.dims)} | {symbol.unit} | {symbol.description} |"


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/{name}")
