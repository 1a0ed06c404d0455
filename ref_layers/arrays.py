"""What every layer does with arrays before and while it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

CHUNK_BYTES = 2 << 20


def promoted(*arrays: Any) -> tuple[Any, ...]:
    """The arrays in the widest of their dtypes, and whole numbers as float64; None stays.

    Results are written into arrays like these, so that nothing is cut to the narrowest.

    >>> [a.dtype.name for a in promoted(np.float32([1]), np.array([1.0]))], promoted(None)
    (['float64', 'float64'], (None,))
    """
    kind = np.result_type(1.0, *(a.dtype for a in arrays if a is not None))
    return tuple(a if a is None or a.dtype == kind else a.astype(kind) for a in arrays)


def each_number(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of arrays of one shape, number by number, in blocks of the size of a cache."""
    given = promoted(*arrays)
    out = np.empty_like(given[0], order="C")
    numbers, flat = out.reshape(-1), [one.reshape(-1) for one in given]
    for some in blocks(out.size, out.itemsize):
        numbers[some] = function(*(one[some] for one in flat))
    return out


def blocks(count: int, bytes_each: int) -> Iterator[slice]:
    """Slices of `count` things, as many at a time as stay near the size of a cache.

    >>> [(some.start, some.stop) for some in blocks(5, CHUNK_BYTES // 2)]
    [(0, 2), (2, 4), (4, 5)]
    """
    step = max(1, CHUNK_BYTES // max(1, bytes_each))
    return (slice(n, min(n + step, count)) for n in range(0, count, step))


def require(op: str, condition: bool, got: Any, expected: str) -> None:
    """Raise ValueError, with the data, unless condition holds."""
    if not condition:
        raise ValueError(f"{op}: got {got}, expected {expected}")
