"""The ASL, called without Pyomo, says what Pyomo's own interface says; programs come and go in any thread."""

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pyomo.contrib.pynumero.interfaces.ampl_nlp import AslNLP

from cge.model import Model
from cge.solvers.certificate.asl import SquareProgram
from cge.solvers.certificate.compiled import _NL, _compile
from cge.solvers.certificate.library import point_pyomo_here
from tests.points import parameters


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("asl") / _NL
    path.write_bytes(_compile(Model(parameters("plain")))[_NL].tobytes())
    return path


def test_it_agrees_with_pyomos_interface(file):
    point_pyomo_here()
    theirs, ours = AslNLP(str(file)), SquareProgram(file)
    assert ours.start.tolist() == theirs.get_primals().tolist()
    x = ours.start * np.random.default_rng(1).uniform(0.9, 1.1, ours.start.size)
    multipliers = np.random.default_rng(2).normal(size=ours.residuals(x).size)
    theirs.set_primals(x)
    theirs.set_duals(multipliers)
    assert ours.residuals(x).tolist() == theirs.evaluate_constraints().tolist()
    matrix = theirs.evaluate_jacobian().tocoo()
    assert [a.tolist() for a in ours.jacobian_pattern] == [matrix.row.tolist(), matrix.col.tolist()]
    assert ours.jacobian(x).tolist() == matrix.data.tolist()
    hessian = theirs.evaluate_hessian_lag().toarray()
    rows, columns = ours.hessian_pattern
    np.testing.assert_array_equal(ours.hessian(x, multipliers), hessian[rows, columns])


def test_a_point_of_another_size_is_refused(file):
    with pytest.raises(ValueError, match="a point has"):
        SquareProgram(file).residuals(np.ones(3))


def test_where_an_equation_has_no_value_it_says_so(file):
    program = SquareProgram(file)
    with pytest.raises(ArithmeticError, match="no value"):
        program.residuals(-program.start)


def test_programs_come_and_go_in_threads(file):
    first = SquareProgram(file)
    expected = first.jacobian(first.start)

    def again(number):
        program = SquareProgram(file)
        found = [program.jacobian(program.start), program.residuals(program.start)]
        del program
        gc.collect(0)
        return found[0]

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(again, range(200)):
            np.testing.assert_array_equal(found, expected)
