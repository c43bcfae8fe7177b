"""Look for equilibria that the fuzz refused: random starts over every case without a solution.

    python benchmarks/missed.py [--worlds 150] [--starts 6]

It prints the cases in which a start leads to an equilibrium, and how many were refused. A few minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from cge.solvers import SolveError
from tests.fuzz.cases import ALL, SHOCKS, problem, shock, world
from tests.fuzz.judge import found_after_all


def refused(number: int, starts: int) -> list[tuple[str, int, str]]:
    """Of every refused case of a world: the shock, how many starts lead to an equilibrium, and what the error says."""
    found = []
    for kind in SHOCKS:
        asked, solver = shock(number, kind), problem(number, "arrays")
        try:
            solver.solve(asked.instruments, asked.quotas)
        except SolveError as error:
            found.append((kind, found_after_all(solver, asked, number, starts), str(error).split(". ")[0]))
    return found


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=ALL, help="how many of the fuzz's worlds")
    parser.add_argument("--starts", type=int, default=6, help="random starts a case")
    asked = parser.parse_args()
    cases, missed = 0, 0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        worlds = range(asked.worlds)
        for number, found in zip(worlds, pool.map(refused, worlds, [asked.starts] * asked.worlds), strict=True):
            cases += len(found)
            for kind, count, told in found:
                if count:
                    missed += 1
                    print(f"world {number} ({world(number).closure}), {kind}: {count} of {asked.starts} starts; {told}")
    print(f"{cases} cases refused; random starts find an equilibrium in {missed}")


if __name__ == "__main__":
    main()
