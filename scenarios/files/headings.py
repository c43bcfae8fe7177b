"""The library's files by name, title and policy, without what the scenarios say; nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .text import head, parse, plain, text_of

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
    20: "US measures in force, 2025-26",
}
"""The table of policies, by row: 1 to 19 are those of Wolff and Yeo (2024), PIIE Working Paper 24-19."""


@dataclass(frozen=True)
class Heading:
    """What a list of scenarios tells of one.

    Attributes:
        name: of the scenario and of its file.
        title: one line.
        row: of the table of policies; 0 if it has none.
    """

    name: str
    title: str
    row: int = 0


def files() -> list[Path]:
    """Files of the library's scenarios, each under the name of its scenario."""
    return sorted(FOLDER.glob("*.yaml"))


def headings() -> list[Heading]:
    """Names and titles of the library's scenarios, by row of the table of policies.

    The rest of their files is not read: it takes twenty times as long, and its faults are told when it is loaded.
    """
    return sorted(map(_heading, files()), key=lambda heading: (heading.row, heading.name))


def _heading(file: Path) -> Heading:
    text = head(text_of(file, "a scenario"), ("title", "row"))
    said = plain(parse(str(file), text, "a scenario is a mapping; begin with `name: ...`"))
    return Heading(file.stem, said["title"], said.get("row", 0))


def names() -> list[str]:
    """Names of the library's scenarios, by row of the table of policies."""
    return [heading.name for heading in headings()]
