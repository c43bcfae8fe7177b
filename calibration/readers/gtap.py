"""The GTAP data base from its header array files, of version 7 or 6, as labelled arrays under the names of version 7.

Version 6 values the same flows under other names, with investment as one more industry and taxes on factor income by
factor; `read_gtap` brings it to the form of version 7. Sources: Corong, Hertel, McDougall, Tsigas and van der
Mensbrugghe (2017), "The standard GTAP model, version 7", Journal of Global Economic Analysis 2(1), Hertel (1997),
"Global Trade Analysis", and the documentation of the data base.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from cge.errors import DataError

from .har import Header, read_har, write_har


@dataclass(frozen=True)
class Array:
    """One array of the data base: its axes, what it is, and whether it can be left out."""

    dims: tuple[str, ...]
    text: str
    needed: bool = True


FIRMS, FLOW = ("comm", "acts", "reg"), ("comm", "src", "dst")
FINAL = ("comm", "reg")
FACTORS = ("endw", "acts", "reg")
DATA: Mapping[str, Array] = {
    "VDFB": Array(FIRMS, "firms' purchases of home goods at basic prices"),
    "VDFP": Array(FIRMS, "firms' purchases of home goods at producers' prices"),
    "VMFB": Array(FIRMS, "firms' purchases of imports at basic prices"),
    "VMFP": Array(FIRMS, "firms' purchases of imports at producers' prices"),
    "VDPB": Array(FINAL, "households' purchases of home goods at basic prices"),
    "VDPP": Array(FINAL, "households' purchases of home goods at purchasers' prices"),
    "VMPB": Array(FINAL, "households' purchases of imports at basic prices"),
    "VMPP": Array(FINAL, "households' purchases of imports at purchasers' prices"),
    "VDGB": Array(FINAL, "government purchases of home goods at basic prices"),
    "VDGP": Array(FINAL, "government purchases of home goods at purchasers' prices"),
    "VMGB": Array(FINAL, "government purchases of imports at basic prices"),
    "VMGP": Array(FINAL, "government purchases of imports at purchasers' prices"),
    "VDIB": Array(FINAL, "investment purchases of home goods at basic prices"),
    "VDIP": Array(FINAL, "investment purchases of home goods at purchasers' prices"),
    "VMIB": Array(FINAL, "investment purchases of imports at basic prices"),
    "VMIP": Array(FINAL, "investment purchases of imports at purchasers' prices"),
    "VXSB": Array(FLOW, "exports at basic prices"),
    "VFOB": Array(FLOW, "exports at fob prices"),
    "VCIF": Array(FLOW, "imports at cif prices"),
    "VMSB": Array(FLOW, "imports at basic prices, tariffs included"),
    "VTWR": Array(("marg", *FLOW), "margins by flow at world prices"),
    "VST": Array(("marg", "reg"), "exports of margins"),
    "EVFB": Array(FACTORS, "firms' payments for endowments at basic prices"),
    "EVFP": Array(FACTORS, "firms' payments for endowments at producers' prices"),
    "EVOS": Array(FACTORS, "income of endowments after income tax"),
    "MAKB": Array(FIRMS, "output at basic prices"),
    "MAKS": Array(FIRMS, "output at suppliers' prices"),
    "VDEP": Array(("reg",), "depreciation", needed=False),
    "VKB": Array(("reg",), "capital stock at the beginning of the year", needed=False),
    "SAVE": Array(("reg",), "net saving", needed=False),
    "POP": Array(("reg",), "population, millions", needed=False),
}
PARAMETERS: Mapping[str, Array] = {
    "ESBT": Array(("acts", "reg"), "substitution between value added and intermediates"),
    "ESBC": Array(("acts", "reg"), "substitution among intermediates", needed=False),
    "ESBV": Array(("acts", "reg"), "substitution among factors"),
    "ESBD": Array(FINAL, "substitution between home goods and imports"),
    "ESBM": Array(FINAL, "substitution among origins"),
    "ESBG": Array(("reg",), "substitution in government consumption", needed=False),
    "ESBI": Array(("reg",), "substitution in investment", needed=False),
    "ESBS": Array(("marg",), "substitution among suppliers of margins", needed=False),
    "ETRE": Array(("endw", "reg"), "transformation of sluggish endowments among activities, not positive"),
    "EFLG": Array(("endw", "kind"), "whether an endowment is mobile, sluggish or fixed", needed=False),
    "INCP": Array(FINAL, "expansion parameter of the CDE"),
    "SUBP": Array(FINAL, "substitution parameter of the CDE, one less alpha"),
    "RFLX": Array(("reg",), "flexibility of the expected return to capital", needed=False),
    "RDLT": Array((), "whether the global bank equalises returns (1) or keeps shares (0)", needed=False),
}
KINDS = ("mobile", "sluggish", "fixed")
OLD_NAMES: Mapping[str, str] = {
    "VDPB": "VDPM", "VDPP": "VDPA", "VMPB": "VIPM", "VMPP": "VIPA", "VDGB": "VDGM", "VDGP": "VDGA", "VMGB": "VIGM",
    "VMGP": "VIGA", "VXSB": "VXMD", "VFOB": "VXWD", "VCIF": "VIWS", "VMSB": "VIMS", "EVFB": "VFM", "EVFP": "EVFA",
}  # fmt: skip
"""Names of version 7 that version 6 has under another name and with the same axes."""
OLD_USERS: Mapping[str, str] = {"VDFB": "VDFM", "VDFP": "VDFA", "VMFB": "VIFM", "VMFP": "VIFA"}
"""The same, where investment is the last industry of version 6."""


def read_gtap(*paths: str | Path, parameters: bool = True) -> xr.Dataset:
    """Read a data base with its parameters.

    Args:
        paths: the files that hold its arrays, in any split: base data, parameters, sets.
        parameters: whether they must be there.

    Returns:
        Arrays of `DATA` and `PARAMETERS` by label, million USD or elasticities; the attribute `files` has the
        fingerprint of every file.

    Raises:
        AbsentError: a file is not there.
        DataError: what is no header array file, and every array that is missing or does not fit the others.
    """
    headers: dict[str, Header] = {}
    files = {}
    for path in paths:
        for name, header in read_har(path).items():
            headers.setdefault(name, header)
        files[Path(path).name] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    known = _version_six(headers) if "VDFA" in headers and "VDFB" not in headers else headers
    return dataset(known, " and ".join(files), parameters=parameters).assign_attrs(files=files)


def dataset(headers: Mapping[str, Header], what: str = "the data base", *, parameters: bool = True) -> xr.Dataset:
    """Arrays of version 7 as a labelled dataset.

    Args:
        headers: name to array with its elements; others than those of `DATA` and `PARAMETERS` are left out.
        what: has the faults, for messages.
        parameters: whether they must be there.

    Raises:
        DataError: every array that is missing or does not fit the others.
    """
    faults: list[str] = []
    axes: dict[str, tuple[str, ...]] = {}
    arrays = {}
    for name, array in {**DATA, **PARAMETERS}.items():
        header = headers.get(name)
        if header is None:
            if array.needed and (parameters or name in DATA):
                faults.append(f"array {name} is missing ({array.text} [{', '.join(array.dims)}])")
            continue
        if len(header.labels) != len(array.dims) and array.dims:
            faults.append(f"array {name} has the axes {header.sets or header.values.shape}, not {array.dims} with sets")
            continue
        for dim, labels in zip(array.dims, header.labels, strict=False):
            axis = {"src": "reg", "dst": "reg"}.get(dim, dim)
            if axes.setdefault(axis, labels) != labels:
                faults.append(f"array {name}: its {dim} is {', '.join(labels)}, elsewhere {', '.join(axes[axis])}")
        arrays[name] = (array.dims, header.values.reshape([len(x) for x in header.labels[: len(array.dims)]]))
    if faults:
        raise DataError(faults, what)
    coords = {**axes, "src": axes["reg"], "dst": axes["reg"]}
    return xr.Dataset(
        {
            name: (dims, values.astype(float), {"text": {**DATA, **PARAMETERS}[name].text})
            for name, (dims, values) in arrays.items()
        },
        coords={axis: list(labels) for axis, labels in coords.items()},
    )


def write_gtap(data: xr.Dataset, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a dataset of version 7 as one header array file.

    Args:
        data: with arrays of `DATA` and `PARAMETERS`.
        path: of the file.
        overwrite: replace a file that is there.

    Raises:
        FileExistsError, DataError: as `write_har`.
    """
    headers = {
        axis.upper(): Header(np.array([str(x) for x in data[axis].values], dtype=object), f"set {axis.upper()}")
        for axis in ("reg", "comm", "acts", "endw", "marg")
    }
    for name, array in {**DATA, **PARAMETERS}.items():
        if name in data:
            sets = tuple({"src": "REG", "dst": "REG"}.get(dim, dim.upper()) for dim in array.dims)
            labels = tuple(tuple(map(str, data[dim].values)) for dim in array.dims)
            headers[name] = Header(data[name].transpose(*array.dims).values, array.text, sets, labels)
    return write_har(path, headers, overwrite=overwrite)


