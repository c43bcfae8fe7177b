"""How long files and functions may be, how docstrings look, and how helpers of tests are imported."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("cge", "calibration", "scenarios", "solvers", "tests", "benchmarks", "docs", "examples")
TEXTS = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
    for room in ROOMS
    for file in (ROOT / room).rglob("*.py")
    if not any(part.is_symlink() for part in file.parents)  # the rooms stand in cge/ as links too
}
LINES, BODY = 400, 60
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
HELPERS = {file.stem for file in (ROOT / "tests").glob("*.py")} | {"economies", "fuzz", "identities", "mutants"}


def test_files_are_short():
    assert [f"{file}: {lines}" for file, text in TEXTS.items() if (lines := len(text.splitlines())) >= LINES] == []


def own_lines(function):
    """Lines of a function without those of functions inside it, as the routes of a server are."""
    inside = [node for node in ast.walk(function) if node is not function and isinstance(node, FUNCTIONS)]
    return len(set(lines_of(function)) - {line for node in inside for line in lines_of(node)})


def lines_of(node):
    return range(node.lineno, node.end_lineno + 1)


def test_functions_are_short():
    assert [
        f"{file}, {node.name}: {own_lines(node)}"
        for file, text in TEXTS.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, FUNCTIONS) and own_lines(node) >= BODY
    ] == []


def test_helpers_of_tests_are_imported_by_their_whole_name():
    bare = re.compile(rf"^(?:from|import) (?:{'|'.join(sorted(HELPERS))})\b", re.MULTILINE)
    assert [file for file, text in TEXTS.items() if file.startswith("tests") and bare.search(text)] == []


def test_docstrings_have_one_style():
    """Sections end in a colon; what is code stands between single backticks."""
    other = re.compile(r'^ +-{4,}$|:(?:class|func|data|meth|mod|attr):`|"""[^"`]*``', re.MULTILINE)
    rooms = ("cge", "calibration", "scenarios", "solvers")
    assert [file for file, text in TEXTS.items() if file.startswith(rooms) and other.search(text)] == []
