"""The ranges of setup.cfg hold: the lowest and the newest versions install together and pass the quick tests.

python tests/ranges.py            # both, in .ranges/lowest and .ranges/newest
python tests/ranges.py lowest     # one of them; more arguments go to pytest
"""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
WHERE = ROOT / ".ranges"
EXTRAS = ("batch", "ipopt", "native", "plot")
TOOLS = ("hypothesis", "import-linter", "mypy", "pytest", "pytest-xdist", "ruff")
"""What the tests are run with, in their newest versions."""


def lowest() -> str:
    """The lower end of every range, as constraints of pip."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = [parser["options"]["install_requires"], *(parser["options.extras_require"][extra] for extra in EXTRAS)]
    ends = re.findall(r"^([\w.-]+) >=([\w.]+)", "\n".join(lines), flags=re.M)
    return "".join(f"{name}=={version}\n" for name, version in ends)


def try_out(name: str, constraints: str, arguments: list[str]) -> int:
    """Install into an environment of its own and run the quick tests there; the exit status."""
    folder = WHERE / name
    venv.create(folder, with_pip=True, clear=True)
    python = str(folder / "bin" / "python")
    (folder / "constraints.txt").write_text(constraints)
    held = os.environ | {"PIP_CONSTRAINT": str(folder / "constraints.txt"), "PYTHONPATH": ""}
    held |= {"CGE_CACHE": str(folder / "cache")}
    commands = [
        [python, "-m", "pip", "install", "--quiet", "--editable", ".[batch,native,plot]", *TOOLS],
        [python, "-m", "cge.solvers.install.native"],
        [python, "-m", "pytest", "-m", "not slow", "--numprocesses", "2", "--dist", "loadfile", *arguments],
    ]
    for command in commands:
        if status := subprocess.run(command, cwd=ROOT, env=held, check=False).returncode:
            print(f"{name}: {' '.join(command)} ended with {status}", file=sys.stderr)
            return status
    return 0


def main() -> int:
    """Try what is asked for."""
    sets = {"lowest": lowest(), "newest": ""}
    names, arguments = (sys.argv[1:2], sys.argv[2:]) if sys.argv[1:] else (list(sets), [])
    return max([try_out(name, sets[name], arguments) for name in names])


if __name__ == "__main__":
    sys.exit(main())
