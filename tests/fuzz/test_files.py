"""Damaged files: refused in one message, or read as they were written; no traceback, no false success."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fuzz.files import KINDS, damaged
from tests.truth import record

ROOT = Path(__file__).parents[2]
FEW, MANY = 60, 2000
"""Tries over all kinds in the tests, and for the page or `make files`."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_refused_or_read_as_it_was(kind, request):
    asked = request.config.getoption("--files") or (MANY if request.config.getoption("--truth") else FEW)
    number = -(-asked // len(KINDS))
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.files", kind, "0", str(number)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-2000:]
    wrong = done.stdout.splitlines()
    source = "bytes flipped, files cut, blocks swapped, zeroed or from elsewhere"
    record(f"{number} damaged {kind}: tracebacks and false successes", 0, len(wrong), 0.0, source)


def test_what_is_damaged_differs_from_what_was_written():
    content, other = bytes(range(256)) * 8, bytes(2048)
    changed = [damaged(content, other, np.random.default_rng(k)) != content for k in range(300)]
    assert sum(changed) > 270
