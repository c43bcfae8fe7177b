"""What the fuzz says of uniqueness: equilibria that random starts find where a case was refused, and branches.

    python benchmarks/uniqueness.py [--worlds 150] [--starts 6]

It prints the refused cases in which a random start leads to an equilibrium, and the solved ones whose solution lies
beyond a turn of the path from the benchmark, so that there are others; then how many of each there are. Ten
minutes or more on two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from cge.errors import SolveError

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.fuzz.cases import ALL, SHOCKS, problem, shock, world
from tests.fuzz.judge import beyond, found_after_all


def survey(number: int, starts: int) -> list[tuple[str, int, str]]:
    """Of every case of a world: the shock, and what was found.

    For a refused one, how many starts lead to an equilibrium and what the error says; for a solved one, whether its
    solution lies beyond a turn, and no words.
    """
    found = []
    for kind in SHOCKS:
        asked, solver = shock(number, kind), problem(number, "arrays")
        try:
            point = solver.solve(asked.instruments, asked.quotas)
            found.append((kind, int(beyond(solver.prepared(asked.instruments, asked.quotas, store=None), point)), ""))
        except SolveError as error:
            found.append((kind, found_after_all(solver, asked, number, starts), str(error).split(". ")[0]))
    return found


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=ALL, help="how many of the fuzz's worlds")
    parser.add_argument("--starts", type=int, default=6, help="random starts a refused case")
    asked = parser.parse_args()
    refused, missed, solved, turned = 0, 0, 0, 0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        worlds = range(asked.worlds)
        for number, found in zip(worlds, pool.map(survey, worlds, [asked.starts] * asked.worlds), strict=True):
            for kind, count, told in found:
                case = f"world {number} ({world(number).closure}), {kind}"
                refused, solved = refused + bool(told), solved + (not told)
                if told and count:
                    missed += 1
                    print(f"{case}: {count} of {asked.starts} starts; {told}")
                elif count:
                    turned += 1
                    print(f"{case}: beyond a turn")
    print(f"{refused} cases refused; random starts find an equilibrium in {missed}")
    print(f"{solved} cases solved, {turned} of them beyond a turn")


if __name__ == "__main__":
    main()
