"""Measure speed and size: one table on the screen, and results/bench.json.

    python benchmarks/run.py [--only PART ...] [--full TABLE.nc] [--shared ../shared] [--out results/bench.json]

Every figure is a ratio of two times of the same run, a memory or a count. Times are processor seconds, and BLAS runs on
one thread: what else the machine does should not count. Parts that need what is not there are skipped and say why.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.measure import Row, at_most, child, cold, skipped
from benchmarks.stages import STAGES

PARTS = ("import", "stages", "ipopt", "puremacro", "closures", "report", "batch", "optima", "gtap", "balance", "list")
CP2015 = "reference/caliendo_parro_2015/cp2015_baseline_sam.npz"
GTAP = (141, 65)
"""Regions and sectors of GTAP's eleventh data base."""


class Bench:
    """What the parts share: where things are, and what has been measured.

    Args:
        shared: folder of the raw data.
        full: the table of 77 economies; built from `shared` if None.
        sizes: label to table of the economies that go through all stages.
    """

    def __init__(self, shared: Path, full: Path | None, sizes: dict[str, str] | None = None) -> None:
        self.shared, self.full = shared, full
        self.sizes = sizes or {"12x12": "world2020-12x12", "29x28": "world2020-29x28", "31x40": "", "77x28": ""}
        self.measured: dict[str, dict[str, Any]] = {}

    def imports(self) -> Iterator[Row]:
        """Import of the facade and of everything that a run needs, over that of Pyomo and xarray."""
        peers = cold("import pyomo.environ, xarray")
        yield at_most("import cge over import pyomo.environ, xarray", "", cold("import cge") / peers, "x", 2.0)
        whole = cold("import cge.scenarios.economy.run") / peers
        note = "with scipy.stats, which Pyomo's interface to the ASL loads"
        yield Row("import of all that a run needs over the same", "", whole, "x", note=note)

    def stages(self) -> Iterator[Row]:
        """Every size from a cold start, and what follows from it."""
        with tempfile.TemporaryDirectory() as folder:
            for size in self.sizes:
                table, reason = self._table(size, Path(folder))
                if reason:
                    yield skipped("stages", size, reason)
                    continue
                self.measured[size] = made = child("stages.py", table)
                yield from _stage_rows(size, made)
                if size == "77x28":
                    # the Pyomo model is the larger part: the same without it
                    self.measured["77x28 arrays"] = child("stages.py", table, "--arrays")
                    yield from _stage_rows("77x28 arrays", self.measured["77x28 arrays"])
        yield from self._growth()
        yield from self._full()

    def _table(self, size: str, folder: Path) -> tuple[str, str]:
        """The table of a size, or why there is none."""
        if self.sizes[size]:
            return self.sizes[size], ""
        if size == "31x40":
            file = self.shared / CP2015
            return str(file), "" if file.is_file() else f"there is no {file}"
        if self.full:
            return str(self.full), "" if self.full.is_file() else f"there is no {self.full}"
        if not (self.shared / "data" / "mrio").is_dir():
            return "", f"there is no {self.shared / 'data' / 'mrio'}"
        from cge.calibration.world2020.__main__ import main as build_tables

        file = folder / "full.nc"
        return str(file), "" if build_tables(["--shared", str(self.shared), "--full", str(file)]) == 0 else "not built"

    def _growth(self) -> Iterator[Row]:
        """Exponents of time in the number of variables, from size to size."""
        sizes = [size for size in self.measured if size in self.sizes]
        for small, large in pairwise(sizes):
            a, b = self.measured[small], self.measured[large]
            if b["variables"] < 1.5 * a["variables"]:  # more sectors, fewer flows: no growth to speak of
                continue
            wide = math.log(b["variables"] / a["variables"])
            for what, of in (("cold", _cold), ("compile", _of("compile")), ("solve", _of("solve"))):
                exponent = math.log(of(b) / of(a)) / wide
                yield Row(f"growth of {what} in variables", f"{small} to {large}", exponent, "exponent")

    def _full(self) -> Iterator[Row]:
        small, large = self.measured.get("29x28"), self.measured.get("77x28")
        if small is None or large is None:
            yield skipped("cold to certified over 29x28", "77x28", "not both sizes were measured", "<= 15")
            return
        yield at_most("cold to certified over 29x28", "77x28", _cold(large) / _cold(small), "x", 15.0)
        yield at_most("peak memory, cold to tables", "77x28", large["peak"], "GB", 8.0)

    def ipopt(self) -> Iterator[Row]:
        """A second scenario over one plain IPOPT solve of the same model, and over the best options found."""
        table = self.sizes.get("29x28") or next(iter(self.sizes.values()))
        size = "29x28" if "29x28" in self.sizes else next(iter(self.sizes))
        made = child("plain_ipopt.py", table)
        note = f"IPOPT: {made['iterations']} iterations, largest difference {made['difference']:.0e}"
        ratio = made["second"] / made["default"]
        yield at_most("second scenario with table over plain IPOPT", size, ratio, "x", 1 / 15, note)
        best = min(made["tried"], key=made["tried"].get)
        ratio = made["certified"] / made["tried"][best]
        yield at_most("solve and certificate over the best IPOPT", size, ratio, "x", 1 / 3, f"best: {best}")
        for name, seconds in made["tried"].items():
            yield Row(f"IPOPT, {name}, over default", size, seconds / made["default"], "x")

    def puremacro(self) -> Iterator[Row]:
        """The same table, shock and elasticity in puremacro, in each of its ways; see peers.py."""
        names = ("solve over puremacro's general way", "cold process over the same")
        if find_spec("puremacro") is None:
            for name, target in zip(names, ("<= 0.1", "<= 0.5"), strict=True):
                yield skipped(name, "20x20", "puremacro is not installed (pip install 'cge[peers]')", target)
            return
        child("peers.py", "cge")  # so that the compiled model is on disk, as it is from the second process on
        ours, theirs = child("peers.py", "cge"), child("peers.py", "general")
        yield at_most(names[0], "20x20", ours["seconds"] / theirs["seconds"], "x", 0.1, "certified by IPOPT here")
        yield at_most(names[1], "20x20", ours["whole"] / theirs["whole"], "x", 0.5, "with the compiled model on disk")
        yield from _processes()
        for way, what in (("fixed", "default way"), ("newton", "block Newton")):
            name = f"solve over puremacro's {what}"
            try:
                other = child("peers.py", way)
            except RuntimeError as error:
                yield skipped(name, "20x20", str(error))
                continue
            note = {"fixed": "fixed proportions there", "newton": "final demand in fixed proportions there"}[way]
            yield Row(name, "20x20", ours["seconds"] / other["seconds"], "x", note=note)
        change = 100.0 * _apart([1.0] * len(theirs["wage"]), theirs["wage"])
        yield Row("largest change of a relative wage", "20x20", change, "%")
        note = "sources by user and fixed baskets there, one composite for all users and LES here"
        between = 100.0 * _apart(ours["wage"], theirs["wage"])
        yield Row("difference from puremacro in it", "20x20", between, "% points", note=note)
        alike = [child("peers.py", who, "--alike")["wage"] for who in ("cge", "general")]
        yield Row("the same with these made alike", "20x20", 100.0 * _apart(*alike), "% points")

    def listing(self) -> Iterator[Row]:
        """`cge list` over the import of the libraries that it needs at least."""
        peers = cold("import pandas, xarray, typer, rich")
        code = "from typer.testing import CliRunner as R; from cge.scenarios.cli import app; R().invoke(app, ['list'])"
        yield at_most("cge list over import pandas, xarray, typer, rich", "", cold(code) / peers, "x", 3.0)

    def batch(self) -> Iterator[Row]:
        """200 runs on one and on two local processes."""
        made = child("many_runs.py", "world2020-12x12", 200)
        value = made["one"] / made["two"]
        note = f"wall clock, {os.cpu_count()} processors; {made['failed']} runs failed"
        yield Row("batch of 200, two workers over one", "12x12", value, "x", ">= 1.8", value >= 1.8, note)
        share = made["parent"] / made["workers"]
        note = f"two processors allow a ratio of {2.0 / (1.0 + share):.2f} above"
        yield Row("processor time of the parent over its workers", "12x12", share, "x", note=note)

    def closures(self) -> Iterator[Row]:
        """Every named closure on every published benchmark, against the standard one."""
        for size, table in self.sizes.items():
            if not table:
                continue
            made = child("closures.py", table)
            own = made["standard"]
            for name, found in made.items():
                note = f"{found['core']:,} unknowns, residual {found['residual']:.0e}"
                yield at_most(f"core over the standard one, {name}", size, found["core"] / own["core"], "x", 1.5, note)
                ratio = found["seconds"] / own["seconds"]
                yield at_most(f"repeat solve over the standard one, {name}", size, ratio, "x", 3.0)

    def report(self) -> Iterator[Row]:
        """The report of eight scenarios from saved results, against the cold start of one."""
        table = self.sizes.get("29x28") or next(iter(self.sizes.values()))
        size = "29x28" if "29x28" in self.sizes else next(iter(self.sizes))
        made = child("report.py", table or "world2022-12x12")
        note = f"{made['report']:.1f} s against {made['one']:.1f} s"
        ratio = made["report"] / made["one"]
        yield at_most("report of eight scenarios over compiling and solving one", size, ratio, "x", 1.0, note)
        yield at_most("size of that report", size, made["size"] / 1e6, "MB", 5.0)

    def optima(self) -> Iterator[Row]:
        """Gradients, best and Nash tariffs over one repeat solve with its certificate."""
        size, table = "29x28", self.sizes.get("29x28", "")
        if not table:
            yield skipped("gradient of one EV in everything over a repeat solve", size, "that size is not measured")
            return
        made = child("optima.py", table)
        yield at_most("gradient of one EV in everything over a repeat solve", size, made["gradient"], "x", 1.0)
        for key, name, most in (
            ("uniform", "best uniform tariff over the same", 14.0), ("bilateral", "best rate of each cell", 40.0),
            ("nash", "Nash in uniform rates of all regions", 60.0), ("sectors", "Nash in rates by good of 7", math.inf),
        ):  # fmt: skip
            if "failed" in made[key]:
                yield skipped(name, size, made[key]["failed"], f"<= {most:g}")
                continue
            note = f"{made[key]['rates']} rates, left {made[key]['left']:.0e}, IPOPT {made[key]['ipopt']}"
            yield at_most(name, size, made[key]["times"], "x", most, note)

    def gtap(self) -> Iterator[Row]:
        """A generated world of GTAP's size."""
        size = "{}x{}".format(*GTAP)
        made = child("stages.py", f"random-{size}", "--arrays")
        limit = 5.0 * made["price_lu"]
        note = f"{made['variables']:,} unknowns, {made['steps']} steps, residual {made['residual']:.0e}"
        ratio = (made["seconds"]["solve"] + made["seconds"]["certify"]) / limit
        yield Row("solve and certificate over five dense LU of the price core", size, ratio, "x", note=note)
        yield Row("solve over the same", size, made["seconds"]["solve"] / limit, "x", note=f"core {made['core']:,}")
        yield at_most("peak memory, cold to tables", size, made["peak"], "GB", 24.0)

    def balance(self) -> Iterator[Row]:
        """Balancing the world table to its totals and to blocks within a band."""
        table = self.shared / "data" / "mrio" / "mrio_icio2020_77x30.npz"
        if not table.is_file():
            yield skipped("entropy with blocks over GRAS without", "77x30", f"there is no {table}", "<= 6")
            return
        made = child("balance.py", table)
        for name in ("entropy", "least squares"):
            note = (
                f"{made['cells']:,} cells, {made['controls']:,} controls, {made[name]:.1f} s, "
                f"worst relative gap {made[name + ' gap']:.0e}"
            )
            yield at_most(f"{name} with blocks over GRAS without", "77x30", made[name] / made["gras"], "x", 6.0, note)
        yield at_most("peak memory, balancing", "77x30", made["peak"], "GB", 4.0)


