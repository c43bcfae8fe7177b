"""The builder of the native parts, short of building them."""

import sys

import pytest

from cge.solvers.install import doctor, native


def make_debian(root, *files):
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()


HEADER = "usr/include/ampl-netlib-solvers/asl_pfgh.h"
ARCHIVE = "usr/lib/x86_64-linux-gnu/libamplsolver.a"


def test_nothing_is_built_when_all_is_here(capsys):
    assert native.main() == 0
    assert capsys.readouterr().out == ""


def test_amplsolver_is_found_with_its_headers(tmp_path):
    make_debian(tmp_path, HEADER, ARCHIVE)
    assert native.find_amplsolver(tmp_path) == (tmp_path / ARCHIVE, (tmp_path / HEADER).parent)


@pytest.mark.parametrize("there", [HEADER, ARCHIVE])
def test_half_of_amplsolver_is_not_enough(tmp_path, there):
    make_debian(tmp_path, there)
    assert native.find_amplsolver(tmp_path) is None


def test_missing_tools_are_told_with_the_command_that_brings_them(monkeypatch, capsys):
    lacking = doctor.Part("cyipopt", False, "", "", "")
    monkeypatch.setattr(native, "BUILDERS", {lambda: lacking: pytest.fail})
    monkeypatch.setenv("PATH", "")
    assert native.main() == 1
    told = capsys.readouterr().err
    assert "a C compiler, a C++ compiler" in told
    assert "apt-get install g++" in told


def test_a_part_that_is_built_and_still_missing_is_an_error(monkeypatch, capsys):
    lacking = doctor.Part("cyipopt", False, "", "", "")
    monkeypatch.setattr(native, "BUILDERS", {lambda: lacking: lambda _scratch: None})
    monkeypatch.setattr(native, "missing_tools", list)
    assert native.main() == 1
    assert "does not load" in capsys.readouterr().err


def test_a_failing_command_tells_what_it_printed():
    with pytest.raises(native.InstallError, match="no such planet"):
        native.run(sys.executable, "-c", "raise SystemExit('no such planet')")


def test_a_missing_command_is_told_by_name():
    with pytest.raises(native.InstallError, match="no-such-command"):
        native.run("no-such-command")


def test_the_ranges_come_from_setup_cfg():
    assert set(doctor.requirements("native")) == {"casadi", "pkgconf"}
    assert doctor.plain(doctor.requirements("ipopt")["cyipopt"]).startswith("cyipopt<2")


def test_an_interrupt_ends_without_a_traceback(monkeypatch, capsys):
    def interrupt(_scratch):
        raise KeyboardInterrupt

    lacking = doctor.Part("cyipopt", False, "", "", "")
    monkeypatch.setattr(native, "BUILDERS", {lambda: lacking: interrupt})
    monkeypatch.setattr(native, "missing_tools", list)
    assert native.main() == 130
    assert "interrupted" in capsys.readouterr().err


def test_when_apt_brings_nothing_all_that_it_said_is_told(monkeypatch, tmp_path):
    def fail(*command, folder=None):
        raise native.InstallError(f"cannot {' '.join(command[5:])}")

    monkeypatch.setattr(native, "run", fail)
    with pytest.raises(native.InstallError, match="cannot update\ncannot download libamplsolver-dev"):
        native.fetch_amplsolver(tmp_path)
