"""The sandwich of fully connected nets: affine, relu."""

from __future__ import annotations

from typing import Any, NamedTuple

from ref_layers.affine import affine, affine_backward
from ref_layers.op import Array
from ref_layers.relu import relu, relu_backward


class Cache(NamedTuple):
    """What backward needs, by layer."""

    affine: Any
    relu: Any


def affine_relu(x: Array, w: Array, b: Array | None = None) -> tuple[Array, Cache]:
    """out = relu(x w + b).

    x: (N, ...), each sample flattened to D numbers · w: (D, M) · b: (M,) or None -> out: (N, M),
    cache. Raises ValueError where shapes do not fit.
    """
    sums, linear = affine(x, w, b)
    out, rectified = relu(sums)
    return out, Cache(linear, rectified)


def affine_relu_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """dout: (N, M) -> dx: as x, dw: (D, M), db: (M,) or None."""
    return affine_backward(relu_backward(dout, cache.relu), cache.affine)
