"""The revenue of a uniform US tariff, with and without an answer in kind, under balanced trade: where is its peak?

    python examples/revenue_curve.py [BENCHMARK] [--rates 80 95 110] [--csv FILE]

Foreign saving is zero everywhere: with deficits that are fixed as transfers a country can import without exporting,
and revenue need not peak. The results stand in docs/revenue.md.
"""

import argparse
from collections.abc import Sequence

import pandas as pd

import cge

INCOME_TAX = 2632.0
"""US individual income tax, fiscal year 2022, billion USD: OMB, Historical Tables, table 2.1."""

RATES = (0, 10, 20, 30, 50, 70, 80, 90, 95, 100, 110, 120, 140, 160, 200)
BALANCED = {"instrument": "foreign_saving", "regions": "all", "set": 0}
TARIFF = {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "sectors": "goods"}


def scenario(rate: int, answered: bool) -> cge.Scenario:
    """Balanced trade, points on all US imports of goods, and the answer."""
    shocks = [BALANCED] + ([TARIFF | {"add": rate}] if rate else [])
    shocks += [{"retaliation": "all"}] if answered and rate else []
    name = f"tariff-{rate}" + ("-answered" if answered else "")
    return cge.Scenario(
        name=name, title=name, question="Where is the peak?", sources=["docs/revenue.md"], shocks=shocks
    )


def curve(benchmark: str, answered: bool, rates: Sequence[int] = RATES) -> pd.DataFrame:
    """One row a rate: points, revenue (bn USD) and its share of the income tax, US imports of goods and EV (%)."""
    results = cge.run([scenario(rate, answered) for rate in rates], benchmark=benchmark)
    rows = []
    for rate, result in zip(rates, results, strict=True):
        usa = result.welfare.loc["USA"]
        bought = result.trade[(result.trade["importer"] == "USA") & (result.trade["exporter"] != "USA")]
        volume = (bought["base_musd"] * (1 + bought["volume_pct"] / 100)).sum() / bought["base_musd"].sum()
        revenue = usa["tariff_revenue_musd"] / 1e3
        rows.append((rate, revenue, 100 * revenue / INCOME_TAX, 100 * (volume - 1), usa["ev_pct"]))
    columns = ["points", "revenue_bn", "of_income_tax_pct", "imports_pct", "ev_pct"]
    return pd.DataFrame(rows, columns=columns).assign(answered=answered)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("benchmark", nargs="?", default="world2022-29x28")
    parser.add_argument("--rates", nargs="+", type=int, default=RATES)
    parser.add_argument("--csv")
    asked = parser.parse_args()
    table = pd.concat([curve(asked.benchmark, answered, asked.rates) for answered in (False, True)], ignore_index=True)
    print(table.round(2).to_string(index=False))
    for answered, part in table.groupby("answered"):
        top = part.loc[part["revenue_bn"].idxmax()]
        kind = "answered" if answered else "unanswered"
        print(f"{kind}: peak near {top['points']:.0f} points, {top['revenue_bn']:.0f} bn USD")
    if asked.csv:
        table.to_csv(asked.csv, index=False)
