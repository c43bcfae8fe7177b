"""IPOPT alone finds what Newton's method finds, and certifies nothing that is not a solution."""

import numpy as np
import pytest

from cge.closure import CLOSURES
from cge.errors import SolveError
from cge.solvers.certificate import ipopt
from cge.solvers.certificate.compiled import CompiledModel
from cge.solvers.certificate.ipopt import ArrayFunctions, PyomoFunctions
from cge.solvers.methods.newton import Newton
from cge.solvers.problem import Problem
from tests.points import SHAPES, parameters, system


def solved(s, tariff=0.3):
    start = s.model.start()
    start["tm"] = start["tm"] + tariff
    return start, Newton(s).solve(start).values


@pytest.mark.parametrize(("shape", "closure"), [*((s, "standard") for s in SHAPES), *(("full", c) for c in CLOSURES)])
def test_plain_ipopt_agrees_with_newton(shape, closure):
    """From the benchmark, on the Pyomo model with exact Hessian and bounds: every unknown to 1e-9."""
    s = system(shape, closure, every=False)
    start, expected = solved(s)
    found = ipopt.solve(s, start, PyomoFunctions(CompiledModel(s.model, None), s, start))
    assert found.status == ipopt.SUCCESS
    np.testing.assert_allclose(s.pack(found.values), s.pack(expected), atol=1e-9)


@pytest.mark.parametrize("kind", ["pyomo", "arrays"])
def test_a_solution_is_accepted_as_given(kind):
    s = system("full")
    _, values = solved(s)
    functions = (
        PyomoFunctions(CompiledModel(s.model, None), s, values) if kind == "pyomo" else ArrayFunctions(s, values)
    )
    verdict = ipopt.certify(s, values, functions)
    assert (verdict.status, verdict.iterations) == (ipopt.SUCCESS, 0)
    assert verdict.residual < 1e-10
    np.testing.assert_array_equal(s.pack(verdict.values), s.pack(values))


@pytest.mark.parametrize("error", [1e-7, 1e-4, 1e-1])
def test_a_point_that_is_no_solution_is_not_certified(error):
    """One price off by little or much: IPOPT must not mend the point and call it good."""
    s = system("full")
    _, values = solved(s)
    wrong = dict(values, py=values["py"] * (1.0 + error))
    verdict = ipopt.certify(s, wrong, PyomoFunctions(CompiledModel(s.model, None), s, wrong))
    assert verdict.status != ipopt.SUCCESS or verdict.residual > ipopt.TOLERANCE


def test_the_method_ipopt_is_the_method_newton():
    p = parameters("full")
    shock = {"tm": p.data.tm0 + 0.3}
    newton, plain = Problem(p).solve(shock), Problem(p, method="ipopt").solve(shock)
    assert (newton.proof.method, plain.proof.method) == ("newton", "ipopt")
    assert newton.proof.ipopt_iterations == 0 < plain.proof.iterations
    for name in newton.data:
        np.testing.assert_allclose(plain.data[name], newton.data[name], atol=1e-9)


def test_an_equation_without_a_value_ends_in_the_usual_error():
    """An output tax of more than the whole price: the point that IPOPT starts from cannot be evaluated."""
    p = parameters("taxed")
    with pytest.raises(SolveError, match=r"invalid number detected.* Try a smaller shock"):
        Problem(p, method="ipopt").solve({"to": p.data.to0 + 0.99})


def test_ipopt_goes_round_points_without_a_value():
    """A trial point that cannot be evaluated shortens the step."""
    s = system("full")
    start, expected = solved(s)
    functions = PyomoFunctions(CompiledModel(s.model, None), s, start)
    fails = iter([False, True])  # the start is evaluated, the first trial is not

    class Gaps:
        jacobian, hessian = functions.jacobian, functions.hessian

        def residuals(self, x):
            if next(fails, False):
                raise ArithmeticError
            return functions.residuals(x)

    found = ipopt.solve(s, start, Gaps())
    assert next(fails, None) is None
    assert found.status == ipopt.SUCCESS
    np.testing.assert_allclose(s.pack(found.values), s.pack(expected), atol=1e-9)


def test_a_start_with_negative_prices_ends_in_a_solution():
    """Where a power of a negative number is asked for, the ASL ends the whole process; no point of a solve may ask."""
    s = system("full", every=False)
    start, expected = solved(s)
    negative = {**start, "pa": -22.0 + 0.0 * start["pa"], "pd": -3.0 + 0.0 * start["pd"]}
    found = ipopt.solve(s, negative, PyomoFunctions(CompiledModel(s.model, None), s, negative))
    assert found.status == ipopt.SUCCESS
    np.testing.assert_allclose(s.pack(found.values), s.pack(expected), atol=1e-9)
