"""The order in which definitions can be computed, and which of them a circle leaves to the core.

A definition `X = f(...)` is eliminated, and costs nothing but its evaluation. Definitions that need each other in a
circle cannot all be; the circle is broken where it costs the fewest unknowns.

Source: a minimum-weight feedback vertex set; Smith and Walford (1975), "The identification of a minimal feedback vertex
set of a directed graph", IEEE Transactions on Circuits and Systems 22.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

Uses = Mapping[str, frozenset[str]]

TRIALS = 5_000
"""Circles that are looked at before the best set so far is taken."""


def broken(uses: Uses, cost: Mapping[str, int]) -> frozenset[str]:
    """The definitions to leave out, so that no circle is left.

    Args:
        uses: for each definition, those whose variables its formula has.
        cost: unknowns that each adds to the core if it is left out.
    """
    return _Search(uses, cost).best


def in_order(uses: Uses, names: Iterable[str]) -> list[str]:
    """The definitions, each after all that it uses; they must have no circle."""
    order: dict[str, None] = {}
    names = list(names)
    place = {name: k for k, name in enumerate(names)}
    left = set(names)

    def visit(name: str) -> None:
        left.discard(name)
        for other in sorted(uses[name] & left, key=place.__getitem__):
            visit(other)
        order[name] = None

    for name in names:
        if name in left:
            visit(name)
    return list(order)


class _Search:
    """Branch and bound: of a shortest circle, one definition must go."""

    def __init__(self, uses: Uses, cost: Mapping[str, int]) -> None:
        self._uses, self._cost = uses, cost
        self._trials = 0
        self.best = self._greedy()
        self._bound = sum(cost[name] for name in self.best)
        self._branch(frozenset(), frozenset(), 0)

    def _greedy(self) -> frozenset[str]:
        gone: frozenset[str] = frozenset()
        while circle := self._circle(gone):
            gone |= {min(circle, key=lambda name: (self._cost[name], name))}
        for name in sorted(gone, key=lambda name: -self._cost[name]):
            if not self._circle(gone - {name}):
                gone -= {name}
        return gone

    def _branch(self, gone: frozenset[str], kept: frozenset[str], spent: int) -> None:
        if spent >= self._bound or self._trials >= TRIALS:
            return
        self._trials += 1
        circle = self._circle(gone)
        if not circle:
            self.best, self._bound = gone, spent
            return
        for name in sorted(set(circle) - kept, key=lambda name: (self._cost[name], name)):
            self._branch(gone | {name}, kept, spent + self._cost[name])
            kept |= {name}

    def _circle(self, gone: frozenset[str]) -> list[str]:
        """A shortest circle of what is left; empty if there is none."""
        best: list[str] = []
        for start in self._uses:
            if start in gone:
                continue
            found = self._back(start, gone)
            if found and (not best or len(found) < len(best)):
                best = found
        return best

    def _back(self, start: str, gone: frozenset[str]) -> list[str]:
        """The shortest way from a definition back to itself."""
        before: dict[str, str] = {}
        waiting = deque([start])
        while waiting:
            name = waiting.popleft()
            for other in sorted(self._uses[name] - gone):
                if other == start:
                    way = [name]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return way
                if other not in before:
                    before[other] = name
                    waiting.append(other)
        return []
