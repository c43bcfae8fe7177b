"""Quotas, voluntary export restraints and tariff-rate quotas (properties 9 and 10)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cge.solvers import Equilibrium, Quota
from tests.drawn import Economy, economies, real
from tests.truth import record

RATES = st.sampled_from([0.05, 0.2, 0.5])
AUCTION, RESTRAINT = {"treasury": 1.0}, {"exporter": 1.0}
FLOW = ("exporter", "importer", "sector")
SOURCE = "Bhagwati (1965), equivalence of tariffs and quotas"
TRQ = "van der Mensbrugghe, Beghin and Mitchell (2003)"


def limit(found: Equilibrium, flow: tuple[str, str, str]) -> tuple[str, float]:
    """Regime and premium of the quota on a flow."""
    (quota,) = [quota for quota in found.quotas if quota.flows == (flow,)]
    return quota.regime, quota.premium


@given(economy=economies(rents=False), rate=RATES)
def test_a_quota_is_a_tariff(economy: Economy, rate: float) -> None:
    flow = economy.flow()
    at = dict(zip(FLOW, flow, strict=True))
    tariff = economy.solve({"tm": economy.raised("tm", rate, economy.at(flow))})
    volume = float(tariff.data["flow"].loc[at])
    auction = economy.solve(quotas=[Quota((flow,), volume, licence=AUCTION)])
    regime, premium = limit(auction, flow)
    assert regime == "binding"
    p, x = economy.parameters.data, auction.data
    fob = float((p["share_fob"] * p["duty_paid"] / (1.0 + p["tm0"])).loc[at])
    fob *= float(x["px"].loc[{"region": flow[0], "sector": flow[2]}])
    transport = float((p["share_margin"] * x["pt"]).sum("margin").loc[at] * (p["duty_paid"] / (1.0 + p["tm0"])).loc[at])
    record(
        "9. rate that is implicit in an auctioned quota at the imports under a tariff",
        rate,
        premium * fob / (fob + transport),
        1e-8,
        SOURCE,
    )
    record("9. the same, volumes and utility", real(tariff), real(auction), 1e-8, SOURCE)
    given_away = economy.solve(quotas=[Quota((flow,), volume, licence=RESTRAINT)])
    record("9. twin: the licences given to the exporter", real(tariff), real(given_away), 1e-8, SOURCE, differs=True)

    _, premium = limit(given_away, flow)
    export_tax = economy.solve({"te": economy.raised("te", premium, economy.at(flow))})
    record(
        "9. a voluntary export restraint against the exporter's export tax at its rate",
        real(given_away),
        real(export_tax),
        1e-8,
        SOURCE,
    )

    free = economy.solve(quotas=[Quota((flow,), 1.0, licence=AUCTION)])
    record("9. premium of a quota at free imports", 0.0, limit(free, flow)[1], 1e-9, SOURCE)
    record("9. a quota at free imports changes nothing", real(economy.solve()), real(free), 1e-8, SOURCE)


@given(economy=economies(rents=False), share=st.sampled_from([0.25, 0.5, 0.75]))
def test_a_rent_share_interpolates(economy: Economy, share: float) -> None:
    flow = economy.flow()
    found = {}
    for part in (0.0, share, 1.0):
        owners = {"exporter": part, "treasury": 1.0 - part}
        found[part] = economy.solve(quotas=[Quota((flow,), 0.8, licence=owners)])
    x = found[share].data
    at = dict(zip(FLOW, flow, strict=True))
    got = float(x["rent"].loc[{"owner": "exporter", **at}] / x["rho"].loc[at])
    record("9. rent that the exporter keeps over the whole rent", share, got, 1e-10, SOURCE)
    ends = [real(found[0.0], ()), real(found[1.0], ())]
    inside = (real(found[share], ()) - ends[0]) / (ends[1] - ends[0])
    outside = np.maximum(0.0, np.maximum(-inside, inside - 1.0))
    text = "9. utility lies between that without and with all of the rent; how far outside, share of the way"
    record(text, 0.0, outside, 1e-9, SOURCE)


@given(economy=economies(rents=False), rate=RATES)
def test_limits_of_a_tariff_rate_quota(economy: Economy, rate: float) -> None:
    flow = economy.flow()
    without = economy.solve()
    wide = economy.solve(quotas=[Quota((flow,), 10.0, ceiling=rate, licence=AUCTION)])
    record("10. a large quota is the tariff inside it", real(without), real(wide), 1e-9, TRQ)
    owner = economy.base["rent"]["owner"] == "treasury"  # the duty on the fob value, without margins in its base
    tariff = real(economy.solve({"ntm": rate * (owner * economy.at(flow))}))
    none = economy.solve(quotas=[Quota((flow,), 1e-9, ceiling=rate, licence=RESTRAINT)])
    record("10. no quota is the tariff outside it", tariff, real(none), 1e-8, TRQ)
    hard = economy.solve(quotas=[Quota((flow,), 0.9, licence=RESTRAINT)])
    high = economy.solve(quotas=[Quota((flow,), 0.9, ceiling=100.0, licence=RESTRAINT)])
    record("10. a prohibitive rate outside it makes a hard quota", real(hard), real(high), 1e-9, TRQ)
    equal = economy.solve(quotas=[Quota((flow,), 0.9, ceiling=rate, floor=rate, licence=AUCTION)])
    record("10. equal rates inside and outside are a plain tariff", tariff, real(equal), 1e-8, TRQ)


@given(economy=economies(rents=False), rate=RATES)
def test_the_wedge_falls_with_the_quota(economy: Economy, rate: float) -> None:
    """Rates relative to that inside the quota, on the fob value."""
    flow = economy.flow()
    volumes = np.linspace(0.6, 1.1, 11)
    found = [economy.solve(quotas=[Quota((flow,), q, ceiling=rate, licence=RESTRAINT)]) for q in volumes]
    at = dict(zip(FLOW, flow, strict=True))
    wedge = np.array([limit(each, flow)[1] for each in found])
    record("10. the wedge rises with the quota, by", 0.0, max(0.0, float(np.diff(wedge).max())), 1e-9, TRQ)
    between = economy.solve(quotas=[Quota((flow,), volumes[5] + 1e-7, ceiling=rate, licence=RESTRAINT)])
    record("10. jump of the wedge where the quota moves by 1e-7", wedge[5], limit(between, flow)[1], 1e-5, TRQ)
    for each, q in zip(found, volumes, strict=True):
        regime, premium = limit(each, flow)
        expected = {"slack": 0.0, "binding": premium, "above": rate}[regime]
        record("10. wedge: none below the quota, the whole above it", expected, premium, 1e-9, TRQ)
        x = each.data
        filled = float(x["flow"].loc[at])
        record(
            "10. imports over the quota: at most one below it, one at it, at least one above it",
            0.0,
            {"slack": max(0.0, filled / q - 1), "binding": filled / q - 1, "above": min(0.0, filled / q - 1)}[regime],
            1e-9,
            TRQ,
        )
        kept = float(x["rent"].loc[{"owner": "exporter", **at}]) * filled
        record(
            "10. rent of the licences: the wedge on the quota, at it and above",
            premium * min(q, filled),
            kept,
            1e-9,
            TRQ,
        )
    assert {limit(each, flow)[0] for each in found} >= {"slack"}
    assert max(wedge) > 0.0
