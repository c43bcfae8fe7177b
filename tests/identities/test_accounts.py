"""Accounts after a shock of everything (property 5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cge import accounts
from cge.welfare import rent_by_owner
from tests.drawn import Economy, economies
from tests.solved import shock
from tests.truth import record


@given(economy=economies(), seed=st.integers(0, 10**6))
def test_accounts(economy: Economy, seed: int) -> None:
    found = economy.solve(shock(economy.parameters, seed, 0.5))
    p, x = accounts.labelled_point(economy.parameters, found.data)
    world, source = float(p["income0"].sum()), "national accounts"
    shipped = accounts.shipped(p, x)
    spent = (accounts.final_price(x) * accounts.final_volume(p, x)).sum(["sector", "agent"])
    exports = accounts.of_exporter(accounts.received_price(p, x) * shipped) + (x["px"] * accounts.services(p, x)).sum(
        ["sector", "margin"]
    )
    imports = accounts.of_importer(accounts.paid_price(p, x) * shipped)
    gdp = x["income"] * p["income0"]
    record(
        "5. GDP by expenditure less GDP by income, share of world income",
        0.0,
        (spent + exports - imports - gdp) / world,
        1e-9,
        source,
    )
    record(
        "5. trade balances of all regions, share of world income",
        0.0,
        float((exports - imports).sum()) / world,
        1e-9,
        source,
    )
    lent = x["sf"] * p["income0"]
    record(
        "5. trade deficits less foreign saving, share of world income",
        0.0,
        (imports - exports - lent) / world,
        1e-9,
        source,
    )
    used, sold = accounts.margin_cost(p, x) * shipped, x["px"] * accounts.services(p, x)
    record(
        "5. margins used less margins supplied, share of world income",
        0.0,
        float(used.sum() - sold.sum()) / world,
        1e-9,
        source,
    )
    paid = float(rent_by_owner(economy.parameters, found.data).sum())
    received = float(((x["rent_abroad"] + x["rent_home"] + x["rent_treasury"]) * p["income0"]).sum())
    record("5. rents paid less rents received, share of world income", 0.0, (paid - received) / world, 1e-9, source)
    if paid > 1e-4 * world:
        without = exports - imports - accounts.of_exporter(accounts.rent_kept_abroad(x) * shipped)
        record(
            "5. twin: balances without the rents that exporters keep",
            0.0,
            float(without.sum()) / world,
            1e-9,
            source,
            differs=True,
        )
