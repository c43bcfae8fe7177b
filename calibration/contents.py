"""What the labels of a benchmark contain: countries of regions, products of sectors, roles of factors, the unit.

A label is only a name. Whatever depends on what stands behind it (groups and agreements of countries, population
and income per head, elasticities of merged sectors, closures that hold wages or move capital) reads it here, and
nothing is concluded from how a label is spelt. A label without contents is one of which nothing is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, get_args

import iso3166

from cge.errors import DataError, nearest

from . import products as classification

Role = Literal["labour", "capital", "land", "resource"]
ROLES: tuple[str, ...] = get_args(Role)
CONTENTS = "contents"
"""The attribute of a table that holds them, and that its file carries."""

REST = "ROW"
"""The code that stands for all countries which no region of a benchmark names."""

SCALES: Mapping[str, float] = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
"""Words before a currency in a unit, and how many units of the currency they are."""


class _Entry:
    """What one label contains."""

    def _gather(self, key: str) -> None:
        """Take one code, or any collection of codes, as a set of them."""
        given = getattr(self, key)
        object.__setattr__(self, key, frozenset((given,) if isinstance(given, str) else given))

    def plain(self) -> dict[str, Any]:
        """The fields that are known, as a YAML or JSON file holds them."""
        known = {key: value for key, value in asdict(self).items() if value}  # type: ignore[call-overload]
        return {key: sorted(value) if isinstance(value, frozenset) else value for key, value in known.items()}


@dataclass(frozen=True)
class RegionContents(_Entry):
    """What a region is.

    Attributes:
        name: in words; the label where it is empty.
        countries: ISO 3166-1 alpha-3 codes; `ROW` for all that no region names; empty if not known.
        population: inhabitants in the benchmark's year, millions; None if not known.
    """

    name: str = ""
    countries: frozenset[str] = frozenset()
    population: float | None = None

    def __post_init__(self) -> None:
        self._gather("countries")


@dataclass(frozen=True)
class SectorContents(_Entry):
    """What a sector makes.

    Attributes:
        name: in words; the label where it is empty.
        products: codes of the package's 28 sectors, `isic:NN` (Rev. 4) or `hs:NN`; empty if not known.
    """

    name: str = ""
    products: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._gather("products")


@dataclass(frozen=True)
class FactorContents(_Entry):
    """What a factor is.

    Attributes:
        name: in words; the label where it is empty.
        role: labour, capital, land or resource; None if not known.
    """

    name: str = ""
    role: Role | None = None


Entry = RegionContents | SectorContents | FactorContents
KINDS: Mapping[str, type[Entry]] = {"regions": RegionContents, "sectors": SectorContents, "factors": FactorContents}
AXES: Mapping[str, str] = {"regions": "region", "sectors": "sector", "factors": "factor"}


@dataclass(frozen=True)
class Contents:
    """What the labels of a benchmark contain, and the money that its numbers are in.

    Attributes:
        regions, sectors, factors: label to what it holds; a label that is not there is not known.
        unit: of all money, a scale and a currency such as "million USD"; empty if not known.
        year: that the numbers are of; None if not known.

    Raises:
        DataError: listing all faults: codes that do not exist, a country or product in two places, and the like.
    """

    regions: Mapping[str, RegionContents] = field(default_factory=dict)
    sectors: Mapping[str, SectorContents] = field(default_factory=dict)
    factors: Mapping[str, FactorContents] = field(default_factory=dict)
    unit: str = ""
    year: int | None = None

    def __post_init__(self) -> None:
        for kind in KINDS:
            object.__setattr__(self, kind, MappingProxyType(dict(getattr(self, kind))))
        faults = [*self._region_faults(), *self._sector_faults(), *self._factor_faults(), *self._money_faults()]
        if faults:
            raise DataError(faults, "the contents")

    def __reduce__(self) -> tuple[Any, ...]:
        return Contents, (dict(self.regions), dict(self.sectors), dict(self.factors), self.unit, self.year)

    @property
    def currency(self) -> str:
        """Code of the currency (ISO 4217); empty if the unit is not known."""
        return self.unit.rpartition(" ")[2]

    @property
    def scale(self) -> float:
        """How many units of the currency the numbers are in; 1e6 where the unit is not known."""
        return SCALES[self.unit.rpartition(" ")[0]] if self.unit else SCALES["million"]

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of everything that is known; names in words do not enter."""
        known = [
            [
                f"{kind} {label} {replace(entry, name='').plain()}"
                for label, entry in sorted(getattr(self, kind).items())
            ]
            for kind in KINDS
        ]
        return hashlib.sha256(repr((known, self.unit, self.year)).encode()).hexdigest()

    def name(self, axis: str, label: str) -> str:
        """A label of the axis region, sector or factor in words; the label itself if it has no name."""
        entries = getattr(self, f"{axis}s")
        return (entries[label].name or label) if label in entries else label

    def names(self, axis: str, labels: Iterable[str]) -> list[str]:
        """Labels in words; see `name`."""
        return [self.name(axis, label) for label in labels]

    def countries(self, region: str) -> frozenset[str]:
        """Codes of the countries of a region; empty if they are not known."""
        return self.regions[region].countries if region in self.regions else frozenset()

    def products(self, sector: str) -> frozenset[str]:
        """The package's sectors that hold the products of a sector; empty if they are not known."""
        return classification.sectors_of(self.sectors[sector].products) if sector in self.sectors else frozenset()

    def role(self, factor: str) -> Role | None:
        """The role of a factor; None if it is not known."""
        return self.factors[factor].role if factor in self.factors else None

    def with_role(self, role: Role) -> list[str]:
        """The factors that have a role."""
        return [label for label, factor in self.factors.items() if factor.role == role]

    def population(self, region: str) -> float | None:
        """Inhabitants of a region, millions; None if not known."""
        return self.regions[region].population if region in self.regions else None

    def unknown(self) -> list[str]:
        """What is not known, one sentence each; what to write stands in `docs/contents.md`."""
        lines = []
        for kind, what in (("regions", "countries"), ("sectors", "products"), ("factors", "role")):
            empty = [label for label, entry in getattr(self, kind).items() if not getattr(entry, what)]
            if empty:
                lines.append(f"{what} of the {kind} {', '.join(empty)} are not known")
        nobody = [label for label, region in self.regions.items() if region.population is None]
        if nobody:
            lines.append(f"the population of {', '.join(nobody)} is not known")
        return lines if self.unit else [*lines, "the unit of the money is not known"]

    def over(self, regions: Sequence[str], sectors: Sequence[str], factors: Sequence[str]) -> Contents:
        """The same in the order of a benchmark's labels, with an empty entry for each that it lacks.

        Raises:
            DataError: it has labels that the benchmark does not have.
        """
        faults, filled = [], {}
        for kind, labels in zip(KINDS, (regions, sectors, factors), strict=True):
            given = getattr(self, kind)
            faults += [
                f"{kind}: {label!r} is no {AXES[kind]} of the table{nearest(label, labels)}; name its labels"
                for label in given
                if label not in labels
            ]
            filled[kind] = {label: given.get(label, KINDS[kind]()) for label in labels}
        if faults:
            raise DataError(faults, "the contents")
        return Contents(**filled, unit=self.unit, year=self.year)

    def aggregate(
        self,
        region_map: Mapping[str, str] | None = None,
        sector_map: Mapping[str, str] | None = None,
        factor_map: Mapping[str, str] | None = None,
    ) -> Contents:
        """What groups of the labels contain: countries and products unite, populations add up, roles must agree.

        A group with a member of which nothing is known is not known either.

        Raises:
            DataError: factors of different roles in one group.
        """
        faults = [
            f"factor {group} joins {', '.join(f'{f} ({self.role(f)})' for f in members)}; join factors of one role"
            for group, members in _groups(self.factors, factor_map).items()
            if len({self.role(f) for f in members}) > 1
        ]
        if faults:
            raise DataError(faults, "the aggregation map")
        return Contents(
            {g: _region(g, [self.regions[m] for m in ms]) for g, ms in _groups(self.regions, region_map).items()},
            {g: _sector(g, [self.sectors[m] for m in ms]) for g, ms in _groups(self.sectors, sector_map).items()},
            {
                g: FactorContents(_joined(self.factors[m].name or m for m in ms), self.factors[ms[0]].role)
                for g, ms in _groups(self.factors, factor_map).items()
            },
            self.unit,
            self.year,
        )

    def _region_faults(self) -> Iterable[str]:
        for label, region in self.regions.items():
            for code in sorted(region.countries):
                if not _is_country(code):
                    hint = nearest(code, iso3166.countries_by_alpha3)
                    yield f"region {label}: country {code!r} is no ISO 3166-1 alpha-3 code{hint}; {REST} is the rest"
            if region.population is not None and not 0 < region.population < 2e4:
                yield f"region {label}: population {region.population:g} is no number of millions of people"
        yield from _twice("country", {label: region.countries for label, region in self.regions.items()})

    def _sector_faults(self) -> Iterable[str]:
        for label, sector in self.sectors.items():
            for code in sorted(sector.products):
                if fault := classification.fault(code):
                    yield f"sector {label}: product {code!r} {fault}"
        yield from _twice("product", {label: sector.products for label, sector in self.sectors.items()})

    def _factor_faults(self) -> Iterable[str]:
        for label, factor in self.factors.items():
            if factor.role is not None and factor.role not in ROLES:
                yield f"factor {label}: role {factor.role!r}{nearest(factor.role, ROLES)} is none of {', '.join(ROLES)}"

    def _money_faults(self) -> Iterable[str]:
        scale, _, currency = self.unit.rpartition(" ")
        if self.unit and (
            scale not in SCALES or not (len(currency) == 3 and currency.isalpha() and currency.isupper())
        ):
            known = ", ".join(word for word in SCALES if word)
            yield f"unit {self.unit!r} is no scale ({known}) and currency (USD, EUR, KRW, ...): write million USD"
        if self.year is not None and not 1900 <= self.year <= 2200:
            yield f"year {self.year} is none of 1900 to 2200"


