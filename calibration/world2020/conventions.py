"""Choices that the recipe of world2020 makes where the sources leave one, and the log of what it changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Conventions:
    """Numbers that the data do not hold. All can be overridden.

    Attributes:
        value_added_floor: least share of value added in an industry's output. Several refineries of 2020 fall under it
            and one below zero; with next to no factors an industry's supply curve has no meaning.
        land_share: land's part of non-labour income in AGR: 0.18 of 0.54 in Valentinyi and Herrendorf (2008),
            "Measuring factor income shares at the sectoral level", Review of Economic Dynamics 11(4).
        energy_resource_share, mining_resource_share: natural resources' part of non-labour income in ENE and MIN. No
            open source has them. They are chosen, as in models on GTAP data, for the supply elasticity that they imply,
            eta = sigma (1 - s) / s with s the resource's share of value added (Rutherford 2002, "Lecture notes on
            constant elasticity functions"): at sigma = 0.2 about 0.4 in ENE and 0.9 in MIN, within the 0.25 to 1 that
            such models use. Try 0.3 to 0.7, and 0.15 to 0.5.
        labour_bounds: labour's share of value added is kept within these: public sectors report more than 1.
        speck: trade flows between countries under this value (million USD) are dropped.
    """

    value_added_floor: float = 0.02
    land_share: float = 1 / 3
    energy_resource_share: float = 0.5
    mining_resource_share: float = 0.3
    labour_bounds: tuple[float, float] = (0.1, 0.9)
    speck: float = 0.01


@dataclass
class Log:
    """What the build changed: one row a change, for the build report."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, where: str, by_how_much: str, why: str) -> None:
        """Record a change."""
        self.rows.append((what, where, by_how_much, why))

    def table(self) -> pd.DataFrame:
        """All changes: columns what, where, by_how_much, why."""
        return pd.DataFrame(self.rows, columns=["what", "where", "by_how_much", "why"])


def money(value: float) -> str:
    """An amount in words."""
    return f"{value:,.1f} million USD"
