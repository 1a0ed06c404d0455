"""Root mean square normalization: layer normalization without the mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .layer_norm import trailing
from .normalization import inverse_std, scale_shift
from .op import Array, Op, Tensor, is_size
from .windows import require


class Cache(NamedTuple):
    """What rms_norm_backward reads."""

    xhat: Array
    inv_rms: Array
    gamma: Array | None
    normalized_dims: int


def rms_norm(
    x: Array, gamma: Array | None = None, *, normalized_dims: int = 1, eps: float = 1e-6
) -> tuple[Array, Cache]:
    """out = gamma * x / sqrt(mean of x^2 + eps), over the last normalized_dims axes.

    x: (N, ...) · gamma: x.shape[-normalized_dims:] or None -> out: as x, cache.
    eps: added to the mean square, in x's units squared (1e-6 as in Keras; torch takes the spacing
    of x's dtype at 1 unless told).

    Raises ValueError where shapes do not fit.
    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019, equation 4;
    torch.nn.functional.rms_norm with normalized_shape = x.shape[-normalized_dims:].

    >>> rms_norm(np.array([[3.0, -3.0], [0.0, 5.0]]), eps=0.0)[0]
    array([[ 1.        , -1.        ],
           [ 0.        ,  1.41421356]])
    """
    check(x, gamma, normalized_dims)
    inv_rms = inverse_std(np.mean(x * x, axis=trailing(x, normalized_dims), keepdims=True), eps)
    xhat = x * inv_rms
    return scale_shift(xhat, gamma, None), Cache(xhat, inv_rms, gamma, normalized_dims)


def rms_norm_backward(dout: Array, cache: Cache) -> tuple[Array, Array | None]:
    """dout: as x -> dx: as x, dgamma: as gamma, or None. The mean is the path through the root."""
    xhat, inv_rms, gamma, dims = cache
    dxhat = dout if gamma is None else dout * gamma
    through_rms = np.mean(dxhat * xhat, axis=trailing(dout, dims), keepdims=True)
    dx = inv_rms * (dxhat - xhat * through_rms)
    leading = tuple(range(dout.ndim - dims))
    return dx, None if gamma is None else np.sum(dout * xhat, axis=leading)


def check(x: Array, gamma: Array | None, dims: int) -> None:
    """Raise ValueError where shapes or attributes do not fit."""
    require("rms_norm x", x.ndim >= 2, x.shape, "(N, ...)")
    fits = is_size(dims) and 1 <= dims < x.ndim
    require("rms_norm normalized_dims", fits, dims, f"1 to {x.ndim - 1} for x {x.shape}")
    fits = gamma is None or gamma.shape == x.shape[-dims:]
    require("rms_norm gamma", fits, getattr(gamma, "shape", None), f"{x.shape[-dims:]}")


OP = Op(
    forward=rms_norm,
    backward=rms_norm_backward,
    inputs={
        "x": Tensor("N C H W"),
        "gamma": Tensor("C H W", draw="weight", optional=True, last="normalized_dims"),
    },
)
