"""How far rounding alone may move each element of an answer.

`Bounded` arrays carry values together with a bound on their accumulated rounding error; a layer
runs on them unchanged, since it uses NumPy's public functions only. A Bounded element is a sum in
progress: `terms` numbers whose magnitudes add up to `size`, each of which came with an error of its
own; adding `terms` numbers in *any* order costs at most gamma_(terms - 1) * size, so that the bound
holds for every order of summation and not only for the reference layer's.

Two levels are kept:

- `worst`: gamma_n = n u / (1 - n u). Source: Higham, Accuracy and Stability of Numerical
  Algorithms, 2nd ed., 2002, chapter 3 (running error analysis: section 3.3).
- `likely`: lambda sqrt(n) u with lambda = 1, holding with high probability where rounding errors
  are independent with mean zero. Source: Higham and Mary, A New Approach to Probabilistic Rounding
  Error Analysis, SIAM J. Sci. Comput. 41, 2019.

The pass limit is SLACK times `likely`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from oracles.oracle import Question
from ref_layers import OPS
from ref_layers.op import Array
from ref_layers.op import answer as run
from ref_layers.special import erf

SLACK = 4.0
"""How many probabilistic bounds an answer may be off; calibrated by tests/test_bounds.py."""

LIBRARY = 4.0
"""Error of exp, log, tanh, ... in units of u: vectorized libraries promise 1 to 2 ulp."""

PARTS = ("value", "size", "terms", "worst", "likely")
Parts = tuple[Array, ...]


@dataclass(frozen=True)
class Bound:
    """How far rounding may move each element: with high probability, and in the worst case.

    unit: the unit roundoff that both were derived for; 0 where nothing is rounded.
    """

    likely: Array
    worst: Array
    unit: float = 0.0

    @property
    def limit(self) -> Array:
        return SLACK * self.likely


def bounds(question: Question) -> dict[str, Bound]:
    """The bound of each array of the reference layer's answer to a question, in its dtype."""
    op = OPS[question.op]
    inputs = {name: wrap(value, question.dtype) for name, value in question.inputs.items()}
    dout = wrap(question.dout, question.dtype)
    with np.errstate(all="ignore"):
        arrays = run(op.forward, op.backward, op, inputs, question.attributes, dout)
        return {name: bound_of(array) for name, array in arrays.items()}


def wrap(value: Array, dtype: np.dtype[Any]) -> Any:
    """An input, free of error; integer inputs stay plain arrays."""
    return Bounded.exact(value.astype(np.float64), dtype) if value.dtype.kind == "f" else value


def bound_of(array: Any) -> Bound:
    if isinstance(array, Bounded):
        worst, likely = array.errors()
        return Bound(np.asarray(likely), np.asarray(worst), array.unit)
    zeros = np.zeros(np.shape(array))
    return Bound(zeros, zeros)


