"""How much a case may ask for, before anything is computed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from layercheck.errors import UsageError

MOST_ELEMENTS = 2**28
"""Of an image with its padding, as of an array: 2 GB in float64."""

MOST_PRODUCTS = 2**35
"""Multiplications: of two samples the largest layers of known networks have 2.4e10."""

GROWING = ("padding", "output_padding", "output_size")
"""Attributes that make an image larger."""

SPREADING = ("stride", "dilation")
"""Those that do where the pixels of the input move apart."""


def check_room(op: str, shapes: Mapping[str, Sequence[int]], attributes: Mapping[str, Any]) -> None:
    """Raise UsageError for a case that would take the machine's memory, or minutes of its time.

    What is counted is at least what is needed: every window at every pixel.
    """
    x, w = shapes.get("x", ()), shapes.get("w", ())
    kernel = w[2:] or (largest(attributes.get("kernel_size", 1)),) * 2
    factor = 1
    if op.endswith("transpose"):
        factor = max(1, *(largest(attributes.get(name, 1)) for name in SPREADING))
    more = 2 * sum(largest(attributes.get(name, 0)) for name in GROWING)
    spatial = [size * factor + more for size in x[2:]]
    channels = prod(x[:2]) if len(w) < 2 else x[0] * max(w[0], w[1], 1)
    elements = channels * prod(spatial)
    if elements > MOST_ELEMENTS:
        raise UsageError(f"case: {elements:.3g} elements with its padding; at most 2^28 are asked")
    products = elements * prod(kernel) * (w[1] if len(w) > 1 else 1)
    if products > MOST_PRODUCTS:
        raise UsageError(f"case: {products:.3g} multiplications; at most 2^35 are asked")


def largest(value: Any) -> int:
    """The largest whole number in an attribute's value."""
    if isinstance(value, tuple):
        return max(map(largest, value), default=0)
    return abs(value) if isinstance(value, int) else 0
