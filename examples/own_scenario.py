"""A scenario of your own from a file, and the same made in Python, on the small benchmark."""

from pathlib import Path

import cge

FILE = Path(__file__).parent / "mexico_retaliates.yaml"

without_answer = cge.Scenario(
    name="mexico-does-not",
    title="US tariff of 10 % on Mexico",
    question="What does the tariff cost without the answer?",
    sources=["an example"],
    shocks=[{"instrument": "import_tariff", "exporters": "MEX", "importers": "USA", "sectors": "goods", "add": 10}],
)

results = cge.run([FILE, without_answer], benchmark="world2020-12x12")
print(results.table("ev_pct").loc[["MEX", "USA", "CAN"]].round(3))
