"""The answer's sentences follow the numbers: a sign, a size or a rank that is flipped on purpose changes them."""

import pandas as pd
import pytest

from cge.scenarios.results.shown.answer import answer

NAMES = {"A": "Aland", "B": "Bland", "C": "Cland", "D": "Dland"}


def table(**changes):
    rows = {
        "A": (100.0, 0.5, 0.1, 1.0),
        "B": (50.0, 0.9, -0.2, 2.0),
        "C": (-80.0, -0.4, -0.1, -0.3),
        "D": (0.01, 0.0001, 0.0, 0.0),
        "world": (70.01, 0.1, 0.0, 0.0),
    }
    columns = ["ev_musd", "ev_pct", "real_gdp_pct", "terms_of_trade_pct"]
    frame = pd.DataFrame(rows, index=columns).T
    for label, row in changes.items():
        frame.loc[label] = row
    return frame


def told(frame, effects=None):
    return answer(frame, NAMES, "world", effects)


def test_who_gains_and_who_loses_with_sizes_and_ranks():
    lines = told(table())
    assert lines[0] == "The world as a whole gains 70 million USD (+0.100 % of income)."
    assert lines[1] == (
        "2 of 4 regions gain, most of all Aland (+100 million USD, +0.500 % of income) and "
        "Bland (+50 million USD, +0.900 % of income); measured by income Bland gains most (+0.900 %)."
    )
    assert lines[2] == "1 of 4 regions loses, most of all Cland (-80 million USD, -0.400 % of income)."


def test_a_flipped_sign_a_changed_size_and_a_changed_rank_are_told():
    flipped = told(table(C=(80.0, 0.4, 0.1, 0.3)))
    assert flipped[1].startswith("3 of 4 regions gain, most of all Aland (+100")
    assert flipped[2] == "No region would lose."
    assert "Cland (+80 million USD" in flipped[1]
    ranked = told(table(B=(500.0, 0.9, -0.2, 2.0)))
    assert "most of all Bland (+500 million USD, +0.900 % of income) and Aland" in ranked[1]
    assert "measured by income" not in ranked[1]
    assert (
        told(table(world=(-70.0, -0.1, 0, 0)))[0] == "The world as a whole loses 70 million USD (-0.100 % of income)."
    )
    assert told(table(world=(0.2, 0.0001, 0, 0)))[0].startswith("The world as a whole neither gains nor loses")


@pytest.mark.parametrize(
    ("real", "terms", "said"),
    [
        (0.1, 1.0, "by both its real GDP and its terms of trade"),
        (-0.1, 1.0, "the sign hangs on its terms of trade"),
        (0.1, -1.0, "with its real GDP, against its terms of trade"),
        (-0.1, -1.0, "though its real GDP and its terms of trade move the other way"),
    ],
)
def test_why_without_a_decomposition(real, terms, said):
    line = told(table(A=(100.0, 0.5, real, terms)))[3]
    assert line.startswith("Aland gains")
    assert said in line
    assert f"real GDP {real:+.3f} %, terms of trade {terms:+.3f} %" in line


def test_why_with_a_decomposition():
    effects = pd.DataFrame(
        {"allocative_efficiency": [-30.0, -20.0], "terms_of_trade": [130.0, -60.0], "ev_musd": [100.0, -80.0]},
        index=["A", "C"],
    )
    gains, loses = told(table(), effects)[3:]
    assert gains == (
        "Aland gains 100 million USD because of terms of trade +130 and allocative efficiency -30 million USD; "
        "without the terms of trade the sign would turn."
    )
    assert loses == (
        "Cland loses 80 million USD because of terms of trade -60 and allocative efficiency -20 million USD; "
        "no single effect decides the sign."
    )