class Bounded(NDArrayOperatorsMixin):
    """An array whose elements know how far rounding in `dtype` may have moved them."""

    __array_priority__ = 1000
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, parts: Parts, dtype: np.dtype[Any]) -> None:
        self.parts = parts
        self.dtype = dtype

    @classmethod
    def exact(cls, value: Array, dtype: np.dtype[Any]) -> Bounded:
        """Numbers that are representable: one term, no error."""
        zeros = np.zeros_like(value)
        return cls((value, np.abs(value), np.ones_like(value), zeros, zeros.copy()), dtype)

    @classmethod
    def number(cls, value: Any, dtype: np.dtype[Any]) -> Bounded:
        """A constant such as eps: rounded once on its way to dtype."""
        given = np.asarray(value, dtype=np.float64)
        error = np.abs(given - given.astype(dtype).astype(np.float64))
        return cls((given, np.abs(given), np.ones_like(given), error, error.copy()), dtype)

    # ------------------------------------------------------------------ what an error is

    @property
    def value(self) -> Array:
        return self.parts[0]

    @property
    def unit(self) -> float:
        """The unit roundoff u of the dtype."""
        return float(np.finfo(self.dtype).eps) / 2

    @property
    def tiny(self) -> float:
        """What underflow may cost: frameworks flush subnormal numbers to zero."""
        return float(np.finfo(self.dtype).tiny)

    def errors(self) -> tuple[Array, Array]:
        """(worst, likely): the inherited errors, and those of adding up the terms."""
        _, size, terms, worst, likely = self.parts
        additions = np.maximum(terms - 1, 0)
        n_u = additions * self.unit
        gamma = np.where(n_u < 0.5, n_u / (1 - np.minimum(n_u, 0.5)), np.inf)
        return worst + times(gamma, size), likely + np.sqrt(additions) * self.unit * size

    def rounded(self, value: Array, errors: Iterable[Array], ulps: float = 1.0) -> Bounded:
        """A new single term: a value with inherited errors (worst, likely), rounded once."""
        new = ulps * self.unit * np.abs(value) + (self.tiny if ulps else 0.0)
        worst, likely = (inherited + new for inherited in errors)
        return Bounded((value, np.abs(value), np.ones_like(value), worst, likely), self.dtype)

    def through(self, value: Array, spread: Callable[[Array], Array], ulps: float) -> Bounded:
        """f(self) where an error e of the argument becomes spread(e)."""
        return self.rounded(value, (spread(error) for error in self.errors()), ulps)

    # ------------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        if method == "reduce" and ufunc in REDUCTIONS:
            result = REDUCTIONS[ufunc](*args, **kwargs)
        elif method == "__call__" and ufunc in PREDICATES:
            return ufunc(*(a.value if isinstance(a, Bounded) else a for a in args), **kwargs)
        elif method == "__call__" and ufunc in UFUNCS:
            result = UFUNCS[ufunc](*(self.convert(a) for a in args))
        else:
            raise TypeError(f"bounds: no rule for np.{ufunc.__name__}.{method}; see bounds.UFUNCS")
        if out is None:
            return result
        out[0][...] = result
        return out[0]

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in FUNCTIONS:
            return FUNCTIONS[func](*args, **kwargs)
        if func in STRUCTURAL:
            return self.each_part(func, args, kwargs)
        raise TypeError(f"bounds: no rule for np.{func.__name__}; see bounds.FUNCTIONS")

    def convert(self, value: Any) -> Bounded:
        return value if isinstance(value, Bounded) else Bounded.number(value, self.dtype)

    def each_part(self, func: Any, args: Any, kwargs: Any) -> Any:
        """A function that moves elements about: applied to each part alike."""
        results = [func(*select(args, k), **select(kwargs, k)) for k in range(len(PARTS))]
        if isinstance(results[0], (list, tuple)):
            return [Bounded(parts, self.dtype) for parts in zip(*results, strict=True)]
        return Bounded(tuple(results), self.dtype)

    # ------------------------------------------------------------------ an array's own methods

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    itemsize = property(lambda self: self.dtype.itemsize)
    T = property(lambda self: self.transpose())

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, key: Any) -> Bounded:
        key = key.value if isinstance(key, Bounded) else key
        return Bounded(tuple(np.asarray(part[key]) for part in self.parts), self.dtype)

    def __setitem__(self, key: Any, value: Any) -> None:
        for part, new in zip(self.parts, self.convert(value).parts, strict=True):
            part[key] = new

    def reshape(self, *shape: Any) -> Bounded:
        return Bounded(tuple(part.reshape(*shape) for part in self.parts), self.dtype)

    def transpose(self, *axes: Any) -> Bounded:
        return Bounded(tuple(part.transpose(*axes) for part in self.parts), self.dtype)

    def swapaxes(self, a: int, b: int) -> Bounded:
        return Bounded(tuple(part.swapaxes(a, b) for part in self.parts), self.dtype)

    def copy(self) -> Bounded:
        return Bounded(tuple(part.copy() for part in self.parts), self.dtype)

    def astype(self, dtype: Any, **_: Any) -> Bounded:
        return self

    def sum(self, axis: Any = None, **kwargs: Any) -> Bounded:
        return total(self, axis, **kwargs)

    def mean(self, axis: Any = None, **kwargs: Any) -> Bounded:
        return mean(self, axis, **kwargs)

    def max(self, axis: Any = None, **kwargs: Any) -> Bounded:
        return largest(self, axis, **kwargs)

    def erf(self) -> Bounded:
        """What `ref_layers.special.erf` asks for."""
        return error_function(self)


