"""What a result says of its own EV and real GDP."""

from types import SimpleNamespace

import pytest

from cge.closure import Closure
from cge.scenarios.results.cautions import FOREIGN, WEDGES, cautions


def policy(*instruments: str, free: str = "") -> SimpleNamespace:
    return SimpleNamespace(instruments=dict.fromkeys(instruments), swaps=[SimpleNamespace(free=free)] if free else [])


@pytest.mark.parametrize(
    ("closure", "asked", "told"),
    [
        (Closure(), policy("tm"), (WEDGES,)),
        (Closure(), policy("tm", "tau"), ()),
        (Closure(), policy(), ()),
        (Closure(labour="supply"), policy("tm"), ()),
        (Closure(capital="long"), policy("tm"), ()),
        (Closure(saving="bank", labour="supply"), policy("tm"), (FOREIGN,)),
        (Closure(saving="real-exchange-rates"), policy("tm"), (FOREIGN, WEDGES)),
        (Closure(), policy(free="sf"), (FOREIGN, WEDGES)),
        (Closure(capital="mobile"), policy("sf"), (FOREIGN,)),
    ],
)
def test_cautions(closure, asked, told):
    assert cautions(closure, asked) == told
