"""float64 that comes out of float32: NumPy's habit, not the function's formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oracles.oracle import Question
from ref_layers import OPS

from .protocol import Answer, part_of

PROMOTED = "float64 comes out of float32; cast back"


def cast_back(answer: Answer, question: Question) -> Answer:
    """The answer with such arrays in the question's dtype, which is noted."""
    names = promoted(answer.arrays, question)
    if not names:
        return answer
    arrays: dict[str, Any] = dict(answer.arrays)
    notes = dict(answer.notes)
    for name in names:
        with np.errstate(over="ignore"):
            arrays[name] = arrays[name].astype(question.dtype)
        part = part_of(name, OPS[question.op].outputs)
        notes[part] = tuple(dict.fromkeys((*notes.get(part, ()), PROMOTED)))
    return replace(answer, arrays=arrays, notes=notes)


def promoted(arrays: Mapping[str, Any], question: Question) -> list[str]:
    """The arrays that came back in float64 of narrower inputs."""
    narrow = question.dtype.itemsize < np.dtype(np.float64).itemsize
    return [n for n, v in arrays.items() if narrow and getattr(v, "dtype", None) == np.float64]
