"""The scenarios that come with the package, and those in a user's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cge.calibration.benchmark import Benchmark
from cge.errors import PolicyError, nearest
from cge.parameters import Parameters

from .reader import Draft, draft
from .scenario import Scenario

FOLDER = Path(__file__).parent / "library"

HEADLINE = (
    "us-universal-10",
    "us-universal-10-fta-exempt",
    "korea-cptpp",
    "korea-cptpp-sensitive-farm",
    "korea-steel-trq",
    "korea-steel-removal",
)
"""The three headline policies with their variants, as `cge study` runs them."""


POLICIES: Mapping[int, str] = {
    1: "universal US tariff",
    2: "tariff on China",
    3: "end of MFN treatment for China",
    4: "tariffs in place of the income tax",
    5: "Korea joins the CPTPP",
    6: "others join the CPTPP",
    7: "RCEP",
    8: "Section 232 steel",
    9: "green steel club and border carbon charges",
    10: "sectoral agreements",
    11: "supply shock and coercion",
    12: "industrial subsidies",
    13: "export controls",
    14: "decoupling and friendshoring",
    15: "agreements with the Global South",
    16: "procurement",
    17: "investment follows tariffs",
    18: "the dollar and the trade balance",
    19: "carbon markets",
}
"""The table of policies, by row: those of Wolff and Yeo (2024), PIIE Working Paper 24-19."""


def names() -> list[str]:
    """Names of the library's scenarios, by row of the table of policies."""
    found = [load(path.stem) for path in FOLDER.glob("*.yaml")]
    return [s.name for s in sorted(found, key=lambda s: (s.row, s.name))]


def load(source: str | Path) -> Scenario:
    """A scenario by its name in the library, or from a file.

    Raises:
        PolicyError: no such scenario (with the nearest name), or all faults of form of the file.
    """
    return _draft(source).scenario()


def load_for(source: str | Path, benchmark: Benchmark, parameters: Parameters) -> Scenario:
    """As `load`, with the names checked against a benchmark as well, so that all faults are told at once.

    Raises:
        PolicyError: with every fault of form and of fit to the benchmark.
    """
    from cge.scenarios.policy.bind import check

    return check(_draft(source), benchmark, parameters)


def part(source: str | Path | Scenario, folder: Path = Path(), chain: Sequence[Path] = ()) -> Scenario:
    """A part of a scenario: one of the library, of a file, or itself.

    Args:
        source: name, file, or scenario.
        folder: that relative files are in.
        chain: files that are being read, each a part of the one before.

    Raises:
        PolicyError: no such scenario, faults of form, or a scenario that is a part of itself.
    """
    if isinstance(source, Scenario):
        return source
    if not isinstance(source, str | Path):
        raise PolicyError([f"a part is the name of a scenario or a file, not {source!r}"])
    path = Path(source)
    return _draft(folder / path if path.suffix in (".yaml", ".yml") else source, chain).scenario()


def _draft(source: str | Path, chain: Sequence[Path] = ()) -> Draft:
    path = Path(source)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return draft(path, chain)
    stored = FOLDER / f"{source}.yaml"
    if stored.is_file() and path.name == str(source):
        return draft(stored, chain)
    known = sorted(p.stem for p in FOLDER.glob("*.yaml"))
    raise PolicyError(
        [f"unknown scenario {str(source)!r}{nearest(str(source), known)}; `cge list` shows all, or give a .yaml file"]
    )
