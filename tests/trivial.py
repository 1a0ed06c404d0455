"""What a lazy layer might return: no case may take it for an answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer
from layercheck.judging.compare import Pair, Pairing, compared
from layercheck.judging.facts import Facts
from ref_layers.op import Array

LAYERS = Module("ref_layers")

COPYING = ("dropout", "relu", "leaky_relu", "flatten", "pad")


def accepted(known: Facts) -> list[str]:
    """The trivial answers that this case takes, where they are not right by definition."""
    case = known.case
    other = LAYERS.answer(case.with_seed(case.seed + 100_000))
    assert isinstance(other, Answer)
    tried = {
        f"{name} = {answer}": pair(known, name, value)
        for name, right in known.truth.arrays.items()
        if right.any() or not is_nothing(case)
        for answer, value in trivial_answers(known, other.arrays, name).items()
        if value.shape == right.shape and not same_by_definition(case, name, answer)
    }
    judged = zip(tried, compared(list(tried.values())), strict=True)
    return [answer for answer, made in judged if made.verdict.passes]


def is_nothing(case: Case) -> bool:
    """Whether zeros are right wherever nothing comes through: a weight of 0, or all is dropped; an
    array that has no numbers is no answer at all."""
    empty = any(0 in shape for shape in case.shapes.values())
    return case.fill.startswith("zero_weights") or case.all_attributes.get("p") == 1 or empty


def pair(known: Facts, name: str, answer: Array) -> Pair:
    """An answer of the right shape and dtype beside the exact array."""
    expected = known.truth.arrays[name]
    pairing = Pairing(str(known.case), known.case.op, known.case.dtype, "trivial", "exact")
    got = np.asarray(answer).astype(
        expected.dtype if expected.dtype.kind == "i" else known.case.dtype
    )
    part = known.part_of(name)
    return Pair(pairing, part, name, got, expected, known.bounds[name])


def trivial_answers(known: Facts, other: Mapping[str, Array], name: str) -> dict[str, Array]:
    """What a lazy layer might return for an array. other: right, but for another seed."""
    expected = known.truth.arrays[name]
    answers = {
        "zeros": np.zeros(expected.shape),
        "a constant": np.full(expected.shape, mean(expected)),
        "another seed's answer": other[name],
    }
    for input_name, value in {**known.case.inputs, "dout": known.case.question.dout}.items():
        if value.shape == expected.shape:
            answers[f"the input {input_name}"] = value
    return answers


def mean(array: Array) -> float:
    with np.errstate(all="ignore"):
        return float(np.mean(array, dtype=np.float64))


def same_by_definition(case: Case, name: str, answer: str) -> bool:
    """Where a trivial answer is the right one; each with its reason."""
    if case.fill == "all_ignored":  # nothing counts: whatever the scores are
        return True
    reasons = {
        # identity at test time, and gradients that hand dout on unchanged
        "the input x": case.op in (*COPYING, "concat"),
        "the input y": case.op == "concat",
        "the input dout": case.op in ("add", "concat", *COPYING),
        # running statistics that take nothing of the batch
        f"the input {name}": case.all_attributes.get("momentum") == 0 and name.startswith("run"),
        # a single element is its own mean
        "a constant": int(np.prod(case.out_shape)) == 1 or known_size(case, name) == 1,
    }
    return reasons.get(answer, False)


def known_size(case: Case, name: str) -> int:
    shape = case.shapes.get(name.removeprefix("d"), case.out_shape)
    return int(np.prod(shape))
