"""Each broken equation is seen by at least one check, and docs/mutants.md says by which."""

import sys
from pathlib import Path

import pytest

from tests.mutants.broken import MUTANTS, Mutant
from tests.mutants.checks import CHECKS, seen_by

PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
HEAD = """# Broken on purpose

Each row is an equation with one line wrong, put in the place of the right one; each column is a cheap check. A cross
says that the check sees it. Replication at the benchmark sees little: all indices are one there, so a wrong exponent
leaves it unmoved. A test holds this page to what the checks see, and requires at least one cross in each row
(`tests/mutants`; to write it anew: `python -m tests.mutants.test_mutants`).
"""


def crosses(mutant: Mutant) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        mutant.patch(patch)
        return seen_by()


def row(mutant: Mutant, seen: list[str]) -> str:
    marks = " | ".join("x" if name in seen else "" for name in CHECKS)
    return f"| `{mutant.where.split(' ')[0]}` {mutant.where.split(' ')[1]}: {mutant.what} | {marks} |"


def meanings() -> list[str]:
    return [f"- **{name}**: {' '.join((check.__doc__ or '').split())}" for name, (check, _) in CHECKS.items()]


def test_the_model_passes_every_check():
    assert seen_by() == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.where.split(' ')[0]}: {one.what}")
def test_each_mutant_is_seen(mutant):
    seen = crosses(mutant)
    print(row(mutant, seen))
    assert seen, f"no check sees {mutant.what} in {mutant.where}"
    assert row(mutant, seen) in PAGE.read_text(encoding="utf-8").splitlines(), "write docs/mutants.md anew"


def test_the_page_has_one_row_for_each_mutant_and_says_what_the_checks_are():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("| `") for line in lines) == len(MUTANTS)
    assert set(meanings()) <= set(lines)


if __name__ == "__main__":
    rows = [row(mutant, crosses(mutant)) for mutant in MUTANTS]
    head = ["| mutant | " + " | ".join(CHECKS) + " |", "|---" * (len(CHECKS) + 1) + "|"]
    PAGE.write_text("\n".join([HEAD, *meanings(), "", *head, *rows]) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(rows) + "\n")
