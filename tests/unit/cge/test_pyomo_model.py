"""The Pyomo model, compiled by the ASL, says what the arrays say."""

import numpy as np
import pytest
from pyomo.contrib.pynumero.interfaces.pyomo_nlp import PyomoNLP

from cge.closure import CLOSURES
from cge.model import Model
from cge.parameters import Parameters
from cge.pyomo_model import build, cells, set_point
from cge.solvers.certificate.compiled import CompiledModel
from cge.solvers.certificate.ipopt import PyomoFunctions
from cge.solvers.certificate.library import point_pyomo_here
from cge.solvers.certificate.store import Store
from tests.points import SHAPES, random_point, system


def positions(names, labels):
    """Where each of our names stands among Pyomo's, which have no space after a comma."""
    order = {name: k for k, name in enumerate(names)}
    return np.array([order[label.replace(", ", ",")] for label in labels])


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_residuals_and_jacobian_equal_the_arrays(shape, closure):
    """Every equation and every derivative at a random point, found by name, to 1e-12."""
    s = system(shape, closure)
    values = random_point(s.model, 4)
    found = s.linearise(values)
    residual, matrix = found.residual, found.jacobian
    pyomo = build(s.model)
    set_point(pyomo, s, values)
    point_pyomo_here()
    nlp = PyomoNLP(pyomo)
    rows = positions([c.name.removeprefix("eq_") for c in nlp.get_pyomo_constraints()], s.row_names)
    columns = positions([v.name for v in nlp.get_pyomo_variables()], s.column_names)
    found = nlp.evaluate_constraints()
    assert len(rows) == len(found) == s.height
    np.testing.assert_allclose(found[rows], residual, rtol=1e-12, atol=1e-12)
    dense = nlp.evaluate_jacobian().tocsr()[rows][:, columns].toarray()
    np.testing.assert_allclose(dense, matrix.toarray(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("closure", CLOSURES)
def test_the_compiled_functions_are_the_pyomo_model(closure, tmp_path):
    """What IPOPT sees: built, kept on disk and read again; other elasticities need no new build."""
    s = system("full", closure)
    values = random_point(s.model, 5)
    built = CompiledModel(s.model, Store((tmp_path,)))
    kept = CompiledModel(s.model, Store((tmp_path,)))
    assert (built.fresh, kept.fresh) == (True, False)
    data = s.model.parameters.data
    model = Model(Parameters(data.assign(sigma_m=data.sigma_m + 0.7)), s.model.structure)
    other = model.system(CLOSURES[closure].held(model))
    assert not CompiledModel(model, Store((tmp_path,))).fresh
    for one, compiled in ((s, built), (s, kept), (other, kept)):
        found = one.linearise(values)
        residual, matrix = found.residual, found.jacobian
        functions = PyomoFunctions(compiled, one, values)
        x = one.pack(values)
        found = functions.residuals(x)
        order, ours = np.argsort(found), np.argsort(residual)  # rows may be numbered differently
        np.testing.assert_allclose(found[order], residual[ours], rtol=1e-12, atol=1e-12)
        dense = np.zeros((one.height, one.size))
        row, column, slope = functions.jacobian(x)
        np.add.at(dense, (row, column), slope)
        np.testing.assert_allclose(np.sort(dense, axis=0), np.sort(matrix.toarray(), axis=0), rtol=1e-11, atol=1e-12)


def test_the_hessian_is_the_slope_of_the_jacobian():
    """Second derivatives, which only IPOPT's own solves use, against complex-free central differences."""
    s = system("full", "standard", every=False)
    values = s.model.start()
    functions = PyomoFunctions(CompiledModel(s.model, None), s, values)
    rng = np.random.default_rng(0)
    x, multipliers = s.pack(values), rng.normal(size=s.height)
    direction, h = rng.normal(size=s.size), 1e-5

    def gradient(at):
        row, column, slope = functions.jacobian(at)
        return np.bincount(column, weights=slope * multipliers[row], minlength=s.size)

    row, column, curve = functions.hessian(x, multipliers)
    half = np.zeros((s.size, s.size))
    np.add.at(half, (row, column), curve)
    full = half + half.T - np.diag(np.diag(half))
    slope = (gradient(x + h * direction) - gradient(x - h * direction)) / (2 * h)
    np.testing.assert_allclose(full @ direction, slope, atol=1e-6 * abs(slope).max())


def test_held_symbols_have_equal_bounds_and_unknowns_have_none():
    """A scenario, a closure and an elasticity change bounds; the model stays."""
    s = system("full", "lump-sum")
    pyomo = build(s.model)
    values = random_point(s.model, 5)
    set_point(pyomo, s, values)
    free = {label.replace(", ", ",") for label in s.column_names}
    for name, block in cells(pyomo, s.model).items():
        array = values.get(name, s.model.constants.get(name))
        for index in np.argwhere(block != np.array(None)):
            cell, number = block[tuple(index)], array[tuple(index)]
            assert cell.value == number
            assert (cell.lb, cell.ub) == ((None, None) if cell.name in free else (number, number)), cell.name
    assert {"g[r0]", "pworld", "sigma_m[r0,s0]"}.isdisjoint(free)
    assert "lumpsum[r0]" in free


def test_what_does_not_exist_is_no_variable():
    """No zero flow, no instrument that is neutral and untouched, no elasticity that is a form of its own."""
    s = system("full", "standard", every=False)
    pyomo = build(s.model)
    trade = s.model.constants["duty_paid"]
    assert len(pyomo.flow) == int((trade != 0).sum()) < trade.size
    assert len(pyomo.rho) == int((s.model.constants["rho0"] != 0).sum()) > 0
    assert len(pyomo.tau) == 0
    assert len(pyomo.sigma_m) == s.model.constants["sigma_m"].size
    assert len(build(system("Cobb-Douglas").model).sigma_m) == 0
