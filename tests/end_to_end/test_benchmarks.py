"""The benchmark suite on the smallest economy: every part gives rows of the right form. Nothing here is timed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import run as bench
from benchmarks.generate import elasticities, world
from benchmarks.measure import Row, at_most, child, skipped
from cge.calibration.shares import calibrate
from cge.solvers import Problem

FIELDS = {"name", "size", "value", "unit", "target", "met", "note"}


@pytest.mark.slow
def test_stages_of_a_tiny_world_give_a_well_formed_table(tmp_path, capsys, monkeypatch):
    table = "random-3x3"
    sizes = {"3x3": table, "5x3": "random-5x3", "31x40": ""}
    monkeypatch.setattr(bench, "Bench", lambda shared, full, made=bench.Bench: made(shared, full, sizes))
    out = tmp_path / "results" / "bench.json"
    assert bench.main(["--only", "stages", "--shared", str(tmp_path), "--out", str(out)]) == 0
    rows = json.loads(out.read_text())
    assert all(set(row) == FIELDS for row in rows)
    names = [row["name"] for row in rows if row["size"] == "3x3"]
    for stage in bench.STAGES:
        assert f"stage: {stage}" in names
    assert all(row["value"] > 0 for row in rows if row["size"] == "3x3" and row["name"].startswith("stage"))
    (missing,) = [row for row in rows if row["size"] == "31x40"]
    assert missing["value"] is None
    assert "there is no" in missing["note"]
    assert any(row["unit"] == "exponent" and row["size"] == "3x3 to 5x3" for row in rows)
    shown = capsys.readouterr().out
    assert all(row["name"] in shown for row in rows)


def test_a_part_that_fails_says_why_and_the_others_go_on(tmp_path, capsys, monkeypatch):
    def fail(self):
        yield Row("first", "1x1", 1.0, "x")
        raise KeyError("steel")

    monkeypatch.setitem(bench.PART_OF, "batch", fail)
    monkeypatch.setitem(bench.PART_OF, "gtap", lambda self: iter([Row("last", "1x1", 2.0, "x")]))
    out = tmp_path / "bench.json"
    assert bench.main(["--only", "batch", "gtap", "--out", str(out)]) == 0
    rows = json.loads(out.read_text())
    assert [row["name"] for row in rows] == ["first", "batch", "last"]
    assert (rows[1]["value"], rows[1]["note"]) == (None, "KeyError: 'steel'")
    assert "not measured" in capsys.readouterr().out


def test_plain_ipopt_and_this_package_agree_on_a_tiny_world():
    made = child("plain_ipopt.py", "random-3x3")
    assert made["difference"] < 1e-6
    assert {"certified", "second", "default", "tried", "iterations"} <= set(made)


def test_balancing_a_tiny_table_is_measured(tmp_path):
    rng = np.random.default_rng(0)
    Z, F = rng.lognormal(0.0, 1.0, (40, 40)), rng.lognormal(0.0, 1.0, (40, 20))
    labels = {"sectors": np.array(["a", "b"]), "fd": np.array(["C"])}
    np.savez(tmp_path / "table.npz", Z=Z, F=F, **labels)
    made = child("balance.py", tmp_path / "table.npz")
    assert made["cells"] == 2400
    assert made["controls"] == 40 + 60 + 306
    assert max(made["entropy gap"], made["least squares gap"]) < 1e-9


def test_a_target_is_met_or_not():
    assert at_most("x", "s", 2.0, "x", 3.0) == Row("x", "s", 2.0, "x", "<= 3", True)
    assert at_most("x", "s", 4.0, "x", 3.0).met is False
    assert skipped("x", "s", "why", "<= 3") == Row("x", "s", None, "", "<= 3", None, "why")
    assert "MISSED" in bench.line(at_most("x", "s", 4.0, "x", 3.0))


def test_a_script_that_fails_is_told_in_one_line():
    with pytest.raises(RuntimeError, match=r"stages.py no-such-table --arrays failed: .*no-such-table"):
        child("stages.py", "no-such-table", "--arrays")


def test_the_generated_world_is_the_same_every_time_and_solves():
    one, other = world(4, 3, seed=1), world(4, 3, seed=1)
    assert one.sha256 == other.sha256 != world(4, 3, seed=2).sha256
    p = calibrate(one, elasticities(one))
    found = Problem(p, certificate="arrays").solve({"tm": p.data["tm0"] + 0.1})
    assert found.proof.max_residual < 1e-9
