"""Structure before numbers: what cannot be solved is refused, and the message names the culprit."""

import numpy as np
import pytest

from cge.calibration.shares import calibrate
from cge.checks import check_matching, check_replication, worst_equations
from cge.errors import ModelError
from cge.model import Model
from cge.parameters import Parameters
from tests.economies import elasticities, random_benchmark
from tests.points import parameters, random_point, system


def held(model, **where):
    """The standard closure with more (or fewer) entries held."""
    return {"pworld": np.array(True)} | {
        name: np.full(model.shape(model.symbols[name]), value) for name, value in where.items()
    }


def test_a_square_system_passes():
    check_matching(system("full"))
    assert check_replication(system("full")) < 1e-12


@pytest.mark.parametrize(
    ("swap", "culprit"),
    [
        ({"g": True}, r"Too many equations among: .*government_demand\[r1\].*Not determined: none"),  # nothing freed
        ({"td": False}, r"Not determined: .*td\[r0\]"),  # nothing held
        ({"g": True, "sg": False}, r"Not determined: .*sg\[r0\]"),  # freed, but in no equation of this household
    ],
)
def test_what_does_not_pair_off_is_named(swap, culprit):
    model = Model(parameters("full"))
    with pytest.raises(ModelError, match=culprit):
        check_matching(model.system(held(model, **swap)))


def test_factors_without_substitutes_are_refused():
    """Land fixed to an industry at fixed coefficients fixes its output, and leaves other factors' markets without an
    unknown of their own: the equations of those markets are named, and no solve is tried."""
    b = random_benchmark(0, 2, 2)
    model = Model(calibrate(b, elasticities(b, esubva=0.0, esubt=0.0)))
    with pytest.raises(ModelError, match=r"Too many equations among: .*sluggish_market"):
        check_matching(model.system(held(model)))


def test_two_numeraires_are_one_too_many():
    model = Model(parameters("plain"))
    with pytest.raises(ModelError, match="do not pair off"):
        check_matching(model.system({"pworld": np.array(True), "cpi": np.array([True, False])}))


def test_parameters_that_do_not_replicate_are_refused_by_equation():
    """One wrong share: the error names the equations that it breaks."""
    p = parameters("full")
    wrong = Parameters(p.data.assign(share_cpi=p.data.share_cpi * 1.01))
    with pytest.raises(ModelError, match=r"does not replicate its benchmark.*consumer_price_index\[r0\]"):
        check_replication(Model(wrong).system({"pworld": np.array(True)}))


def test_residuals_that_are_not_numbers_do_not_replicate():
    p = parameters("full")
    wrong = Parameters(p.data.assign(income0=p.data.income0 * 0.0))
    with pytest.raises(ModelError, match="does not replicate"):
        check_replication(Model(wrong).system({"pworld": np.array(True)}))


def test_the_worst_equations_come_first():
    s = system("plain")
    residual = np.zeros(s.height)
    residual[3], residual[5] = -2.0, np.nan
    told = worst_equations(s, residual, 2).split(", eq")[0]
    assert told.startswith(s.row_names[5])
    assert s.row_names[3] in told


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.drop_vars("tm0"), "tm0 is missing"),
        (lambda d: d.assign(tm0=d.tm0.transpose()), "tm0 has dims"),
        (lambda d: d.assign(tm0=d.tm0 * np.nan), "tm0 holds .* not finite"),
    ],
)
def test_parameters_are_validated(change, complaint):
    with pytest.raises(ModelError, match=complaint):
        Parameters(change(parameters("full").data))


def test_definitions_come_after_what_they_use():
    """Completing a point leaves no definition with a residual."""
    for closure in ("standard", "lump-sum", "unemployment"):
        s = system("full", closure)
        residual = s.residuals(s.complete(random_point(s.model, 6)))
        assert abs(residual[: s.core.start]).max() < 1e-14
        assert abs(residual[s.core]).max() > 1e-3


def test_pack_and_unpack_are_inverse():
    s = system("full")
    values = random_point(s.model, 7)
    x = s.pack(values)
    again = s.unpack(x, s.model.start())
    np.testing.assert_array_equal(s.pack(again), x)
    np.testing.assert_array_equal(again["tm"], s.model.benchmark["tm"])
    assert len(set(s.column_names)) == len(set(s.row_names)) == s.size == s.height
