"""Labels hold what tables, files and screens can show as it is."""

import pytest

from cge.text import label_fault


@pytest.mark.parametrize(
    "label", ["KOR", "010", "True", "NA", "#1", "A-B", "한국", r"$\frac$", "Food/drink", "[/bad]", "R&D"]
)
def test_ordinary_labels(label):
    assert label_fault(label) is None


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("=cmd|' /C calc'!A0", "begins with =, which spreadsheets take for a formula"),
        ("@SUM(A1)", "begins with @"),
        ("+1", r"begins with +"),
        ("\x1b[31mred", r"control character (U+001B)"),
        ("a\u202eb", "U+202E"),
        ("a\nb", "U+000A"),
        ("../../etc", "is a path"),
        ("/etc", "is a path"),
        ("x" * 300, "has 300 characters; at most 100"),
        ("All", "means every label of an axis"),
    ],
)
def test_labels_that_are_none(label, told):
    assert told in str(label_fault(label))
