"""The quick grid of every op: few cases, and every named mistake is caught."""

from __future__ import annotations

import pytest

from layercheck.cases.quick import quick
from layercheck.mistakes import mistakes
from layercheck.upkeep.choose_quick import MOST
from layercheck.upkeep.mutation import try_mistakes
from ref_layers import OPS


@pytest.mark.parametrize("op", OPS)
def test_the_quick_grid_rejects_every_mistake_three_times(op: str) -> None:
    outcomes = try_mistakes(list(mistakes([op])), quick(op), enough=3)
    assert outcomes
    few = {o.mistake.name: len(o.rejected) for o in outcomes if len(o.rejected) < 3}
    assert not few
    assert len(quick(op)) <= MOST


@pytest.mark.parametrize("op", OPS)
def test_the_quick_grid_has_wide_values_only_where_nothing_else_shows_a_mistake(op: str) -> None:
    wide = [case for case in quick(op) if case.fill == "wide"]
    assert not wide or not OPS[op].linear
    others = [case for case in quick(op) if case.fill != "wide"]
    needed = [
        o for o in try_mistakes(list(mistakes([op])), others, enough=3) if len(o.rejected) < 3
    ]
    assert bool(wide) == bool(needed)
