"""The registry refuses what is no equation of ours, and what an equation declares is true."""

import numpy as np
import pytest

from cge.closure import CLOSURES
from cge.dual import Dual
from cge.equation import equation
from cge.equations.structures import BLOCKS
from cge.structure import Structure
from cge.symbols import PARAMETERS, SYMBOLS, VARIABLES
from tests.points import SHAPES, random_point, system

GOOD = "Profit (index).\n\nSource: nobody (2000)."
ALONE = [BLOCKS["small-country"], BLOCKS["cde"]]  # users' own sourcing, and two households, write the same demand
EQUATIONS = (
    Structure(tuple(ALONE)).equations
    | Structure(tuple(block for block in BLOCKS.values() if block not in ALONE)).equations
)


def body(doc, name="no_such_equation"):
    def function(m, r, s):
        return m.y[r, s], 1.0

    function.__doc__, function.__name__ = doc, name
    return function


@pytest.mark.parametrize(
    ("complaint", "pairs", "doc"),
    [
        ("unknown symbol 'yy'", "yy", GOOD),
        ("takes 2 indices, and g has the axes region", "g", GOOD),
        ("needs a 'Source:'", "y", "Profit."),
        ("takes 2 indices.*needs a 'Source:'", "g", None),
    ],
)
def test_the_decorator_refuses(complaint, pairs, doc):
    """A bad equation is a TypeError that names every fault."""
    with pytest.raises(TypeError, match=complaint):
        equation(pairs)(body(doc))


def test_the_decorator_registers_nothing():
    one = equation("y")(body(GOOD))
    assert (one.pairs, one.where, one.doc) == (SYMBOLS["y"], ("output",), GOOD)
    assert one.name not in Structure().equations


@pytest.mark.parametrize("name", EQUATIONS)
def test_an_equation_says_its_unit(name):
    assert any(unit in EQUATIONS[name].doc for unit in ("ndex", "(share", "(ad valorem", "rate)", "price)"))


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_definition_is_its_variable_and_a_formula_without_it(shape, closure):
    """`defines=True`: the left side is the variable itself, and the right side holds no entry of it."""
    s = system(shape, closure)
    model, values = s.model, random_point(s.model, 3)
    for one in model.equations.values():
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
        for one in model.equations.values():
            count[one.pairs.name] += model.rows(one)
        for name in VARIABLES:
            if name in model.symbols and name != "walras":
                assert np.array_equal(count[name], model.exists[name].astype(int)), (shape, name)


def test_every_variable_is_determined_by_some_equation():
    paired = {one.pairs.name for one in Structure().equations.values()}
    assert set(VARIABLES) - paired == {"walras"}


def test_symbols_refer_to_parameters_that_exist_and_have_their_axes():
    """`where` and a named benchmark value are parameters over axes of the symbol."""
    for symbol in SYMBOLS.values():
        if symbol.where:
            assert set(SYMBOLS[symbol.where].dims) <= set(symbol.dims), symbol.name
        if isinstance(symbol.benchmark, str):
            assert PARAMETERS[symbol.benchmark].dims == symbol.dims, symbol.name
