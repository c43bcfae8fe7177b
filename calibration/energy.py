"""Which sectors make fuels and power, and how much of an industry's CO2 no fuel carries: read in the contents."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from .contents import Contents

PRODUCTS: Mapping[str, frozenset[str]] = {
    "primary_fuel": frozenset({"ENE"}),
    "refined_fuel": frozenset({"PET"}),
    "electricity": frozenset({"UTL"}),
}
"""Products of a sector that makes energy: it makes these alone."""

PROCESS: Mapping[str, float] = {"NMM": 0.5, "CHM": 0.15, "STL": 0.10, "NFM": 0.10}
"""Part of the CO2 of industries that comes from processes and from no fuel, in round numbers: calcination is somewhat
more than half of the CO2 of cement (IPCC 2006, "Guidelines for national greenhouse gas inventories", vol. 3, ch. 2);
the others (ammonia and other chemicals, lime and electrodes in metals: ch. 3 and 4) are assumptions."""

ROLES_OF_ENERGY = (*PRODUCTS, "process_emissions", "fuel_resource")


def roles_of_energy(contents: Contents) -> dict[str, xr.DataArray]:
    """What blocks of energy and carbon need to know of sectors [sector] and factors [factor].

    A sector that makes energy beside other things is none that makes energy; so a benchmark whose sectors are wide
    has no nest. Emissions of processes are those of the products of a sector, in equal parts.

    Args:
        contents: of every sector and factor of a benchmark.

    Returns:
        `primary_fuel`, `refined_fuel`, `electricity` [sector] and `fuel_resource` [factor], zero or one;
        `process_emissions` [sector], a share.
    """
    sectors, factors = list(contents.sectors), list(contents.factors)
    of = {sector: contents.products(sector) for sector in sectors}

    def over(axis: str, labels: list[str], values: list[float]) -> xr.DataArray:
        return xr.DataArray(values, dims=axis, coords={axis: labels})

    known = {
        name: over("sector", sectors, [float(bool(of[s]) and of[s] <= products) for s in sectors])
        for name, products in PRODUCTS.items()
    }
    process = [sum(PROCESS.get(product, 0.0) for product in of[s]) / max(len(of[s]), 1) for s in sectors]
    resource = [float(contents.role(factor) == "resource") for factor in factors]
    return known | {
        "process_emissions": over("sector", sectors, process),
        "fuel_resource": over("factor", factors, resource),
    }
