"""Taxes that are the same tax (properties 7, 8 and 11)."""

from __future__ import annotations

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from cge.closure import Closure
from tests.drawn import HOME, Economy, economies, one_factor, real
from tests.truth import record

RATES = st.sampled_from([0.05, 0.2, 0.5])
FOREIGN = Closure(numeraire="r1")  # consumer prices of the second region


@given(economy=economies(margins=False), rate=RATES)
def test_lerner(economy: Economy, rate: float) -> None:
    """Transport services cannot be taxed as exports, so there are none."""
    source = "Lerner (1936)"
    imports, exports = economy.abroad("importer"), economy.abroad("exporter")
    tariff = {"tm": economy.raised("tm", rate, imports)}
    export_tax = {"te": economy.raised("te", rate, exports)}
    balanced = {"sf": 0.0}
    one, other = economy.solve(tariff | balanced), economy.solve(export_tax | balanced)
    text = "7. uniform import tariff against uniform export tax, volumes and utility"
    record(f"{text}, trade balanced", real(one), real(other), 1e-10, source)

    half = economy.raised("tm", rate, imports * (imports["sector"] == "s0"))
    partial = economy.solve({"tm": half} | balanced)
    record("7. twin: the tariff on one good only", real(other), real(partial), 1e-6, source, differs=True)


@given(seed=st.integers(0, 10**6), rate=RATES, regions=st.sampled_from([2, 3]), sectors=st.sampled_from([1, 2]))
def test_lerner_with_deficits(seed: int, rate: float, regions: int, sectors: int) -> None:
    """Foreign saving is income here, as there is no investment, so that only its worth matters."""
    economy, source = one_factor(seed, regions, sectors), "Lerner (1936)"
    income = economy.parameters.data["income0"]
    lent = np.array([0.05, -0.05, 0.0][:regions]) * float(income[0])
    deficits = xr.zeros_like(economy.base["sf"]) + lent / income.values
    tariff = {"tm": economy.raised("tm", rate, economy.abroad("importer")), "sf": deficits}
    export_tax = {"te": economy.raised("te", rate, economy.abroad("exporter"))}
    abroad = economy.solve(tariff, closure=FOREIGN)
    w, share = abroad.data["w"], economy.parameters.data["share_world"]
    dearer = xr.where(w["region"] == HOME, 1.0 + rate, 1.0)  # home prices are lower under the export tax
    level = float(abroad.data["pworld"]) / float((share * w / dearer).sum())
    names = ("c", "flow")
    kept = economy.solve(export_tax | {"sf": deficits * level}, closure=FOREIGN)
    text = "7. uniform import tariff against uniform export tax, volumes and utility, deficits fixed in a foreign price"
    record(text, real(abroad, names), real(kept, names), 1e-10, source)
    home = economy.solve(export_tax | {"sf": deficits * level / (1.0 + rate)}, closure=FOREIGN)
    text = "7. twin: deficits fixed in home prices"
    record(text, real(abroad, names), real(home, names), 1e-6, source, differs=True)


@given(economy=economies(margins=False), rate=RATES)
def test_tariff_and_export_subsidy(economy: Economy, rate: float) -> None:
    tariff = economy.raised("tm", rate, economy.abroad("importer"))
    te, exports = economy.base["te"], economy.abroad("exporter")
    subsidy = te + exports * ((1.0 + te) / (1.0 + rate) - 1.0 - te)
    before = economy.solve({"sf": 0.0})
    both, one = economy.solve({"tm": tariff, "te": subsidy, "sf": 0.0}), economy.solve({"te": subsidy, "sf": 0.0})
    text = "7. an import tariff and an equal export subsidy on everything change no volume and no utility"
    record(text, real(before), real(both), 1e-10, "Lerner (1936)")
    record("7. twin: the export subsidy alone does", real(before), real(one), 1e-6, "Lerner (1936)", differs=True)


