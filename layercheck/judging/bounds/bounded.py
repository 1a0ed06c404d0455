"""An array whose elements know how far rounding may have moved them.

An element is a sum in progress: `terms` numbers whose magnitudes add up to `size`, each of which
came with an error of its own; adding `terms` numbers in *any* order costs at most
gamma_(terms - 1) * size, so that the bound holds for every order of summation and not only for the
reference layer's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from types import EllipsisType
from typing import Any, TypeVar

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ref_layers.op import Array
from ref_layers.special import erf

SHIFTS: ContextVar[bool] = ContextVar("SHIFTS", default=True)
"""Whether x - max(x) of data counts as the one rounding that it is; not where its argument, which
stays as it is in x - log(sum(exp(x))), is rounded."""

PARTS = 5
"""What is known of each element: its value, the size and the terms of its sum, and two errors."""

Rule = TypeVar("Rule", bound=Callable[..., Any])

UFUNCS: dict[Any, Callable[..., Bounded]] = {}
REDUCTIONS: dict[Any, Callable[..., Bounded]] = {}
AT: dict[Any, Callable[..., None]] = {}
FUNCTIONS: dict[Any, Callable[..., Any]] = {}
STRUCTURAL: set[Any] = set()
PREDICATES: set[Any] = set()
"""The rules: what NumPy's functions do to Bounded arrays. The files beside this one fill them."""


def rule(table: dict[Any, Callable[..., Any]], *functions: Any) -> Callable[[Rule], Rule]:
    """Enter a rule for these functions of NumPy."""

    def enter(made: Rule) -> Rule:
        table.update(dict.fromkeys(functions, made))
        return made

    return enter


