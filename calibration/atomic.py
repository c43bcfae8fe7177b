"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HOUR = 3600.0
"""Seconds after which nobody writes an unfinished file any more."""


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """An empty file beside the target, which takes its place at the end; nothing of it is left if that fails.

    It has a name of its own, so that two that write to one target do not write into each other's file, and nobody's
    file is lost. What a process that was killed left of the same target is swept after an hour.

    Raises:
        OSError: there is no room, or no right to write.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    head, tail = f".{target.name[:100]}-", ".part"
    for left in target.parent.glob(f"{_plain(head)}*{tail}"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - _HOUR:
                left.unlink()
    handle, name = tempfile.mkstemp(prefix=head, suffix=tail, dir=target.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb+") as stream:
            os.fsync(stream.fileno())  # else the name may outlive a crash of the machine and the content not
        unfinished.chmod(0o666 & ~_umask())
        unfinished.replace(target)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


def _plain(text: str) -> str:
    """Text as a pattern that fits it alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
