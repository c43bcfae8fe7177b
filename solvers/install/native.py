"""Builds the two native parts of the solvers' room into this Python environment, and nowhere else.

    python -m cge.solvers.install.native

- **cyipopt** has no wheel and needs Ipopt with its headers. The wheel of CasADi carries both (Ipopt 3.14 with MUMPS),
  so cyipopt is built against it, with a run path that finds CasADi's folder beside its own.
- **PyNumero's ASL library** is compiled from Pyomo's own source against Debian's `libamplsolver-dev`: the system's if
  it is installed, else a copy that apt fetches and dpkg unpacks into a temporary folder, for which neither needs root.

What is there already and works is left alone. Each part appears in one step at its end, so an interrupted build leaves
nothing half done.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

from cge.errors import InstallError
from cge.solvers.certificate.library import LIBRARY

from . import doctor

HOW_TO_GET_TOOLS = (
    "on Debian and Ubuntu: apt-get install g++ python3-dev; elsewhere conda brings every part ready-made: "
    "conda env create --file environment.yml"
)


def missing_tools() -> list[str]:
    """Return what this machine lacks for any build at all."""
    python_header = Path(sysconfig.get_path("include")) / "Python.h"
    tools = {
        "a C compiler": shutil.which("cc"),
        "a C++ compiler": shutil.which("c++"),
        f"Python's headers ({python_header})": python_header.is_file(),
    }
    return [tool for tool, there in tools.items() if not there]


def build_cyipopt(scratch: Path) -> None:
    """Install cyipopt, built against the Ipopt that CasADi's wheel carries."""
    pip("install", *map(doctor.plain, doctor.requirements("native").values()))
    casadi = scratch / "casadi"  # a name without spaces, which cyipopt's build would trip over
    casadi.symlink_to(package_folder("casadi"))
    (scratch / "ipopt.pc").write_text(
        "Name: Ipopt\n"
        "Description: the Ipopt in CasADi's wheel\n"
        f"Version: {ipopt_version(casadi)}\n"
        f"Cflags: -I{casadi}/include/coin-or\n"
        f"Libs: -L{casadi} -lipopt\n"
    )
    # cyipopt's build calls `pkg-config` by that name; the one from PyPI's pkgconf works on every machine.
    (scratch / "pkg-config").symlink_to(package_folder("pkgconf") / ".bin" / "pkgconf")
    here = "@loader_path" if sys.platform == "darwin" else "$ORIGIN"
    # cyipopt's library lies in its package, and in older versions beside it
    run_path = f"-Wl,-rpath,{here}/../casadi -Wl,-rpath,{here}/casadi"
    # Without pip's cache: a wheel that another environment built may have another run path.
    pip(
        "install",
        "--no-cache-dir",
        "--force-reinstall",
        "--no-deps",
        "--no-binary=cyipopt",
        *map(doctor.plain, doctor.requirements("ipopt").values()),
        environment={
            "PATH": f"{scratch}{os.pathsep}{os.environ['PATH']}",
            "PKG_CONFIG_PATH": str(scratch),
            "LDFLAGS": f"{os.environ.get('LDFLAGS', '')} {run_path}",
        },
    )


def ipopt_version(casadi: Path) -> str:
    """Read Ipopt's version from its header."""
    for line in (casadi / "include/coin-or/IpoptConfig.h").read_text().splitlines():
        if line.startswith("#define IPOPT_VERSION "):
            return line.split('"')[1]
    raise InstallError("CasADi's IpoptConfig.h names no IPOPT_VERSION: try another casadi in the range of setup.cfg")


def build_asl(scratch: Path) -> None:
    """Compile PyNumero's ASL library into this environment's `lib/`."""
    archive, headers = find_amplsolver(Path("/")) or fetch_amplsolver(scratch)
    source = package_folder("pyomo") / "contrib/pynumero/src/AmplInterface.cpp"
    LIBRARY.parent.mkdir(parents=True, exist_ok=True)
    half_done = LIBRARY.with_name(f"{LIBRARY.name}.new")
    # What Pyomo's CMakeLists.txt does for this target; a single file does not need CMake.
    flags = ["-O2", "-fPIC", "-shared", "-DBUILDING_PYNUMERO_ASL", f"-I{headers}"]
    run("c++", *flags, source, archive, "-ldl", "-o", half_done)
    half_done.replace(LIBRARY)


def find_amplsolver(root: Path) -> tuple[Path, Path] | None:
    """Return the archive and the header folder of Debian's libamplsolver-dev under `root`, if it is there."""
    headers = root / "usr/include/ampl-netlib-solvers"
    archives = sorted(root.glob("usr/lib/*/libamplsolver.a"))
    return (archives[0], headers) if archives and (headers / "asl_pfgh.h").is_file() else None


def fetch_amplsolver(scratch: Path) -> tuple[Path, Path]:
    """Let apt fetch libamplsolver-dev into `scratch`, with lists of its own there, and unpack it."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    apt = [
        "apt-get",
        "--quiet=2",
        f"--option=Dir::State={scratch}",
        f"--option=Dir::Cache={scratch}/cache",
        "--option=APT::Sandbox::User=root",  # apt's own user could not write into our temporary folder
    ]
    troubles = []
    for step in (["update"], ["download", "libamplsolver-dev"]):
        try:
            run(*apt, *step, folder=scratch)
        except InstallError as error:  # any broken source of the machine's fails the update; what counts is the package
            troubles.append(str(error))
    packages = list(scratch.glob("libamplsolver-dev_*.deb"))
    if not packages:
        raise InstallError("\n".join(troubles))
    run("dpkg", "--extract", packages[0], scratch / "root")
    found = find_amplsolver(scratch / "root")
    if found is None:
        raise InstallError(f"{packages[0].name} holds no libamplsolver.a with headers")
    return found


def package_folder(name: str) -> Path:
    """Return the folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise InstallError(f"{name} is not installed: python -m pip install {name}")
    return Path(spec.origin).parent


def pip(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run this environment's pip."""
    run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments, environment=environment)
    invalidate_caches()  # so that this process sees what pip has just installed


def run(*command: str | Path, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
    """Run a command silently; if it fails, raise an error that holds what it printed."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env=os.environ | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise InstallError(f"this machine has no {words[0]}; {HOW_TO_GET_TOOLS}") from None
    if done.returncode:
        raise InstallError(f"{done.stdout.strip()}\n{shlex.join(words)} failed with exit code {done.returncode}")


BUILDERS = {doctor.check_asl: build_asl, doctor.check_cyipopt: build_cyipopt}


def main() -> int:
    """Build what the doctor finds missing; return the exit code."""
    sick = {check: build for check, build in BUILDERS.items() if not check().found}
    try:
        if sick and (tools := missing_tools()):
            raise InstallError(f"to build the native parts, this machine lacks {', '.join(tools)}; {HOW_TO_GET_TOOLS}")
        for check, build in sick.items():
            print(f"building {check().name} ...", flush=True)
            with tempfile.TemporaryDirectory(prefix="cge-") as scratch:
                build(Path(scratch))
            if not check().found:
                raise InstallError(f"{check().name} was built and does not load")
    except InstallError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command takes it up again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
