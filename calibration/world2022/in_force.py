"""US duties in force on seven dates of 2025 and 2026, and what answers them, as lists of measures.

The raw list gives, by date, partner and industry, the share of customs value that each layer of duty takes, weighted
with the partner's imports of 2024 by tariff line. Here industries become the package's sectors, partners of the trade
cubes that the list lacks get rows of their own, and chapters 98 and 99 (goods returned, special provisions) and
electricity are left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cge.calibration.world2020.tariffs import EU27
from cge.calibration.world2020.us_measures import raw_folder, sector_codes

DUTIES = "tariffs/us_tariffs_2025_26_by_layer_partner_icio.csv"
PARAMETERS = "tariffs/us_tariff_parameters_by_partner.csv"
RETALIATION = "tariffs/retaliation_on_us_2025_hs6.csv"
CUBES = "trade/icio_trade_tariff_cubes.npz"

LAYERS = {
    "mfn_applied": "mfn",
    **{name: name for name in (
        "s232_steel", "s232_alu", "s232_copper", "s232_autos", "s232_auto_parts", "s232_mhd", "s232_lumber",
        "s232_semi", "s232_pharma", "s301_china", "ieepa_recip", "ieepa_country_eo", "ieepa_fent", "s122", "s201",
        "s301_forced_labour", "s301_brazil", "s338_canada",
    )},
}  # fmt: skip
"""Layers of the raw list, and what they are called here."""

HEADLINE = {"ieepa_reciprocal": 0.10, "s122": 0.10, "s301_forced_labour": 0.125}
"""Rates that a partner without a treatment of its own pays where the date has them."""
USUAL = ("s232_steel", "s232_autos")
"""Rates that such a partner pays as most do on the date."""
SPECIAL = ("reciprocal_is_floor_incl_mfn", "ieepa_fentanyl", "forced_labour_is_cap_incl_mfn")
APART = (
    "CAN", "MEX", "GTM", "SLV", "HND", "NIC", "CRI", "DOM", "COL", "PER", "CHL", "ISR", "AUS", "KOR", "SGP",
    "CHN", "HKG", "RUS", "BRA", "VEN",
)  # fmt: skip
"""Partners with a free-trade agreement, and those under duties of their own (Section 301, Column 2, Brazil's): what
they pay is no one else's."""
REST = "ROW"
EU = "EU27"
DECIMALS = 2


def duties(shared: Path) -> pd.DataFrame:
    """US duties in force by date, partner and sector.

    Args:
        shared: folder that holds `data/`, or that folder itself.

    Returns:
        Columns date, importer, exporter (ISO3 codes; EU27; ROW for all others), sector (of the 28 that are goods), musd
        (imports of 2024, million USD; zero for partners that the raw list lacks),
        usmca_share (share of imports that claims the preference, per cent) and one column a layer, per cent of
        customs value.
    """
    raw = pd.read_csv(raw_folder(shared) / DUTIES)
    lines = raw.merge(sector_codes(), on="icio")
    rates = ["usmca_share", *LAYERS]
    lines[rates] = lines[rates].mul(lines["imports_musd"], axis=0)
    total = lines.groupby(["date", "iso3", "sector"])[["imports_musd", *rates]].sum()
    total = total[total["imports_musd"] > 0.0]
    total[rates] = 100.0 * total[rates].div(total["imports_musd"], axis=0)
    table = total.rename(columns=LAYERS).rename(columns={"imports_musd": "musd"}).reset_index()
    table = table.rename(columns={"iso3": "exporter"})
    table = pd.concat([table, _unlisted(table, shared)], ignore_index=True)
    table.insert(1, "importer", "USA")
    order = table.assign(_sector=_order(table["sector"])).sort_values(["date", "exporter", "_sector"])
    return order.drop(columns="_sector").reset_index(drop=True)


def _order(sectors: pd.Series) -> pd.Series:
    names = list(dict.fromkeys(sector_codes()["sector"]))
    return sectors.map({name: n for n, name in enumerate(names)})


def plain_partners(parameters: pd.DataFrame) -> pd.Series:
    """Partners [date] that pay the headline rates of a date and nothing of their own."""
    plain = ~parameters["iso3"].isin(APART)
    dated = parameters.groupby("date")
    for column in SPECIAL:
        plain &= parameters[column] == 0
    for column, rate in HEADLINE.items():
        plain &= (dated[column].transform("max") == 0.0) | (parameters[column] == rate)
    for column in USUAL:
        plain &= parameters[column] == dated[column].transform(lambda rates: rates.mode().iloc[0])
    return parameters[plain].groupby("date")["iso3"].agg(tuple)


def _unlisted(table: pd.DataFrame, shared: Path) -> pd.DataFrame:
    """Rows for economies of the cubes that the list lacks, and for all others: they pay what plain partners pay.

    Their imports are not in the raw list, so they weigh nothing beside a listed partner in one region.
    """
    absent = [c for c in _flows(shared, exporter="USA").index if c not in {*table["exporter"], *EU27, "USA"}]
    plain = plain_partners(pd.read_csv(raw_folder(shared) / PARAMETERS))
    layers = ["usmca_share", *LAYERS.values()]
    rows = []
    for date, partners in plain.items():
        now = table[table["date"] == date]
        known = now[now["exporter"].isin(partners)]
        mean = _mean(known, layers).reindex(now["sector"].unique()).fillna(_mean(now, layers))
        rows += [mean.assign(date=str(date), exporter=country, musd=0.0).reset_index() for country in absent]
    return pd.concat(rows, ignore_index=True)


def _mean(rows: pd.DataFrame, layers: list[str]) -> pd.DataFrame:
    duty = rows[layers].mul(rows["musd"], axis=0).groupby(rows["sector"]).sum()
    return duty.div(rows.groupby("sector")["musd"].sum(), axis=0)


def _flows(shared: Path, exporter: str) -> pd.DataFrame:
    """What a country sells in 2022 by partner and sector, million USD."""
    with np.load(raw_folder(shared) / CUBES) as raw:
        years, countries = raw["years"].tolist(), [str(c) for c in raw["countries"]]
        sold = raw["X"][years.index(2022), countries.index(exporter)].astype(float)
        products = [str(s) for s in raw["sectors"]]
    table = pd.DataFrame(sold, index=countries, columns=products)
    sector = dict(sector_codes().itertuples(index=False, name=None)) | {"C301": "SHP", "C302T309": "OTM"}
    return table[[p for p in products if p in sector]].T.groupby(sector).sum().T


STEEL_PART = ("STL", "NFM", "FAB")
"""Sectors of the Canadian list of 13 March 2025 whose steel and aluminium part stays in force."""
CHINA_GENERAL = 10.0
"""China's additional duty on all US goods since 14 May 2025, per cent (State Council Tariff Commission, Announcement 7
of 2025); extended in August and November 2025."""


def retaliation(shared: Path, dates: list[str]) -> pd.DataFrame:
    """What Canada and China charge on US goods in answer, by date and sector.

    A list's coverage of a sector is its US exports over the flow of the trade cube of 2022, at most all of it.

    Returns:
        Columns date, importer, exporter, sector, musd (the cube's flow, million USD), retaliation (per cent).
    """
    raw = pd.read_csv(raw_folder(shared) / RETALIATION, dtype={"hs6": str}).merge(sector_codes(), on="icio")
    raw = raw[~((raw["icio"] == "C30") & (raw["sector"] != "OTM"))]
    flows = _flows(shared, exporter="USA")
    rows = []
    for date in dates:
        lasting = raw["until"].str.contains("in force") & (date <= "2025-08-31") | (
            raw["until"].str.contains("in force") & raw["sector"].isin(STEEL_PART)
        )
        dated = ~raw["until"].str.contains("in force") & (date <= raw["until"])
        now = raw[(raw["from"] <= date) & (lasting | dated)]
        for importer in ("CAN", "CHN"):
            flow = pd.Series(flows.loc[importer])
            mine = now[now["imposer"] == importer]
            duty = 100.0 * (mine["rate"] * mine["us_exports_musd"]).groupby(mine["sector"]).sum().reindex(flow.index)
            top = 100.0 * mine.groupby("sector")["rate"].max().reindex(flow.index)
            share = duty / flow.where(flow > 0.0)
            rate = share.where(share < top, top).fillna(0.0)
            if importer == "CHN" and date >= "2025-05-14":
                rate = rate + CHINA_GENERAL
            rows.append(pd.DataFrame({"date": date, "importer": importer, "exporter": "USA", "sector": flow.index,
                                      "musd": flow.to_numpy(), "retaliation": rate.to_numpy()}))  # fmt: skip
    table = pd.concat(rows, ignore_index=True)
    return table.assign(_s=_order(table["sector"])).sort_values(["date", "importer", "_s"]).drop(columns="_s")


DUTIES_HEAD = """\
# US duties in force on seven dates, per cent of customs value, by partner, sector and layer of duty.
# Computed for this project from lists of measures by tariff line under the MIT licence (Budget Lab at Yale, Tariff
# Rate Tracker, as of June 2026; tradewartracker, trade-war-redux-2025) with imports of 2024 by line (US Census Bureau).
# Statutory: no substitution, quotas, antidumping, drawback or offsets. Chapters 98 and 99 and electricity are left out.
# Economies that the lists lack pay what the partners without a treatment of their own pay on average, at no weight.
# The two last dates rest on the second list alone. Columns: calibration/world2022/in_force.py.
"""
RETALIATION_HEAD = """\
# Additional duties of Canada and China on goods of the United States, per cent, by date and sector.
# Canada: lists of 4 and 13 March 2025; from 1 September 2025 steel and aluminium alone (vehicles outside CUSMA are left
# out: no list of lines is at hand). China: lists of 4 March 2025 until 9 November 2025, and 10 % on all goods since
# 14 May 2025. The European Union suspended its lists. The state after February 2026 is not verified and taken to last.
# Lists: MIT licence (tradewartracker); coverage: US exports on them over the flows of 2022 (OECD ICIO 2025 edition).
"""


def write(shared: Path, out: Path) -> list[Path]:
    """Write both lists into a folder; return their paths."""
    table = duties(shared)
    answers = retaliation(shared, sorted(table["date"].unique()))
    paths = []
    for name, head, frame in (
        ("us-2025-26.csv", DUTIES_HEAD, table),
        ("on-us-2025-26.csv", RETALIATION_HEAD, answers),
    ):
        path = out / "measures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = frame.assign(musd=frame["musd"].round(1)).round(DECIMALS).to_csv(index=False, float_format="%.10g")
        path.write_text(head + text, encoding="utf-8")
        paths.append(path)
    return paths
