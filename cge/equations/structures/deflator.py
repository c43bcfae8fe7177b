"""Terms of trade and investment-saving relative to the world export price, as GTAP's decomposition has them.

Where trade is out of balance the two depend on the price that they are measured in, and their sum does not. Without
this block it is the world factor price; with it, what net exports gain or lose by the world export price moves from one
to the other.

Source: Huff and Hertel (2000), "Decomposing welfare changes in the GTAP model", GTAP Technical Paper 5; Corong, Hertel,
McDougall, Tsigas and van der Mensbrugghe (2017), Journal of Global Economic Analysis 2(1) (pxwwld).
"""

from __future__ import annotations

from cge.block import Array, Block, Part, Table


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    price = _renamed(x["px"]) * (1.0 + x["te"])
    return {"world_price_of_trade": price, "world_price_of_saving": price}


def _weights(p: Table, x: Table) -> dict[str, Array]:
    sold = p["trade"] * x["tau"] * x["flow"]
    world = (sold * _renamed(x["px"]) * (1.0 + x["te"])).sum()
    lent = -p["invests"] * p["income0"] * x["sf"]
    return {"world_price_of_trade": -lent * sold / world, "world_price_of_saving": lent * sold / world}


def _renamed(array: Array) -> Array:
    return array.rename(region="exporter")


EXPORT_DEFLATOR = Block(
    name="export-deflator",
    title="the decomposition measures terms of trade and investment-saving relative to the world export price (GTAP)",
    parts={
        "world_price_of_trade": Part("terms_of_trade", "region", "net exports x the world export price, taken off"),
        "world_price_of_saving": Part("investment_saving", "region", "net exports x the world export price, put back"),
    },
    coordinates=_coordinates,
    weights=_weights,
)
