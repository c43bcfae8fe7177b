"""Folders of results: each appears complete or not at all, and none is written over unasked.

Whoever writes beside others holds a lock for that moment, so that what a hidden folder holds then is left from a
process that was killed: it is swept, and an old result that was about to be replaced is put back.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from cge.errors import KeptError, RequestError

LOCK = ".cge.lock"
_NEW, _OLD = ".cge-new-", ".cge-old-"


def keep_unless(folder: Path, *, overwrite: bool) -> None:
    """Refuse to write into a folder that holds something.

    Raises:
        KeptError: it does, and `overwrite` is not set.
        RequestError: it is a file.
    """
    if folder.is_file():
        raise RequestError([f"{folder} is a file; give a folder"])
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise KeptError(
            f"{folder} holds results already, which are kept; pass --overwrite (overwrite=True) or another folder"
        )


def check_writable(out: Path) -> None:
    """Require that a folder can be made or written to, so that no solve is lost for want of a place; leaves nothing.

    Raises:
        RequestError: it cannot.
    """
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"room?")
    except OSError as error:
        raise RequestError([f"cannot write to {out}: {error.strerror or error}; give another folder"]) from error


@contextmanager
def whole(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """A new folder that takes the place of the target at the end, and leaves nothing behind if that fails.

    Raises:
        KeptError: the target holds something, and `overwrite` is not set.
        RequestError: there is no room, or no right to write.
    """
    parent = target.parent
    check_writable(parent)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with FileLock(parent / LOCK):
            _sweep(parent)
            keep_unless(target, overwrite=overwrite)
            fresh = Path(tempfile.mkdtemp(prefix=_NEW, dir=parent))
            try:
                fresh.chmod(0o777 & ~_umask())
                yield fresh
                _sync(fresh)
                _put(fresh, target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    except KeptError:
        raise
    except OSError as error:
        why = error.strerror or error
        raise RequestError([f"{target} cannot be written ({why}); nothing of it is left: make room there"]) from error


def _put(fresh: Path, target: Path) -> None:
    if not target.is_dir():
        fresh.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=_OLD, dir=target.parent))
    target.rename(old / target.name)
    fresh.rename(target)
    shutil.rmtree(old)


def _sweep(parent: Path) -> None:
    for old in parent.glob(f"{_OLD}*/*"):
        if not (parent / old.name).exists():
            old.rename(parent / old.name)
    for left in (*parent.glob(f"{_OLD}*"), *parent.glob(f"{_NEW}*")):
        shutil.rmtree(left, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Bring the files to the disk before the folder gets its name, which else may outlive a crash without them."""
    for file in folder.iterdir():
        with file.open("rb") as stream, suppress(OSError):  # some file systems have no such thing
            os.fsync(stream.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
