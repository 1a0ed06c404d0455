"""Global average pooling: the mean of each channel's whole image."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor


class Cache(NamedTuple):
    """What backward needs."""

    shape: tuple[int, ...]


def global_avg_pool(x: Array, *, keepdims: bool = True) -> tuple[Array, Cache]:
    """out[n, c] = the mean of x[n, c] over all pixels.

    x: (N, C, H, W) -> out: (N, C, 1, 1), cache. keepdims=False leaves the two sizes of 1 out:
    (N, C), as Keras's GlobalAveragePooling2D does.

    Raises ValueError unless x has four dimensions and a pixel.
    Source: Lin, Chen and Yan, Network In Network, 2014, section 3.2;
    torch.nn.functional.adaptive_avg_pool2d(x, 1).

    >>> global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2), keepdims=False)[0]
    array([[1.5, 5.5]])
    """
    sized = x.ndim == 4 and 0 not in x.shape[2:]
    require("global_avg_pool x", sized, x.shape, "(N, C, H, W) with H, W >= 1")
    out: Array = np.mean(x, axis=(2, 3), keepdims=keepdims)
    return out, Cache(x.shape)


def global_avg_pool_backward(dout: Array, cache: Cache) -> Array:
    """dout: as out -> dx: (N, C, H, W): every pixel gets 1/(H*W) of its channel's gradient."""
    n, c, h, w = cache.shape
    share = dout.reshape(n, c, 1, 1) / (h * w)
    dx: Array = np.broadcast_to(share, cache.shape).copy()
    return dx


OP = Op(
    forward=global_avg_pool,
    backward=global_avg_pool_backward,
    inputs={"x": Tensor("N C H W")},
    conventions={"keepdims": (True, False)},
    mean=True,
)
