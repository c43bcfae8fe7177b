"""United States: applied rates, Section 232 and Section 301, by partner and sector.

The base is the Census table of imports, MFN rates (schedule lines weighted with the partner's own
imports) and calculated duties of 2024, by partner and ICIO product. What a partner paid beyond
its MFN or preferential rate, it paid under the measures of Sections 232 and 301. Two differences
between 2024 and the benchmark year 2020 matter:

* Section 232. By 2024 tariff-rate quotas had replaced the 25 % and 10 % for the EU, Japan and
  the United Kingdom. Their charge of 2020 is the import-weighted mean charge, in 2024, of the
  partners under the plain tariff. That mean is well under 25 %: the measure covers mill products,
  not castings, ferro-alloys or pig iron, and many products were excluded on request.
* Section 301. Lists 1 to 3 paid 25 % and list 4A 7.5 % (from 14 February 2020; 15 % before) in
  both years. Exclusions were more numerous in 2020; increases of 27 September 2024 (electric
  vehicles, solar cells, batteries) touch three months of 2024. Both are small beside the
  charge, and the first offsets the second, so the 2024 charge by sector stands for 2020. The
  flows of 2020 were observed under these duties. The average United States tariff on China on
  what the measures cover is about 19 % with the weights of 2017 (Bown, "US-China Trade War
  Tariffs: An Up-to-Date Chart", PIIE); on all imports, with present weights, it is about 8.5 %,
  because imports moved away from what is taxed.

Section 232 duties on derivative articles (nails, bumpers; Proclamation 9980, February 2020) and
the safeguards on solar cells and washing machines (Section 201) are left out.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[1] / "data"

# Statutory rates: Proclamations 9705 (steel) and 9704 (aluminium) of 8 March 2018.
STEEL, STEEL_RATE = "STL", 0.25
ALUMINIUM, ALUMINIUM_RATE = "NFM", 0.10
# A partner's own charge is not read from a year's imports under this value (million USD).
THIN = 10.0
# Sectors where many lines carry specific duties, which an ad valorem MFN average leaves out.
FOOD = "FOO"
# Schedule of the Census partners that the world table lumps into its rest of the world.
REST = "REST OF THE WORLD"

Case = Literal["default", "lower", "upper"]


def raw_folder(shared: Path) -> Path:
    """Return the folder of the raw tables: `data/` inside `shared`, or `shared` itself."""
    inside = shared / "data"
    return inside if inside.is_dir() else shared


def us_partners() -> pd.DataFrame:
    """Return how the United States treats each partner, indexed by ISO3 code.

    Columns `schedule`, `agreement`, `steel`, `aluminium`, `steel_2024`,
    `aluminium_2024`; meaning and sources stand at the head of `data/us_partners.csv`.
    """
    table = pd.read_csv(DATA / "us_partners.csv", comment="#", dtype=str)
    return table.fillna("").set_index("country")


def sector_codes() -> pd.DataFrame:
    """Return pairs of ICIO product code and model sector (columns `icio`, `sector`)."""
    return pd.read_csv(DATA / "icio_sectors.csv", comment="#", dtype=str)


def us_duties(shared: Path) -> pd.DataFrame:
    """Read imports, MFN rate and duty collected by the United States in 2024.

    Args:
        shared: folder that holds `data/`, or that folder itself. The table is
            `tariffs/us_tariffs_2024w_by_partner_icio.csv` (US Census Bureau, USITC; public domain).

    Returns:
        Indexed by (`schedule`, `sector`), partners outside the world table summed as `REST OF THE WORLD`: `imports`
        (million USD), `mfn` and `collected` (ad valorem rates, weighted with 2024 imports). Where a sector's lines
        carry specific rates only, `mfn` is the rate collected.

    Raises:
        FileNotFoundError: if the table is not there.
    """
    raw = pd.read_csv(raw_folder(shared) / "tariffs" / "us_tariffs_2024w_by_partner_icio.csv")
    raw["mfn_adv_w"] = raw["mfn_adv_w"].fillna(raw["collected_2024"])
    lines = raw.merge(sector_codes(), on="icio")
    lines["mfn"] = lines["mfn_adv_w"] * lines["imports_musd"]
    lines["collected"] = lines["collected_2024"] * lines["imports_musd"]
    listed = set(us_partners()["schedule"])
    schedule = lines["CTY_NAME"].where(lines["CTY_NAME"].isin(listed), REST)
    keys = [schedule.rename("schedule"), lines["sector"]]
    total = lines.rename(columns={"imports_musd": "imports"})[["imports", "mfn", "collected"]]
    total = total.groupby(keys).sum()
    rates = total[["mfn", "collected"]].div(total["imports"].where(total["imports"] > 0), axis=0)
    return total[["imports"]].join(rates).dropna()


def us_layers(shared: Path, statutory: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the three tariff layers of the United States in 2020 by partner and sector.

    Args:
        shared: folder that holds `data/`, or that folder itself.
        statutory: applied statutory rates of 2020 (MFN or preferential), index country, columns sector: the world
            tariff table's own column for the United States.

    Returns:
        Index (`country`, `sector`), columns `mfn`, `section232`, `section301`; ad valorem
        rates. Sectors are those of `statutory`.
        And the charges: the mean Section 232 charge by sector (`sector`, `statutory`, `mean_charge`,
        `imports_musd`), for the build report.

    The first layer is, for partners with a trade agreement in force in 2020, the statutory
    preferential rate of 2020 (save food, a column that tobacco dominates: the duty collected).
    For the others it is the duty collected, which knows the specific duties and the programmes
    (GSP, AGOA, duty-free pharmaceuticals) that a schedule's average does not. In steel,
    aluminium and for China, where the duty collected holds the measures too, the MFN rate caps it.
    """
    partners = us_partners()
    sectors = [s for s in statutory.columns if s in set(sector_codes()["sector"])]
    table = _by_country(us_duties(shared), partners, sectors)
    measured = (table["sector"].isin([STEEL, ALUMINIUM])) | (table["country"] == "CHN")
    member = table["agreement"] != ""
    own = np.array(
        [statutory.loc[c, s] for c, s in zip(table["country"], table["sector"], strict=True)],
        dtype=float,
    )
    table["statutory"] = own

    paid = table["collected"].where(~measured, np.fmin(table["collected"], table["mfn_2024"]))
    table["mfn"] = paid.where(~member | (table["sector"] == FOOD), table["statutory"])
    _fill_unlisted(table)

    table["excess"] = (table["collected"] - table["mfn"]).clip(lower=0.0)
    charges = pd.concat(
        [
            _section232(table, STEEL, STEEL_RATE, "steel"),
            _section232(table, ALUMINIUM, ALUMINIUM_RATE, "aluminium"),
        ],
        ignore_index=True,
    )
    _section301(table)
    layers = table.set_index(["country", "sector"])[["mfn", "section232", "section301"]]
    return layers, charges


