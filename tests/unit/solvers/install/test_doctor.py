"""The doctor tells what is missing, and how to mend it, whatever is missing."""

import importlib
import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cge.solvers.certificate import library
from cge.solvers.install import doctor

NATIVE = "cge.solvers.install.native"


def by_name():
    return {part.name: part for part in doctor.diagnose()}


@pytest.fixture
def without(monkeypatch):
    """Make modules impossible to import, as if they were not installed."""

    def hide(*modules):
        for loaded in list(sys.modules):
            if loaded.split(".")[0] in modules:
                monkeypatch.delitem(sys.modules, loaded)
        for module in modules:
            monkeypatch.setitem(sys.modules, module, None)

    return hide


def test_everything_needed_is_here():
    missing = [part for part in doctor.diagnose() if part.needed and not part.found]
    assert missing == []


def test_a_found_part_tells_its_version_and_place_and_needs_no_mending():
    for part in by_name().values():
        if part.found:
            assert part.version
            assert part.mend == ""


def test_ipopt_is_new_enough_and_has_mumps():
    parts = by_name()
    assert tuple(map(int, parts["Ipopt"].version.split("."))) >= doctor.OLDEST_IPOPT
    assert parts["linear solver"].version.startswith("MUMPS")


def test_without_pyomo(without):
    without("pyomo")
    parts = by_name()
    assert not parts["Pyomo"].found
    assert "pip install 'pyomo" in parts["Pyomo"].mend
    assert not parts["PyNumero ASL library"].found
    assert parts["cyipopt"].found


def test_without_cyipopt_ipopt_is_missing_too(without):
    without("cyipopt")
    parts = by_name()
    for name in ("cyipopt", "Ipopt", "linear solver"):
        assert not parts[name].found
        assert parts[name].mend.endswith(NATIVE)
    assert parts["PyNumero ASL library"].found


def test_without_matplotlib_nothing_needed_is_missing(without):
    without("matplotlib")
    part = by_name()["matplotlib"]
    assert not part.found
    assert not part.needed
    assert "pip install 'matplotlib" in part.mend


def test_without_the_asl_library_pyomo_is_asked_and_says_no(monkeypatch):
    pynumero = importlib.import_module("pyomo.contrib.pynumero.asl")
    monkeypatch.setattr(library, "LIBRARY", Path("nowhere"))
    monkeypatch.setattr(pynumero.AmplInterface, "libname", None)
    part = doctor.check_asl()
    assert not part.found
    assert part.mend.endswith(NATIVE)


def test_a_file_that_is_no_library_does_not_raise(monkeypatch, tmp_path):
    pynumero = importlib.import_module("pyomo.contrib.pynumero.asl")
    broken = tmp_path / "libpynumero_ASL.so"
    broken.write_text("no library")
    monkeypatch.setattr(library, "LIBRARY", broken)
    monkeypatch.setattr(pynumero.AmplInterface, "libname", None)
    part = doctor.check_asl()
    assert not part.found
    assert "OSError" in part.where


def test_an_asl_library_older_than_the_model_wants(monkeypatch):
    monkeypatch.setattr(library, "INTERFACE", 99)
    part = doctor.check_asl()
    assert not part.found
    assert "99" in part.where


@pytest.mark.parametrize(
    ("banner", "found"),
    [
        ("This is Ipopt version 3.11.9, running with linear solver MUMPS 5.5.1.", (False, True)),
        ("This is Ipopt version 3.14.19, running with linear solver MUMPS 5.8.2.", (True, True)),
        ("Exception message: libdmumps.so: cannot open shared object file", (False, False)),
    ],
)
def test_what_ipopt_says_of_itself(monkeypatch, banner, found):
    monkeypatch.setattr(doctor, "ipopt_banner", lambda: banner)
    assert tuple(part.found for part in doctor.check_ipopt()) == found


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    part = doctor.check_python()
    assert not part.found
    assert part.version == "3.10.4"


def test_a_version_outside_the_range_of_setup_cfg(monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.1")
    part = doctor.check_package("Pyomo", "pyomo")
    assert not part.found
    assert part.version == "0.1"


def test_a_conda_environment_is_mended_by_conda(monkeypatch, tmp_path):
    (tmp_path / "conda-meta").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert doctor.mend_native().startswith("conda install")


def test_what_certifies_is_required_before_anything_is_solved_with_one_command(without, monkeypatch):
    from cge.errors import InstallError
    from cge.solvers.problem import Problem
    from tests.points import parameters

    doctor._certifiers.cache_clear()
    without("cyipopt")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    with pytest.raises(InstallError, match=r"missing cyipopt \(.*\)\. Bring it with: .*cge\.solvers\.install\.native$"):
        Problem(parameters("full"))
    monkeypatch.setenv("LD_LIBRARY_PATH", "elsewhere")
    with pytest.raises(InstallError, match="LD_LIBRARY_PATH is set"):
        Problem(parameters("full"))
    doctor._certifiers.cache_clear()


def test_the_repair_lists_everything_that_is_needed_once(without, monkeypatch):
    without("cyipopt")
    missing = {"numpy-from-nowhere": Requirement("numpy-from-nowhere >=1")}
    monkeypatch.setattr(doctor, "requirements", lambda extra="": {} if extra else missing)
    packages, native = doctor.repair(doctor.diagnose())
    assert packages.endswith("-m pip install 'numpy-from-nowhere>=1'")
    assert native == doctor.mend_native()


def test_the_store_of_compiled_models_is_told_with_its_place_size_and_health(monkeypatch, tmp_path):
    from cge.solvers.certificate.store import Store, pack

    monkeypatch.setenv("CGE_CACHE", str(tmp_path))
    kept = Store().keep("0" * 64, pack("0" * 64, {}))
    part = doctor.check_store()
    assert (part.found, part.version, part.where) == (True, "1, 0 MB", str(tmp_path))
    kept.write_bytes(b"cut")
    part = doctor.check_store()
    assert not part.found
    assert str(kept) in part.where
    assert part.mend.endswith("doctor --clean")
    monkeypatch.setenv("CGE_CACHE", "off")
    assert "none are kept" in doctor.check_store().where


def test_messages_name_distributions_that_exist():
    root = Path(doctor.__file__).parents[2]
    texts = [f for room in ("cge", "calibration", "scenarios", "solvers", "docs") for f in (root / room).rglob("*.??*")]
    named = [f.name for f in texts if f.suffix in (".py", ".md") and re.search(r"install '?cge", f.read_text("utf-8"))]
    assert named == []