def _version_six(headers: Mapping[str, Header]) -> dict[str, Header]:
    """Arrays of version 6 under the names, and with the axes, of version 7."""
    lost = [old for old in (*OLD_NAMES.values(), *OLD_USERS.values(), "EVOA", "VST", "VTWR") if old not in headers]
    if lost:
        raise DataError([f"array {name} is missing" for name in lost], "the data base of version 6")
    found = dict(headers)
    for new, old in OLD_NAMES.items():
        found[new] = headers[old]
    goods = headers["VDPA"].labels[0]
    for new, old in OLD_USERS.items():
        users = headers[old]
        inside = [k for k, label in enumerate(users.labels[1]) if label in goods]
        capital = [k for k, label in enumerate(users.labels[1]) if label not in goods]
        labels = (users.labels[0], tuple(users.labels[1][k] for k in inside), users.labels[2])
        found[new] = Header(users.values[:, inside], users.text, users.sets, labels)
        final = {"VDFB": "VDIB", "VDFP": "VDIP", "VMFB": "VMIB", "VMFP": "VMIP"}[new]
        found[final] = Header(users.values[:, capital].sum(1), users.text, users.sets[::2], users.labels[::2])
    acts = found["VDFB"].labels[1]
    for name in ("EVFB", "EVFP"):  # capital goods use no endowment
        held = found[name]
        inside = [k for k, label in enumerate(held.labels[1]) if label in goods]
        found[name] = Header(held.values[:, inside], held.text, held.sets, (held.labels[0], acts, held.labels[2]))
    paid = found["EVFB"].values
    total = paid.sum(1)
    kept = np.divide(headers["EVOA"].values, total, out=np.ones_like(total), where=total != 0.0)
    found["EVOS"] = Header(paid * kept[:, None, :], "", found["EVFB"].sets, found["EVFB"].labels)
    return {**found, **_make(found), **_old_parameters(headers, acts, headers["VDPA"].labels[1])}


