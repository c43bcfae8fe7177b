"""The installed package is the tree: its packages, its data, its rooms under one name."""

import ast
import configparser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
ROOMS = ("calibration", "scenarios", "solvers")
FOLDERS = ("cge", *ROOMS, "tests", "benchmarks", "examples", "docs")


@pytest.fixture(scope="module")
def setup_cfg():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def python_files(folder):
    """Return a folder's modules; links are not followed, so each is met once."""
    return sorted(p for p in (ROOT / folder).rglob("*.py") if not any(a.is_symlink() for a in p.parents))


def test_setup_cfg_lists_every_package_of_the_tree(setup_cfg):
    def dotted(folder):
        path = folder.relative_to(ROOT)
        return ".".join(path.parts if path.parts[0] == "cge" else ("cge", *path.parts))

    in_tree = {dotted(p.parent) for folder in ("cge", *ROOMS) for p in python_files(folder)}
    assert set(setup_cfg["options"]["packages"].split()) == in_tree


def test_every_package_has_an_init_file():
    folders = {p.parent for folder in ("cge", *ROOMS) for p in python_files(folder)}
    assert [f for f in folders if not (f / "__init__.py").is_file()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_mapped_and_linked(setup_cfg, room):
    mapping = dict(line.replace(" ", "").split("=") for line in setup_cfg["options"]["package_dir"].split("\n") if line)
    assert mapping[f"cge.{room}"] == room
    assert (ROOT / "cge" / room).readlink() == Path("..", room)


def test_data_files_are_package_data(setup_cfg):
    patterns = setup_cfg["options.package_data"]
    declared = {
        path
        for package, names in patterns.items()
        for name in names.replace(",", " ").split()
        for path in (ROOT / package.removeprefix("cge.").replace(".", "/")).glob(name)
    }
    rooms = [p for room in ROOMS for p in (ROOT / room).rglob("*") if p.is_file()]
    data = {p for p in rooms if p.suffix not in {".py", ".pyc"}}
    assert data - declared == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_nobody_imports_a_room_by_its_bare_name(folder):
    bare = []
    for path in python_files(folder):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            else:
                continue
            bare += [f"{path}:{node.lineno}" for name in names if name.split(".")[0] in ROOMS]
    assert bare == []


def test_conda_asks_for_the_same_versions_as_pip(setup_cfg):
    conda = YAML(typ="safe").load(ROOT / "environment.yml")["dependencies"]
    there = {r.name: r.specifier for r in map(Requirement, filter(lambda line: isinstance(line, str), conda))}
    extras = setup_cfg["options.extras_require"]
    lines = "\n".join([setup_cfg["options"]["install_requires"], extras["ipopt"], extras["plot"]]).split("\n")
    for wanted in (Requirement(line) for line in lines if line):
        assert there[wanted.name.lower()] == wanted.specifier


def test_citation_names_the_version(setup_cfg):
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    assert citation["version"] == setup_cfg["metadata"]["version"]
    assert citation["license"] == setup_cfg["metadata"]["license"]
