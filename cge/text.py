"""Text that a user gives: what it may hold, whatever the script."""

from __future__ import annotations

from unicodedata import category

CONTROLS = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode's categories of characters that are no text: controls, halves of pairs, private and unassigned ones."""

TURNS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Characters that turn the direction of what follows, and so show other text than there is."""

FORMULAS = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""

EVERY = "all"
"""What scenarios say for every label of an axis, so that no label can be called so."""

LONGEST = 100
"""Most characters of a label."""


def odd_character(text: str) -> str | None:
    """A character that no text has, by its number; None if there is none."""
    found = next((c for c in text if category(c) in CONTROLS or c in TURNS), None)
    return None if found is None else f"U+{ord(found):04X}"


def label_fault(label: str) -> str | None:
    """Why a label is none that tables, files and screens can show as it is; None if it is one."""
    if odd := odd_character(label):
        return f"holds a control character ({odd}); remove it"
    if len(label) > LONGEST:
        return f"has {len(label)} characters; at most {LONGEST}"
    if label.startswith(FORMULAS):
        return f"begins with {label[0]}, which spreadsheets take for a formula; rename it"
    if label.startswith(("/", "../", "~")) or "/../" in label:
        return "is a path; rename it"
    if label.casefold() == EVERY:
        return f"means every label of an axis where scenarios say {EVERY}; rename it"
    return None