def select(tree: Any, k: int) -> Any:
    """Arguments with every Bounded replaced by its k-th part."""
    if isinstance(tree, Bounded):
        return tree.parts[k]
    if isinstance(tree, (list, tuple)):
        return type(tree)(select(value, k) for value in tree)
    if isinstance(tree, Mapping):
        return {name: select(value, k) for name, value in tree.items()}
    return tree


def times(a: Array, b: Array) -> Array:
    """a * b where 0 * inf is 0: no terms, no error."""
    return np.where((a == 0) | (b == 0), 0.0, a * b)


# ---------------------------------------------------------------------- arithmetic


def add(a: Bounded, b: Bounded, sign: float = 1.0) -> Bounded:
    value = a.value + sign * b.value
    rest = (x + y for x, y in zip(a.parts[1:], b.parts[1:], strict=True))
    return Bounded((value, *rest), a.dtype)


def multiply(a: Bounded, b: Bounded) -> Bounded:
    errors = (
        times(np.abs(a.value), eb) + times(np.abs(b.value), ea) + times(ea, eb)
        for ea, eb in zip(a.errors(), b.errors(), strict=True)
    )
    return a.rounded(a.value * b.value, errors)


def divide(a: Bounded, b: Bounded) -> Bounded:
    quotient = a.value / b.value
    errors = (
        np.where(
            np.abs(b.value) > eb, (ea + np.abs(quotient) * eb) / (np.abs(b.value) - eb), np.inf
        )
        for ea, eb in zip(a.errors(), b.errors(), strict=True)
    )
    return a.rounded(quotient, errors)


def square_root(a: Bounded) -> Bounded:
    root = np.sqrt(a.value)

    def spread(error: Array) -> Array:
        below = np.sqrt(np.maximum(a.value - error, 0))
        return np.where(error == 0, 0.0, error / np.where(root + below == 0, 1, root + below))

    return a.through(root, spread, 1.0)


def exponential(a: Bounded) -> Bounded:
    value = np.exp(a.value)
    return a.through(value, lambda error: np.asarray(value * np.expm1(error)), LIBRARY)


def power(a: Bounded, exponent: Bounded) -> Bounded:
    """a ** n for a positive a and a constant n.

    With r = error / a, both (1 + r)^n - 1 and 1 - (1 - r)^n are at most (1 - r)^-|n| - 1 in size.
    """
    value, n = np.power(a.value, exponent.value), np.abs(exponent.value)

    def spread(error: Array) -> Array:
        share = np.minimum(error / a.value, 1)
        return np.where(share < 1, value * np.expm1(-n * np.log1p(-share)), np.inf)

    return a.through(value, spread, LIBRARY)


def logarithm(a: Bounded) -> Bounded:
    def spread(error: Array) -> Array:
        return np.where(error < a.value, -np.log1p(-np.minimum(error / a.value, 1)), np.inf)

    return a.through(np.log(a.value), spread, LIBRARY)


def hyperbolic_tangent(a: Bounded) -> Bounded:
    def spread(error: Array) -> Array:
        steepest = 1 - np.tanh(np.maximum(np.abs(a.value) - error, 0)) ** 2
        return np.asarray(error * steepest)

    return a.through(np.tanh(a.value), spread, LIBRARY)


def error_function(a: Bounded) -> Bounded:
    """erf' = 2 / sqrt(pi) exp(-x^2) is largest where the interval comes nearest to 0."""

    def spread(error: Array) -> Array:
        nearest = np.maximum(np.abs(a.value) - error, 0)
        steepest: Array = 2 / np.sqrt(np.pi) * np.exp(-nearest * nearest)
        return error * steepest

    return a.through(erf(a.value), spread, LIBRARY)


def absolute(a: Bounded) -> Bounded:
    return Bounded((np.abs(a.value), *a.parts[1:]), a.dtype)


def negative(a: Bounded) -> Bounded:
    return Bounded((-a.value, *a.parts[1:]), a.dtype)


