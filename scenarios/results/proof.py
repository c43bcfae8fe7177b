"""The proof of a result on disk: tolerances that it must keep, and hashes of the tables that it stands for.

`proof.json` names every table with its SHA-256 and the columns that are numbers, and last the SHA-256 of itself.
Whoever reads a result learns what was changed after it was written. A hash tells of accidents and of careless edits; it
is no signature.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cge.errors import DataError, RequestError, SolveError

PROOF = "proof.json"
TOLERANCE = 1e-9
"""Largest residual, Walras slack and imbalance of the accounts that a result may have."""

JUDGED = ("benchmark_residual", "max_residual", "walras", "identities")
FINGERPRINTS = (
    "benchmark_sha256", "contents_sha256", "scenario_sha256", "parameters_sha256", "closure_sha256", "code_sha256",
)  # fmt: skip
"""Entries of the proof that say whether two results are of the same scenario in the same setting."""

FILES, SEAL = "files", "proof_sha256"

log = logging.getLogger("cge")


def refuse_unproved(proof: Mapping[str, Any]) -> None:
    """A point that solves the equations but is out of balance is no result.

    Raises:
        SolveError: naming each number that is too large.
    """
    broken = [f"{key} {proof[key]:.1e}" for key in JUDGED if not proof[key] <= TOLERANCE]
    if broken:
        raise SolveError(
            f"the solution is not proved ({', '.join(broken)}; at most {TOLERANCE:.0e}). "
            "Look for a shock that gives to one region what none other gives up."
        )


def write_proof(folder: Path, proof: Mapping[str, Any], numbers: Mapping[str, Iterable[str]]) -> None:
    """Write a proof with the hashes of the files that it stands for, and its own.

    Args:
        folder: that holds the files.
        proof: what it says otherwise.
        numbers: files by name, each with those of its columns that are numbers.
    """
    files = {name: {"sha256": _hash(folder / name), "numbers": list(columns)} for name, columns in numbers.items()}
    whole = {**proof, FILES: files}
    (folder / PROOF).write_text(json.dumps(whole | {SEAL: _seal(whole)}, indent=2) + "\n", encoding="utf-8")


def read_proof(folder: Path) -> dict[str, Any]:
    """The proof of a saved result, as it was written.

    Raises:
        RequestError: there is none.
        DataError: it cannot be read, or was changed.
    """
    file = folder / PROOF
    try:
        proof = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError([f"{folder} does not hold a result (there is no {PROOF}); run it first"]) from None
    except (OSError, ValueError, RecursionError) as error:
        raise DataError([f"{PROOF} cannot be read ({error}); {_MEND}"], str(folder)) from None
    if not isinstance(proof, dict):
        raise DataError([f"{PROOF} is no object of JSON; {_MEND}"], str(folder))
    if SEAL in proof and proof[SEAL] != _seal({key: value for key, value in proof.items() if key != SEAL}):
        raise DataError([f"{PROOF} was changed after it was written; {_MEND}"], str(folder))
    return proof


def check(folder: Path, proof: Mapping[str, Any]) -> None:
    """Require that a result is proved, and that its files are those that were written.

    A folder that an older version wrote has no hashes; it is told so in one line of the log.

    Raises:
        DataError: listing what differs.
    """
    faults = [
        f"its proof says {key} {proof.get(key)!r}, not at most {TOLERANCE:.0e}; {_MEND}"
        for key in JUDGED
        if not _within(proof.get(key))
    ]
    if proof.get("ipopt_status") != 0:
        faults.append(f"its proof says that IPOPT ended with {proof.get('ipopt_status')!r}, not 0; {_MEND}")
    if FILES not in proof or SEAL not in proof:
        log.warning("%s was written without hashes: whether it was changed since cannot be told", folder)
    for name, told in (proof.get(FILES) or {}).items():
        try:
            same = _hash(folder / name) == told["sha256"]
        except OSError as error:
            faults.append(f"{name} cannot be read ({error.strerror or error}); {_MEND}")
        else:
            faults += [] if same else [f"{name} was changed after it was written; {_MEND}"]
    if faults:
        raise DataError(faults, str(folder))


def matches(folder: Path, fingerprints: Mapping[str, str]) -> bool:
    """Whether a folder holds a result with these fingerprints, be it sound or not."""
    try:
        proof = json.loads((folder / PROOF).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(proof, dict) and all(proof.get(key) == fingerprints[key] for key in FINGERPRINTS)


_MEND = "restore it, or run it anew with --overwrite (overwrite=True)"


def _within(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= TOLERANCE


def _seal(proof: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(proof, sort_keys=True).encode()).hexdigest()


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
