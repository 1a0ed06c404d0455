"""The same array as another layer wants it: its axes in another order, or some of them made one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class View:
    """shape: as the op has the array · axes: their order as the layer has them, or None ·
    inner: the shape that the layer gets after that, or None."""

    shape: Shape
    axes: Shape | None = None
    inner: Shape | None = None

    def give(self, value: Array) -> Array:
        """As the layer wants it; a copy wherever the order changes."""
        turned = value if self.axes is None else np.ascontiguousarray(value.transpose(self.axes))
        return turned if self.inner is None else turned.reshape(self.inner)

    @property
    def given_shape(self) -> Shape:
        """The shape that the layer sees."""
        if self.inner is not None:
            return self.inner
        return self.shape if self.axes is None else tuple(self.shape[a] for a in self.axes)

    def take(self, value: Any) -> Any:
        """The inverse of give; what does not have the shape is left as it is."""
        if not isinstance(value, np.ndarray) or value.shape != self.given_shape:
            return value
        turned = tuple(self.shape[a] for a in self.axes) if self.axes is not None else self.shape
        value = value.reshape(turned)
        return value if self.axes is None else value.transpose(np.argsort(self.axes))

    def give_back(self, given: Array, original: Array) -> None:
        """What the layer did to the array it got is done to the one it was made from, whose shape
        counts: a view may be that of an answer with another one, and a layer may set the shape of
        what it got. What has another number of elements by now says nothing."""
        own = replace(self, shape=original.shape)
        if given.size != original.size:
            return
        restored = own.take(given.reshape(own.given_shape))
        if not holds_still(restored, original):
            np.copyto(original, restored)


def holds_still(now: Array, before: Array) -> bool:
    """Whether two arrays are equal, NaN to NaN; their bytes tell most of them at once."""
    alike = now.dtype == before.dtype and now.shape == before.shape
    if alike and now.tobytes() == before.tobytes():
        return True
    return np.array_equal(now, before, equal_nan=now.dtype.kind == "f")


def plain(value: Array) -> View:
    """The array as it is."""
    return View(value.shape)


def rows(shape: Shape, trailing: int) -> View:
    """The last `trailing` axes made one, and all before them: (rows, columns)."""
    cut = len(shape) - trailing
    return View(shape, inner=(prod(shape[:cut]), prod(shape[cut:])))


def of(views: Mapping[str, View], name: str, value: Array) -> View:
    """The view of an array, by its name; the array as it is if it has none."""
    return views.get(name, plain(value))


def shape_like(value: Any, shape: Shape) -> Any:
    """The array in this shape if it has as many elements, e.g. a bias of shape (F, 1)."""
    fits = isinstance(value, np.ndarray) and value.size == prod(shape)
    return value.reshape(shape) if fits else value