def _make(found: Mapping[str, Header]) -> dict[str, Header]:
    """Output of version 6, which only its sales and costs say: every industry makes its good."""
    goods, regions = found["VDPB"].labels
    sales = found["VDFB"].values.sum(1) + found["VXSB"].values.sum(2)
    sales = sales + sum(found[name].values for name in ("VDPB", "VDGB", "VDIB"))
    for k, good in enumerate(goods):
        if good in found["VST"].labels[0]:
            sales[k] += found["VST"].values[found["VST"].labels[0].index(good)]
    costs = sum(found[name].values.sum(0) for name in ("VDFP", "VMFP", "EVFP"))
    square = np.eye(len(goods))[:, :, None]
    labels, sets = (goods, found["VDFB"].labels[1], regions), ("COMM", "ACTS", "REG")
    return {"MAKB": Header(square * sales, "", sets, labels), "MAKS": Header(square * costs, "", sets, labels)}


def _old_parameters(
    headers: Mapping[str, Header], acts: tuple[str, ...], regions: tuple[str, ...]
) -> dict[str, Header]:
    """Parameters of version 6, which are the same in all regions, over regions."""
    found = {}
    for name, axis in (("ESBD", "COMM"), ("ESBM", "COMM"), ("ESBV", "ACTS"), ("ESBT", "ACTS"), ("ETRE", "ENDW")):
        if name in headers and headers[name].values.ndim == 1:
            held = headers[name]
            inside = [k for k, label in enumerate(held.labels[0]) if axis != "ACTS" or label in acts]
            values = np.repeat(held.values[inside][:, None], len(regions), axis=1)
            labels = (tuple(held.labels[0][k] for k in inside), regions)
            found[name] = Header(values, held.text, (axis, "REG"), labels)
    if "SLUG" in headers and "EVFA" in headers:
        slow = headers["SLUG"].values.ravel() != 0.0
        flags = np.stack([~slow, slow, np.zeros_like(slow)], axis=1).astype(float)
        found["EFLG"] = Header(flags, "", ("ENDW", "KIND"), (headers["EVFA"].labels[0], KINDS))
    return found
