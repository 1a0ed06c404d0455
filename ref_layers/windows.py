"""The geometry that convolution, pooling and transposed convolution share.

A window of `kernel` taps slides over a padded image. All sizes are pairs: (height, width).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import blocks
from .op import Array, is_size

Pair = tuple[int, int]
Sides = tuple[Pair, Pair]
Padding = int | Sequence[int] | Sequence[Sequence[int]] | str


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
        return self.across(self.down(padded, i, rows), j)

    def down(self, padded: Array, i: int, rows: slice = slice(None)) -> Array:
        """The image's rows that row i of the windows' taps sees: a view, (..., rows, any)."""
        first, last, _ = rows.indices(self.out[0])
        top, step = i * self.dilation[0] + first * self.stride[0], self.stride[0]
        return padded[..., top : top + (last - first - 1) * step + 1 : step, :]

    def across(self, padded: Array, j: int) -> Array:
        """The image's columns that column j of the windows' taps sees: a view, (..., any, OW)."""
        left, step = j * self.dilation[1], self.stride[1]
        return padded[..., left : left + (self.out[1] - 1) * step + 1 : step]

    def reduce(self, ufunc: Callable[[Array, Array], Array], padded: Array) -> Array:
        """Each window reduced by a sum or a maximum, down and then across: (..., OH, OW)."""
        height, width = self.kernel
        tall: Array = functools.reduce(ufunc, (self.down(padded, i) for i in range(height)))
        whole: Array = functools.reduce(ufunc, (self.across(tall, j) for j in range(width)))
        return whole

    def spread(self, shares: Array) -> Array:
        """The adjoint of a sum by `reduce`: each window's share, (..., OH, OW), added to all that
        it sees, across and then down: (..., *padded)."""
        h, w = self.padded
        tall = np.zeros_like(shares, order="C", shape=(*shares.shape[:-1], w))
        padded = np.zeros_like(shares, order="C", shape=(*shares.shape[:-2], h, w))
        for j in range(self.kernel[1]):
            self.across(tall, j)[...] += shares
        for i in range(self.kernel[0]):
            self.down(padded, i)[...] += tall
        return padded

    def columns(self, x: Array, rows: slice) -> Array:
        """im2col: (N, C, H, W) -> (N, C, KH*KW, rows*OW), a copy made tap by tap."""
        slab, count = self.slab(x, rows), rows.stop - rows.start
        columns = np.empty_like(x, order="C", shape=self.columns_shape(x, rows))
        for i, j in self.taps:
            columns[:, :, i, j] = self.tap(slab, i, j, slice(count))
        return columns.reshape(*x.shape[:2], self.kernel[0] * self.kernel[1], count * self.out[1])

    def scatter(self, columns: Array, x: Array, rows: slice) -> None:
        """The adjoint of `columns`: add (N, C, KH*KW, rows*OW) into (N, C, H, W), tap by tap."""
        columns = columns.reshape(self.columns_shape(x, rows))
        slab = self.empty_slab(x, rows)
        for i, j in self.taps:
            self.tap(slab, i, j, slice(rows.stop - rows.start))[...] += columns[:, :, i, j]
        image, inside = self.meet(rows)
        x[..., image, :] += slab[..., inside, self.middle]

    def slab(self, x: Array, rows: slice) -> Array:
        """The padded image, as far as these rows of windows see it: (..., any, padded W)."""
        image, inside = self.meet(rows)
        seen = x[..., image, :]
        if seen.shape[-2:] == self.slab_size(rows):
            return seen
        slab = self.empty_slab(x, rows)
        slab[..., inside, self.middle] = seen
        return slab

    def empty_slab(self, x: Array, rows: slice) -> Array:
        """Zeros in its place."""
        return np.zeros_like(x, order="C", shape=(*x.shape[:-2], *self.slab_size(rows)))

    def slab_size(self, rows: slice) -> Pair:
        return (rows.stop - rows.start - 1) * self.stride[0] + self.extent[0], self.padded[1]

    @property
    def middle(self) -> slice:
        """Where the image's columns lie in a padded one."""
        left = self.padding[1][0]
        return slice(left, left + self.size[1])

    def meet(self, rows: slice) -> tuple[slice, slice]:
        """The image's rows that these rows of windows see, and where they lie in `slab`."""
        top = rows.start * self.stride[0] - self.padding[0][0]
        bottom = top + self.slab_size(rows)[0]
        first, last = (min(max(row, 0), self.size[0]) for row in (top, bottom))
        return slice(first, last), slice(first - top, last - top)

    def columns_shape(self, x: Array, rows: slice) -> tuple[int, ...]:
        return (*x.shape[:2], *self.kernel, rows.stop - rows.start, self.out[1])

    def chunks(self, samples: int, row_bytes: int) -> Iterator[tuple[slice, slice]]:
        """Slices of samples, and of rows of windows, whose columns stay near the size of a cache:
        all rows of some samples, or some rows of one. row_bytes: the columns of one row."""
        for some in blocks(samples, row_bytes * self.out[0]):
            for rows in blocks(self.out[0], row_bytes * (some.stop - some.start)):
                yield some, rows


def images(x: Array) -> Array:
    """(N, C, H, W) -> (N*C, H, W): where channels do not mix."""
    flat: Array = x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])
    return flat


def some_images(x: Array) -> Iterator[slice]:
    """Slices of `images`, as many at a time as stay near the size of a cache."""
    n, c, h, w = x.shape
    return blocks(n * c, int(h * w * x.itemsize))


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
