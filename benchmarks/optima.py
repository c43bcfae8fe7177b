"""Gradients, best and Nash tariffs on one benchmark over one repeat solve with its certificate, as JSON.

python benchmarks/optima.py TABLE [PART ...]

R is one repeat solve of us-universal-10 with certificate, without tables, processor seconds of the same process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measure import cpu

SEVEN = ("USA", "CHN", "EU27", "JPN", "KOR", "IND", "BRA")
"""Players of the game with a rate a good; those that a table has not are left out."""
PARTS = ("gradient", "uniform", "bilateral", "nash", "sectors")


def main(table: str, parts: tuple[str, ...] = PARTS) -> dict[str, Any]:
    """Measure some parts."""
    from cge.goal import goal
    from cge.scenarios.economy.economy import economy
    from cge.scenarios.names.vocabulary import WORDS
    from cge.solvers.gradient import gradient
    from cge.symbols import QUOTAS

    runner = economy(table).runner
    (scenario,) = runner.scenarios(["us-universal-10"])
    policy = runner.bind(scenario)
    words = [name for name in WORDS.values() if name not in ("sf", *QUOTAS)]
    able = runner.problem(policy, scenario.name).prepared({*policy.instruments, *words}, policy.quotas)
    able.solve(policy.instruments, policy.quotas)
    repeat = cpu(lambda: able.solve(policy.instruments, policy.quotas), 2)
    found = able.solve(policy.instruments, policy.quotas)
    made: dict[str, Any] = {"repeat": repeat, "regions": len(runner.setting.benchmark.regions)}
    if "gradient" in parts:
        aim = goal(able.model, "ev", {"region": ["KOR"]})
        names = [*words, *able.model.elasticities]
        gradient(able, found, aim, names)
        made["gradient"] = cpu(lambda: gradient(able, found, aim, names), 2) / repeat
    for name, players in _games(runner.setting.benchmark.regions).items():
        if name in parts:
            made[name] = _answered(runner, players, repeat, regret=name == "sectors")
            print(json.dumps({name: made[name], "repeat": repeat}), file=sys.stderr, flush=True)
    return made


def _games(regions: list[str]) -> dict[str, list[dict[str, Any]]]:
    usa = {"region": "USA"}
    return {
        "uniform": [usa],
        "bilateral": [{**usa, "rates": "all"}],
        "nash": [{"region": region} for region in regions],
        "sectors": [{"region": region, "rates": "by-sector"} for region in SEVEN if region in regions],
    }


def _answered(runner: Any, players: list[dict[str, Any]], repeat: float, *, regret: bool) -> dict[str, Any]:
    """A question answered, with the final certified solve and IPOPT's word on the optimum."""
    from cge.scenarios.economy.optimum import best_of
    from cge.scenarios.economy.question import Question

    question = Question.model_validate({"name": "bench", "players": players, "regret": regret})
    answers: list[Any] = []
    try:
        seconds = cpu(lambda: answers.append(best_of(runner, question)))
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    verdict, rates = answers[0].verdict, answers[0].rates
    return {
        "times": seconds / repeat, "rates": len(rates), "mean": float(rates["rate_pct"].mean()),
        "first": float(rates["rate_pct"].iloc[0]), "value": float(verdict["value"].iloc[0]),
        "left": float(verdict["left"].max()), "ipopt": sorted(set(map(int, verdict["ipopt"]))),
        "infeasible": float(verdict["infeasible"].max()), "eigenvalue": float(verdict["eigenvalue"].max()),
        "regret": float(verdict["regret"].max()) if regret else None,
        "uniform": rates.set_index("player")["rate_pct"].to_dict() if len(rates) == len(players) else None,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], tuple(sys.argv[2:]) or PARTS)))
