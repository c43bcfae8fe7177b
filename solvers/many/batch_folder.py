"""A batch's folder: one file a table of a solved job, and an index with one line for every job that ended.

`batch.jsonl` is the index; `jobs/KEY.FINGERPRINT.TABLE.csv` are the files. An index line is written after the files
that it names, so whatever it says is there; a job whose line is missing, or has another fingerprint, is to be run.
`batch.lock` keeps a second batch out; the system lets go of it when the process of the first one ends, however it does.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from cge.errors import KeptError
from cge.labels import read_table as read_file

log = logging.getLogger("cge")

INDEX = "batch.jsonl"
LOCK = "batch.lock"
JOBS = "jobs"
_FIRST_LINE = {"format": "cge batch", "version": 1}
_UNFINISHED = ".part"


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a job ended, with what is kept of it.

    Attributes:
        status: "solved"; "unsolved" (there is no certified equilibrium, and another try would find none); or
            "error" (anything else; a batch that resumes tries it again).
        reason: why it is not solved.
        seconds: that it took, on its worker.
        tables: CSV by name, written where the job ran; none if it is not solved.
        proof: why it can be believed: residuals, Walras' slack, IPOPT's verdict.
    """

    status: str
    reason: str = ""
    seconds: float = 0.0
    tables: Mapping[str, str] = field(default_factory=dict)
    proof: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """How a job ended: a line of the index.

    Attributes:
        key: of the job.
        status, reason, seconds, proof: see `Outcome`.
        fingerprint: of everything that its result depends on.
        tables: names of its tables.
        sha256: of each table's file; empty in the lines of an older version.
    """

    key: str
    status: str
    reason: str
    seconds: float
    fingerprint: str
    tables: list[str]
    proof: dict[str, Any]
    sha256: dict[str, str] = field(default_factory=dict)

    def file(self, table: str) -> Path:
        """A table's file, in the batch's folder."""
        return Path(JOBS) / f"{self.key}.{self.fingerprint[:12]}.{table}.csv"


class BatchFolder:
    """A batch's folder while it is written to, by this process alone.

    Args:
        path: of the folder; it is made where it is missing.

    Attributes:
        rows: how every job ended that the folder knows of, by key.

    Raises:
        KeptError: the folder holds files that are no batch's, which are kept; or another batch writes to it.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise KeptError(f"{path} is a file; give a folder")
        if path.is_dir() and not (path / INDEX).is_file() and any(file.name != LOCK for file in path.iterdir()):
            raise KeptError(f"{path} holds files that are no batch's, which are kept; give another folder")
        self.path = path
        self.rows: dict[str, Row] = {}
        self._lock = FileLock(path / LOCK)

    def __enter__(self) -> BatchFolder:
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            text = f"another batch is writing to {self.path}; wait until it has ended, or give another folder"
            raise KeptError(text) from None
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _open(self) -> None:
        index = self.path / INDEX
        if index.is_file():
            self.rows = read_rows(self.path)
        (self.path / JOBS).mkdir(exist_ok=True)
        for file in (self.path / JOBS).glob(f"*{_UNFINISHED}"):  # of a batch that was killed
            file.unlink(missing_ok=True)
        written = index.read_bytes() if index.is_file() else b""
        self._index = index.open("a", encoding="utf-8")
        if not written:
            self._write(_FIRST_LINE)
        elif not written.endswith(b"\n"):  # a line that was not finished
            self._index.write("\n")

    def __exit__(self, *_: object) -> None:
        self._index.close()
        self._lock.release()

    def holds(self, key: str, fingerprint: str) -> bool:
        """Whether nothing is left to do for a job."""
        row = self.rows.get(key)
        if row is None or row.fingerprint != fingerprint or row.status == "error":
            return False
        return all(self._whole(row, table) for table in row.tables)

    def _whole(self, row: Row, table: str) -> bool:
        """Whether a table's file is as it was written; one that was changed is told, and its job run anew."""
        try:
            content = (self.path / row.file(table)).read_bytes()
        except OSError:
            return False
        if row.sha256.get(table) in (None, _hash(content)):
            return True
        log.warning("%s was changed after it was written: %s is run anew", self.path / row.file(table), row.key)
        return False

    def add(self, key: str, fingerprint: str, outcome: Outcome) -> Row:
        """Keep an outcome: first its files, then its line; last an older result of the job goes."""
        o, names = outcome, list(outcome.tables)
        hashes = {name: _hash(text.encode()) for name, text in o.tables.items()}
        row = Row(key, o.status, o.reason, o.seconds, fingerprint, names, dict(o.proof), hashes)
        for name, text in outcome.tables.items():
            file = self.path / row.file(name)
            unfinished = file.with_name(file.name + _UNFINISHED)
            unfinished.write_text(text, encoding="utf-8", newline="")
            unfinished.replace(file)
        self._write(_sealed(asdict(row)))
        old = self.rows.get(key)
        if old and old.fingerprint != fingerprint:
            for name in old.tables:
                (self.path / old.file(name)).unlink(missing_ok=True)
        self.rows[key] = row
        return row

    def _write(self, line: Mapping[str, Any]) -> None:
        self._index.write(json.dumps(line) + "\n")
        self._index.flush()
        os.fsync(self._index.fileno())


def read_rows(folder: Path) -> dict[str, Row]:
    """How every job ended that a batch's folder knows of, by key.

    Raises:
        KeptError: its index is none, or of another version.
    """
    text = (folder / INDEX).read_text("utf-8", "replace") or json.dumps(_FIRST_LINE)
    first, *lines = text.split("\n")
    if _parsed(first) != _FIRST_LINE:
        raise KeptError(f"{folder / INDEX} is not the index of a batch, or one of another version; it is kept")
    rows = [row for row in map(_row, lines) if row is not None]
    return {row.key: row for row in rows}


def read_table(folder: Path, rows: Iterable[Row], table: str) -> pd.DataFrame:
    """A table of all the jobs that have it under one another, with the column `job` first."""
    parts = {row.key: read_file(folder / row.file(table)) for row in rows if table in row.tables}
    if not parts:
        return pd.DataFrame({"job": []}, dtype=object)
    return pd.concat(parts, names=["job"]).reset_index(level=0).reset_index(drop=True)


def _row(line: str) -> Row | None:
    """A line of the index as it was written; None for one that is unfinished or was changed, whose job is run anew."""
    value = _parsed(line)
    if value is None:
        return None
    if "line_sha256" in value:
        told = value.pop("line_sha256")
        return Row(**value) if value.keys() == _FIELDS and _sealed(value)["line_sha256"] == told else None
    return Row(**value) if value.keys() == _FIELDS - {"sha256"} else None  # of an older version


def _sealed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "line_sha256": _hash(json.dumps(row, sort_keys=True).encode())}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _parsed(line: str) -> dict[str, Any] | None:
    """An object of JSON; None for what is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


_FIELDS = {each.name for each in fields(Row)}
