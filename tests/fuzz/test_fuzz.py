"""No false success: random economies under shocks that nobody would try.

Tariffs of up to a million per cent, subsidies, prohibitive trade costs, productivity and endowments doubled or
halved, capital flows of a third of income, quotas, every instrument at once; regions of a millionth of the world,
shares of a millionth, elasticities from 0.1 to 30, under every closure. A run ends in a certified solution that an
independent judge accepts, or in an error that says why there is none.
"""

from __future__ import annotations

import re
import warnings

from cge.errors import DataError, ModelError, PolicyError, SolveError
from tests.fuzz.cases import ALL, QUICK, SHOCKS, problem, shock, world
from tests.fuzz.judge import faults, found_after_all
from tests.truth import record

SOURCE = "random economies and shocks (tests/fuzz)"
REASONS = {
    r"every equation holds with": "clear error: every equation holds only with a demand below zero, which is named",
    r"leaves nothing for": "clear error: something that must be positive falls to zero on the way, and is named",
    r"turns back": "clear error: the path of equilibria turns back before the shock is whole",
    r"not determine": "clear error: the model does not determine unknowns, which are named",
    r"runs away": "clear error: something goes to zero or to infinity on the way, and is named",
    r"leads no further|is given up": "clear error: where the path of shocks ends, for no reason that is seen",
    r"does not certify": "clear error: IPOPT does not certify the point",
}
"""What an error may say, and what that is in the table; the first that is said counts."""


def judge(number: int, kind: str) -> None:
    """Solve one case and record how it ends.

    Raises:
        AssertionError: a solution that the judge refuses, or an error that says nothing.
    """
    try:
        made, asked = world(number), shock(number, kind)
    except DataError as error:
        told = str(error)
        assert "trades with nobody else" in told, f"world {number}: {told}"
        record("clear error: a region that trades with nobody, told before anything is solved", 0, 0, 0.5, SOURCE)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no warning may leak to a user
        try:
            # every third world through Pyomo; the others take the certificate from the arrays, which is quicker
            solver = problem(number, "arrays" if number % 3 else "pyomo")
            found = solver.solve(asked.instruments, asked.quotas)
        except (SolveError, ModelError, PolicyError) as error:
            told = str(error)
            reasons = [words for pattern, words in REASONS.items() if re.search(pattern, told)]
            assert reasons, f"world {number}, {kind}: {told}"
            assert "Try" in told, f"world {number}, {kind}: no advice in {told}"
            record(reasons[0], 0, 0, 0.5, SOURCE)
            if number < QUICK:
                missed = found_after_all(solver, asked, number)
                what = f"refused, worlds 0 to {QUICK - 1}: equilibria that random starts find after all"
                record(what, 0, missed, 0.5, SOURCE)
            return
    wrong = faults(made, asked, solver, found)
    assert not wrong, f"world {number}, {kind}: {'; '.join(wrong)}"
    record("solved: faults that the judge finds in a solution", 0, len(wrong), 0.5, SOURCE)


def pytest_generate_tests(metafunc):
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(ALL if metafunc.config.getoption("--truth") else QUICK))


def test_every_case_ends_in_a_solution_or_a_clear_error(number):
    for kind in SHOCKS:
        judge(number, kind)
