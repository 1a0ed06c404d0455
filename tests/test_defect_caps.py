"""No more is excused than a known defect does: made-up answers beside each entry of the list.

On no framework and no processor does it depend what is shown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer, Failure, Reply
from layercheck.judging.defects import KnownDefect, find, known_defects
from layercheck.judging.facts import Facts, facts
from layercheck.judging.instead import INSTEAD, ROUNDS, facts_instead
from layercheck.judging.judge import Judged, judge
from oracles.oracle import Array

DEFECTS = known_defects()
WRONG = [defect for defect in DEFECTS if defect.kind == "wrong"]
FAILED = [defect for defect in DEFECTS if defect.kind != "wrong"]
INEXACT = [defect for defect in WRONG if INSTEAD.get(defect.instead) in ROUNDS]
"""Those that lose digits: they compute the same, by a formula that rounds more."""

OTHER = [defect for defect in WRONG if defect.instead and defect not in INEXACT]
ONE_CHANNEL = "conv2d {} stride=1,2 seed=1"
GELU, LEAKY = "gelu x=2x3x5x7 dtype={} seed=1", "leaky_relu x=2x3x5x7 {} dtype={} seed=1"
POOL = "max_pool x=1x1x{} kernel_size={} stride={} {} seed=1"
BLOCKS = "avg_pool x=1x{} kernel_size={} seed=1"
BENT = "elu x=3x5 {} dtype={} fill=wide seed=1"
MEAN = "avg_pool x=1x1x{} kernel_size={} padding={} count_include_pad=false seed=1"

ONE_CHANNEL_OUTSIDE = [
    ONE_CHANNEL.format("x=2x2x7x4 w=3x2x3x3"),  # two channels
    ONE_CHANNEL.format("x=1x1x7x4 w=3x1x3x3"),  # one sample
    ONE_CHANNEL.format("x=2x1x7x5 w=3x1x3x3"),  # two columns come out
    ONE_CHANNEL.format("x=2x1x3x4 w=3x1x3x3"),  # one row comes out
    "conv2d x=2x1x7x4 w=3x1x3x3 stride=2 seed=1",
    "conv2d x=2x1x7x3 w=3x1x3x3 stride=1 seed=1",
    "conv2d x=2x1x7x4 w=3x1x3x3 stride=1,2 dtype=float64 seed=1",
]

RESIZED_OUTSIDE = [
    "interpolate x=1x1x26x2 size=22,2 mode=bilinear seed=1",
    "interpolate x=1x1x4x3 size=8,6 seed=1",  # a scale of one half is exact
]

OUTSIDE: dict[str, list[str]] = {
    "tensorflow-conv2d-one-channel": ONE_CHANNEL_OUTSIDE,
    "torch-channels-last-conv2d-one-channel": ONE_CHANNEL_OUTSIDE,
    "tensorflow-max-pool-window-larger-than-image": [
        POOL.format("2x2", 2, 1, "padding=valid"),  # the window fits
        POOL.format("2x5", 3, 1, "padding=valid"),  # only the rows do not
        POOL.format("2x2", 4, 1, "padding=valid"),  # refused with a message
        POOL.format("2x2", 3, 2, "padding=valid"),
        POOL.format("2x2", 3, 1, "padding=same"),
        POOL.format("2x2", 3, 1, "padding=1"),
        POOL.format("2x2", 3, 1, "padding=valid dtype=float64"),
    ],
    "onnxruntime-avg-pool-window-larger-than-image": [
        BLOCKS.format("7x2x2", "3 stride=1 padding=valid"),  # no multiple of 8
        BLOCKS.format("12x2x2", "3 stride=1 padding=valid"),
        BLOCKS.format("8x3x3", "3 stride=1 padding=valid"),  # the window fits
        BLOCKS.format("8x3x2", "3 stride=1 padding=valid"),  # no columns alone
        BLOCKS.format("8x2x2", "4 stride=1 padding=valid"),  # refused with a message
        BLOCKS.format("8x2x2", "3 stride=2 padding=valid"),  # a window comes out
        BLOCKS.format("8x2x2", "3 stride=1 padding=1"),
        BLOCKS.format("8x2x2", "3 stride=1 padding=valid dtype=float64"),
    ],
    "torch-group-norm-bias-without-weight": [
        "group_norm x=2x6x3x4 gamma=6 beta=6 num_groups=3 seed=1",
        "group_norm x=2x6x3x4 num_groups=3 seed=1",
        "instance_norm x=2x6x3x4 beta=6 seed=1",
    ],
    "tensorflow-gelu-float32-constants": [GELU.format("float32")],
    "tensorflow-gelu-float32-divisor": [GELU.format("float32")],
    "onnxruntime-gelu-float32-constants": [
        GELU.format("float32") + " approximate=tanh",
        GELU.format("float64"),
    ],
    "tensorflow-leaky-relu-float32-slope": [
        LEAKY.format("", "float32"),
        LEAKY.format("negative_slope=0.125", "float64"),  # a float32 number: nothing is lost
    ],
    "tensorflow-avg-pool-gradient-window-larger-than-image": [
        MEAN.format("4x4", 4, "same stride=1"),  # no larger than the image
        MEAN.format("4x4", 5, "same stride=4"),  # one window, which covers it
        MEAN.format("4x4", 5, "same_lower stride=1"),
        MEAN.format("4x4", 5, "same").replace("_pad=false", "_pad=true") + " stride=1",
    ],
    "tensorflow-elu-exp-less-one": [BENT.format("alpha=0.5", "float32")],
    "onnxruntime-elu-exp-less-one": [BENT.format("", "float64")],
    "jax-elu-slope-from-output": [BENT.format("", "float64").replace("elu", "silu")],
    "tensorflow-weighted-cross-entropy-slope-at-zero": [
        "bce_with_logits x=6x5 y=6x5 dtype=float32 fill=ties seed=1",  # that function is not asked
    ],
    "torch-nearest-pixel-by-float32-scale": RESIZED_OUTSIDE,
    "tensorflow-nearest-pixel-by-float32-scale": RESIZED_OUTSIDE,
    "jax-softplus-slope-by-difference": ["softplus x=3x5 dtype=float32 fill=wide seed=1"],
}


@dataclass(frozen=True)
class Fake:
    """An oracle with the name of one that has the defect; asked again, it answers `elsewhere`."""

    name: str
    versions: Mapping[str, str]
    reply: Reply
    elsewhere: Reply | None = None

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        return self.elsewhere or self.reply


def fake(defect: KnownDefect, reply: Reply, elsewhere: Reply | None = None) -> Fake:
    version = defect.versions.split(",")[0].lstrip("=>")
    return Fake(defect.oracles[0], {defect.framework: version}, reply, elsewhere)


def truth_of(known: Facts, dtype: str = "") -> dict[str, Any]:
    asked = dtype or known.case.dtype
    return {name: value.astype(asked) for name, value in known.truth.arrays.items()}


def shown(defect: KnownDefect, known: Facts, times: float = 1.0) -> Answer:
    """What a framework with the defect answers; its error `times` as large."""
    arrays = truth_of(known)
    if defect in INEXACT:
        off = INSTEAD[defect.instead](known.case.question)
    elif defect.instead:
        off = facts_instead(known, defect.instead).truth.arrays
    else:  # garbage
        off = {name: value + 1e17 for name, value in known.truth.arrays.items()}
    for name in defect.arrays:
        right = known.truth.arrays[name]
        arrays[name] = (right + times * (off[name] - right)).astype(known.case.dtype)
    return Answer(arrays)


def is_known(defect: KnownDefect, known: Facts, oracle: Fake) -> bool:
    return find(known, oracle, oracle.reply) == defect


def judged(known: Facts, oracle: Fake) -> Judged:
    layers = Module("ref_layers")
    return judge(
        known, layers, layers.answer(known.case), {oracle.name: oracle.reply}, {oracle.name: oracle}
    )


def right_elsewhere(defect: KnownDefect, known: Facts) -> Answer | None:
    return Answer(truth_of(known, defect.right_in)) if defect.right_in else None


# ---------------------------------------------------------------------- every entry has both


def test_every_entry_has_a_cap_and_cases_outside_it() -> None:
    assert {defect.id for defect in DEFECTS} == OUTSIDE.keys()
    assert [defect.id for defect in FAILED if not defect.message] == []
    for defect in WRONG:
        assert defect.arrays, defect.id
        assert bool(defect.instead) != bool(defect.right_in), defect.id


@pytest.mark.parametrize("defect", WRONG, ids=lambda d: d.id)
def test_what_the_defect_does_is_known(defect: KnownDefect) -> None:
    known = facts(parse(defect.case))
    oracle = fake(defect, shown(defect, known), right_elsewhere(defect, known))
    assert is_known(defect, known, oracle)
    assert [d.known for d in judged(known, oracle).defects] == [defect.id]


# ---------------------------------------------------------------------- beyond the condition

EVERY = [(defect, text) for defect in DEFECTS for text in OUTSIDE[defect.id]]


@pytest.mark.parametrize(
    ("defect", "text"), EVERY, ids=lambda value: str(getattr(value, "id", value))
)
def test_just_outside_its_condition_the_same_error_is_new(defect: KnownDefect, text: str) -> None:
    case = parse(text)
    if defect.kind != "wrong":
        died = fake(defect, Failure(defect.kind, f"it said: {defect.message}"))
        assert find(at(case), died, died.reply) is None
        assert find(at(parse(defect.case)), died, died.reply) == defect
        return
    known = facts(case)
    reply = same_error(defect, known)
    assert any(c.verdict.fails for c in known.compare_all("", reply))
    oracle = fake(defect, reply, Answer(truth_of(known, defect.right_in or "float64")))
    assert find(known, oracle, reply) is None
    assert [d.known for d in judged(known, oracle).defects] != [defect.id]


def at(case: Case) -> Facts:
    """Facts of a case that the layer may reject: nothing is compared."""
    return replace(facts(parse(WRONG[0].case)), case=case)


def same_error(defect: KnownDefect, known: Facts) -> Answer:
    """An error as large, relative to the numbers, as the entry's own case has it."""
    own = facts(parse(defect.case))
    wrong, right = shown(defect, own), own.truth.arrays
    arrays: dict[str, Array] = truth_of(known)
    for name in defect.arrays:
        error = np.abs(np.asarray(wrong.arrays[name], np.longdouble) - right[name])
        share = float((error / np.maximum(np.abs(right[name]), 1e-3)).max())
        share = max(share, 1e-4) if known.case.dtype == "float32" else share
        arrays[name] = (arrays[name] * (1 + share)).astype(known.case.dtype)
    return Answer(arrays)


