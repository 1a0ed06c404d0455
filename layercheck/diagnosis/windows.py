"""Where the windows of a case lie, and how it is padded: asked of its names."""

from __future__ import annotations

from typing import Any

import numpy as np

Names = dict[str, Any]


def kernel(names: Names) -> tuple[int, int]:
    """Its two sides, as the op calls them; raises KeyError where there is none."""
    if "KH" in names:
        return names["KH"], names["KW"]
    return names["kernel_size_h"], names["kernel_size_w"]


def strides(names: Names) -> tuple[int, int]:
    """The step in both directions; a pool's is its kernel by default."""
    if "stride_h" in names:
        return names["stride_h"], names["stride_w"]
    return kernel(names)


def overlaps(names: Names) -> bool:
    """Whether windows share pixels."""
    sides = zip(strides(names), kernel(names), (names["OH"], names["OW"]), strict=True)
    return any(s < k and count > 1 for s, k, count in sides)


def gaps(names: Names) -> bool:
    """Whether pixels lie between windows."""
    return any(s > k for s, k in zip(strides(names), kernel(names), strict=True))


def remainder(names: Names) -> bool:
    """Whether the last window does not reach the edge."""
    both = names.get("padding", 0)
    pads = (names["padding_h"], names["padding_w"]) if "padding_h" in names else (both, both)
    sizes = (names["H"], names["W"])
    steps = zip(sizes, pads, kernel(names), strides(names), strict=True)
    return any((n + 2 * p - k) % s != 0 for n, p, k, s in steps)


def is_oblong(names: Names) -> bool:
    """Whether a kernel's sides differ."""
    height, width = kernel(names)
    return height != width


def is_higher(names: Names) -> bool:
    """Whether a kernel is higher than wide."""
    height, width = kernel(names)
    return height > width


def is_wider(names: Names) -> bool:
    """Whether it is wider than high."""
    height, width = kernel(names)
    return height < width


def uneven(names: Names) -> bool:
    """Whether padding is given side by side, and not alike; raises TypeError for a word."""
    sides = names["padding"]
    pairs = [s for s in sides if isinstance(s, tuple)] if isinstance(sides, tuple) else []
    return any(len(set(pair)) > 1 for pair in pairs)


def uneven_at(names: Names, axis: int) -> bool:
    """The same of one axis; raises TypeError where padding is not given side by side."""
    first, last = names["padding"][axis]
    return bool(first != last)


def padded(names: Names) -> bool | None:
    """Whether there is any padding; None where a word says it."""
    padding = names["padding"]
    if isinstance(padding, str):
        return None
    return bool(np.asarray(padding).any())
