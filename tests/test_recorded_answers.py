"""Every layer gives what is recorded: the judge of `tox run -e mutation`, in a process of its own
and without a framework."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import required

from layercheck.cases.quick import quick
from layercheck.implementations.functions import answer_once
from layercheck.judging.facts import agrees, facts, recorded_facts
from ref_layers import OPS


@pytest.mark.parametrize("op", OPS)
def test_a_layer_gives_what_is_recorded(op: str) -> None:
    for case in quick(op):
        bare = replace(case.question, attributes=dict(case.attributes))  # defaults are theirs
        reply = answer_once(OPS[op].forward, OPS[op].backward, bare)
        assert agrees(recorded_facts(case), reply), str(case)


@pytest.mark.parametrize("op", OPS)
def test_a_layer_gives_it_in_ball_arithmetic_bit_for_bit(op: str) -> None:
    required("flint")
    for case in quick(op)[::5]:
        live, kept = facts(case).truth, recorded_facts(case).truth
        assert live.arithmetic == kept.arithmetic
        for name, value in live.arrays.items():
            np.testing.assert_array_equal(kept.arrays[name], value, str((case, name)))
