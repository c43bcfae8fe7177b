"""Compiled models on disk: one file each, checked before any native code reads what it holds.

A file is a line of JSON (format, fingerprint, length and SHA-256 of the rest) and an archive of numpy. Files are
looked for in this environment's own folder, which several users may share and some may only read, then in the user's
cache directory; a new one goes to the first of the two that can be written to, and to none if neither can. They hold
the numbers of the benchmark. The environment variable CGE_CACHE names another folder, or says `off`.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

SWITCH = "CGE_CACHE"
OFF = "off"

KEPT = 8
"""Number of compiled models that a folder keeps; the ones used longest ago go first."""

_FORMAT = "cge compiled model 2"
_LONGEST_LINE = 1000
_OURS = re.compile(r"[0-9a-f]{64}(\.model)?|\.cge-\w+\.part")
"""Our files, those that a killed process left unfinished, and the folders of an older format."""
_HOUR = 3600.0

log = logging.getLogger("cge")


class DamagedError(ValueError):
    """A file that is not what was written."""


def default_folders() -> tuple[Path, ...]:
    """Where compiled models are looked for, in this order; none if they are switched off."""
    asked = os.environ.get(SWITCH, "")
    if asked.lower() == OFF:
        return ()
    if asked:
        return (Path(asked),)
    return Path(sys.prefix) / "var" / "cache" / "cge", platformdirs.user_cache_path("cge", appauthor=False)


@dataclass(frozen=True)
class Store:
    """Folders of compiled models.

    Args:
        given: folders, in the order in which they are used; those of `default_folders` if None.
    """

    given: tuple[Path, ...] | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders, whether or not they are there."""
        return default_folders() if self.given is None else self.given

    def read(self, fingerprint: str) -> bytes | None:
        """A packed model; None if there is none. One that is damaged is removed, and told in one line."""
        told = ""
        for folder in self.folders:
            file = folder / f"{fingerprint}.model"
            try:
                packed = checked(file, fingerprint)
            except DamagedError as error:
                told = f"the compiled model {file} is damaged ({error}): it is not used but made anew"
                with suppress(OSError):
                    file.unlink()
            except OSError:  # not there, or not ours to read
                continue
            else:
                with suppress(OSError):  # used just now; another user's file keeps its time
                    os.utime(file)
                return packed
        if told:
            log.warning(told)
        return None

    def keep(self, fingerprint: str, packed: bytes) -> Path | None:
        """Write a packed model in one step; None if no folder can be written to.

        Args:
            fingerprint: of the model.
            packed: see `pack`.
        """
        for folder in self.folders:
            file = folder / f"{fingerprint}.model"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                _write(file, packed)
            except OSError:  # read-only, full, or a folder in the file's place
                continue
            _thin(folder)
            return file
        return None

    def clean(self) -> list[Path]:
        """Remove every compiled model and whatever a killed process left, in all folders; what was removed."""
        gone = [file for folder in self.folders for file in _ours(folder)]
        for file in gone:
            _remove(file)
        return [file for file in gone if not file.exists()]


def pack(fingerprint: str, arrays: Arrays) -> bytes:
    """A compiled model as the content of its file."""
    body = io.BytesIO()
    np.savez(body, **arrays)  # type: ignore[arg-type]
    rest = body.getvalue()
    head = {"format": _FORMAT, "fingerprint": fingerprint, "length": len(rest)}
    line = json.dumps(head | {"sha256": hashlib.sha256(rest).hexdigest()}) + "\n"
    return line.encode() + rest


def unpack(packed: bytes, fingerprint: str) -> dict[str, NDArray[Any]]:
    """The arrays of a packed model.

    Raises:
        DamagedError: it is not what was packed, or is another model's.
    """
    line, _, rest = packed.partition(b"\n")
    head = _head(line + b"\n", fingerprint)
    _check(head, rest)
    with np.load(io.BytesIO(rest)) as archive:
        return {name: archive[name] for name in archive.files}


def checked(file: Path, fingerprint: str) -> bytes:
    """The content of a compiled model's file.

    Raises:
        DamagedError: it is not what was written.
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        line = stream.readline(_LONGEST_LINE)
        head = _head(line, fingerprint)
        size = os.fstat(stream.fileno()).st_size
        if size != len(line) + head["length"]:
            raise DamagedError(f"it has {size:,} bytes, not {len(line) + head['length']:,}")
        rest = stream.read()
    _check(head, rest)
    return line + rest


def health(folder: Path) -> tuple[int, int, list[Path]]:
    """Compiled models in a folder: their number, all bytes of ours there, and the files that are damaged."""
    files = list(_ours(folder))
    size = sum(f.stat().st_size for file in files for f in (file.rglob("*") if file.is_dir() else [file]))
    models = [file for file in files if file.suffix == ".model"]
    return len(models), size, [file for file in models if not _sound(file)]


def writable(folder: Path) -> bool:
    """Whether a model could be kept in a folder, or the folder be made."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK)


def _sound(file: Path) -> bool:
    try:
        checked(file, file.stem)
    except (DamagedError, OSError):
        return False
    return True


def _head(line: bytes, fingerprint: str) -> dict[str, Any]:
    try:
        head = json.loads(line)
        same = head["format"] == _FORMAT and head["fingerprint"] == fingerprint
        whole = isinstance(head["length"], int) and isinstance(head["sha256"], str)
    except (ValueError, LookupError, TypeError, RecursionError):
        raise DamagedError("its first line cannot be read") from None
    if not same or not whole:
        raise DamagedError("it is of another version, or another model's")
    return dict(head)


def _check(head: Mapping[str, Any], rest: bytes) -> None:
    if len(rest) != head["length"] or hashlib.sha256(rest).hexdigest() != head["sha256"]:
        raise DamagedError("its checksum differs")


def _write(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".cge-", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())  # else a name may outlive a crash of the machine and its content not
        Path(name).chmod(0o644)  # whoever shares the folder may read it
        Path(name).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _ours(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(file for file in folder.iterdir() if _OURS.fullmatch(file.name))
    except OSError:  # not there, or not ours to read
        return


def _thin(folder: Path) -> None:
    """Leave the models that were used last; unfinished files are left to whoever may still write them for an hour."""
    with suppress(OSError):  # another process may do the same
        files = list(_ours(folder))
        models = sorted((f for f in files if f.suffix == ".model"), key=lambda f: -f.stat().st_mtime)
        left = [f for f in files if f.suffix == ".part" and f.stat().st_mtime < time.time() - _HOUR]
        for file in [*models[KEPT:], *left, *(f for f in files if f.is_dir())]:
            _remove(file)


def _remove(file: Path) -> None:
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file, ignore_errors=True)
        return
    with suppress(OSError):
        file.unlink()
