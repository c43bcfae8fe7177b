"""Agreements on emission credits: who sells to whom, below which baseline, and what of the proceeds goes to a fund.

One file each in `credits/`, or values of one's own. A seller has no cap: what its emissions stay below the baseline
are its credits (Paris Agreement of 12 December 2015, Article 6, paragraphs 2 and 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from cge.errors import PolicyError, nearest

from .groups import SUFFIXES, read_mapping
from .vocabulary import Frozen, Selector

FOLDER = Path(__file__).parent / "credits"

Percent = Annotated[float, Field(ge=0.0, le=200.0)]


class CreditAgreement(Frozen):
    """An agreement on emission credits.

    Attributes:
        name: of its file.
        title: in words.
        sellers: regions that sell what they emit less than their baseline.
        baseline: per cent of a seller's benchmark emissions, of every seller or by region.
        sectors: industries whose emissions count; all if not given.
        households: theirs count too.
        share_of_proceeds: per cent of what credits are sold for that goes to the fund.
        fund: regions to which the fund pays, by their populations; needed where there is a share.
        sources: of all of this.
        leaves_out: what the file does not hold.
    """

    name: str = "own"
    title: str = ""
    sellers: Selector
    baseline: Percent | dict[str, Percent] = 100.0
    sectors: Selector | None = None
    households: bool = True
    share_of_proceeds: float = Field(default=0.0, ge=0.0, le=90.0)
    fund: Selector | None = None
    sources: tuple[str, ...] = ()
    leaves_out: str = ""

    @field_validator("sources", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.share_of_proceeds > 0.0 and self.fund is None:
            raise ValueError("a share of proceeds goes to a fund; name the regions to which it pays in fund")
        return self


def names() -> list[str]:
    """Names of the agreements on credits."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(source: str | Mapping[str, Any] | CreditAgreement) -> CreditAgreement:
    """An agreement by its name, from a YAML file of one's own, or from values.

    Raises:
        PolicyError: no such agreement (with the nearest name), or its faults.
    """
    if isinstance(source, CreditAgreement):
        return source
    if isinstance(source, Mapping):
        return _of_values("own", source, "the agreement on credits")
    if source.endswith(SUFFIXES):
        return _of_values(Path(source).stem, read_mapping(Path(source), "an agreement on credits"), source)
    if source not in names():
        hint = nearest(source, names())
        known = ", ".join(names())
        raise PolicyError([f"unknown agreement on credits {source!r}{hint}; known: {known}, or give a .yaml file"])
    return _packaged(source)


@cache
def _packaged(name: str) -> CreditAgreement:
    file = FOLDER / f"{name}.yaml"
    return _of_values(name, read_mapping(file, "an agreement on credits"), file.name)


def _of_values(name: str, given: Mapping[str, Any], what: str) -> CreditAgreement:
    try:
        return CreditAgreement(**{"name": name, **given})
    except (ValidationError, TypeError) as error:
        faults = [
            f"{'.'.join(map(str, detail['loc']))}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in getattr(error, "errors", list)()
        ]
        raise PolicyError(faults or [str(error)], what) from None
