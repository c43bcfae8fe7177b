"""Results on disk: what was changed is refused with what differs, what was killed is swept, a full disk is one line."""

import json
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cge.errors import DataError, RequestError
from cge.scenarios.results.folder import LOCK, whole
from cge.scenarios.results.proof import FILES, SEAL
from cge.scenarios.results.registry import TABLES
from cge.scenarios.results.results import Comparison, Result
from cge.scenarios.results.stored import Stored

ROOT = Path(__file__).parents[4]
FILES_OF_A_RESULT = [*(f"{name}.csv" for name in TABLES), "equilibrium.nc"]


@pytest.fixture
def folder(result, tmp_path):
    return result.save(tmp_path / "r")


def edited(file, change):
    file.write_text(json.dumps(change(json.loads(file.read_text()))))


@pytest.mark.parametrize("name", FILES_OF_A_RESULT)
def test_a_file_that_was_changed_is_refused_by_its_name(folder, name):
    content = (folder / name).read_bytes()
    for bad in (content[:-1], content + b"\n", content[:5] + bytes([content[5] ^ 1]) + content[6:], b""):
        (folder / name).write_bytes(bad)
        with pytest.raises(DataError, match=rf"{name} was changed after it was written; restore it, or run it anew"):
            Result.load(folder)
    (folder / name).unlink()
    with pytest.raises(DataError, match=rf"{name} cannot be read"):
        Result.load(folder)


def test_a_row_that_is_gone_is_seen_and_all_faults_are_told_at_once(folder):
    for name in ("trade.csv", "welfare.csv"):
        (folder / name).write_text("\n".join((folder / name).read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(DataError) as error:
        Result.load(folder)
    assert [fault.split(" ")[0] for fault in error.value.faults] == ["welfare.csv", "trade.csv"]


@pytest.mark.parametrize("change", [{"ipopt_status": -1}, {"max_residual": 1e-12}, {"title": "another"}, {FILES: {}}])
def test_a_proof_that_was_changed_is_refused(folder, change):
    edited(folder / "proof.json", lambda proof: proof | change)
    with pytest.raises(DataError, match=r"proof.json was changed"):
        Result.load(folder)


@pytest.mark.parametrize(
    "change", [{"ipopt_status": -1}, {"max_residual": 5}, {"walras": "0"}, {"identities": None}, {"identities": -1.0}]
)
def test_a_proof_out_of_tolerance_is_refused_whatever_its_hashes_say(folder, change):
    edited(folder / "proof.json", lambda proof: {k: v for k, v in (proof | change).items() if k != SEAL})
    with pytest.raises(DataError, match=rf"its proof says .*{-1 if 'ipopt_status' in change else next(iter(change))}"):
        Result.load(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"name": 1}', "\x00", "[" * 100_000])
def test_a_proof_that_is_none_is_one_message(folder, text):
    (folder / "proof.json").write_text(text)
    with pytest.raises(DataError):
        Result.load(folder)


def test_a_folder_of_an_older_version_is_read_with_a_notice(folder, result, caplog):
    edited(folder / "proof.json", lambda proof: {k: v for k, v in proof.items() if k not in (SEAL, FILES)})
    old = Result.load(folder)
    pd.testing.assert_frame_equal(old.trade, result.trade, check_dtype=False)
    (told,) = caplog.messages
    assert "without hashes" in told


def test_labels_that_look_like_numbers_stay_labels(result, tmp_path):
    welfare = result.welfare.rename(index={"KOR": "010", "USA": "NA"})
    again = Result.load(result.with_tables(welfare=welfare).save(tmp_path / "r"))
    assert list(again.welfare.index) == list(welfare.index)
    pd.testing.assert_frame_equal(again.welfare, welfare, check_exact=True, check_index_type=False)


def test_results_in_folders_are_read_when_asked_for_and_never_another_ones(result, tmp_path):
    results = Stored()
    for name in ("a", "b"):
        results.add(name, replace(result, name=name).save(tmp_path / name))
    both = Comparison(results)
    assert both.names == ["a", "b"]
    assert (both["b"].name, len(both), [r.name for r in both]) == ("b", 2, ["a", "b"])
    assert [r.name for r in results[:1]] == ["a"]
    pd.testing.assert_frame_equal(both.table("ev_pct"), pd.DataFrame(dict.fromkeys("ab", result.welfare["ev_pct"])))
    replace(result, name="a", title="replaced").save(tmp_path / "a", overwrite=True)
    with pytest.raises(DataError, match="replaced by another result since"):
        both["a"]


def test_what_killed_processes_left_is_swept_and_an_old_result_put_back(result, tmp_path):
    saved, old = result.save(tmp_path / "a"), tmp_path / ".cge-old-abc"
    old.mkdir()
    saved.rename(old / "a")  # killed while it was replaced
    (tmp_path / ".cge-new-abc").mkdir()
    (tmp_path / ".cge-new-abc" / "half.csv").write_text("half")
    (tmp_path / ".mine").mkdir()
    result.save(tmp_path / "b")
    assert sorted(f.name for f in tmp_path.iterdir()) == [LOCK, ".mine", "a", "b"]
    assert Result.load(tmp_path / "a").name == result.name


def test_a_folder_that_appeared_while_another_was_made_is_kept(tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "first").touch()
    with pytest.raises(FileExistsError, match="kept"), whole(tmp_path / "r", overwrite=False) as fresh:
        fresh.joinpath("second").touch()
    assert [f.name for f in (tmp_path / "r").iterdir()] == ["first"]


KILLED = """
import os, signal, sys
from pathlib import Path
from cge.scenarios.results.folder import whole
with whole(Path(sys.argv[1]), overwrite=True) as fresh:
    (fresh / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_while_saving_keeps_the_lock_from_nobody(result, tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "r"], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert any(f.name.startswith(".cge-new-") for f in tmp_path.iterdir())
    result.save(tmp_path / "r")
    assert sorted(f.name for f in tmp_path.iterdir()) == [LOCK, "r"]


@pytest.mark.parametrize("room", [3_000, 20_000])
def test_a_full_disk_is_one_message_and_leaves_nothing(result, tmp_path, room):
    """A limit on the size of a file stands for the disk: CSV files meet it, or the NetCDF file does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(RequestError, match=r"r cannot be written \(.*; nothing of it is left"):
            result.save(tmp_path / "r")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert [f.name for f in tmp_path.iterdir()] == [LOCK]