def _apart(a: list[float], b: list[float]) -> float:
    """Largest difference of two lists."""
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def _of(stage: str) -> Callable[[dict[str, Any]], float]:
    return lambda made: float(made["seconds"][stage])


def _processes() -> Iterator[Row]:
    """A whole process, from its start to the certificate, over the fastest peer's: the least of three of each."""
    least = {
        who: min(child("peers.py", *who.split())["whole"] for _ in range(3))
        for who in ("cge", "cge --without-dask", "newton")
    }
    name = "whole process over puremacro's block Newton"
    yield at_most(
        name, "20x20", least["cge"] / least["newton"], "x", 1.5, "imports, solve and certificate, no pictures"
    )
    note = "xarray imports Dask wherever it is installed"
    yield Row(f"{name}, without Dask", "20x20", least["cge --without-dask"] / least["newton"], "x", note=note)


def _cold(made: dict[str, Any]) -> float:
    """Seconds from the start of the process to the certificate."""
    return float(sum(seconds for stage, seconds in made["seconds"].items() if stage != "report"))


def _stage_rows(size: str, made: dict[str, Any]) -> Iterator[Row]:
    note = f"{made['variables']:,} unknowns, core {made['core']:,}"
    for stage in STAGES:
        yield Row(f"stage: {stage}", size, made["seconds"][stage] / made["yardstick"], "LU of 1000", note=note)
        note = ""
    yield Row("peak memory", size, made["peak"], "GB")
    yield Row("second scenario with table", size, made["second"] / made["yardstick"], "LU of 1000")
    limit = made["factorisations"] * made["lu"]
    name, note = "Newton over the LU limit", f"{made['factorisations']} dense LU of the core"
    ratio = made["newton"] / limit
    yield at_most(name, size, ratio, "x", 3.0, note) if size == "29x28" else Row(name, size, ratio, "x", note=note)
    yield Row("solve as it is over the same limit", size, made["mended"] / limit, "x", note="one factorisation, mended")