# ---------------------------------------------------------------------- beyond the cap


@pytest.mark.parametrize("times", [1.1, 3.0, -1.0, 1e6])
@pytest.mark.parametrize("defect", OTHER, ids=lambda d: d.id)
def test_a_larger_error_inside_its_condition_is_new(defect: KnownDefect, times: float) -> None:
    known = facts(parse(defect.case))
    oracle = fake(defect, shown(defect, known, times))
    assert find(known, oracle, oracle.reply) is None
    assert not judged(known, oracle).verdict.passes  # nobody else confirms the exact result


@pytest.mark.parametrize("defect", INEXACT, ids=lambda d: d.id)
def test_more_digits_lost_than_the_other_formula_loses_are_new(defect: KnownDefect) -> None:
    known = facts(parse(defect.case))
    arrays, limits = truth_of(known), facts_instead(known, defect.instead).bounds
    for name in defect.arrays:
        off = known.truth.arrays[name] + 8 * limits[name].limit
        arrays[name] = off.astype(known.case.dtype)
    oracle = fake(defect, Answer(arrays))
    assert find(known, oracle, oracle.reply) is None
    assert not judged(known, oracle).verdict.passes


@pytest.mark.parametrize("defect", WRONG, ids=lambda d: d.id)
def test_an_error_in_another_array_is_new(defect: KnownDefect) -> None:
    known = facts(parse(defect.case))
    answer = shown(defect, known)
    others = answer.arrays.keys() - set(defect.arrays)
    for name in others or {""}:
        arrays = {**answer.arrays, "out": answer.arrays["out"] * 1.001}
        if name:
            arrays = {**answer.arrays, name: answer.arrays[name] * np.float32(1.001)}
        oracle = fake(defect, Answer(arrays), right_elsewhere(defect, known))
        assert find(known, oracle, oracle.reply) is None


@pytest.mark.parametrize("defect", [d for d in WRONG if d.right_in], ids=lambda d: d.id)
def test_garbage_that_is_there_in_both_precisions_is_new(defect: KnownDefect) -> None:
    known = facts(parse(defect.case))
    answer = shown(defect, known)
    oracle = fake(
        defect, answer, Answer({n: v.astype("float64") for n, v in answer.arrays.items()})
    )
    assert find(known, oracle, answer) is None
    found = judged(known, oracle)
    assert not found.verdict.passes
    assert found.verdict == "contradicted"


@pytest.mark.parametrize("defect", FAILED, ids=lambda d: d.id)
def test_another_death_inside_its_condition_is_new(defect: KnownDefect) -> None:
    known = at(parse(defect.case))
    for reply in (Failure(defect.kind, "killed by SIGSEGV"), Failure("timed out", defect.message)):
        assert find(known, fake(defect, reply), reply) is None


def test_the_command_tells_how_far_each_defect_goes() -> None:
    for defect in known_defects():
        assert defect.cap
        told = (defect.message, *defect.arrays, defect.instead, defect.right_in)
        assert all(part in defect.cap for part in told)
