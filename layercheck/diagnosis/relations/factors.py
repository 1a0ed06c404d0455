"""Right, but for factors with fewer digits: what GPUs, and casts on the way, make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from oracles.oracle import Array, Question

from .instead import answer, equals, is_right
from .shown import Shown

RANK = 6
BITS = {24: "float32", 11: "TF32, float16", 8: "bfloat16"}
"""Significant bits, the leading one included, and what has so many."""

Rounding = Callable[[Array, int], Array]


def rounded(value: Array, bits: int) -> Array:
    """To the nearest number of so many bits, of two the even one.

    >>> rounded(np.array([1.0, 1.1, 3.3]), 3)
    array([1. , 1. , 3.5])
    """
    fraction, exponent = np.frexp(value)
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits), value.dtype)


def cut(value: Array, bits: int) -> Array:
    """Without the digits beyond, as tensor cores that are given float32 read it.

    >>> cut(np.array([1.0, 1.1, 3.3]), 3)
    array([1., 1., 3.])
    """
    fraction, exponent = np.frexp(value)
    return np.asarray(np.ldexp(np.trunc(np.ldexp(fraction, bits)), exponent - bits), value.dtype)


def true(shown: Shown) -> Iterator[str]:
    """`out is what the layer gives for x rounded to 11 bits (TF32, float16)`."""
    if not shown.fits or shown.got.dtype != np.dtype(shown.seen.case.dtype):
        return
    own = np.finfo(shown.seen.case.dtype).nmant + 1
    for bits, kind in BITS.items():
        for words, how in (("rounded", rounded), ("cut", cut)) if bits < own else ():
            for arrays in choices(shown):
                told = f"{listed(arrays)} {words} to {bits} bits ({kind})"
                sentence = f"{shown.name} is what the layer gives for {told}"
                if shown.wants(sentence) and is_answer(shown, arrays, how, bits):
                    yield sentence


def choices(shown: Shown) -> Iterator[dict[str, Array]]:
    """Each array alone, then those together that enter products."""
    given = {**shown.seen.question.inputs}
    if shown.name not in shown.seen.case.spec.outputs:
        given["dout"] = shown.seen.question.dout
    floats = {name: v for name, v in given.items() if v.dtype.kind == "f" and name != "mask"}
    factors = {name: v for name, v in floats.items() if v.ndim > 1 and name in counted(shown)}
    yield from ({name: value} for name, value in floats.items() if name in counted(shown))
    if len(factors) > 1:
        yield factors


def counted(shown: Shown) -> set[str]:
    """The arrays that this one depends on, of a layer that is linear in each; else all."""
    names = {*shown.seen.question.inputs, "dout"}
    linear = shown.seen.case.spec.linear and shown.name.startswith("d")
    return names - {shown.name[1:]} if linear else names


def is_answer(shown: Shown, arrays: Mapping[str, Array], how: Rounding, bits: int) -> bool:
    """Whether the array is what arrays with fewer digits give."""
    with np.errstate(all="ignore"):
        fewer = {name: how(value, bits) for name, value in arrays.items()}
    question = with_arrays(shown.seen.question, fewer)
    value = answer(shown, question)
    return value is not None and not is_right(shown, value) and equals(shown, value, question)


def with_arrays(question: Question, arrays: Mapping[str, Array]) -> Question:
    """A question with some of its arrays changed."""
    inputs = {**question.inputs, **{n: v for n, v in arrays.items() if n in question.inputs}}
    return replace(question, inputs=inputs, dout=arrays.get("dout", question.dout))


def listed(names: Mapping[str, Array]) -> str:
    """`x and w`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
