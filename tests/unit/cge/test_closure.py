"""Closures: every one is square, matched, at rest at the benchmark and solvable; wrong ones say what is wrong."""

import itertools

import numpy as np
import pytest

from cge.calibration.shares import calibrate
from cge.checks import check_matching, check_replication
from cge.closure import CLOSURES, OPTIONS, Closure
from cge.errors import PolicyError
from cge.model import Model
from cge.solvers.methods.newton import Newton
from cge.solvers.problem import Problem
from tests.economies import elasticities, random_benchmark
from tests.points import SHAPES, parameters


def every_closure():
    """All combinations of options that do not contradict themselves."""
    for values in itertools.product(*OPTIONS.values()):
        options = dict(zip(OPTIONS, values, strict=True))
        for numeraire in ("world", "r1"):
            try:
                yield Closure(**options, numeraire=numeraire)
            except PolicyError:
                continue


def fitting(shape, closure):
    """Parameters with net investment, where it is to move alike everywhere."""
    p = parameters(shape)
    if closure.saving != "shares":
        return p
    return p.anew(p.data.assign(depreciation=0.2 * p.data["depreciation"]))


CASES = [
    *((shape, closure) for shape in SHAPES for closure in CLOSURES.values()),
    *zip(itertools.cycle(SHAPES), every_closure(), strict=False),
]


@pytest.mark.parametrize(("shape", "closure"), CASES)
def test_every_closure_is_square_replicates_and_solves(shape, closure):
    """Those with a name on every kind of economy, all combinations of options on one of them; tariffs, productivity."""
    model = Model(fitting(shape, closure), closure.structure())
    one = model.system(closure.held(model))
    check_matching(one)
    assert check_replication(one) < 1e-10
    shock = {"tm": model.benchmark["tm"] + 0.1, "tfp": model.benchmark["tfp"] * 1.05}
    found = Newton(one).solve(model.start() | shock)
    assert found.converged
    assert abs(float(found.values["walras"])) < 1e-9
    for name, mask in closure.held(model).items():
        exists, moved = model.exists[name], abs(found.values[name] - model.benchmark[name]) > 1e-9
        assert not moved[mask & exists].any(), f"{name} was held and moved"
        assert moved[~mask & exists].all(), f"{name} was freed and did not move"


@pytest.mark.parametrize("name", CLOSURES)
def test_named_closures_are_certified(name):
    p = fitting("full", CLOSURES[name])
    found = Problem(p, CLOSURES[name]).solve({"tm": p.data.tm0 + 0.2})
    assert found.proof.walras < 1e-9
    assert found.proof.ipopt_status == 0


@pytest.mark.parametrize("option", OPTIONS)
def test_an_unknown_option_lists_the_choices(option):
    with pytest.raises(PolicyError, match=f"{option} is one of .*, not 'nonsense'"):
        Closure(**{option: "nonsense"})


@pytest.mark.parametrize("options", [{"household": "separate"}, {"government": "lump-sum"}])
def test_a_government_needs_its_household(options):
    with pytest.raises(PolicyError, match="goes with the regional household"):
        Closure(**options)


def test_an_unknown_numeraire_is_refused():
    with pytest.raises(PolicyError, match="numeraire 'XYZ'"):
        Problem(parameters("plain"), Closure(numeraire="XYZ"))


def test_a_real_wage_needs_labour():
    b = random_benchmark(1, 2, 1, specific=False)
    renamed = type(b)(b.data.assign_coords(factor=["K", "L"]).assign_attrs(contents="{}"))
    with pytest.raises(PolicyError, match="needs a factor whose role is labour"):
        Problem(calibrate(renamed, elasticities(renamed)), CLOSURES["unemployment"])


@pytest.mark.parametrize("name", CLOSURES)
def test_a_closure_describes_itself(name):
    told = CLOSURES[name].describe()
    assert all(OPTIONS[option][getattr(CLOSURES[name], option)] in told for option in OPTIONS)
    assert "world factor price index" in told
    assert "consumer price index of r1" in Closure(numeraire="r1").describe()


def test_what_each_closure_means():
    """Balanced budget: real government consumption stays; real wage: employment moves and the wage does not."""
    p = parameters("full")
    shock = {"tm": p.data.tm0 + 0.3}
    kept = Problem(p, CLOSURES["direct-tax"]).solve(shock).data
    np.testing.assert_allclose(kept.g, 1.0, rtol=1e-10)
    assert (abs(kept.td - p.data.td0) > 1e-4).all()
    deficit = Problem(p, CLOSURES["fixed-deficit"]).solve(shock).data
    assert (abs(deficit.g - 1.0) > 1e-3).all()
    wage = Problem(p, CLOSURES["unemployment"]).solve(shock).data
    np.testing.assert_allclose(wage.rw.sel(factor="LAB"), 1.0, rtol=1e-10)
    assert (abs(wage.endow.sel(factor="LAB") - 1.0) > 1e-4).all()
    assert (wage.endow.sel(factor="CAP") == 1.0).all()
    bank = Problem(p, CLOSURES["global-bank"]).solve(shock).data
    assert abs(float((bank.sf * p.data.income0).sum() / p.data.income0.sum())) < 1e-12
    assert (abs(bank.sf - p.data.sf0) > 1e-6).all()
