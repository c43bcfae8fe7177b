"""Balancing: every method against the conditions of an optimum, IPOPT and another optimiser; bad controls named."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import minimize

from cge.calibration import balancing
from cge.calibration.balancing import BalanceError
from cge.errors import DataError


def table(seed, rows=5, columns=4, negative=0.1, zero=0.15):
    """A signed table with zeros, and another with the same signs, whose totals are the controls."""
    rng = np.random.default_rng(seed)
    shape = (rows, columns)
    x = rng.lognormal(2.0, 1.5, shape) * np.where(rng.random(shape) < negative, -1.0, 1.0)
    x[rng.random(shape) < zero] = 0.0
    x[0, :] = abs(x[0, :]) + 1.0  # every column has a cell
    x[:, 0] = abs(x[:, 0]) + 1.0
    labels = {"row": [f"r{k}" for k in range(rows)], "column": [f"c{k}" for k in range(columns)]}
    cells = xr.DataArray(x, dims=("row", "column"), coords=labels)
    return cells, cells * np.exp(0.4 * rng.standard_normal(shape))


def margins(cells, truth, band=0.0):
    rows, columns = truth.sum("column"), truth.sum("row")
    wide = band * abs(truth).sum("column")
    return [balancing.totals(cells, rows, band=wide), balancing.totals(cells, columns)]


def distance(kind, before, after, weight, result):
    """The distance that `dual` states, cell by cell."""
    x0, x, w = (np.asarray(a, dtype=float).ravel() for a in (before, after, weight))
    free = (x0 != 0.0) & (w > 0.0)
    x0, x, w = abs(x0[free]), abs(x[free]), w[free]
    if kind == "entropy":
        cost = ((x * np.log(np.maximum(x, 1e-300) / x0) - x + x0) / w).sum()
    else:
        cost = ((x - x0) ** 2 / (2.0 * w * x0)).sum()
    loose = result.sums[result.sums.low + result.sums.high > 0.0]
    firm = np.maximum(loose.target.abs(), loose[["low", "high"]].max(axis=1))
    return cost + ((loose.after - loose.target) ** 2 / (2.0 * firm)).sum()


METHODS = {"entropy": balancing.entropy, "least squares": balancing.least_squares}


@pytest.mark.parametrize("kind", METHODS)
def test_a_hundred_random_tables_meet_the_conditions_of_an_optimum(kind):
    """Feasible, and every cell is where its marginal cost is the sum of the multipliers of its controls."""
    for seed in range(100):
        cells, truth = table(seed)
        weight = xr.where(np.random.default_rng(seed).random(cells.shape) < 0.3, 0.25, cells * 0.0 + 1.0)
        controls = margins(cells, truth, band=0.02 * (seed % 3))
        result = METHODS[kind](cells, controls, weight)
        sums = result.sums
        assert (sums.gap.abs() <= 1e-9 * cells.size * abs(truth).max().item()).all()
        x0, x = cells.values, result.cells.values
        assert (np.sign(x) * np.sign(x0) >= 0.0).all()
        assert (x[x0 == 0.0] == 0.0).all()
        pull = sums.multiplier.values[:5][:, None] + sums.multiplier.values[5:]
        live = x != 0.0
        if kind == "entropy":
            marginal = np.sign(x0[live]) * np.log(x[live] / x0[live]) / weight.values[live]
        else:
            marginal = (x[live] - x0[live]) / (weight.values[live] * abs(x0[live]))
            dead = (x0 != 0.0) & ~live  # at the bound, going on would cost less
            push = (x0 + weight.values * abs(x0) * pull) * np.sign(x0)
            assert (push[dead] <= 1e-9 * abs(x0[dead])).all()
        np.testing.assert_allclose(marginal, pull[live], atol=1e-8)
        loose = sums[sums.high > 0.0]
        over = loose.after - loose.target
        inside = over.abs() < loose.high * (1.0 - 1e-6)
        firm = np.maximum(loose.target.abs(), loose.high)
        np.testing.assert_allclose(
            over[inside], -(firm * loose.multiplier)[inside], atol=1e-6 * abs(truth).max().item()
        )
        assert (np.sign(over[~inside]) == -np.sign(loose.multiplier[~inside])).all()


@pytest.mark.parametrize("kind", METHODS)
def test_an_independent_optimiser_finds_nothing_nearer(kind):
    """SLSQP on the primal, cells and discrepancies as unknowns, from the unbalanced table."""
    for seed in range(0, 100, 5):
        cells, truth = table(seed, rows=3, columns=3, zero=0.0)
        controls = margins(cells, truth, band=0.03 * (seed % 2))
        result = METHODS[kind](cells, controls)
        A = np.vstack([c.matrix.toarray() for c in controls])
        b = np.concatenate([c.target for c in controls])
        high = np.concatenate([c.high for c in controls])
        x0 = cells.values.ravel()
        s = np.sign(x0)

        def cost(z, s=s, x0=x0, high=high, b=b):
            size, e = z[: len(x0)] * abs(x0), z[len(x0) :] * abs(b)
            if kind == "entropy":
                apart = (size * np.log(np.maximum(size, 1e-300) / abs(x0)) - size + abs(x0)).sum()
            else:
                apart = ((size - abs(x0)) ** 2 / (2.0 * abs(x0))).sum()
            return (apart + (e**2 / (2.0 * np.maximum(abs(b), high))).sum()) / abs(x0).sum()

        count = len(b) if high.any() else len(b) - 1  # of exact totals, one follows from the rest

        def gap(z, A=A, s=s, x0=x0, b=b, count=count):
            return ((A @ (s * z[: len(x0)] * abs(x0)) - b - z[len(x0) :] * abs(b)) / abs(x0).mean())[:count]

        bounds = [(1e-9, None)] * len(x0) + [(-h / abs(t), h / abs(t)) for h, t in zip(high, b, strict=True)]
        start = np.concatenate([np.ones(len(x0)), np.zeros(len(b))])
        found = minimize(
            cost, start, method="SLSQP", bounds=bounds, constraints={"type": "eq", "fun": gap},
            options={"maxiter": 500, "ftol": 1e-13},
        )  # fmt: skip
        ours = distance(kind, cells, result.cells, np.ones(cells.shape), result) / abs(x0).sum()
        assert ours <= found.fun + 1e-7
        if found.success:
            assert ours == pytest.approx(found.fun, abs=1e-6)


@pytest.mark.parametrize("kind", METHODS)
def test_ipopt_finds_the_same_cells_and_dual_values(kind):
    for seed in range(4):
        cells, truth = table(seed)
        controls = margins(cells, truth, band=0.02)
        ours = METHODS[kind](cells, controls)
        other = balancing.programme(cells, controls, distance=kind)
        np.testing.assert_allclose(other.cells, ours.cells, atol=1e-6 * abs(cells).max().item())
        np.testing.assert_allclose(other.sums.multiplier, ours.sums.multiplier, atol=1e-6)


def test_gras_is_entropy_without_bands_and_ras_is_gras_without_signs():
    cells, truth = table(1, zero=0.0)
    assert (cells < 0.0).any()
    rows, columns = truth.sum("column"), truth.sum("row")
    g = balancing.gras(cells, rows, columns)
    np.testing.assert_allclose(g.cells, balancing.entropy(cells, margins(cells, truth)).cells, rtol=1e-7)
    positive = abs(cells)
    rows, columns = abs(truth).sum("column"), abs(truth).sum("row")
    r = balancing.ras(positive, rows, columns)
    ratio = (r.cells / positive).values
    np.testing.assert_allclose(ratio[1:, 1:] * ratio[0, 0], ratio[1:, :1] * ratio[0, 1:], rtol=1e-9)
    np.testing.assert_allclose(r.cells.sum("row"), columns, rtol=1e-9)
    with pytest.raises(DataError, match="use gras"):
        balancing.ras(cells, rows, columns)


def test_gras_serves_a_row_without_positive_cells_and_a_total_of_zero():
    cells = xr.DataArray(
        [[-4.0, -6.0, 0.0], [30.0, 50.0, 20.0], [5.0, 5.0, 5.0]],
        dims=("row", "column"),
        coords={"row": ["stocks", "steel", "gone"], "column": ["a", "b", "c"]},
    )
    rows = xr.DataArray([-12.0, 110.0, 0.0], dims="row", coords={"row": cells.row})
    columns = xr.DataArray([30.0, 45.0, 23.0], dims="column", coords={"column": cells.column})
    for result in (
        balancing.gras(cells, rows, columns),
        balancing.entropy(cells, [balancing.totals(cells, rows), balancing.totals(cells, columns)]),
    ):
        np.testing.assert_allclose(result.cells.sum("column"), rows, atol=1e-7)
        np.testing.assert_allclose(result.cells.sum("row"), columns, rtol=1e-9)
        assert (result.cells.sel(row="stocks", column=["a", "b"]) < 0.0).all()


def test_accounts_of_a_sam_become_exact_while_kept_cells_stay():
    """Cross-entropy of a social accounting matrix: receipts equal payments, GDP and the exports are kept."""
    rng = np.random.default_rng(8)
    names = ["farms", "plants", "labour", "household", "abroad"]
    true = rng.lognormal(3.0, 1.0, (5, 5)) * (rng.random((5, 5)) < 0.8)
    sam = xr.DataArray(true, dims=("receiver", "payer"), coords={"receiver": names, "payer": names})
    kept = xr.ones_like(sam)
    kept.loc["farms", "abroad"] = 0.0
    sam.loc["farms", "abroad"] = 12.0
    result = balancing.entropy(sam, [balancing.equal(sam, "receiver", "payer")], weight=kept)
    np.testing.assert_allclose(result.cells.sum("payer").values, result.cells.sum("receiver").values, rtol=1e-9)
    assert float(result.cells.sel(receiver="farms", payer="abroad")) == 12.0
    top = result.moved().iloc[0]
    assert abs(top.change) == result.moved(None).change.abs().max()


def test_totals_by_groups_and_unknown_ones():
    cells, _ = table(5, negative=0.0)
    groups = {"row": {"r0": "north", "r1": "north", "r2": "south"}}
    target = xr.DataArray(
        [[40.0, np.nan], [30.0, 25.0]],
        dims=("row", "column"),
        coords={"row": ["north", "south"], "column": ["c0", "c1"]},
    )
    control = balancing.totals(cells, target, groups)
    assert control.labels == ("north c0", "south c0", "south c1")
    result = balancing.entropy(cells, [control])
    assert float(result.cells.loc[["r0", "r1"], "c0"].sum()) == pytest.approx(40.0)
    np.testing.assert_array_equal(result.cells.loc["r4"], cells.loc["r4"])
    with pytest.raises(DataError, match="did you mean south"):
        balancing.totals(cells, target.assign_coords(row=["north", "sout"]), groups)
    with pytest.raises(DataError, match="axis columns"):
        balancing.totals(cells, target.rename(column="columns"), groups)


def test_limits_are_inequalities_for_the_programme_alone():
    cells, truth = table(1)
    rows = truth.sum("column")
    upper = (cells.sum("row") * 0.0 + np.inf).where(cells.column != "c1", 5.0)
    limit = balancing.limits(cells, -upper, upper)
    controls = [balancing.totals(cells, rows), limit]
    result = balancing.programme(cells, controls)
    assert float(result.cells.sel(column="c1").sum()) <= 5.0 + 1e-6
    free = balancing.entropy(cells, controls[:1])
    assert float(free.cells.sel(column="c1").sum()) > 5.0
    with pytest.raises(DataError, match="use programme"):
        balancing.entropy(cells, controls)


def by_totals(method):
    """A method of any kind as a function of a matrix and its totals."""
    if method is balancing.gras:
        return method
    return lambda cells, rows, columns: method(cells, [balancing.totals(cells, rows), balancing.totals(cells, columns)])


@pytest.mark.parametrize("method", [balancing.gras, *METHODS.values(), balancing.programme])
def test_totals_that_do_not_agree_are_told_as_that(method):
    cells, truth = table(2)
    rows, columns = truth.sum("column") * 1.02, truth.sum("row")
    with pytest.raises(BalanceError, match=r"5 targets add up to .*, and .* 4 targets over the same cells"):
        by_totals(method)(cells, rows, columns)


def test_a_total_out_of_reach_is_named_with_what_it_lacks():
    cells = xr.DataArray(
        [[5.0, 0.0, 0.0], [2.0, 4.0, 6.0], [3.0, 3.0, 3.0]],
        dims=("row", "column"),
        coords={"row": ["ore", "steel", "cars"], "column": ["a", "b", "c"]},
    )
    rows = xr.DataArray([30.0, 12.0, 9.0], dims="row", coords={"row": cells.row})
    columns = xr.DataArray([20.0, 15.0, 16.0], dims="column", coords={"column": cells.column})
    controls = [balancing.totals(cells, rows), balancing.totals(cells, columns)]
    for method in METHODS.values():
        with pytest.raises(BalanceError) as told:
            method(cells, controls)
        assert "ore" in str(told.value) or "column a" in str(told.value)
        assert "falls 10 " in str(told.value)
    with pytest.raises(BalanceError, match="falls 10 "):
        balancing.gras(cells, rows, columns)


def test_a_total_whose_cells_are_zero_or_kept_or_of_the_wrong_sign_is_named():
    cells, truth = table(4, negative=0.0)
    rows = truth.sum("column")
    with pytest.raises(DataError, match=r"total by row r2: its cells that may move .* none of them is positive"):
        balancing.entropy(cells, [balancing.totals(cells, rows)], weight=xr.where(cells.row == "r2", 0.0, 1.0))
    rows[1] = -5.0
    with pytest.raises(DataError, match=r"r1: .*must become -5, and none of them is negative"):
        balancing.least_squares(cells, [balancing.totals(cells, rows)])


def test_bad_weights_numbers_and_bands_are_refused():
    cells, truth = table(6)
    control = balancing.totals(cells, truth.sum("column"))
    with pytest.raises(DataError, match="weights are negative"):
        balancing.entropy(cells, [control], weight=-1.0)
    with pytest.raises(DataError, match="1 cells are no finite number"):
        balancing.entropy(cells.where(cells != cells[0, 0]), [control])
    with pytest.raises(DataError, match="no control"):
        balancing.entropy(cells, [])
    with pytest.raises(DataError, match="bands of at least 0"):
        balancing.totals(cells, truth.sum("column"), band=-1.0)


def test_the_report_and_the_picture_show_what_moved_most():
    cells, truth = table(7)
    result = balancing.entropy(cells, margins(cells, truth, band=0.001))
    text = result.report(3)
    moved = result.moved(3)
    assert f"{moved.row[0]}" in text
    assert "end of their band" in text
    assert len(moved) == 3
    figure = result.picture()
    assert len(figure.axes) == 2
    assert len(figure.axes[1].patches) == len(result.moved(15))
