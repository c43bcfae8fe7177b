"""A tariff-rate quota on Korean steel on real data: every regime, a premium continuous and monotone in the volume."""

import pytest

import cge

CEILING = 24.87
"""Premium at which 25 % is paid, per cent of the fob value: docs/steel.md."""


def rate_quota(volume):
    flow = {"exporters": "KOR", "importers": "USA", "sectors": "STL"}
    rates = {"in_quota_rate": 0, "out_of_quota_rate": 25, "layer": "section232"}
    block = {"quota": "tariff-rate", "volume": volume} | rates | flow
    return cge.Scenario(name=f"v{round(1e4 * volume)}", title="t", question="?", sources=["x"], shocks=[block])


def solved(*volumes):
    results = cge.run([rate_quota(volume) for volume in volumes], benchmark="world2020-12x12")
    rows = []
    for result in results:
        rent = result.rents[result.rents["exporter"] == "KOR"]
        flow = result.trade.set_index(["exporter", "importer", "sector"]).loc[("KOR", "USA", "STL"), "volume_pct"]
        rows.append((rent["regime"].iloc[0], rent["premium_pct"].iloc[0], 1 + flow / 100))
    return rows


def test_every_regime_appears_and_the_premium_falls_without_a_jump_as_the_quota_grows():
    rows = solved(0.2, 0.5, 1.0, 1.43, 2.0)
    assert [row[0] for row in rows] == ["above", "binding", "binding", "binding", "slack"]
    premiums = [row[1] for row in rows]
    assert premiums == sorted(premiums, reverse=True)
    assert premiums[0] == pytest.approx(CEILING, abs=0.05)
    assert premiums[-1] == 0.0
    paying, free = rows[0][2], rows[-1][2]
    assert 0.2 < paying < 0.5 < 1.43 < free < 2.0
    near = solved(paying * 1.002, free * 0.998)  # just inside either edge of the binding regime
    assert [row[0] for row in near] == ["binding", "binding"]
    assert near[0][1] == pytest.approx(premiums[0], abs=0.1)
    assert near[1][1] == pytest.approx(0.0, abs=0.1)