def _by_country(duties: pd.DataFrame, partners: pd.DataFrame, sectors: list[str]) -> pd.DataFrame:
    """One row a country and sector; NaN where the partner or its sector is not listed."""
    grid = pd.MultiIndex.from_product([partners.index, sectors], names=["country", "sector"])
    table = grid.to_frame(index=False).join(partners, on="country")
    table = table.join(duties.rename(columns={"mfn": "mfn_2024"}), on=["schedule", "sector"])
    table["imports"] = table["imports"].fillna(0.0)
    return table.assign(section232=0.0, section301=0.0)


def _fill_unlisted(table: pd.DataFrame) -> None:
    """Give unlisted partners the listed partners' mean, or their statutory rate if it is lower.

    The lower of the two keeps the preferences of the least developed countries and drops the
    statutory food rates that tobacco makes absurd.
    """
    for member in (True, False):
        group = (table["agreement"] != "") == member
        # The 27 EU members share one schedule; count it once.
        listed = table[group & table["mfn"].notna()].drop_duplicates(["schedule", "sector"])
        duty = (listed["mfn"] * listed["imports"]).groupby(listed["sector"]).sum()
        mean = duty / listed["imports"].groupby(listed["sector"]).sum()
        usual = table["sector"].map(mean)
        lower = usual.where(usual < table["statutory"], table["statutory"])
        table["mfn"] = table["mfn"].where(~group | table["mfn"].notna(), lower)


