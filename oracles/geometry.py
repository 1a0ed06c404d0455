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
    return sides_of(padding)


def sides_of(padding: Any) -> tuple[tuple[int, int], ...]:
    """A padding in numbers as ((top, bottom), (left, right))."""
    if isinstance(padding, int) or isinstance(padding[0], int):
        h, w = two(padding)
        return (h, h), (w, w)
    return tuple(tuple(side) for side in padding)


def ceil_sides(size: Any, sides: Any, span: Any, stride: Any) -> Any:
    """More padding at the far ends, so that 'valid' reaches the windows of ceil_mode."""
    grown = []
    for n, (near, far), k, s in zip(size, sides, span, stride, strict=True):
        steps = -(-(n + near + far - k) // s)
        steps -= steps * s >= n + near  # the last window starts inside the image or near padding
        grown.append((near, max(far, steps * s + k - n - near)))
    return grown


def transposed(
    small: Any, span: Any, stride: Any, padding: Any, output_padding: Any, output_size: Any
) -> tuple[tuple[int, int], Any]:
    """Of a transposed convolution of an image of size `small`: its output's size, and its crop."""
    if padding in ("same", "same_lower"):
        target = output_size or tuple(n * s for n, s in zip(small, stride, strict=True))
        return two(target), explicit(padding, target, span, stride)
    sides = explicit(padding, small, span, stride)
    sizes = zip(small, stride, span, sides, two(output_padding), strict=True)
    target = output_size or tuple((n - 1) * s + k - sum(p) + e for n, s, k, p, e in sizes)
    return two(target), sides
