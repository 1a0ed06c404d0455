"""Parts of a convolution's gradients, which its mistakes are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.conv2d import Cache, by_group, conv2d_backward, split_groups
from ref_layers.op import Array


def dw_of(dout: Array, cache: Cache, counted: Any) -> Any:
    """The gradients, dw being what these numbers of dout make alone."""
    alone = np.zeros_like(dout)
    alone[counted] = dout[counted]
    dx, _, db = conv2d_backward(dout, cache)
    return dx, conv2d_backward(alone, cache)[1], db


def shares_of(dout: Array, cache: Cache) -> Any:
    """(N, C, KH, KW, OH, OW): what each window adds to each of its pixels."""
    columns = by_group(cache.w, cache.groups).swapaxes(1, 2) @ split_groups(dout, cache.groups)
    size = (*cache.x.shape[:2], *cache.windows.kernel, *cache.windows.out)
    return columns.reshape(size)
