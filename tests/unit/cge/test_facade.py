"""`import cge` is cheap and still offers the main verbs."""

import subprocess
import sys

import pytest

import cge


def test_import_brings_nothing_along():
    code = "import sys, cge; print([m for m in ('numpy', 'pandas', 'xarray', 'pyomo') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", cge.__all__)
def test_every_verb_is_there_and_listed(name):
    assert getattr(cge, name) is not None
    assert name in dir(cge)


def test_an_unknown_verb_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        _ = cge.simulate