def _section232(table: pd.DataFrame, sector: str, rate: float, metal: str) -> pd.DataFrame:
    """Write the Section 232 charge of 2020 into `table`; return the mean charge applied."""
    here = table["sector"] == sector
    paying = here & (table[metal] == "tariff")
    seen = paying & (table[f"{metal}_2024"] == "") & (table["imports"] >= THIN)
    comparable = table[seen & (table["country"] != "CHN")]
    weight = comparable["imports"]
    mean = float((comparable["excess"].clip(upper=rate) * weight).sum() / weight.sum())
    own = table["excess"].clip(upper=rate).where(seen, mean)
    table.loc[paying, "section232"] = own[paying]
    row = {
        "sector": sector,
        "statutory": rate,
        "mean_charge": mean,
        "imports_musd": float(weight.sum()),
    }
    return pd.DataFrame([row])


def _section301(table: pd.DataFrame) -> None:
    """Write China's excess into the Section 301 layer; in metals share it with Section 232.

    Steel and aluminium from China pay under both. The excess is divided in proportion to what
    others pay under Section 232 and what China pays in fabricated metals (FAB), its nearest
    neighbour without Section 232.
    """
    china = table["country"] == "CHN"
    table.loc[china, "section301"] = table.loc[china, "excess"]
    fabricated = float(table.loc[china & (table["sector"] == "FAB"), "excess"].sum())
    for sector in (STEEL, ALUMINIUM):
        cell = china & (table["sector"] == sector)
        seen = table[(table["sector"] == sector) & ~china & (table["section232"] > 0)]
        others = float((seen["section232"] * seen["imports"]).sum() / seen["imports"].sum())
        share = others / (others + fabricated)
        table.loc[cell, "section232"] = table.loc[cell, "excess"] * share
        table.loc[cell, "section301"] = table.loc[cell, "excess"] * (1 - share)


def steel_measures(shared: Path | None = None) -> pd.DataFrame:
    """Return the Section 232 steel quotas in force in 2020 with the parameters of their rents.

    Args:
        shared: folder that holds `data/`, or that folder itself; if given, the announced Korean quota is checked
            against `steel/steel_232_quotas.csv`.

    Returns:
        One row a country under quota (index `country`): `quota_mt` and `reference_mt` (million tonnes a year, the
        second the 2015-17 mean); for each case `default`, `lower` and `upper`: `premium_*` (the price premium over the
        price without the quota, in product categories that bind), `binding_*` (share of the value of the country's
        steel exports to the United States in such categories), `exporter_*` (share of the rent that stays with the
        exporting country), and `source`.

    Raises:
        ValueError: if the raw data state another Korean quota.
    """
    table = pd.read_csv(DATA / "steel_measures_2020.csv", comment="#").set_index("country")
    if shared is not None:
        raw = pd.read_csv(raw_folder(shared) / "steel" / "steel_232_quotas.csv")
        stated = str(raw.loc[raw["country"] == "Korea", "value"].iloc[0])
        quota = f"{table['quota_mt'].to_dict()['KOR']:.2f}"
        if quota not in stated:
            raise ValueError(f"Korea's steel quota is {quota} Mt here, but raw data say: {stated}")
    return table


def rent_in_value(country: str, case: Case = "default") -> float:
    """Return quota rent as a share of a country's steel exports to the United States.

    The observed value contains the rent. With a premium p in the share b of the value that
    binds, the rent is the share b p / (1 + p) of the whole value.

    Args:
        country: ISO3 code of a country under a steel quota in 2020: KOR, BRA or ARG.
        case: set of parameters: `default`, `lower` or `upper`.

    Returns:
        Share of the observed value (dimensionless).

    Raises:
        KeyError: if the country had no steel quota in 2020.
    """
    table = steel_measures()
    if country not in table.index:
        raise KeyError(f"{country} had no steel quota in 2020; known: {', '.join(table.index)}")
    premium = float(table[f"premium_{case}"].to_dict()[country])
    binding = float(table[f"binding_{case}"].to_dict()[country])
    return binding * premium / (1 + premium)


def uniform_premium(country: str, case: Case = "default") -> float:
    """Return the premium that, on all of a country's steel, gives the rent of its binding part.

    The ad valorem wedge over the price without rent (dimensionless) for a model that holds one
    steel flow a country. Arguments and errors are those of `rent_in_value`.
    """
    share = rent_in_value(country, case)
    return share / (1 - share) if share < 1 else math.inf