PART_OF = {
    "import": Bench.imports, "stages": Bench.stages, "ipopt": Bench.ipopt, "puremacro": Bench.puremacro,
    "closures": Bench.closures, "report": Bench.report, "batch": Bench.batch, "gtap": Bench.gtap,
    "optima": Bench.optima, "balance": Bench.balance, "list": Bench.listing,
}  # fmt: skip


def run(bench: Bench, parts: list[str], show: Callable[[Row], None] = lambda row: None) -> list[Row]:
    """Measure parts in their order; a part that fails gives a row that says why."""
    rows: list[Row] = []
    for part in parts:
        try:
            for row in PART_OF[part](bench):
                show(row)
                rows.append(row)
        except Exception as error:  # whatever goes wrong in one part is its row, and the others go on
            rows.append(skipped(part, "", f"{type(error).__name__}: {error}"))
            show(rows[-1])
    return rows


def line(row: Row) -> str:
    """A row of the table on the screen."""
    value = "not measured" if row.value is None else f"{row.value:,.4g} {row.unit}"
    verdict = {True: "met", False: "MISSED", None: ""}[row.met]
    return f"{row.name:58} {row.size:16} {value:>20} {row.target:>10} {verdict:7} {row.note}".rstrip()


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; return the exit status."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of the raw data")
    parser.add_argument("--full", type=Path, help="table of 77 economies (python -m cge.calibration --full)")
    parser.add_argument("--out", type=Path, default=Path("results/bench.json"), help="file to write")
    options = parser.parse_args(arguments)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    done: list[dict[str, Any]] = []

    def show(row: Row) -> None:
        print(line(row), flush=True)
        done.append(asdict(row))
        # row by row: what was measured is kept if the rest is stopped
        options.out.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")

    run(Bench(options.shared, options.full), options.only, show)
    print(f"{options.out}: {len(done)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
