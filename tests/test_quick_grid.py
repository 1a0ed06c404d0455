"""The quick grid of every op: few cases, and every named mistake is caught."""

from __future__ import annotations

import pytest

from layercheck.cases.quick import quick
from layercheck.cases.standard import standard, usual
from layercheck.mistakes import mistakes
from layercheck.upkeep.choose_quick import MOST, TIMES, choice_tokens
from layercheck.upkeep.mutation import try_mistakes
from ref_layers import OPS


@pytest.mark.parametrize("op", OPS)
def test_the_quick_grid_rejects_every_mistake_three_times(op: str) -> None:
    """Beside the usual cases wide values are there only where nothing else shows a mistake."""
    cases = quick(op)
    assert len(cases) <= MOST
    wide = [case for case in cases if case.fill == "wide"]
    assert not wide or not OPS[op].linear
    others = [case for case in cases if case.fill != "wide"]
    outcomes = try_mistakes(list(mistakes([op])), others, enough=TIMES)
    assert outcomes
    short = {o.mistake: TIMES - len(o.rejected) for o in outcomes if len(o.rejected) < TIMES}
    assert short or all(case in usual(op) for case in wide)
    for outcome in try_mistakes(list(short), wide, enough=TIMES):
        assert len(outcome.rejected) >= short[outcome.mistake], outcome.mistake.name


@pytest.mark.parametrize("op", OPS)
def test_every_choice_of_optional_inputs_is_tried_at_sizes_above_one(op: str) -> None:
    """A sum over the batch shows in no case of one sample."""
    wanted, had = (
        {token for case in cases for token in choice_tokens(case)}
        for cases in (standard(op), quick(op))
    )
    assert had == wanted
    assert bool(wanted) is any(tensor.optional for tensor in OPS[op].inputs.values())
