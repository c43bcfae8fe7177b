"""The kinds of blocks, by the key that each begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from cge.scenarios.names.vocabulary import Frozen

from .barriers import HomePreference, NonTariff
from .border_carbon import BorderCarbon
from .capacity import InvestmentAbroad, InvestmentSubsidy
from .carbon import CarbonPrice
from .carbon_market import CarbonMarket
from .measures import InForce
from .membership import Membership
from .quotas import QuotaChange
from .rates import Rates
from .retaliation import Retaliation
from .schedules import Schedule
from .supply import SupplyLoss
from .swaps import Exchange

KINDS: Mapping[str, type[Frozen]] = {
    "instrument": Rates,
    "quota": QuotaChange,
    "agreement": Membership,
    "schedule": Schedule,
    "measures": InForce,
    "retaliation": Retaliation,
    "hold": Exchange,
    "non_tariff": NonTariff,
    "home_preference": HomePreference,
    "carbon_price": CarbonPrice,
    "border_carbon": BorderCarbon,
    "supply_loss": SupplyLoss,
    "carbon_market": CarbonMarket,
    "investment_abroad": InvestmentAbroad,
    "investment_subsidy": InvestmentSubsidy,
}
"""Blocks by the key that they begin with."""


def block_kind(block: Any) -> str | None:
    """The key that tells which kind of block a mapping or value is; None if it is none."""
    if isinstance(block, Mapping):
        return next((key for key in KINDS if key in block), None)
    return next((key for key, kind in KINDS.items() if isinstance(block, kind)), None)


Block = Annotated[
    Annotated[Rates, Tag("instrument")]
    | Annotated[QuotaChange, Tag("quota")]
    | Annotated[Membership, Tag("agreement")]
    | Annotated[Schedule, Tag("schedule")]
    | Annotated[InForce, Tag("measures")]
    | Annotated[Retaliation, Tag("retaliation")]
    | Annotated[Exchange, Tag("hold")]
    | Annotated[NonTariff, Tag("non_tariff")]
    | Annotated[HomePreference, Tag("home_preference")]
    | Annotated[CarbonPrice, Tag("carbon_price")]
    | Annotated[BorderCarbon, Tag("border_carbon")]
    | Annotated[SupplyLoss, Tag("supply_loss")]
    | Annotated[CarbonMarket, Tag("carbon_market")]
    | Annotated[InvestmentAbroad, Tag("investment_abroad")]
    | Annotated[InvestmentSubsidy, Tag("investment_subsidy")],
    Discriminator(block_kind),
]


def acts(block: Block) -> Any:
    """What of a block acts on the model; an agreement with its data."""
    words = block.model_dump(mode="json", exclude_none=True)
    if isinstance(block, Membership):
        texts = {"title", "sources", "leaves_out"}
        words["agreement"] = block.called
        words["data"] = block.data.model_dump(mode="json", exclude_none=True, exclude=texts)
        words["countries"] = block.data.countries
    if isinstance(block, Schedule):
        words["table"] = block.table.to_csv(index=False)
    if isinstance(block, InForce):
        words["table"] = block.rows
    return words
