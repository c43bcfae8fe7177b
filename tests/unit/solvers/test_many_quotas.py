"""Dozens of quotas at once: every regime appears, and every inequality holds."""

import numpy as np
import pytest

from cge.scenarios.economy.setting import setting
from cge.solvers import Problem, Quota
from tests.solved import world


def random_quotas(parameters, count, seed):
    """Tariff-rate and hard quotas on flows without a quota of the benchmark, tighter and looser than its volumes."""
    rng = np.random.default_rng(seed)
    a, labels = parameters.arrays, parameters.labels
    cells = np.argwhere((a["trade"] > 0.0) & (a["rho0"] == 0.0))
    cells = cells[cells[:, 0] != cells[:, 1]]
    chosen = cells[rng.choice(len(cells), count, replace=False)]
    quotas = []
    for i, r, s in chosen:
        flow = (labels["region"][i], labels["region"][r], labels["sector"][s])
        ceiling = np.inf if rng.random() < 0.4 else float(rng.uniform(0.01, 0.2))
        quotas.append(Quota((flow,), float(rng.uniform(0.5, 1.3)), ceiling, licence={"exporter": 1.0}))
    return quotas


def check(solved, quotas):
    """Every inequality, from the labels and numbers of the result alone."""
    found = {regime.name: regime for regime in solved.quotas}
    assert solved.proof.quotas <= 1e-8
    for quota in quotas:
        regime = found[quota.name]
        i, r, s = quota.flows[0]
        volume = float(solved.data["flow"].sel(exporter=i, importer=r, sector=s))
        assert regime.fill == pytest.approx(volume / quota.volume, abs=1e-9)
        if regime.regime == "slack":
            assert regime.premium == 0.0
            assert regime.fill <= 1.0 + 1e-8
        elif regime.regime == "binding":
            assert -1e-8 <= regime.premium <= quota.ceiling + 1e-8
            assert abs(regime.fill - 1.0) <= 1e-8
        else:
            assert regime.premium == quota.ceiling
            assert regime.fill >= 1.0 - 1e-8
    return {regime.regime for regime in found.values()}


@pytest.mark.parametrize("seed", [1, 2])
def test_sixty_quotas_on_the_real_world(seed):
    parameters = setting("world2020-12x12").parameters
    quotas = random_quotas(parameters, 60, seed)
    solved = Problem(parameters, certificate="arrays").solve(quotas=quotas)
    assert check(solved, quotas) == {"slack", "binding", "above"}


@pytest.mark.slow
def test_three_hundred_quotas_on_a_world_of_twenty_regions_and_sectors():
    parameters = world(1, regions=20, sectors=20, rents=False).parameters
    quotas = random_quotas(parameters, 300, 1)
    solved = Problem(parameters, certificate="arrays").solve(quotas=quotas)
    assert check(solved, quotas) == {"slack", "binding", "above"}
