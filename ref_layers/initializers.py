"""Where parameters start: draws from an explicit RandomState, in an explicit dtype.

The fans of a weight: affine's (D, M) has fan_in = D and fan_out = M; a convolution's
(F, C, KH, KW) has fan_in = C*KH*KW and fan_out = F*KH*KW.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import require
from .op import Array

Initializer = Callable[..., Array]
RandomState = np.random.RandomState


def normal(
    rs: RandomState, shape: Sequence[int], *, scale: float = 1e-3, dtype: npt.DTypeLike
) -> Array:
    """Mean 0, standard deviation `scale`.

    >>> normal(np.random.RandomState(0), (2, 3), dtype="float32").dtype
    dtype('float32')
    """
    return drawn(scale * rs.standard_normal(tuple(shape)), dtype)


def xavier_uniform(
    rs: RandomState, shape: Sequence[int], *, gain: float = 1.0, dtype: npt.DTypeLike
) -> Array:
    """Uniform within +-gain * sqrt(6 / (fan_in + fan_out)); also called Glorot's.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, equation 16.
    """
    return uniform_of_std(rs, shape, gain * math.sqrt(2 / sum(fans(shape))), dtype)


def xavier_normal(
    rs: RandomState, shape: Sequence[int], *, gain: float = 1.0, dtype: npt.DTypeLike
) -> Array:
    """Normal with standard deviation gain * sqrt(2 / (fan_in + fan_out)); not truncated.

    torch draws it so; Keras draws from a truncated normal of the same standard deviation.
    Source: Glorot and Bengio, 2010, equation 12.
    """
    return normal(rs, shape, scale=gain * math.sqrt(2 / sum(fans(shape))), dtype=dtype)


def he_uniform(
    rs: RandomState, shape: Sequence[int], *, gain: float = math.sqrt(2), dtype: npt.DTypeLike
) -> Array:
    """Uniform within +-gain * sqrt(3 / fan_in); the gain sqrt(2) is relu's.

    Source: He et al., Delving Deep into Rectifiers, 2015, equation 10.
    """
    return uniform_of_std(rs, shape, gain / math.sqrt(fans(shape)[0]), dtype)


def he_normal(
    rs: RandomState, shape: Sequence[int], *, gain: float = math.sqrt(2), dtype: npt.DTypeLike
) -> Array:
    """Normal with standard deviation gain / sqrt(fan_in); not truncated (Keras truncates).

    Source: He et al., Delving Deep into Rectifiers, 2015, equation 10.
    """
    return normal(rs, shape, scale=gain / math.sqrt(fans(shape)[0]), dtype=dtype)


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight; raises ValueError unless it has two or four sizes.

    >>> fans((20, 10)), fans((8, 3, 5, 5))
    ((20, 10), (75, 200))
    """
    sizes = tuple(shape)
    fits = len(sizes) in (2, 4) and min(sizes) >= 1
    require("initializers shape", fits, sizes, "(D, M) or (F, C, KH, KW)")
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    taps = sizes[2] * sizes[3]
    return sizes[1] * taps, sizes[0] * taps


def uniform_of_std(
    rs: RandomState, shape: Sequence[int], std: float, dtype: npt.DTypeLike
) -> Array:
    """Uniform around 0 with this standard deviation: within +-sqrt(3) * std."""
    limit = math.sqrt(3) * std
    return drawn(rs.uniform(-limit, limit, tuple(shape)), dtype)


def drawn(values: Any, dtype: npt.DTypeLike) -> Array:
    """The values in this dtype."""
    return np.asarray(values).astype(dtype)
