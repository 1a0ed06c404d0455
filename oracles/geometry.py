"""Sizes of kernels and padding, for oracles: none of it is shared with the layers."""

from __future__ import annotations

from typing import Any


def same_padding(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], lower: bool = False
) -> tuple[tuple[int, int], ...]:
    """TensorFlow's SAME as explicit (before, after) for each axis; lower: ONNX's SAME_LOWER.

    kernel: the extent of the dilated kernel. Source: tf.nn, 'Notes on padding'.
    """
    sides = []
    for n, k, s in zip(size, kernel, stride, strict=True):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        near, far = total // 2, total - total // 2
        sides.append((far, near) if lower else (near, far))
    return tuple(sides)


def two(value: Any) -> tuple[int, int]:
    """An int or a pair as a pair."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def dilated(kernel: Any, dilation: Any) -> tuple[int, int]:
    """How many pixels a kernel spans."""
    (kh, kw), (dh, dw) = two(kernel), two(dilation)
    return (kh - 1) * dh + 1, (kw - 1) * dw + 1


def explicit(
    padding: Any, size: tuple[int, ...], kernel: tuple[int, int], stride: tuple[int, int]
) -> tuple[tuple[int, int], ...]:
    """Any form of padding as ((top, bottom), (left, right))."""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding in ("same", "same_lower"):
        return same_padding(size, kernel, stride, lower=padding == "same_lower")
    if isinstance(padding, int) or isinstance(padding[0], int):
        h, w = two(padding)
        return (h, h), (w, w)
    return tuple(tuple(side) for side in padding)
