"""Tells which parts that the model stands on are here, and the one command that mends each that is not.

Every check asks the part itself. Pyomo's `SolverFactory("cyipopt").available()` says yes without the ASL library and
fails later, so the library is loaded; Ipopt's version and linear solver are read from a run of Ipopt.
"""

import ctypes
import importlib.metadata
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from cge.errors import InstallError
from cge.solvers.certificate import library
from cge.solvers.certificate.store import OFF, SWITCH, Store, health, writable

OLDEST_PYTHON = (3, 11)
OLDEST_IPOPT = (3, 14)


@dataclass(frozen=True)
class Part:
    """One part: whether it is here and fit for use, and what to do if it is not.

    Attributes:
        name: what the part is called.
        found: whether it is here, loads, and has a version that the model can use.
        version: its version; "" if it does not tell.
        where: its file or folder; for a part that is not found, why not.
        mend: the one command that mends it; "" for a part that is found.
        needed: whether the model cannot run without it.
    """

    name: str
    found: bool
    version: str
    where: str
    mend: str
    needed: bool = True


def diagnose() -> list[Part]:
    """Return every part, found or not. A part that is missing or broken never raises."""
    return [
        check_python(),
        check_packages(),
        check_package("Pyomo", "pyomo"),
        check_asl(),
        check_cyipopt(),
        *check_ipopt(),
        check_package("netCDF4", "netCDF4"),
        check_package("matplotlib", "matplotlib", extra="plot", needed=False),
        check_package("dask.distributed", "distributed", extra="batch", needed=False),
        check_store(),
    ]


def repair(parts: Iterable[Part]) -> list[str]:
    """Return the commands that bring everything needed that is not found, each once."""
    return list(dict.fromkeys(part.mend for part in parts if part.needed and not part.found and part.mend))


def require(*, asl_library: bool = True) -> None:
    """See that the parts without which nothing is certified are here, before anything is solved.

    Raises:
        InstallError: listing what is missing, with the one command that brings it.
    """
    lacks = tuple(part for part in _certifiers(asl_library) if not part.found)
    if lacks:
        _certifiers.cache_clear()
        names = ", ".join(f"{part.name} ({part.where})" for part in lacks)
        mends = " && ".join(repair(lacks))
        first = (
            "; LD_LIBRARY_PATH is set, and what it names comes first: try without it (`cge doctor` reports everything)"
        )
        other = first if "LD_LIBRARY_PATH" in os.environ else ""
        raise InstallError(f"nothing can be certified: missing {names}{other}. Bring it with: {mends}")


@cache
def _certifiers(asl_library: bool) -> tuple[Part, ...]:
    return (check_asl(), check_cyipopt()) if asl_library else (check_cyipopt(),)


def check_packages() -> Part:
    """Check that every package that `setup.cfg` asks for is here, in its range; import none."""
    wrong: list[Requirement] = []
    wanted = requirements()
    for name, requirement in wanted.items():
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(requirement)
        else:
            wrong += [] if requirement.specifier.contains(version, prereleases=True) else [requirement]
    if not wrong:
        return Part("packages", True, f"{len(wanted)}", str(Path(sys.prefix)), mend="")
    names = " ".join(shlex.quote(plain(requirement)) for requirement in wrong)
    why = f"missing or out of range: {', '.join(requirement.name for requirement in wrong)}"
    return Part("packages", False, "", why, f"{this_python()} -m pip install {names}")


def check_store() -> Part:
    """Tell where compiled models are kept, what they take up, and whether they are sound."""
    name, clean = "compiled models", f"{this_python()} -m cge.scenarios doctor --clean"
    folders = Store().folders
    if not folders:
        return Part(name, True, "", f"none are kept ({SWITCH}={OFF})", mend="", needed=False)
    states = {folder: health(folder) for folder in folders}
    number, size = sum(state[0] for state in states.values()), sum(state[1] for state in states.values())
    where = ", ".join(f"{folder}{'' if writable(folder) else ' (read only)'}" for folder in folders)
    damaged = [file for state in states.values() for file in state[2]]
    if damaged:
        return Part(name, False, "", f"damaged: {', '.join(map(str, damaged))}", clean, needed=False)
    return Part(name, True, f"{number}, {size / 2**20:.0f} MB", where, mend="", needed=False)


def check_python() -> Part:
    """Check the version of the running Python."""
    version, oldest = dotted(sys.version_info[:3]), dotted(OLDEST_PYTHON)
    if sys.version_info < OLDEST_PYTHON:
        return Part(
            "Python", False, version, f"older than {oldest}", mend=f"make distclean setup PYTHON=python{oldest}"
        )
    return Part("Python", True, version, sys.executable, mend="")


def check_package(name: str, module: str, extra: str = "", *, needed: bool = True, mend: str = "") -> Part:
    """Check that a Python package imports and has a version in the range of `setup.cfg`."""
    wanted = requirements(extra).get(module, Requirement(module))
    all_of_it = requirements(extra).values() if extra else [wanted]
    mend = mend or f"{this_python()} -m pip install {' '.join(shlex.quote(plain(each)) for each in all_of_it)}"
    try:
        folder = Path(str(import_module(module).__file__)).parent
        version = importlib.metadata.version(module)
    except Exception as error:
        return Part(name, False, "", one_line(error), mend, needed)
    if not wanted.specifier.contains(version, prereleases=True):
        return Part(name, False, version, f"the model wants {wanted.specifier}", mend, needed)
    return Part(name, True, version, str(folder), "", needed)


