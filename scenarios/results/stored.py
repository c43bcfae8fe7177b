"""Results in folders, which stay there until they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

from cge.errors import DataError

from .proof import SEAL, read_proof
from .results import Result


class Stored(Sequence[Result]):
    """Results in folders, read when they are asked for and not kept, so that memory does not grow with their number."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[Path, str]] = {}
        self._last: tuple[str, Result] | None = None

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return list(self._folders)

    @property
    def folders(self) -> list[Path]:
        """Folders of the scenarios."""
        return [folder for folder, _ in self._folders.values()]

    def add(self, name: str, folder: Path) -> None:
        """Take up the result in a folder."""
        self._folders[name] = folder, str(read_proof(folder).get(SEAL))

    def __len__(self) -> int:
        return len(self._folders)

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> list[Result]: ...
    def __getitem__(self, index: int | slice) -> Result | list[Result]:
        if isinstance(index, slice):
            return [self._read(name) for name in self.names[index]]
        return self._read(self.names[index])

    def _read(self, name: str) -> Result:
        if self._last is None or self._last[0] != name:
            folder, seal = self._folders[name]
            if str(read_proof(folder).get(SEAL)) != seal:
                raise DataError(["it was replaced by another result since; run it anew"], str(folder))
            self._last = name, Result.load(folder)
        return self._last[1]
