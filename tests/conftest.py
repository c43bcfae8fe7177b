"""What every test stands on."""

import os

# One BLAS thread a process: with two pytest workers on two cores, more would fight for them. It must be said before
# numpy is imported; pytest-xdist's workers inherit it.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

pytest_plugins = ["truth"]


def pytest_addoption(parser):
    """Where the scenarios of the library are solved."""
    parser.addoption(
        "--files", type=int, default=0, help="damaged files that are read; some dozens, or 2,000 for a page"
    )
    parser.addoption("--library", default="world2020-12x12", help="benchmark on which the whole library is solved")
