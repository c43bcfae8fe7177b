"""What is imported when: a command, or a solve, that does not need a library does not wait for it."""

import subprocess
import sys

import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.file_contents import available, contents_in
from cge.errors import DataError

HEAVY = ("numpy", "pandas", "xarray", "scipy", "pydantic", "matplotlib", "pyomo", "cyipopt")


def loaded(code):
    """Which of the heavy libraries a line of Python brings."""
    line = f"import sys\n{code}\nprint(*[m for m in {HEAVY} if m in sys.modules])"
    return subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True).stdout.split()


def test_the_command_line_waits_for_none():
    assert loaded("import cge.scenarios.cli") == []


def test_the_solver_waits_for_no_pyomo():
    assert not {"pyomo", "matplotlib"} & set(loaded("import cge.solvers, cge.calibration.shares"))


@pytest.mark.parametrize("name", [name for name in available() if name.endswith("12x12")])
def test_the_contents_of_a_file_are_those_of_its_benchmark(name):
    assert contents_in(name) == Benchmark.load(name).contents


def test_a_file_that_is_no_benchmark_is_told(tmp_path):
    file = tmp_path / "broken.nc"
    file.write_text("no benchmark")
    with pytest.raises(DataError, match="no benchmark in NetCDF"):
        contents_in(file)