class Bounded(NDArrayOperatorsMixin):
    """An array whose elements know how far rounding in `dtype` may have moved them.

    parts: (5, *shape) float64: value, size, terms, and the errors (worst, likely) that came in.
    """

    __array_priority__ = 1000
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, parts: Array, dtype: np.dtype[Any], extreme: bool = False) -> None:
        self.parts = parts
        self.dtype = dtype
        self.extreme = extreme
        """Whether it is the largest of some data, which is subtracted from them without loss."""

    @classmethod
    def single(cls, value: Array, errors: Any, dtype: np.dtype[Any]) -> Bounded:
        """One term each. errors: (2, *shape), or one for all."""
        parts = np.empty((PARTS, *np.shape(value)))
        parts[0], parts[2], parts[3:] = value, 1, errors
        np.abs(value, out=parts[1, ...])
        return cls(parts, dtype)

    @classmethod
    def exact(cls, value: Array, dtype: np.dtype[Any]) -> Bounded:
        """Numbers that are representable: one term, no error."""
        return cls.single(value, 0.0, dtype)

    @classmethod
    def number(cls, value: Any, dtype: np.dtype[Any]) -> Bounded:
        """A constant such as eps: rounded once on its way to dtype."""
        given = np.asarray(value, dtype=np.float64)
        return cls.single(given, np.abs(given - given.astype(dtype).astype(np.float64)), dtype)

    # ------------------------------------------------------------------ what an error is

    @property
    def value(self) -> Array:
        return np.asarray(self.parts[0])

    @property
    def unit(self) -> float:
        """The unit roundoff u of the dtype."""
        return unit_and_tiny(self.dtype)[0]

    @property
    def tiny(self) -> float:
        """What underflow may cost: frameworks flush subnormal numbers to zero."""
        return unit_and_tiny(self.dtype)[1]

    @property
    def is_data(self) -> bool:
        """Whether it is numbers as they were given."""
        return not self.parts[3].any() and bool((self.parts[2] <= 1).all())

    def errors(self) -> Array:
        """(2, *shape), worst and likely: the inherited errors, and those of adding up the terms."""
        errors: Array = self.parts[3:]
        additions = np.maximum(self.parts[2] - 1, 0)
        most = additions.max(initial=0.0)
        if most == 0:
            return errors
        n_u, size = additions * self.unit, self.parts[1]
        errors = errors.copy()
        errors[0] += times(gamma(n_u, most * self.unit), size)
        errors[1] += np.sqrt(additions) * self.unit * size
        return errors

    def rounded(self, value: Array, errors: Array, ulps: float = 1.0) -> Bounded:
        """A new single term: a value with inherited errors (2, *shape), rounded once."""
        if ulps:
            errors = errors + (ulps * self.unit * np.abs(value) + self.tiny)
        return Bounded.single(value, errors, self.dtype)

    def through(self, value: Array, spread: Callable[[Array], Array], ulps: float) -> Bounded:
        """f(self) where an error e of the argument becomes spread(e)."""
        return self.rounded(value, spread(self.errors()), ulps)

    def of_dimensions(self, ndim: int) -> Bounded:
        """With so many dimensions at least, the new ones in front and of size 1."""
        more = ndim - self.ndim
        return self if more <= 0 else self.reshape((1,) * more + self.shape)

    # ------------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        if method == "reduce" and ufunc in REDUCTIONS:
            result = REDUCTIONS[ufunc](*args, **kwargs)
        elif method == "__call__" and ufunc in PREDICATES:
            return ufunc(*(a.value if isinstance(a, Bounded) else a for a in args), **kwargs)
        elif method == "__call__" and ufunc in UFUNCS:
            result = UFUNCS[ufunc](*aligned([self.convert(a) for a in args]))
        elif method == "at" and ufunc in AT:
            return AT[ufunc](*args)
        else:
            raise TypeError(f"bounds: no rule for np.{ufunc.__name__}.{method}; see {__package__}")
        if out is None:
            return result
        out[0][...] = result
        return out[0]

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in FUNCTIONS:
            return FUNCTIONS[func](*args, **kwargs)
        if func in STRUCTURAL:
            return self.each_part(func, args, kwargs)
        raise TypeError(f"bounds: no rule for np.{func.__name__}; see {__package__}")

    def convert(self, value: Any) -> Bounded:
        return value if isinstance(value, Bounded) else Bounded.number(value, self.dtype)

    def each_part(self, func: Any, args: Any, kwargs: Any) -> Any:
        """A function that moves elements about: applied to each part alike."""
        results = [func(*select(args, k), **select(kwargs, k)) for k in range(PARTS)]
        if isinstance(results[0], (list, tuple)):
            return [Bounded(np.stack(parts), self.dtype) for parts in zip(*results, strict=True)]
        return Bounded(np.stack(results), self.dtype)

    # ------------------------------------------------------------------ an array's own methods

    shape = property(lambda self: self.parts.shape[1:])
    ndim = property(lambda self: self.parts.ndim - 1)
    size = property(lambda self: self.parts.size // PARTS)
    itemsize = property(lambda self: self.dtype.itemsize)
    T = property(lambda self: self.transpose())

    def __len__(self) -> int:
        return int(self.parts.shape[1])

    def __getitem__(self, key: Any) -> Bounded:
        key = key.value if isinstance(key, Bounded) else key
        if is_basic(key):
            return Bounded(self.parts[in_parts(key)], self.dtype)
        return Bounded(np.stack([part[key] for part in self.parts]), self.dtype)

    def __setitem__(self, key: Any, value: Any) -> None:
        new = self.convert(value)
        if is_basic(key):
            into = self.parts[in_parts(key)]
            into[...] = new.of_dimensions(into.ndim - 1).parts
            return
        for part, numbers in zip(self.parts, new.parts, strict=True):
            part[key] = numbers

    def reshape(self, *shape: Any) -> Bounded:
        sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return Bounded(self.parts.reshape(PARTS, *sizes), self.dtype)

    def transpose(self, *axes: Any) -> Bounded:
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = order or range(self.ndim)[::-1]
        return Bounded(self.parts.transpose(0, *beyond_parts(tuple(order))), self.dtype)

    def swapaxes(self, a: int, b: int) -> Bounded:
        return Bounded(self.parts.swapaxes(*beyond_parts((a, b))), self.dtype)

    def copy(self) -> Bounded:
        return Bounded(self.parts.copy(), self.dtype)

    def astype(self, dtype: Any, **_: Any) -> Bounded:
        return self

    def sum(self, axis: Any = None, **kwargs: Any) -> Any:
        return FUNCTIONS[np.sum](self, axis, **kwargs)

    def mean(self, axis: Any = None, **kwargs: Any) -> Any:
        return FUNCTIONS[np.mean](self, axis, **kwargs)

    def max(self, axis: Any = None, **kwargs: Any) -> Any:
        return FUNCTIONS[np.max](self, axis, **kwargs)

    def min(self, axis: Any = None, **kwargs: Any) -> Any:
        return FUNCTIONS[np.min](self, axis, **kwargs)

    def erf(self) -> Any:
        """What `ref_layers.special.erf` asks for."""
        return FUNCTIONS[erf](self)


def wrap(value: Array, dtype: np.dtype[Any]) -> Any:
    """An array free of error; whole numbers stay plain arrays."""
    return Bounded.exact(value.astype(np.float64), dtype) if value.dtype.kind == "f" else value


def select(tree: Any, k: int) -> Any:
    """Arguments with every Bounded replaced by its k-th part."""
    if isinstance(tree, Bounded):
        return tree.parts[k]
    if isinstance(tree, (list, tuple)):
        return type(tree)(select(value, k) for value in tree)
    if isinstance(tree, Mapping):
        return {name: select(value, k) for name, value in tree.items()}
    return tree


@cache
def unit_and_tiny(dtype: np.dtype[Any]) -> tuple[float, float]:
    """The unit roundoff of a dtype, and its smallest normal number."""
    known = np.finfo(dtype)
    return float(known.eps) / 2, float(known.tiny)


def gamma(n_u: Array, most: float) -> Array:
    """n u / (1 - n u); infinite from 1/2 on, where it means nothing. most: the largest n u."""
    if most < 0.5:
        return np.asarray(n_u / (1 - n_u))
    return np.where(n_u < 0.5, n_u / (1 - np.minimum(n_u, 0.5)), np.inf)


def aligned(arrays: Sequence[Bounded]) -> list[Bounded]:
    """Of as many dimensions all of them, so that they are broadcast beyond their parts."""
    ndim = max(array.ndim for array in arrays)
    return [array.of_dimensions(ndim) for array in arrays]


def is_basic(key: Any) -> bool:
    """Whether a key selects by slices and whole numbers alone."""
    keys = key if isinstance(key, tuple) else (key,)
    return all(isinstance(one, (int, slice, EllipsisType)) or one is None for one in keys)


def in_parts(key: Any) -> tuple[Any, ...]:
    """A basic key of an array as one of its parts."""
    return (slice(None), *(key if isinstance(key, tuple) else (key,)))


def beyond_parts(axes: tuple[int, ...]) -> tuple[int, ...]:
    """Axes of an array as those of its parts."""
    return tuple(axis + 1 if axis >= 0 else axis for axis in axes)


def reduced(parts: Array, axis: Any) -> tuple[int, ...]:
    """The axes of the parts, or of the errors, that a reduction along `axis` goes along."""
    if axis is None:
        return tuple(range(1, parts.ndim))
    return beyond_parts(axis if isinstance(axis, tuple) else (axis,))


def times(a: Array, b: Array) -> Array:
    """a * b where 0 * inf is 0: no terms, no error."""
    product = a * b
    if np.isnan(product.sum()):  # an infinity and its opposite as well: looked at more closely
        return np.where((a == 0) | (b == 0), 0.0, product)
    return product
