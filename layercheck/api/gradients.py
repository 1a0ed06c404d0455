"""A person's own gradient held against the derivative of his own function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layercheck.implementations.arrays import as_numpy
from oracles.oracle import Array

Function = Callable[..., Any]
UNIT = 2.0**-53
STEP = 2.0**-17
"""About u**(1/3): where a central difference's truncation and its rounding are alike."""

COMPLEX_STEP = 2.0**-60
"""So small that its square is lost beside 1: the imaginary part is the derivative, unrounded."""


@dataclass(frozen=True)
class Slope:
    """A derivative by each element of an input. off: how far it may itself be off."""

    value: Array
    off: Array


def gradcheck(f: Function, df: Function, *inputs: Any, seed: int = 0) -> bool:
    """Whether a gradient is the derivative of its function; raises AssertionError where it is not.

    f(*inputs): an array, or a tuple whose first is meant · df(dout, *inputs): a gradient for each
    input, dout being as f's output; None for one that has none. The cotangent is random, by the
    seed. The derivative is taken by the complex step where f allows it, else by central
    differences of two widths, whose distance, with what their rounding may be, is the tolerance.
    Raises ValueError where f gives no finite number there.

    >>> import numpy as np, layercheck
    >>> layercheck.gradcheck(np.sin, lambda dout, x: dout * np.cos(x), np.linspace(-2, 2, 5))
    True
    >>> layercheck.gradcheck(np.sin, lambda dout, x: dout * np.sin(x), np.linspace(-2, 2, 5))
    Traceback (most recent call last):
    AssertionError: gradient of input 0: got ...
    """
    at = [np.array(as_numpy(value) if as_numpy(value) is not None else value) for value in inputs]
    at = [value.astype(np.float64) if value.dtype.kind == "f" else value for value in at]
    out = first(f, at)
    dout = 2.0 * np.random.RandomState(seed).random_sample(out.shape) - 1
    dout += np.where(dout < 0, -0.5, 0.5)  # none so small that its element could hide
    made = df(dout, *[value.copy() for value in at])
    gradients = made if isinstance(made, (tuple, list)) else (made,)
    if len(gradients) != len(at):
        raise AssertionError(f"df gave {len(gradients)} gradients; expected one for each input")
    for number, (value, gradient) in enumerate(zip(at, gradients, strict=True)):
        if gradient is not None:
            compare(number, as_numpy(gradient), slope_of(f, at, number, dout), value)
    return True


def compare(number: int, got: Array | None, slope: Slope, value: Array) -> None:
    """Raise AssertionError where a gradient is not the slope."""
    name = f"gradient of input {number}"
    if got is None or got.shape != value.shape:
        shape = "no array" if got is None else f"shape {got.shape}"
        raise AssertionError(f"{name}: got {shape}, expected shape {value.shape}")
    error = np.abs(np.asarray(got, np.float64) - slope.value)
    share = np.where(error <= slope.off, 0.0, error / np.maximum(slope.off, np.finfo(float).tiny))
    share = np.where(np.isfinite(error), share, np.inf)
    if share.any():
        place = np.unravel_index(int(np.argmax(share)), share.shape)
        index = [int(i) for i in place]
        raise AssertionError(
            f"{name}: got {got[place]:.17g}, expected {slope.value[place]:.17g} at {index}; error "
            f"{error[place]:.3g}, tolerance {slope.off[place]:.3g} (derived), "
            f"{int((share > 0).sum())} of {share.size} elements are beyond it"
        )


def first(f: Function, inputs: Sequence[Array]) -> Array:
    """The output that is meant; raises ValueError for one that is not finite."""
    made = f(*[value.copy() for value in inputs])
    out = as_numpy(made[0] if isinstance(made, tuple) else made)
    if out is None:
        raise ValueError(f"f gave a {type(made).__name__}; expected an array")
    if not np.isfinite(out).all():
        raise ValueError("f gives no finite number here; choose other inputs")
    return out


def slope_of(f: Function, inputs: Sequence[Array], number: int, dout: Array) -> Slope:
    """The derivative of sum(f * dout) by each element of one input."""
    one = complex_slope if allows_complex(f, inputs, number) else central_slope
    return by_element(inputs[number], lambda place: one(f, inputs, number, place, dout))


def by_element(value: Array, slope: Callable[[tuple[int, ...]], tuple[float, float]]) -> Slope:
    """The slopes of all elements. slope: of one, and how far it may be off."""
    made = np.array([slope(place) for place in np.ndindex(value.shape)]).reshape(*value.shape, 2)
    return Slope(made[..., 0], made[..., 1])


def moved(inputs: Sequence[Array], number: int, place: tuple[int, ...], by: complex) -> list[Array]:
    """The inputs with one element moved."""
    kind = np.complex128 if isinstance(by, complex) else np.float64
    own = [value.copy() for value in inputs]
    own[number] = own[number].astype(kind)
    own[number][place] += by
    return own


def allows_complex(f: Function, inputs: Sequence[Array], number: int) -> bool:
    """Whether the complex step tells the truth of f: it keeps the imaginary part, and agrees with a
    difference in one direction (abs, maximum and comparisons do not)."""
    value = inputs[number]
    direction = np.random.RandomState(1).random_sample(value.shape) + 0.5
    try:
        own = list(inputs)
        own[number] = value + 1j * COMPLEX_STEP * direction
        with np.errstate(all="ignore"):
            told = first(f, own)
        own[number] = value + STEP * direction
        ahead = first(f, own)
        own[number] = value - STEP * direction
        behind = first(f, own)
    except Exception:  # f is anybody's: whatever it raises, it does not take complex numbers
        return False
    if told.dtype.kind != "c":
        return False
    by_step = told.imag / COMPLEX_STEP
    by_difference = (ahead - behind) / (2 * STEP)
    size = np.abs(by_step).max(initial=0.0) + np.abs(by_difference).max(initial=0.0)
    return bool(np.abs(by_step - by_difference).max(initial=0.0) <= size * STEP)


def complex_slope(
    f: Function, inputs: Sequence[Array], number: int, place: tuple[int, ...], dout: Array
) -> tuple[float, float]:
    """By two steps, which round differently; what else is off is the rounding of the sum."""
    terms = [
        first(f, moved(inputs, number, place, 1j * step)).imag / step * dout
        for step in (COMPLEX_STEP, COMPLEX_STEP * 1.375)
    ]
    near, far = (float(t.sum()) for t in terms)
    size = float(np.abs(terms[0]).sum())
    return near, abs(near - far) + rounding(dout.size + inputs[number].size) * size


def central_slope(
    f: Function, inputs: Sequence[Array], number: int, place: tuple[int, ...], dout: Array
) -> tuple[float, float]:
    """By central differences of two widths, which differ by thrice the error of the first."""
    slopes, sizes = [], []
    step = STEP * max(1.0, abs(float(inputs[number][place])))
    for width in (step, 2 * step):
        ahead, behind = (
            first(f, moved(inputs, number, place, by)).astype(np.float64) * dout
            for by in (width, -width)
        )
        slopes.append(float((ahead - behind).sum()) / (2 * width))
        sizes.append(float(np.abs(ahead).sum() + np.abs(behind).sum()))
    off = abs(slopes[0] - slopes[1]) + rounding(dout.size) * sizes[0] / (2 * step)
    return slopes[0], off + rounding(dout.size) * abs(slopes[0])


def rounding(terms: int) -> float:
    """gamma_n = n u / (1 - n u) of a sum of so many products (Higham, ch. 3)."""
    n = terms + 4
    return n * UNIT / (1 - n * UNIT)