def check_asl() -> Part:
    """Check that PyNumero's ASL library is found and loads, and Pyomo is there to compile models for it."""
    name = "PyNumero ASL library"
    try:
        if find_spec("pyomo") is None:
            return Part(name, False, "", "there is no Pyomo to compile models for it", mend_native())
        where = library.find_library()
        if where is None:
            return Part(name, False, "", "there is no libpynumero_ASL here, and Pyomo finds none", mend_native())
        interface = ctypes.CDLL(str(where)).EXTERNAL_AmplInterface_version()
    except Exception as error:
        return Part(name, False, "", one_line(error), mend_native())
    version = f"interface {interface}"
    if interface < library.INTERFACE:
        return Part(name, False, version, f"the model wants interface {library.INTERFACE}", mend_native())
    return Part(name, True, version, str(where), mend="")


def check_cyipopt() -> Part:
    """Check that cyipopt imports, which loads Ipopt."""
    return check_package("cyipopt", "cyipopt", extra="ipopt", mend=mend_native())


def check_ipopt() -> tuple[Part, Part]:
    """Check Ipopt's version and its linear solver by a run of Ipopt."""
    try:
        banner = ipopt_banner()
        told = re.search(r"Ipopt version ([\d.]+), running with linear solver (\w+) ([\d.]*\d)", banner)
        if told is None:
            raise RuntimeError(f"Ipopt does not run with MUMPS: {' '.join(banner.split())}")
        where = shared_object("libipopt")
    except Exception as error:
        why = one_line(error)
        return Part("Ipopt", False, "", why, mend_native()), Part("linear solver", False, "", why, mend_native())
    version, solver, solver_version = told.groups()
    solver_part = Part("linear solver", True, f"{solver} {solver_version}", where, mend="")
    if tuple(map(int, version.split("."))) < OLDEST_IPOPT:
        return Part("Ipopt", False, version, f"older than {dotted(OLDEST_IPOPT)}", mend_native()), solver_part
    return Part("Ipopt", True, version, where, mend=""), solver_part


def ipopt_banner() -> str:
    """Return what Ipopt writes when it finds the minimum of a parabola with MUMPS."""
    cyipopt = import_module("cyipopt")
    problem = cyipopt.Problem(n=1, m=0, problem_obj=Parabola(), lb=[-1.0], ub=[1.0], cl=[], cu=[])
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "ipopt.log"
        options = {
            "linear_solver": "mumps",
            "output_file": str(log),
            "file_print_level": 5,
            "print_level": 0,
            "sb": "yes",
        }
        for option, value in options.items():
            problem.add_option(option, value)
        problem.solve([0.5])
        problem.close()
        return log.read_text()


class Parabola:
    """x squared, as cyipopt wants a problem."""

    def objective(self, x: Any) -> float:
        """Return the value."""
        return float(x[0] ** 2)

    def gradient(self, x: Any) -> list[float]:
        """Return the first derivative."""
        return [2 * x[0]]

    def hessianstructure(self) -> tuple[list[int], list[int]]:
        """Return the row and the column of the one second derivative."""
        return [0], [0]

    def hessian(self, _x: Any, _multipliers: Any, factor: float) -> list[float]:
        """Return the second derivative."""
        return [2 * factor]


def shared_object(name: str) -> str:
    """Return the file of a shared library that this process has loaded, where the system tells (Linux)."""
    maps = Path("/proc/self/maps")
    lines = maps.read_text().splitlines() if maps.is_file() else []
    return next((line.split(maxsplit=5)[5] for line in lines if name in line), "")


def requirements(extra: str = "") -> dict[str, Requirement]:
    """Return what `setup.cfg` asks for in general, or under an extra, by the name of the package."""
    try:
        declared = [Requirement(line) for line in importlib.metadata.requires("cge") or []]
    except importlib.metadata.PackageNotFoundError:  # a checkout that is not installed
        return {}
    if not extra:
        return {r.name: r for r in declared if r.marker is None}
    return {r.name: r for r in declared if r.marker is not None and r.marker.evaluate({"extra": extra})}


def plain(requirement: Requirement) -> str:
    """Return a requirement without its extra, as pip takes it."""
    return f"{requirement.name}{requirement.specifier}"


def mend_native() -> str:
    """Return the command that brings every native part."""
    if (Path(sys.prefix) / "conda-meta").is_dir():
        return "conda install --channel conda-forge cyipopt pynumero_libraries"
    return f"{this_python()} -m cge.solvers.install.native"


def this_python() -> str:
    """Return the running Python as a user would type it from where they are."""
    python = Path(sys.executable)
    return shlex.quote(str(python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python))


def dotted(version: tuple[int, ...]) -> str:
    """Return (3, 11) as 3.11."""
    return ".".join(map(str, version))


def one_line(error: Exception) -> str:
    """Return an error's message on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
