"""Layer normalization: each sample is normalized over its trailing axes."""

from __future__ import annotations

from typing import NamedTuple

from .arrays import require
from .normalization import (
    Axes,
    normalize,
    normalize_backward,
    scale_shift_backward,
)
from .op import Array, Op, Tensor, is_size


class Cache(NamedTuple):
    """What backward needs."""

    xhat: Array
    inv_std: Array
    gamma: Array | None
    beta: Array | None
    normalized_dims: int


def layer_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    normalized_dims: int = 1,
    eps: float = 1e-5,
) -> tuple[Array, Cache]:
    """out = gamma * (x - mean) / sqrt(var + eps) + beta, over the last normalized_dims axes.

    x: (N, ...) · gamma, beta: x.shape[-normalized_dims:] or None -> out: as x, cache.
    Every place of the leading axes has a mean and a biased variance of its own; gamma and beta
    have one number for each place of the trailing axes.
    eps: added to the variance, in x's units squared.

    Raises ValueError where shapes do not fit.
    Source: Ba, Kiros and Hinton, Layer Normalization, 2016, equation 4;
    torch.nn.functional.layer_norm with normalized_shape = x.shape[-normalized_dims:].

    >>> import numpy as np
    >>> layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]), np.array([1.0, 2.0]), eps=0.0)[0]
    array([[-1.,  2.],
           [-1.,  2.]])
    """
    check(x, gamma, beta, normalized_dims)
    out, xhat, inv_std, *_ = normalize(x, trailing(x, normalized_dims), eps, gamma, beta)
    return out, Cache(xhat, inv_std, gamma, beta, normalized_dims)


def layer_norm_backward(dout: Array, cache: Cache) -> tuple[Array, Array | None, Array | None]:
    """dout: as x -> dx: as x, dgamma, dbeta: as gamma, or None."""
    xhat, inv_std, gamma, beta, dims = cache
    dx = normalize_backward(dout, xhat, inv_std, trailing(dout, dims), gamma)
    leading = tuple(range(dout.ndim - dims))
    return dx, *scale_shift_backward(dout, xhat, gamma, beta, leading)


def trailing(x: Array, dims: int) -> Axes:
    """The last `dims` axes."""
    return tuple(range(x.ndim - dims, x.ndim))


def check(x: Array, gamma: Array | None, beta: Array | None, dims: int) -> None:
    """Raise ValueError where shapes or attributes do not fit."""
    require("layer_norm x", x.ndim >= 2, x.shape, "(N, ...)")
    fits = is_size(dims) and 1 <= dims < x.ndim
    require("layer_norm normalized_dims", fits, dims, f"1 to {x.ndim - 1} for x {x.shape}")
    for name, value in {"gamma": gamma, "beta": beta}.items():
        fits = value is None or value.shape == x.shape[-dims:]
        require(f"layer_norm {name}", fits, getattr(value, "shape", None), f"{x.shape[-dims:]}")


OP = Op(
    forward=layer_norm,
    backward=layer_norm_backward,
    inputs={
        "x": Tensor("N C H W"),
        "gamma": Tensor("C H W", draw="weight", optional=True, last="normalized_dims"),
        "beta": Tensor("C H W", draw="weight", optional=True, last="normalized_dims"),
    },
)
