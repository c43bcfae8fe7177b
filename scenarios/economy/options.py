"""What an economy is made of, as options: no solver is imported, so that a command that needs none starts fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    import xarray as xr

    from cge.block import Block
    from cge.calibration.benchmark import Benchmark
    from cge.closure import Closure
    from cge.scenarios.files.scenario import Scenario
    from cge.scenarios.names.groups import OwnGroups

DEFAULT_BENCHMARK = "world2022-29x28"
FORMER_BENCHMARK = "world2020-29x28"
"""The default before; results of then are reproduced with it."""

STEPS = 40
"""Steps of the path of a decomposition: the residual is then under a hundred-thousandth of EV for usual policies."""


HERE, ELASTICITY = "benchmark", "elasticity"
"""Of gradients: the benchmark in the place of a scenario, and all elasticities together."""


class More(TypedDict, total=False):
    """What an economy is made of beside benchmark, closure and elasticities, as every verb takes it."""

    baseline: str | Path | Scenario | None
    groups: OwnGroups
    horizon: str | None
    financing: str | Mapping[str, Any] | None
    structure: Sequence[str | Block] | None
    method: str | None
    setting: str | Path | None


class Options(More, total=False):
    """All that an economy is made of, as every verb and every command takes it; `economy` says what each is."""

    benchmark: str | Path | Benchmark | None
    closure: str | Closure | None
    elasticities: str | Path | xr.Dataset | None
