"""The geometry that convolution, pooling and transposed convolution share.

A window of `kernel` taps slides over a padded image. All sizes are pairs: (height, width).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .op import Array, is_size

Pair = tuple[int, int]
Sides = tuple[Pair, Pair]
Padding = int | Sequence[int] | Sequence[Sequence[int]] | str

CHUNK_BYTES = 2 << 20


def pair(value: int | Sequence[int], name: str, least: int = 1) -> Pair:
    """An int, or (height, width), as a pair; raises ValueError unless both are >= least.

    >>> pair(2, "stride"), pair((2, 3), "stride")
    ((2, 2), (2, 3))
    """
    both: Any = (value, value) if is_size(value) else value
    if isinstance(both, (str, bytes)) or not isinstance(both, Sequence) or len(both) != 2:
        raise ValueError(f"{name}: got {value!r}, expected an int or a pair (height, width)")
    if not all(is_size(v) and v >= least for v in both):
        raise ValueError(f"{name}: got {value!r}, expected integers >= {least}")
    return int(both[0]), int(both[1])


@dataclass(frozen=True)
class Windows:
    """Windows over an image: every size that a layer needs, checked once.

    size: (H, W) of the image · kernel, stride, dilation: pairs · padding: ((top, bottom), (left,
    right)) · out: how many windows there are, (OH, OW).
    """

    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    padding: Sides
    out: Pair

    @property
    def padded(self) -> Pair:
        """The size of an image that every window lies in (its far edge may be cut or added)."""
        h, w = (
            max(p[0] + n + p[1], (o - 1) * s + extent)
            for n, p, o, s, extent in zip(
                self.size, self.padding, self.out, self.stride, self.extent, strict=True
            )
        )
        return h, w

    @property
    def extent(self) -> Pair:
        """How many pixels a dilated kernel spans."""
        return extent(self.kernel, self.dilation)

    @property
    def taps(self) -> Iterator[tuple[int, int]]:
        return ((i, j) for i in range(self.kernel[0]) for j in range(self.kernel[1]))

    def pad(self, x: Array, value: float = 0.0) -> Array:
        """x: (..., H, W) -> (..., *padded), the border filled with value."""
        if self.padded == self.size:
            return x
        full = np.full_like(x, value, shape=(*x.shape[:-2], *self.padded))
        self.crop(full)[...] = x
        return full

    def crop(self, padded: Array) -> Array:
        """The view of the image itself in a padded one: (..., *padded) -> (..., H, W)."""
        (top, _), (left, _) = self.padding
        return padded[..., top : top + self.size[0], left : left + self.size[1]]

    def tap(self, padded: Array, i: int, j: int, rows: slice = slice(None)) -> Array:
        """What tap (i, j) of every window sees: a view, (..., *padded) -> (..., rows, OW)."""
        first, last, _ = rows.indices(self.out[0])
        top, left = i * self.dilation[0] + first * self.stride[0], j * self.dilation[1]
        height = (last - first - 1) * self.stride[0] + 1
        width = (self.out[1] - 1) * self.stride[1] + 1
        return padded[
            ..., top : top + height : self.stride[0], left : left + width : self.stride[1]
        ]

    def columns(self, padded: Array, rows: slice = slice(None)) -> Array:
        """im2col: (N, C, *padded) -> (N, C, KH*KW, rows*OW), a copy made tap by tap."""
        n, c = padded.shape[:2]
        first, last, _ = rows.indices(self.out[0])
        shape = (n, c, *self.kernel, last - first, self.out[1])
        columns = np.empty_like(padded, shape=shape)
        for i, j in self.taps:
            columns[:, :, i, j] = self.tap(padded, i, j, rows)
        return columns.reshape(n, c, self.kernel[0] * self.kernel[1], (last - first) * self.out[1])

    def scatter(self, columns: Array, padded: Array, rows: slice = slice(None)) -> None:
        """The adjoint of `columns`: add (N, C, KH*KW, rows*OW) into padded, tap by tap."""
        n, c = padded.shape[:2]
        first, last, _ = rows.indices(self.out[0])
        columns = columns.reshape(n, c, *self.kernel, last - first, self.out[1])
        for i, j in self.taps:
            self.tap(padded, i, j, rows)[...] += columns[:, :, i, j]

    def row_chunks(self, bytes_per_row: int) -> Iterator[slice]:
        """Slices of output rows whose columns stay near the size of a cache."""
        step = max(1, CHUNK_BYTES // max(1, bytes_per_row))
        return (slice(r, min(r + step, self.out[0])) for r in range(0, self.out[0], step))


def extent(kernel: Pair, dilation: Pair) -> Pair:
    return (kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1


def windows(
    op: str,
    size: Sequence[int],
    kernel: int | Sequence[int],
    stride: int | Sequence[int],
    padding: Padding,
    dilation: int | Sequence[int],
    ceil_mode: bool = False,
) -> Windows:
    """Windows over an image of `size` (H, W).

    padding: int, (h, w), ((top, bottom), (left, right)), "valid" (none), "same" (TensorFlow's:
    ceil(size / stride) windows, the odd pixel at the bottom and right) or "same_lower" (ONNX's:
    the odd pixel at the top and left).
    Raises ValueError where no window fits.
    """
    h, w = (int(n) for n in size)
    k, s, d = pair(kernel, "kernel"), pair(stride, "stride"), pair(dilation, "dilation")
    span = extent(k, d)
    sides = resolve_padding(padding, (h, w), span, s)
    oh, ow = (count(*args, ceil_mode) for args in zip((h, w), sides, span, s, strict=True))
    if min(oh, ow) < 1:
        whole = tuple(n + sum(p) for n, p in zip((h, w), sides, strict=True))
        dilated = f", dilated to {span}" if d != (1, 1) else ""
        raise ValueError(
            f"{op}: kernel {k}{dilated} is larger than the padded input {whole}; "
            f"use a smaller kernel or more padding"
        )
    return Windows((h, w), k, s, d, sides, (oh, ow))


def count(size: int, sides: Pair, span: int, stride: int, ceil_mode: bool) -> int:
    """How many windows fit: floor((size + padding - span) / stride) + 1.

    With ceil_mode, a last window may hang over the far edge, if it starts inside the image or
    its near padding (torch.nn.functional.max_pool2d): also the only one, of a kernel that is
    larger than the image by less than a stride.

    >>> count(6, (0, 0), 3, 2, False), count(6, (0, 0), 3, 2, True), count(2, (0, 0), 3, 2, True)
    (2, 3, 1)
    """
    spare = size + sum(sides) - span
    if not ceil_mode:
        return spare // stride + 1
    windows = -(-spare // stride) + 1
    return windows - 1 if (windows - 1) * stride >= size + sides[0] else windows


def resolve_padding(padding: Padding, size: Pair, span: Pair, stride: Pair) -> Sides:
    """Any form of padding as ((top, bottom), (left, right)).

    >>> resolve_padding("same", (6, 6), (3, 3), (2, 2))
    ((0, 1), (0, 1))
    """
    if isinstance(padding, str):
        if padding == "valid":
            return (0, 0), (0, 0)
        totals = [
            max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, span, stride, strict=True)
        ]
        return split_padding(padding, totals)
    sides: Any = padding
    if not is_size(sides) and len(sides) == 2 and not is_size(sides[0]):
        top_bottom, left_right = (pair(side, "padding", 0) for side in sides)
        return top_bottom, left_right
    h, w = pair(sides, "padding", 0)
    return (h, h), (w, w)


def split_padding(name: str, totals: Sequence[int]) -> Sides:
    """Share each total between the two sides; "same" gives the odd pixel to the far side."""
    halves = [(total // 2, total - total // 2) for total in totals]
    if name == "same":
        return halves[0], halves[1]
    if name == "same_lower":
        return halves[0][::-1], halves[1][::-1]
    raise ValueError(
        f"padding: got {name!r}, expected an int, (h, w), ((top, bottom), (left, right)), "
        f'"valid", "same" or "same_lower"'
    )


def require(op: str, condition: bool, got: Any, expected: str) -> None:
    """Raise ValueError, with the data, unless condition holds."""
    if not condition:
        raise ValueError(f"{op}: got {got}, expected {expected}")
