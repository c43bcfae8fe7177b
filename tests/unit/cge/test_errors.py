"""The family of errors: messages no longer than a screen, and members that the classes of Python catch too."""

import pickle

import pytest

from cge.errors import AbsentError, CgeError, DataError, KeptError, PolicyError, RequestError


def test_a_message_lists_its_faults_under_what_has_them():
    error = PolicyError(["one", "two"], "mine.yaml")
    assert str(error) == "mine.yaml has 2 faults:\n  - one\n  - two"
    assert not error.shortened


@pytest.mark.parametrize("faults", [["a fault"] * 500, ["x" * 50_000], ["y" * 590] * 30])
def test_a_message_is_no_longer_than_a_screen_and_faults_holds_all(faults):
    error = DataError(faults, "table.csv")
    assert len(str(error)) < 3_100
    assert len(str(error).splitlines()) <= 23
    assert error.shortened
    assert list(error.faults) == faults


@pytest.mark.parametrize(("member", "plain"), [(KeptError, FileExistsError), (AbsentError, FileNotFoundError)])
def test_what_is_kept_or_absent_is_in_the_family_and_an_error_of_files(member, plain):
    error = member("results is kept")
    assert isinstance(error, RequestError)
    assert isinstance(error, CgeError)
    assert isinstance(error, plain)
    assert str(error) == "results is kept"
    assert str(pickle.loads(pickle.dumps(error))) == "results is kept"  # noqa: S301
