"""The registry refuses what is no equation of ours, and what an equation declares is true."""

import inspect

import numpy as np
import pytest

from cge.closure import CLOSURES
from cge.dual import Dual
from cge.equations import EQUATIONS, equation
from cge.symbols import PARAMETERS, SYMBOLS, VARIABLES
from tests.points import SHAPES, random_point, system

GOOD = "Profit (index).\n\n.. math:: p = c\n\nSource: nobody (2000)."


def body(doc, name="no_such_equation"):
    def function(m, r, s):
        return m.y[r, s], 1.0

    function.__doc__, function.__name__ = doc, name
    return function


@pytest.mark.parametrize(
    ("complaint", "pairs", "where", "doc", "name"),
    [
        ("unknown symbol 'yy'", "yy", (), GOOD, "no_such_equation"),
        ("unknown parameters", "y", ("mobil",), GOOD, "no_such_equation"),
        ("needs a '.. math::'", "y", (), "Profit. Source: nobody.", "no_such_equation"),
        ("needs a 'Source:'", "y", (), ".. math:: p = c", "no_such_equation"),
        ("needs a '.. math::'.*needs a 'Source:'", "y", (), None, "no_such_equation"),
        ("name that is taken", "y", (), GOOD, "zero_profit"),
    ],
)
def test_the_registry_refuses(complaint, pairs, where, doc, name):
    """A bad equation is a TypeError that names every fault, and is not registered."""
    before = dict(EQUATIONS)
    with pytest.raises(TypeError, match=complaint):
        equation(pairs, where=where)(body(doc, name))
    assert before == EQUATIONS


def test_the_registry_accepts_a_good_one():
    try:
        equation("y")(body(GOOD))
        assert EQUATIONS["no_such_equation"].pairs is SYMBOLS["y"]
        assert EQUATIONS["no_such_equation"].where == ("output",)
        assert EQUATIONS["no_such_equation"].doc == GOOD
    finally:
        EQUATIONS.pop("no_such_equation", None)


@pytest.mark.parametrize("name", EQUATIONS)
def test_an_equation_has_the_axes_of_its_variable(name):
    one = EQUATIONS[name]
    assert len(inspect.signature(one.body).parameters) == 1 + len(one.pairs.dims)
    assert any(unit in one.doc for unit in ("(index", "(share", "(ad valorem")), "the docstring says no unit"


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_definition_is_its_variable_and_a_formula_without_it(shape, closure):
    """`defines=True`: the left side is the variable itself, and the right side holds no entry of it."""
    s = system(shape, closure)
    model, values = s.model, random_point(s.model, 3)
    for one in model.equations:
        rows = model.rows(one)
        if not (one.defines and rows.any()):
            continue
        name = one.pairs.name
        columns = np.arange(rows.size).reshape(rows.shape)
        lhs, rhs = model.evaluate(one, values, {name: columns})
        ((column, slope),) = lhs.parts.values()
        exists = model.place(one).exists
        assert np.array_equal(np.broadcast_to(column, exists.shape)[exists], columns[rows]), one.name
        assert np.all(slope == 1.0), one.name
        if isinstance(rhs, Dual):
            for at, _, slopes in rhs.triplets(exists.shape):
                assert not slopes[exists.ravel()[at]].any(), one.name


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_variable_has_one_equation_wherever_it_exists(closure):
    """Equations that pair with one variable share its entries out, and leave only what a closure may hold."""
    for shape in SHAPES:
        model = system(shape, closure).model
        count = {name: np.zeros(exists.shape, dtype=int) for name, exists in model.exists.items()}
        for one in model.equations:
            count[one.pairs.name] += model.rows(one)
        for name in VARIABLES:
            if name in model.symbols and name != "walras":
                assert np.array_equal(count[name], model.exists[name].astype(int)), (shape, name)


def test_every_variable_is_determined_by_some_equation():
    paired = {one.pairs.name for one in EQUATIONS.values()}
    assert set(VARIABLES) - paired == {"walras"}


def test_symbols_refer_to_parameters_that_exist_and_have_their_axes():
    """`where` and a named benchmark value are parameters over axes of the symbol."""
    for symbol in SYMBOLS.values():
        if symbol.where:
            assert set(SYMBOLS[symbol.where].dims) <= set(symbol.dims), symbol.name
        if isinstance(symbol.benchmark, str):
            assert PARAMETERS[symbol.benchmark].dims == symbol.dims, symbol.name
