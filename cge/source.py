"""Fingerprints of code: of the package's own source, and of what a user adds to it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).parent
ROOMS = ("calibration", "scenarios", "solvers")
"""Rooms at the root, installed (or linked) inside the package."""


@cache
def source_sha256(rooms: tuple[str, ...] = ROOMS, without: tuple[str, ...] = ()) -> str:
    """Fingerprint of the modules of the economics and of some rooms, in all their folders.

    Args:
        rooms: beside the economics.
        without: modules and folders, by name, that do not act on a result.
    """
    digest = hashlib.sha256()
    for file in modules(ROOT, rooms, without):
        text = (ROOT / file).read_bytes()
        digest.update(f"{file.as_posix()} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def modules(root: Path, rooms: Iterable[str], without: Collection[str] = ()) -> list[Path]:
    """The modules under a root and its rooms, relative to the root; those of other rooms left out."""
    # links are not followed on the way, so each room is walked from its own root
    own = {file for file in root.rglob("*.py") if file.relative_to(root).parts[0] not in ROOMS}
    found = own | {file for room in rooms for file in (root / room).rglob("*.py")}
    names = (file.relative_to(root) for file in found)
    return sorted(name for name in names if not {*name.parts[:-1], name.stem} & set(without))


def value_sha256(value: Any) -> str:
    """Fingerprint of a value and of what its functions do: the same in every process, another when one is edited.

    Args:
        value: plain values, functions, dataclasses, and collections of them, as a block of the structure is.
    """
    digest = hashlib.sha256()
    for text in _told(value, set()):
        digest.update(text.encode() + b"\x1f")
    return digest.hexdigest()


def _told(value: Any, seen: set[int]) -> Iterator[str]:
    """A value in words, function by function: what each computes, and what it uses of its own module."""
    if isinstance(value, CodeType):
        yield value.co_code.hex()
        yield repr(value.co_names)
        for constant in value.co_consts:
            yield from _told(constant, seen)
    elif isinstance(value, FunctionType):
        if id(value) in seen:
            return
        seen.add(id(value))
        yield from _told(value.__code__, seen)
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        used = [value.__globals__[name] for name in value.__code__.co_names if name in value.__globals__]
        own = [x for x in used if isinstance(x, int | float | str | tuple) or _of(x) == value.__module__]
        for each in (value.__defaults__, value.__kwdefaults__, *cells, *own):
            yield from _told(each, seen)
    elif isinstance(value, partial):
        yield from _told((value.func, value.args, value.keywords), seen)
    elif is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__
        for field in fields(value):
            yield field.name
            yield from _told(getattr(value, field.name), seen)
    elif isinstance(value, Mapping):
        for key in sorted(value, key=str):
            yield str(key)
            yield from _told(value[key], seen)
    elif isinstance(value, set | frozenset):
        yield repr(sorted(map(str, value)))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _told(each, seen)
    elif isinstance(value, int | float | str | bytes | None):
        yield repr(value)
    elif hasattr(value, "tobytes"):
        yield value.tobytes().hex()
    else:  # a class, or an object of one, such as a household
        kind = value if isinstance(value, type) else type(value)
        yield kind.__qualname__
        for each in (*vars(kind).values(), *(vars(value) if hasattr(value, "__dict__") else {}).values()):
            if isinstance(each, FunctionType | int | float | str | property):
                yield from _told(each.fget if isinstance(each, property) else each, seen)


def _of(value: Any) -> str:
    """The module of a function; of no use for anything else."""
    return value.__module__ if isinstance(value, FunctionType) else ""
