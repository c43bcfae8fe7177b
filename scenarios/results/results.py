"""Results: tables, pictures and the proof of one scenario, and several side by side; written whole or not at all."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import xarray as xr

from cge.accounts import household
from cge.calibration.netcdf import read_netcdf, write_netcdf
from cge.errors import DataError, RequestError, nearest
from cge.indicators import UNITS
from cge.labels import read_table

from .columns import WHOSE
from .folder import whole
from .groups import Groups, indicators_of, names_of, welfare_of
from .plots import Plots
from .proof import FILES, SEAL, check, read_proof, write_proof
from .registry import FIRST, TABLES, WELFARE
from .table import Table

POINT = "equilibrium.nc"

SPENT = "deficit"
"""The closure's `government` under which what a policy yields or costs is spent by government."""
NO_EV = (
    "EV and CV are not shown: what the policy yields is spent by government, and the household's welfare does not "
    "count it; read real consumption and real government consumption"
)


def without_ev(welfare: pd.DataFrame) -> pd.DataFrame:
    """A welfare table without equivalent and compensating variation, where they would leave out what is spent."""
    return welfare.assign(**{str(name): np.nan for name in welfare if str(name).startswith(("ev_", "cv_"))})


@dataclass(frozen=True, eq=False)
class Result:
    """What one scenario does against the benchmark.

    Attributes:
        name, title: of the scenario.
        tables: by name, each with the columns that `cge.scenarios.results.registry` says; an attribute each too, so
            that `result.welfare` is `result.tables["welfare"]`. A table with one row a region has the index `region`.
        equilibrium: every variable and instrument of the model, with units.
        proof: why it can be believed: residuals, Walras, accounting identities, solver, fingerprints, seconds.
        notes: what the benchmark cannot separate, and what was done about it.
    """

    name: str
    title: str
    tables: Mapping[str, pd.DataFrame]
    equilibrium: xr.Dataset
    proof: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return self.tables[name]
        raise AttributeError(f"a result has no {name!r}{nearest(name, TABLES)}; its tables are {', '.join(TABLES)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *TABLES})

    def __repr__(self) -> str:
        return f"<Result {self.name!r}: {self.title}; {len(self.welfare)} regions; summary() shows welfare>"

    def summary(self, groups: Groups = ()) -> str:
        """Welfare, assumptions and proof as text; see `shown.notebook.summary`."""
        from .shown.notebook import summary

        return summary(Comparison((self,)), groups)

    def _repr_html_(self) -> str:
        return Comparison((self,))._repr_html_()

    @property
    def plot(self) -> Plots:
        """Plots: `plot()`, `plot.bar(column)`, `plot.exports()`, `plot.sectors(column)`."""
        return Plots(Comparison((self,)))

    def with_tables(self, **tables: pd.DataFrame) -> Self:
        """The same with other tables in the place of some."""
        return replace(self, tables={**self.tables, **tables})

    @property
    def household(self) -> str:
        """Whose welfare EV and CV are, in words; it depends on the closure."""
        return household(self.equilibrium)

    def welfare_of(self, groups: Groups = (), *, world: bool = True) -> pd.DataFrame:
        """The welfare table with rows of groups of regions and of the world (`groups.welfare_of`)."""
        return welfare_of(self, groups, world=world)

    def indicators_of(self, groups: Groups = (), *, world: bool = True) -> pd.DataFrame:
        """The indicators with rows of groups of regions and of the world (`groups.indicators_of`)."""
        return indicators_of(self, groups, world=world)

    def names(self, axis: str = "region") -> dict[str, str]:
        """Labels of the axis region, sector or factor in words."""
        return names_of(self.equilibrium, axis)

    def figure(self, kind: str, file: str | Path, exporter: str = "KOR", *, width: float = 7.5) -> Path:
        """Write a figure, `welfare` or `export_shares`, as .png, .svg or .pdf (`figures.figure`)."""
        from .figures import figure

        return figure(self, kind, Path(file), exporter, width=width)

    def to_excel(self, file: str | Path, groups: Groups = (), *, overwrite: bool = False) -> Path:
        """Write a workbook of every table; see `Comparison.write`."""
        return Comparison((self,)).to_excel(file, groups, overwrite=overwrite)

    def report(self, file: str | Path, groups: Groups = (), *, overwrite: bool = False) -> Path:
        """Write the report; see `Comparison.write`."""
        return Comparison((self,)).report(file, groups, overwrite=overwrite)

    def save(
        self, folder: str | Path, *, overwrite: bool = False, extra: Sequence[Callable[[Path], object]] = ()
    ) -> Path:
        """Write the result: CSV, NetCDF and JSON files, nothing rounded; the folder appears complete or not at all.

        Args:
            folder: of this result; made with its parents.
            overwrite: replace a folder that is there.
            extra: called with the folder while it is made, to add files such as pictures.

        Raises:
            KeptError: the folder is there and holds files; it is kept.
        """
        target = Path(folder)
        with whole(target, overwrite=overwrite) as fresh:
            numbers: dict[str, list[str]] = {}
            for name, table in self.tables.items():
                table = table.reset_index() if TABLES[name].index else table
                table = table.assign(**{WHOSE: self.household}) if name == WELFARE.name else table
                table.to_csv(fresh / f"{name}.csv", index=False)
                numbers[f"{name}.csv"] = list(table.select_dtypes("number").columns)
            write_netcdf(self.equilibrium, fresh / POINT)
            told = dict(self.proof) | {"name": self.name, "title": self.title, "notes": list(self.notes)}
            write_proof(fresh, told, numbers | {POINT: []})
            for write in extra:
                write(fresh)
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a result that was saved, if it is proved and as it was written.

        Raises:
            RequestError: the folder does not hold a result.
            DataError: the result is not complete, was changed, or its proof does not keep the tolerances.
        """
        place = Path(folder)
        proof = read_proof(place)
        check(place, proof)
        files = proof.pop(FILES, None) or {}
        proof.pop(SEAL, None)
        try:
            tables = {name: _read_table(place, of, files) for name, of in TABLES.items()}
            name, title, notes = proof.pop("name"), proof.pop("title"), tuple(proof.pop("notes"))
        except (OSError, LookupError, TypeError, ValueError) as error:
            raise DataError(
                [f"it is not a complete result ({error}); run it anew with --overwrite"], str(place)
            ) from error
        return cls(name, title, tables, read_netcdf(place / POINT), proof, notes)


def _read_table(folder: Path, of: Table, files: Mapping[str, Any]) -> pd.DataFrame:
    """A table as it was written; empty where an older version wrote none.

    Of a result without a list of its files, labels are text and the rest numbers.
    """
    file = folder / f"{of.name}.csv"
    told = files.get(file.name)
    if told is not None:
        table = pd.read_csv(file, keep_default_na=False, dtype=str)
        exact = {name: table[name].replace("", "nan").to_numpy(dtype=object).astype(float) for name in told["numbers"]}
        table = table.assign(**exact)
    elif of.name not in FIRST and (files or not file.exists()):
        return of.frame()
    else:
        table = read_table(file)
    return of.frame(table.drop(columns=WHOSE, errors="ignore") if of is WELFARE else table)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scenarios side by side, each against the same benchmark.

    Attributes:
        results: in the order in which they were asked for; those in a folder are read when they are asked for.

    Every table of a result is an attribute here too, under one another: with the index (`scenario`, `region`) where a
    table has one row a region, and with a column `scenario` first otherwise.
    """

    results: Sequence[Result]

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        known: list[str] | None = getattr(self.results, "names", None)  # results in folders, which need not be read
        return [result.name for result in self.results] if known is None else known

    @property
    def welfare(self) -> pd.DataFrame:
        """Welfare tables under one another: index (`scenario`, `region`)."""
        self._warn_of_two()
        return self._stacked("welfare")

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return self._stacked(name)
        raise AttributeError(f"a comparison has no {name!r}{nearest(name, TABLES)}; its tables are {', '.join(TABLES)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *TABLES})

    def table(self, column: str = "ev_pct", *, groups: Groups = (), world: bool = False) -> pd.DataFrame:
        """One column of the welfare tables side by side: index `region`, one column a scenario.

        Args:
            column: of the welfare table.
            groups, world: rows beside the regions (`groups.welfare_of`).

        Raises:
            RequestError: there is no such column or group.
        """
        known = list(self.results[0].welfare.columns)
        if column not in known:
            raise RequestError([WELFARE.unknown(column, known)])
        if column.startswith(("ev_", "cv_")):
            self._warn_of_two()
        return pd.DataFrame({r.name: r.welfare_of(groups, world=world)[column] for r in self.results})

    def indicator(self, name: str, *, groups: Groups = (), world: bool = True, what: str = "new") -> pd.DataFrame:
        """One indicator side by side: index `region`, the column `benchmark` and one a scenario.

        Args:
            name: of the indicator, see docs/tables.md.
            groups, world: rows beside the regions.
            what: `new`, `change` or `change_pct`; the benchmark stands beside `new` alone.

        Raises:
            RequestError: there is no such indicator, group or kind of number.
        """
        faults = [
            f"unknown {kind} {given!r}{nearest(given, known)}; use one of {', '.join(known)}"
            for kind, given, known in (
                ("indicator", name, tuple(UNITS)),
                ("kind", what, ("new", "change", "change_pct")),
            )
            if given not in known
        ]
        if faults:
            raise RequestError(faults)
        found: dict[str, pd.Series] = {}
        for result in self.results:
            rows = result.indicators_of(groups, world=world)
            of = rows[rows["indicator"] == name].set_index("region")
            if what == "new":
                found.setdefault("benchmark", of["base"])
            found[result.name] = of[what]
        return pd.DataFrame(found)

    def write(self, file: str | Path, groups: Groups = (), *, overwrite: bool = False) -> Path:
        """Write all results to one file, in the form that its name says: .xlsx, .csv, .parquet, .tex, .md or .html.

        A workbook holds every table with its units, CSV and Parquet every number in long form, LaTeX and Markdown
        welfare side by side, and HTML the report (`scenarios.results.shown`).

        Args:
            file: to write.
            groups: rows beside the regions and the world: names of groups, or own groups.
            overwrite: replace a file that is there.

        Raises:
            RequestError, KeptError, InstallError: the name says no form; the file is there; a part is not installed.
        """
        from .shown.papers import write

        return write(self, Path(file), groups, overwrite=overwrite)

    def to_excel(self, file: str | Path, groups: Groups = (), *, overwrite: bool = False) -> Path:
        """Write a workbook; see `write`."""
        return self.write(Path(file).with_suffix(".xlsx"), groups, overwrite=overwrite)

    def report(self, file: str | Path, groups: Groups = (), *, overwrite: bool = False) -> Path:
        """Write the report, one page of HTML that needs nothing else; see `write`."""
        return self.write(Path(file).with_suffix(".html"), groups, overwrite=overwrite)

    def to_latex(self, columns: Sequence[str] = ("ev_musd", "ev_pct"), groups: Groups = ()) -> str:
        """Columns of the welfare tables side by side, as a tabular with booktabs."""
        from .shown.papers import latex

        return latex(self, columns, groups)

    def to_markdown(self, columns: Sequence[str] = ("ev_musd", "ev_pct"), groups: Groups = ()) -> str:
        """Columns of the welfare tables side by side, as Markdown."""
        from .shown.papers import markdown

        return markdown(self, columns, groups)

    def long(self, groups: Groups = ()) -> pd.DataFrame:
        """Every number of every table, one row each, with labels in words (`shown.frames.long`)."""
        from .shown.frames import long

        return long(self, groups=groups)

    def _warn_of_two(self) -> None:
        """Warn if EV is of one household here and of another there."""
        if mixed := self.mixed:
            warnings.warn(mixed, UserWarning, stacklevel=3)

    @property
    def mixed(self) -> str:
        """What to know where EV is not of the same household in all results; empty if it is."""
        whose = {result.household.split(":")[0] for result in self.results}
        if len(whose) < 2:
            return ""
        return f"EV and CV are of the {' here and of the '.join(sorted(whose))} there: they are not to be compared"

    def __repr__(self) -> str:
        return f"<Comparison of {len(self)}: {', '.join(self.names)}; summary() shows welfare>"

    def summary(self, groups: Groups = ()) -> str:
        """Welfare side by side, assumptions and proof as text; see `shown.notebook.summary`."""
        from .shown.notebook import summary

        return summary(self, groups)

    def _repr_html_(self) -> str:
        from .shown.notebook import table

        return table(self)

    @property
    def plot(self) -> Plots:
        """Plots: `plot()`, `plot.bar(column)`, `plot.exports(scenario)`, `plot.sectors(column, scenario)`."""
        return Plots(self)

    def _ipython_key_completions_(self) -> list[str]:
        return self.names

    def __getitem__(self, name: str) -> Result:
        names = self.names
        if name not in names:
            raise KeyError(f"no result {name!r}{nearest(name, names)}; there are {', '.join(names)}")
        return self.results[names.index(name)]

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def _stacked(self, name: str) -> pd.DataFrame:
        stacked = pd.concat({result.name: result.tables[name] for result in self}, names=["scenario"])
        return stacked if TABLES[name].index else stacked.reset_index(level=1, drop=True).reset_index()


def plain(value: Any) -> Any:
    """Numbers of numpy as those of Python and tuples as lists, for JSON."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return value.item()
    return value
