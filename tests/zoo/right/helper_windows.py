# ruff: noqa: B905
"""Geometry of sliding windows, for the modules beside this file."""

import numpy as np


def two(value):
    """A number or a pair, as a pair of ints."""
    first, second = np.broadcast_to(value, 2)
    return int(first), int(second)


def split(total, lower):
    """Two sides of a padding; the larger one first where lower."""
    small, large = total // 2, total - total // 2
    return (large, small) if lower else (small, large)


def sides(padding, size, span, stride):
    """((top, bottom), (left, right)) of any form of padding."""
    if isinstance(padding, str):
        if padding == "valid":
            return (0, 0), (0, 0)
        totals = [max(s * (-(-n // s) - 1) + k - n, 0) for n, k, s in zip(size, span, stride)]
        first, second = (split(total, padding == "same_lower") for total in totals)
        return first, second
    if np.ndim(padding) == 2:
        (top, bottom), (left, right) = padding
        return (int(top), int(bottom)), (int(left), int(right))
    high, wide = two(padding)
    return (high, high), (wide, wide)


class Grid:
    """Which pixel of an image every tap of every window sees, as index arrays.

    The last index, size, stands for what is outside.
    """

    def __init__(self, size, kernel, stride, pads, dilation=(1, 1), many=None):
        self.size, self.kernel, self.axes = tuple(size), tuple(kernel), []
        for axis in range(2):
            n, (before, after) = size[axis], pads[axis]
            span = (kernel[axis] - 1) * dilation[axis] + 1
            count = (n + before + after - span) // stride[axis] + 1 if many is None else many[axis]
            start = np.arange(count) * stride[axis] - before
            place = start[:, None] + np.arange(kernel[axis]) * dilation[axis]
            self.axes.append(np.where((place >= 0) & (place < n), place, n))
        self.many = tuple(len(axis) for axis in self.axes)

    @property
    def index(self):
        """(OH, OW, KH, KW) places in a flat image; H*W is outside."""
        h, w = self.axes[0][:, None, :, None], self.axes[1][None, :, None, :]
        outside = (h == self.size[0]) | (w == self.size[1])
        return np.where(outside, self.size[0] * self.size[1], h * self.size[1] + w)

    def gather(self, x, fill=0):
        """(N, C, H, W) -> (N, C, OH, OW, KH, KW)."""
        flat = x.reshape(*x.shape[:2], -1)
        cell = np.full((*x.shape[:2], 1), fill, x.dtype)
        return np.concatenate([flat, cell], axis=2)[:, :, self.index]

    def scatter(self, windows):
        """The transpose of gather: (N, C, OH, OW, KH, KW) -> (N, C, H, W), added up."""
        n, c = windows.shape[:2]
        flat = np.zeros((n, c, self.size[0] * self.size[1] + 1), windows.dtype)
        np.add.at(flat, (slice(None), slice(None), self.index), windows)
        return flat[:, :, :-1].reshape(n, c, *self.size)
