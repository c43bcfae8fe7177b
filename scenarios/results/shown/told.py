"""What a result stands on, in words: setting, household, proof and notes, for notes of workbooks and reports."""

from __future__ import annotations

from cge.scenarios.results.results import Result

FACTS = (
    ("benchmark", "benchmark"),
    ("baseline", "baseline"),
    ("horizon", "horizon"),
    ("financing", "financing"),
    ("closure", "closure"),
    ("elasticities", "elasticities"),
)


def assumptions(result: Result) -> list[tuple[str, str]]:
    """Name and text of everything that a number of the result stands on."""
    proof = result.proof
    rows = [(title, str(proof[key])) for title, key in FACTS if proof.get(key)]
    options = proof.get("closure_options") or {}
    rows += [("closure option", f"{key}: {value}") for key, value in options.items() if value not in ("", None, [], ())]
    rows.append(("EV and CV are of the", result.household))
    rows += [("note", note) for note in result.notes]
    return [*rows, *proofs(result)]


def proofs(result: Result) -> list[tuple[str, str]]:
    """Why the result can be believed."""
    proof = result.proof
    found = f"{proof.get('method', '')} in {proof.get('iterations', '')} steps"
    verdict = f"{proof.get('ipopt_status')} (0 is success), version {proof.get('ipopt_version')}"
    return [
        ("largest residual at the benchmark", f"{proof['benchmark_residual']:.1e}"),
        ("largest residual at the solution", f"{proof['max_residual']:.1e}"),
        ("Walras' law, share of world income", f"{proof['walras']:.1e}"),
        ("accounts after the shock, share of turnover", f"{proof['identities']:.1e}"),
        ("IPOPT", verdict),
        ("found by", found),
        *((key.removesuffix("_sha256") + ", fingerprint", str(proof[key])) for key in proof if key.endswith("_sha256")),
    ]
