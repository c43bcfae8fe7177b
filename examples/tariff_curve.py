"""The curve of a universal US tariff from 0 to 60 %: who gains, who loses, and what the treasury gets."""

import tempfile

import cge

with tempfile.TemporaryDirectory() as folder:
    curve = cge.batch(
        "us-universal-10",
        folder,
        vary={"key": "add", "values": range(0, 61, 20)},
        benchmark="world2020-12x12",
        workers=0,  # in this process; without it one process a core, and a script says `if __name__ == "__main__":`
    )
    table = curve.welfare.pivot(index="add", columns="region", values="ev_pct")
    print(table[["USA", "CAN", "MEX", "KOR", "CHN"]].round(2))
    print(curve.welfare.query("region == 'USA'")[["add", "tariff_revenue_musd", "max_residual"]])
