"""The small world, its parameters, and results on it, made once."""

import pytest

from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import setting
from tests.small_world import small_world


@pytest.fixture(scope="session")
def world():
    return small_world()


@pytest.fixture(scope="session")
def runner(world):
    return Runner(setting(world))


@pytest.fixture(scope="session")
def parameters(runner):
    return runner.parameters


@pytest.fixture(scope="session")
def result(runner):
    """A tariff on the small world, solved."""
    return runner.solve(*runner.scenarios(["us-universal-10"]))