def _is_country(code: str) -> bool:
    """Whether ISO 3166-1 lists the code, or leaves it to users (XAA to XZZ), or it is the rest."""
    own = len(code) == 3 and code[0] == "X" and code.isalpha() and code.isupper()
    return code == REST or own or code in iso3166.countries_by_alpha3


def _twice(what: str, held: Mapping[str, frozenset[str]]) -> Iterable[str]:
    where: dict[str, str] = {}
    for label, codes in held.items():
        for code in sorted(codes):
            if code in where:
                yield f"{what} {code} is in {where[code]} and in {label}; it can be in one"
            where.setdefault(code, label)


def _groups(labels: Iterable[str], mapping: Mapping[str, str] | None) -> dict[str, list[str]]:
    """Group to members, groups in the order of the map."""
    pairs = mapping or {label: label for label in labels}
    groups: dict[str, list[str]] = {group: [] for group in pairs.values()}
    for label in labels:
        groups[pairs[label]].append(label)
    return groups


def _region(label: str, members: Sequence[RegionContents]) -> RegionContents:
    if len(members) == 1:
        return members[0]
    known = all(member.countries for member in members)
    people = [member.population for member in members]
    return RegionContents(
        _joined(member.name for member in members),
        frozenset().union(*(member.countries for member in members)) if known else frozenset(),
        None if None in people else round(sum(count for count in people if count is not None), 6),
    )


def _sector(label: str, members: Sequence[SectorContents]) -> SectorContents:
    if len(members) == 1:
        return members[0]
    known = all(member.products for member in members)
    products = frozenset().union(*(member.products for member in members)) if known else frozenset()
    return SectorContents(_joined(member.name for member in members), products)


def _joined(names: Iterable[str]) -> str:
    """Names of the members of a group where they are few and all have one, else none: its label has to do."""
    listed = list(dict.fromkeys(names))
    return ", ".join(listed) if all(listed) and len(listed) <= JOINED else ""


JOINED = 3
"""Members that a group's name in words lists at most."""