@given(economy=economies(), rate=RATES)
def test_a_tariff_is_three_taxes(economy: Economy, rate: float) -> None:
    """The first good, which serves no transport. What a region sells to itself across a border is trade too."""
    base, source, good = economy.base, "tax incidence", "s0"
    imports, exports = (1.0 * (base["tm"][end] == HOME) for end in ("importer", "exporter"))
    mine = base["tm"]["sector"] == good
    tariff = economy.solve({"tm": economy.raised("tm", rate, imports * mine)})
    at = (base["tc"]["region"] == HOME) & (base["tc"]["sector"] == good)
    used = (base["ti"]["region"] == HOME) & (base["ti"]["input"] == good)
    made = (base["to"]["region"] == HOME) & (base["to"]["sector"] == good)
    user_tax = {"tc": economy.raised("tc", rate, at), "ti": economy.raised("ti", rate, used)}
    subsidy = {"to": economy.raised("to", rate, made, -1.0)}
    export_tax = {"te": economy.raised("te", rate, exports * mine)}
    three = economy.solve(user_tax | subsidy | export_tax)
    text = "8. a tariff against a user tax, an output subsidy and an export tax, volumes and utility"
    record(text, real(tariff), real(three), 1e-9, source)
    two = economy.solve(user_tax | subsidy)
    record("8. twin: without the export tax", real(tariff), real(two), 1e-6, source, differs=True)


@given(economy=economies(), rate=RATES)
def test_production_subsidy(economy: Economy, rate: float) -> None:
    base, source = economy.base, "tax incidence"
    made = (base["to"]["region"] == HOME) & (base["to"]["sector"] == "s1")
    subsidy = economy.solve({"to": economy.raised("to", rate, made, -1.0)})
    cheaper = 1.0 / (1.0 + rate) - 1.0
    here = {name: (base[name]["region"] == HOME) & (base[name]["sector"] == "s1") for name in ("tf", "ti")}
    inputs = economy.solve({name: economy.raised(name, cheaper, where) for name, where in here.items()})
    record("11. a production subsidy against a subsidy on all inputs", real(subsidy), real(inputs), 1e-9, source)
    factors = economy.solve({"tf": economy.raised("tf", cheaper, here["tf"])})
    record("11. twin: a subsidy on factors only", real(subsidy), real(factors), 1e-6, source, differs=True)


@given(economy=economies(), seed=st.integers(0, 10**6))
def test_revenue_through_the_income_tax(economy: Economy, seed: int) -> None:
    levels, source = economy.tariffs(seed), "inelastic labour"

    def both(labour: str) -> list[np.ndarray]:
        closures = [Closure("separate", labour=labour, government=way) for way in ("lump-sum", "direct-tax")]
        return [real(economy.solve(levels, closure=closure)) for closure in closures]

    lump, income = both("fixed")
    record(
        "11. tariff revenue paid back through the income tax or as a lump sum, labour inelastic",
        lump,
        income,
        1e-9,
        source,
    )
    lump, income = both("real-wage")
    record("11. twin: with employment that follows the wage after tax", lump, income, 1e-6, source, differs=True)


@given(seed=st.integers(0, 10**6), rate=RATES, regions=st.sampled_from([2, 3]), sectors=st.sampled_from([1, 2]))
def test_iceberg(seed: int, rate: float, regions: int, sectors: int) -> None:
    """One factor and no investment: revenue that is spent on idle labour of the exporter is burned."""
    economy, source = one_factor(seed, regions, sectors), "Samuelson (1954)"
    p, flow = economy.parameters.data, ("r1", HOME, "s0")
    where = economy.at(flow)
    melting = economy.solve({"tau": 1.0 + rate * where})
    x = melting.data
    at = dict(zip(("exporter", "importer", "sector"), flow, strict=True))
    revenue = rate * float((p["trade"] * x["flow"]).loc[at] * x["px"].loc[{"region": "r1", "sector": "s0"}])
    sign = xr.DataArray(
        np.array([-1.0, 1.0, 0.0][:regions]), dims="region", coords={"region": economy.base["sf"]["region"]}
    )
    paid = {"sf": economy.base["sf"] + sign * revenue / float(x["pworld"]) / p["income0"]}
    idle = revenue / float((p["endowment"] * x["w"]).loc[{"region": "r1", "factor": "LAB"}])
    tariff = {"tm": economy.raised("tm", rate, where)}
    burned = economy.solve(
        tariff
        | paid
        | {"endow": 1.0 - idle * (economy.base["endow"]["region"] == "r1") * xr.ones_like(economy.base["endow"])}
    )
    names = ("c", "flow")
    text = "11. an iceberg cost against a tariff whose revenue is burned, consumption, flows and utility"
    record(text, real(melting, names), real(burned, names), 1e-9, source)
    kept = economy.solve(tariff)
    record("11. twin: the revenue is kept", real(melting, names), real(kept, names), 1e-6, source, differs=True)