def maximum(a: Bounded, b: Bounded) -> Bounded:
    """Picks one of two, so no rounding; whichever is picked, the error is at most the larger."""
    errors = (np.maximum(ea, eb) for ea, eb in zip(a.errors(), b.errors(), strict=True))
    return a.rounded(np.maximum(a.value, b.value), errors, ulps=0.0)


def minimum(a: Bounded, b: Bounded) -> Bounded:
    return negative(maximum(negative(a), negative(b)))


def matmul(a: Bounded, b: Bounded) -> Bounded:
    """Sums of K products: gamma_K, products included (Higham, 2002, equation 3.5)."""
    (x, y), k = (np.abs(a.value), np.abs(b.value)), a.shape[-1]
    size = x @ y
    errors = [
        (x @ eb if eb.any() else 0) + (ea @ y + ea @ eb if ea.any() else 0) + 0 * size
        for ea, eb in zip(a.errors(), b.errors(), strict=True)
    ]
    return Bounded((a.value @ b.value, size, np.full_like(size, k + 1), *errors), a.dtype)


# ---------------------------------------------------------------------- reductions


def total(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    parts = tuple(np.asarray(part.sum(axis=axis, keepdims=keepdims)) for part in a.parts)
    return Bounded(parts, a.dtype)


def mean(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    summed = total(a, axis, keepdims)
    return divide(summed, summed.convert(float(a.size // max(1, summed.size))))


def largest(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    errors = (np.asarray(error.max(axis=axis, keepdims=keepdims)) for error in a.errors())
    return a.rounded(np.asarray(a.value.max(axis=axis, keepdims=keepdims)), errors, ulps=0.0)


# ---------------------------------------------------------------------- making arrays


def full_like(
    a: Any, fill: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Any:
    kind = a.dtype if dtype is None else np.dtype(dtype)
    plain = np.full(a.shape if shape is None else shape, fill, dtype=kind)
    return wrap(plain, a.dtype)


def zeros_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Any:
    zeros = full_like(a, 0, dtype, order, subok, shape)
    if isinstance(zeros, Bounded):
        zeros.parts[2][...] = 0  # an empty sum has no terms
    return zeros


def ones_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Any:
    return full_like(a, 1, dtype, order, subok, shape)


def where(condition: Any, a: Any, b: Any) -> Any:
    bounded = a if isinstance(a, Bounded) else b
    a, b = bounded.convert(a), bounded.convert(b)
    parts = tuple(np.where(condition, x, y) for x, y in zip(a.parts, b.parts, strict=True))
    return Bounded(parts, bounded.dtype)


UFUNCS: dict[Any, Callable[..., Bounded]] = {
    np.add: add, np.subtract: lambda a, b: add(a, b, -1.0), np.multiply: multiply,
    np.true_divide: divide, np.matmul: matmul, np.sqrt: square_root, np.exp: exponential,
    np.power: power, np.log: logarithm, np.tanh: hyperbolic_tangent, np.absolute: absolute,
    np.negative: negative,
    np.maximum: maximum, np.minimum: minimum, np.square: lambda a: multiply(a, a),
}  # fmt: skip
PREDICATES = {
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.isnan,
    np.isfinite, np.isinf, np.sign,
}  # fmt: skip
REDUCTIONS: dict[Any, Callable[..., Bounded]] = {np.add: total, np.maximum: largest}
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: total, np.mean: mean, np.max: largest, np.zeros_like: zeros_like,
    np.empty_like: zeros_like, np.ones_like: ones_like, np.full_like: full_like, np.where: where,
    np.argmax: lambda a, *args, **kwargs: np.argmax(a.value, *args, **kwargs),
    np.shape: lambda a: a.shape, np.ndim: lambda a: a.ndim, np.size: lambda a: a.size,
}  # fmt: skip
STRUCTURAL = {
    np.reshape, np.transpose, np.swapaxes, np.moveaxis, np.concatenate, np.stack, np.split,
    np.broadcast_to, np.expand_dims, np.squeeze, np.flip, np.take_along_axis, np.copy, np.ravel,
    np.repeat, np.tile,
}  # fmt: skip
