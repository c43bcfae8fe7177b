"""Files as accidents leave them: bytes flipped, cut off, blocks swapped, zeroed, from elsewhere; and what is read then.

    python -m tests.fuzz.files KIND FIRST LAST

prints a line for every try that is neither refused by a member of the family of errors nor read as it was written. It
runs in a process of its own, since a native library that meets a bad file may end the process that called it.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cge.calibration.benchmark import Benchmark
from cge.errors import CgeError
from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import setting
from cge.scenarios.files import library
from cge.scenarios.files.scenario import FOLDER, Scenario
from cge.scenarios.results.registry import TABLES
from cge.scenarios.results.results import Result
from cge.solvers.certificate.store import Store, pack
from cge.solvers.many.batch_folder import INDEX, BatchFolder, Outcome
from tests.small_world import small_world

KEY = "0" * 64


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        files: sound ones, one of which is damaged in a try.
        false: what is wrong with what is read after that; nothing, or an error of the family, if all is well.
    """

    files: list[Path]
    false: Callable[[], str]


def benchmarks(folder: Path) -> Kind:
    """A benchmark is the one that was written, or is refused."""
    world = small_world()
    file = world.save(folder / "world.nc")

    def false() -> str:
        found = Benchmark.load(file)
        return "" if found.sha256 == world.sha256 else f"another benchmark: {found.sha256[:12]}"

    return Kind([file], false)


def caches(folder: Path) -> Kind:
    """A compiled model is the one that was written, or there is none."""
    rng = np.random.default_rng(0)
    packed = pack(KEY, {"model.nl": rng.integers(0, 256, 4000).astype(np.uint8), "y": np.arange(50)})
    store = Store((folder,))

    def false() -> str:
        found = store.read(KEY)
        return "" if found in (None, packed) else "another model"

    return Kind([store.keep(KEY, packed) or folder], false)


def results(folder: Path) -> Kind:
    """A result is the one that was written, or is refused."""
    runner = Runner(setting(small_world()))
    saved = runner.solve(*runner.scenarios(["us-universal-10"]))
    place = saved.save(folder / "r")
    first = Result.load(place)

    def false() -> str:
        found = Result.load(place)
        try:
            for name in TABLES:
                pd.testing.assert_frame_equal(getattr(found, name), getattr(first, name), check_exact=True)
            assert found.equilibrium.identical(first.equilibrium), "the equilibrium"
            assert (found.proof, found.title, found.notes) == (first.proof, first.title, first.notes), "the proof"
        except AssertionError as error:
            return f"another result: {error}"
        return ""

    return Kind(sorted(place.iterdir()), false)


def batches(folder: Path) -> Kind:
    """A run that is held is the one that was written; any other is run anew."""
    texts = {f"job{k}": f"region,ev\nKOR,{k}.25\nUSA,{-k}.5\n" for k in range(4)}
    with BatchFolder(folder / "b") as ledger:
        first = {key: ledger.add(key, KEY, Outcome("solved", tables={"t": text})) for key, text in texts.items()}

    def false() -> str:
        with BatchFolder(folder / "b") as ledger:
            for key, row in first.items():
                if ledger.holds(key, KEY) and ledger.rows[key] != row:
                    return f"another row of {key}"
                if ledger.holds(key, KEY) and (ledger.path / row.file("t")).read_text() != texts[key]:
                    return f"another table of {key}"
        return ""

    return Kind([folder / "b" / INDEX, *sorted((folder / "b" / "jobs").iterdir())], false)


def scenarios(folder: Path) -> Kind:
    """A scenario carries no hash: what is read is a scenario that is well formed, or it is refused."""
    text = (FOLDER / "us-universal-10.yaml").read_text(encoding="utf-8")
    file = folder / "mine.yaml"
    file.write_text(text.replace("name: us-universal-10", "name: mine"), encoding="utf-8")

    def false() -> str:
        found = library.load(file)
        return "" if isinstance(found, Scenario) and len(found.sha256) == 64 else "no scenario"

    return Kind([file], false)


KINDS: dict[str, Callable[[Path], Kind]] = {
    "benchmarks": benchmarks, "caches": caches, "results": results, "batches": batches, "scenarios": scenarios,
}  # fmt: skip


def damaged(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """What is left of a file after an accident, drawn at random."""
    size = len(content)
    if not size:
        return bytes(rng.integers(0, 256, 3).astype(np.uint8))
    a, b = sorted(int(k) for k in rng.integers(0, size + 1, 2))
    b = min(b, a + int(rng.integers(1, 400)))
    match rng.integers(6):
        case 0 | 1:
            flipped = bytearray(content)
            for place in rng.integers(0, size, rng.integers(1, 9)):
                flipped[place] ^= 1 << int(rng.integers(8))
            return bytes(flipped)
        case 2:
            return content[:a]
        case 3:
            return content[b:] + content[:b]
        case 4:
            return content[:a] + bytes(b - a) + content[b:]
        case _:
            return content[:a] + other[a:b] + content[b:]


def tries(kind: str, first: int, last: int) -> Iterator[str]:
    """What went wrong in tries FIRST to LAST - 1 of a kind, one line each."""
    logging.getLogger("cge").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        made = KINDS[kind](Path(folder))
        sound = {file: file.read_bytes() for file in made.files}
        for number in range(first, last):
            rng = np.random.default_rng([number, len(kind)])
            file, other = (made.files[int(k)] for k in rng.integers(0, len(made.files), 2))
            file.write_bytes(damaged(sound[file], sound[other][::-1], rng))
            try:
                wrong = made.false()
            except CgeError as error:
                wrong = "" if len(str(error)) < 4000 else "a message longer than a screen"
            except Exception as error:
                wrong = f"{type(error).__name__}: {error}"
            if wrong:
                yield f"{kind} {number} {file.name}: {' '.join(wrong.split())[:200]}"
            file.write_bytes(sound[file])


if __name__ == "__main__":
    for line in tries(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])):
        print(line, flush=True)
