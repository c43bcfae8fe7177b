"""Generated pages of what a scenario may say: every kind of block with its keys and an example, and every name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import cge
from cge.calibration.benchmark import Benchmark, available
from cge.calibration.elasticities import NAMED
from cge.closure import CLOSURES
from cge.scenarios.blocks.described import Key, described
from cge.scenarios.blocks.kinds import KINDS
from cge.scenarios.files import library
from cge.scenarios.names import agreements
from cge.scenarios.names.groups import load_groups
from cge.scenarios.names.vocabulary import WORDS
from cge.symbols import SYMBOLS


def blocks() -> list[str]:
    """Lines of the page of blocks."""
    lines = [
        "# Blocks of a scenario",
        "",
        "The list `shocks` of [a scenario](scenarios.md) is made of these blocks. Each is told by the key that it",
        "begins with; the example is one of the library's. A *selector* is a label, a group, a country's code, a list,",
        "`all`, or `{include: ..., except: ...}` ([every name](labels.md)). `cge check FILE` tells every fault.",
        "",
        "| block begins with | what it does |",
        "|---|---|",
    ]
    lines += [f"| [`{key}`](#{key}) | {described(key).title} |" for key in KINDS]
    for key in KINDS:
        lines += _block(key)
    lines += ["", "## Instruments", "", "What a block `instrument` can change, and the axes of each.", ""]
    lines += ["| instrument | axes | unit | meaning |", "|---|---|---|---|"]
    for word, name in WORDS.items():
        symbol = SYMBOLS[name]
        lines.append(f"| `{word}` | {', '.join(symbol.dims)} | {symbol.unit} | {symbol.description} |")
    return lines


def _block(key: str) -> list[str]:
    of = described(key)
    lines = ["", f"## {key}", "", f"{of.title}.", *([of.text] if of.text else [])]
    name, text = _example(key)
    lines += ["", "```yaml", text, "```", "", f"From `{name}` (`cge show {name}`).", ""]
    lines += ["| key | value | if not given | meaning |", "|---|---|---|---|"]
    return [*lines, *(_row(one) for one in of.keys)]


def _row(key: Key) -> str:
    value = ", ".join(f"`{choice}`" for choice in key.choices) if key.choices else key.kind
    value += f", {key.bounds}" if key.bounds else ""
    default = "must be given" if key.required else f"`{key.default}`" if key.default else ""
    meaning = key.meaning[:1].upper() + key.meaning[1:]
    return f"| `{key.name}` | {value} | {default} | {meaning.replace('|', '/')} |"


def _example(key: str) -> tuple[str, str]:
    """The longest block of the kind in the library, as it is written, and its scenario."""
    found = [(text, file.stem) for file in library.files() for text in _written(file.read_text(encoding="utf-8"), key)]
    text, name = max(found, key=lambda pair: (len(pair[0].splitlines()), pair[1]))
    return name, "shocks:\n" + text


def _written(text: str, key: str) -> Iterator[str]:
    _, _, shocks = text.partition("\nshocks:\n")
    for shock in re.split(r"(?m)^(?=  - )", shocks):
        begun = shock.partition("\n\n")[0].rstrip()
        if re.match(rf"  - (?:{{)?{key}:", begun):
            yield begun


def labels() -> list[str]:
    """Lines of the page of names."""
    lines = [
        "# Names that a scenario may use",
        "",
        "`cge list` prints the same for any benchmark, your own too. Beside the labels of the benchmark it runs on, a",
        "scenario may name countries (ISO 3166-1 alpha-3) and the 28 sectors where a label holds one, and groups.",
        "",
    ]
    for axis, title in (("region", "Groups of regions"), ("sector", "Groups of sectors")):
        lines += [f"## {title}", "", "| group | title | members | source |", "|---|---|---|---|"]
        for name, group in load_groups()[axis].items():
            lines.append(f"| `{name}` | {group.title} | {', '.join(group.members)} | {group.source} |")
        lines.append("")
    lines += ["## Agreements", "", "| agreement | title | members |", "|---|---|---|"]
    for agreement in map(agreements.load, agreements.names()):
        lines.append(f"| `{agreement.name}` | {agreement.title} | {', '.join(agreement.countries)} |")
    lines += ["", "## Scenarios of the library", "", "| policy | scenario | title |", "|---|---|---|"]
    for scenario in map(library.load, library.names()):
        lines.append(f"| {library.POLICIES.get(scenario.row, '')} | `{scenario.name}` | {scenario.title} |")
    lines += ["", f"Closures: {_code(CLOSURES)} ([closures](closures.md)). Elasticities: {_code(NAMED)}.", ""]
    for name in available():
        lines += [*_benchmark(name), ""]
    return lines[:-1]


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _benchmark(name: str) -> list[str]:
    contents = Benchmark.load(name).contents
    lines = [f"## {name}", "", "| region | name | countries |", "|---|---|---|"]
    lines += [
        f"| `{label}` | {one.name} | {', '.join(sorted(one.countries))} |" for label, one in contents.regions.items()
    ]
    lines += ["", "| sector | name | products |", "|---|---|---|"]
    lines += [
        f"| `{label}` | {one.name} | {', '.join(sorted(one.products))} |" for label, one in contents.sectors.items()
    ]
    factors = "; ".join(f"`{label}` {one.name}" for label, one in contents.factors.items())
    return [*lines, "", f"Factors: {factors}. Agents: `C` households, `G` government, `I` investment."]


GROUPED: Mapping[str, tuple[str, ...]] = {
    "Run": (
        "run", "compare", "economy", "Economy", "horizons", "Horizons", "decompose", "Decomposition", "diff",
        "answered",
        "batch", "Batch", "gradient", "optimum", "uncertainty", "delta", "robustness", "reply",
    ),
    "Scenarios": ("Scenario", "load_scenario", "scenario_names"),
    "Results": ("Result", "Comparison"),
    "Data": (
        "Benchmark", "check", "read_table", "make_benchmark", "export", "altertax", "Altertax", "load_elasticities",
        "calibrate",
    ),
    "The solver": ("CLOSURES", "Closure", "Problem", "Equilibrium", "Quota", "Event", "SolveError"),
}  # fmt: skip
"""Names of `cge` by what they are for; those that stand nowhere here come last."""


def api() -> list[str]:
    """Lines of the page of the package's names, which Sphinx fills from the docstrings."""
    lines = [
        "# The names of `cge`",
        "",
        "`import cge` is quick: what a name needs is imported when it is asked for. Axes, units and errors stand here.",
    ]
    rest = tuple(name for name in cge.__all__ if not any(name in names for names in GROUPED.values()))
    for title, names in {**GROUPED, **({"More": rest} if rest else {})}.items():
        lines += ["", f"## {title}", "", "```{eval-rst}"]
        for name in names:
            value = getattr(cge, name)
            home = f"cge.{name}"
            if isinstance(value, type):
                lines += [f".. autoclass:: {home}", "   :members:", ""]
            elif callable(value):
                lines += [f".. autofunction:: {home}", ""]
            else:
                lines += [f".. py:data:: {home}", "", f"   {', '.join(map(str, value))}.", ""]
        lines[-1] = "```"
    return lines
