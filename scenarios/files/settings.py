"""Setting files: what an economy is made of, in YAML, for use again and again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError, field_validator

from cge.errors import PolicyError
from cge.scenarios.names.vocabulary import Frozen

from .faults import explain
from .sources import Origin
from .text import lines_of, parse, plain, text_of

FILES = (".nc", ".yaml", ".yml", ".csv")
"""What the name of a file ends in; anything else is a name of the package."""


class SettingFile(Frozen):
    """What a setting file may say; each as `cge.economy` takes it. Files stand relative to the setting file.

    Attributes:
        benchmark: name, or NetCDF file.
        closure: name, or YAML file.
        elasticities: a set or study, a CSV file, or `FILE.csv:SET`.
        baseline: scenario that comes first: name, or file.
        groups: YAML file, or what it holds.
        horizon: short, medium, long or a variant.
        financing: a word, or `by` and `regions`.
        structure: gtap7, standard, or names of blocks that are added to those of the closure.
        method: newton or ipopt.
    """

    benchmark: str | None = None
    closure: str | None = None
    elasticities: str | None = None
    baseline: str | None = None
    groups: str | Mapping[str, Any] | None = None
    horizon: str | None = None
    financing: str | Mapping[str, Any] | None = None
    structure: tuple[str, ...] | None = None
    method: str | None = None

    @field_validator("structure", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


def read_setting(path: str | Path) -> dict[str, Any]:
    """What a setting file says, by option.

    Raises:
        PolicyError: there is no such file, or it is no setting: every fault with its line.
    """
    file = Path(path)
    raw = parse(str(file), text_of(file, "a setting"), "a setting is a mapping, such as `benchmark: world2020-12x12`")
    origin = Origin(str(file), lines_of(raw))
    try:
        told = SettingFile(**plain(raw))
    except TypeError:  # a key that is no word, such as 3:
        raise PolicyError([f"{origin.where()}: keys are words; put the number after a key"], str(file)) from None
    except ValidationError as error:
        faults: dict[str, None] = {}
        for detail in error.errors():
            key = tuple(detail["loc"])[:1]
            faults[f"{origin.where(*key)}: {explain(detail, key, SettingFile)}"] = None
        raise PolicyError(list(faults), str(file)) from None
    given = {key: value for key, value in told.model_dump().items() if value is not None}
    return {key: _beside(file, value) for key, value in given.items()}


def _beside(file: Path, value: Any) -> Any:
    """A file is looked for beside the setting."""
    is_file = isinstance(value, str) and (value.endswith(FILES) or ".csv:" in value)
    return str(file.parent / value) if is_file else value
