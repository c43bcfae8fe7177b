"""What a user has who installs from a source archive or a wheel, away from the tree: everything, and it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("setuptools", minversion="77")

ROOT = Path(__file__).parents[2]
ROOMS = ("cge", "calibration", "scenarios", "solvers")
TREE = ("calibration", "cge", "scenarios", "solvers", "tests", "docs", "benchmarks", "examples")
TOP = ("README.md", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "MANIFEST.in", "Makefile",
       "environment.yml", "pyproject.toml", "setup.cfg")  # fmt: skip
BUILD = "import sys; from setuptools import build_meta as b; print(getattr(b, sys.argv[1])(sys.argv[2]))"


def packed(tree: Path, what: str, place: Path) -> Path:
    place.mkdir(exist_ok=True)
    command = [sys.executable, "-c", BUILD, what, str(place)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True)
    return place / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The source archive, unpacked."""
    place = tmp_path_factory.mktemp("packed")
    for folder in TREE:
        left = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / folder, place / "tree" / folder, symlinks=True, ignore=left)
    for name in TOP:
        shutil.copy(ROOT / name, place / "tree")
    with tarfile.open(packed(place / "tree", "build_sdist", place / "dist")) as archive:
        archive.extractall(place / "sdist", filter="data")
    return next((place / "sdist").iterdir())


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """The wheel that the source archive makes."""
    return packed(sdist, "build_wheel", tmp_path_factory.mktemp("wheel"))


def files(root: Path, folder: str) -> set[str]:
    found = (path for path in (root / folder).rglob("*") if path.is_file() and path.suffix not in (".pyc", ".so"))
    return {path.relative_to(root).as_posix() for path in found if "__pycache__" not in path.parts}


@pytest.mark.slow
def test_the_source_archive_has_all_that_a_checkout_has(sdist):
    for folder in TREE:
        assert files(ROOT, folder) - files(sdist, folder) == set()
    assert [name for name in TOP if not (sdist / name).is_file()] == []


@pytest.mark.slow
def test_the_wheel_has_every_module_and_every_data_file(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    for room in ROOMS:
        own = {f"cge/{name}" if room != "cge" else name for name in files(ROOT, room)}
        assert {name for name in own if not name.startswith(tuple(f"cge/{r}/cge/" for r in ROOMS))} - held == set()


@pytest.mark.slow
def test_an_installed_wheel_solves_away_from_the_tree(wheel, tmp_path):
    """The package comes from the wheel; what it needs, from the environment of the tests."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    alone = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")} | {"CGE_CACHE": "off"}

    def told(*command: object) -> str:
        done = subprocess.run(
            list(map(str, command)), cwd=tmp_path, env=alone, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    told(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    site = Path(told(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "needs.pth").write_text(sysconfig.get_path("purelib"))  # no file .pth in there is read: none names the tree
    native = Path(sys.prefix) / "lib" / "libpynumero_ASL.so"
    if native.is_file():  # as `python -m cge.solvers.install.native` builds it; else Pyomo finds the system's
        (tmp_path / "env" / "lib" / native.name).symlink_to(native)
    assert str(site) in told(python, "-c", "import cge; print(cge.__file__)")
    command = tmp_path / "env" / "bin" / "cge"
    assert "korea-cptpp" in told(command, "list")
    told(command, "run", "us-universal-10", "--benchmark", "world2022-12x12", "--out", "out")
    assert (tmp_path / "out" / "us-universal-10" / "welfare.csv").is_file()
