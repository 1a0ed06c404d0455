"""One subject's times, by pytest-benchmark: the subject is named by an environment variable."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from oracles.oracle import Unsupported

from .shapes import Shape, shapes
from .subjects import SUBJECTS, THREADS

SUBJECT = "LAYERCHECK_BENCHMARK_SUBJECT"
SLOW_FLOP = 2e8
"""onnx.reference takes seconds from here on."""


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.question)
def test_layer(shape: Shape, dtype: str, direction: str, benchmark: Any) -> None:
    who = os.environ[SUBJECT]
    if who == "onnx.reference" and (dtype == "float64" or shape.flop > SLOW_FLOP):
        pytest.skip("too slow to be worth it, or float32 alone is compared")
    if THREADS > 1 and dtype == "float64":
        pytest.skip("threads are compared in float32")
    try:
        timed = SUBJECTS[who](shape.case(dtype), direction)
        if timed is not None:
            timed()
    except (Unsupported, NotImplementedError) as error:
        pytest.skip(str(error))
    if timed is None:
        pytest.skip("there is nothing to time")
    benchmark.extra_info.update(shape.described, dtype=dtype, direction=direction, who=who)
    if who == "ours":
        benchmark.extra_info["megabytes"] = extra_megabytes(timed)
    benchmark(timed)


def extra_megabytes(function: Callable[[], Any]) -> float:
    """The most memory that a call takes beside what it returns, MB.

    What a forward keeps for its backward is returned with it.
    """
    tracemalloc.start()
    try:
        result = function()
        kept = sum(value.nbytes for value in {id(a): a for a in arrays(result)}.values())
        held, peak = tracemalloc.get_traced_memory()
        return float(peak - min(held, kept)) / 1e6
    finally:
        tracemalloc.stop()


def arrays(value: Any) -> Iterator[Any]:
    """The arrays of a result that own their memory."""
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from arrays(one)
