"""Root mean square normalization: layer normalization without the mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import promoted, require
from .layer_norm import trailing
from .normalization import inverse_std, parts, scale_shift, scale_shift_backward, within
from .op import Array, Op, Tensor, is_size


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
    axes = trailing(x, normalized_dims)
    x, gamma = promoted(x, gamma)
    out, xhat, found = np.empty_like(x), np.empty_like(x), []
    for part in parts(x, axes):
        inv_rms = inverse_std(np.mean(x[part] * x[part], axis=axes, keepdims=True), eps)
        xhat[part] = x[part] * inv_rms
        out[part] = scale_shift(xhat[part], within(gamma, x, part), None)
        found.append(inv_rms)
    return out, Cache(xhat, np.concatenate(found), gamma, normalized_dims)


def rms_norm_backward(dout: Array, cache: Cache) -> tuple[Array, Array | None]:
    """dout: as x -> dx: as x, dgamma: as gamma, or None. The mean is the path through the root."""
    xhat, inv_rms, gamma, dims = cache
    axes = trailing(dout, dims)
    dout, xhat, gamma = promoted(dout, xhat, gamma)
    dx = np.empty_like(dout)
    for part in parts(dout, axes):
        dxhat, own = scale_shift(dout[part], within(gamma, dout, part), None), xhat[part]
        through_rms = np.mean(dxhat * own, axis=axes, keepdims=True)
        dx[part] = inv_rms[part] * (dxhat - own * through_rms)
    leading = tuple(range(dout.ndim - dims))
    return dx, scale_shift_backward(dout, xhat, gamma, None, leading)[0]


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
