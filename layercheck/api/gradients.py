"""A person's own gradient held against the derivative of his own function."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layercheck.errors import Undecided, UsageError
from layercheck.implementations.arrays import as_numpy, library_of_array
from oracles.oracle import Array

from .complex_step import allows_complex, complex_slope
from .differences import by_differences, by_nothing, lines_of
from .slopes import NOTHING, SMALL, UNKNOWN, Function, Slope, leaving, output

BESIDE = 2.0**-13
"""A tolerance's share of the largest slope of an input at which a slope beside it counts as 0."""

OWN_ROUNDING = 64
"""By how many roundings of its dtype, where that is less than float64, a gradient may be off."""

ANOTHER = (
    "f gave other numbers for the same inputs a second time; expected one that draws none and "
    "keeps nothing between calls"
)

WHAT_TO_DO = (
    "give another point, a smaller constant beside what changes, or an f in float64 that takes "
    "complex numbers"
)


def gradcheck(f: Function, df: Function, *inputs: Any, seed: int = 0) -> bool:
    """Whether a gradient is the derivative of its function; raises AssertionError where it is not.

    f(*inputs): an array or a number, or a tuple whose first is meant · df(dout, *inputs): a
    gradient for each input, dout being as f's output; None for an input of whole numbers alone:
    what else is not to be differentiated is bound in f and df. The cotangent is random, by the
    seed. The derivative is taken by the complex step where f allows it, else by central
    differences, of further widths where one is not sure; their distance, with what their rounding
    may be, is the tolerance. Raises Undecided, a ValueError, where that is not small beside the
    slope (at a kink, beside a large constant), ValueError where f gives no finite number, and
    UsageError for inputs that no derivative is of.

    >>> import numpy as np, layercheck
    >>> layercheck.gradcheck(np.sin, lambda dout, x: dout * np.cos(x), np.linspace(-2, 2, 5))
    True
    >>> layercheck.gradcheck(np.sin, lambda dout, x: dout * np.sin(x), np.linspace(-2, 2, 5))
    Traceback (most recent call last):
    AssertionError: gradient of input 0: got ...
    """
    check_given(f, df, inputs)
    at = [as_input(number, value) for number, value in enumerate(inputs)]
    if not any(value.size for value in at):
        raise UsageError("got inputs without any number; expected some to differentiate by")
    f, df = in_library(f, inputs), in_library(df, inputs, beside=1)
    out = leaving("f", at, lambda *given: output(f, given, own=False))
    if out.dtype.kind == "c":
        raise ValueError("f gave complex numbers; expected real ones")
    dout = 2.0 * np.random.RandomState(seed).random_sample(out.shape) - 1
    dout = np.asarray(dout + np.where(dout < 0, -0.5, 0.5))  # none so small that it could hide
    unsure = ""
    for number, gradient in enumerate(gradients_of(leaving("df", [dout, *at], df), at)):
        if gradient is not None or at[number].dtype.kind == "f":
            got = as_wide(number, gradient_of(number, gradient, at[number]), inputs[number], out)
            check_moves(number, f, at)
            elements = elements_of(number, got, f, at, out, dout)
            unsure = compare(f"gradient of input {number}", got, elements) or unsure
    if unsure:
        repeats = np.array_equal(out, output(f, at), equal_nan=True)
        raise Undecided(unsure if repeats else ANOTHER)
    return True


def as_wide(number: int, got: Array, given: Any, out: Array) -> Array:
    """The gradient; raises AssertionError for one in less than double precision where f has it."""
    value = np.asarray(given if (own := as_numpy(given)) is None else own)
    is_double = value.dtype == out.dtype == np.float64
    if is_double and got.dtype.kind == "f" and got.dtype.itemsize < out.dtype.itemsize:
        raise AssertionError(
            f"gradient of input {number}: got an array of {got.dtype}, expected float64, as the "
            "input and what f makes of it; let df keep the dtype of its input"
        )
    return got


def gradients_of(made: Any, inputs: Sequence[Array]) -> Sequence[Any]:
    """What df gave, a gradient for each input; raises AssertionError for another number of them,
    and UsageError where there is nothing to differentiate by."""
    gradients = made if isinstance(made, (tuple, list)) else (made,)
    if len(gradients) != len(inputs):
        raise AssertionError(f"df gave {len(gradients)} gradients; expected one for each input")
    pairs = zip(inputs, gradients, strict=True)
    if all(value.dtype.kind != "f" and gradient is None for value, gradient in pairs):
        raise UsageError("got no input of floating-point numbers; expected one to differentiate by")
    return gradients


# ---------------------------------------------------------------------- what is given


def check_given(f: Any, df: Any, inputs: Sequence[Any]) -> None:
    """Raise UsageError where there is nothing to call, or nothing to differentiate at."""
    for name, function in (("f", f), ("df", df)):
        if not callable(function):
            raise UsageError(f"got {name}={function!r}; expected a function")
    if not inputs:
        raise UsageError("got no inputs; expected gradcheck(f, df, x, ...), a point to check at")


def as_input(number: int, value: Any) -> Array:
    """An input in double precision; raises UsageError for one of complex numbers."""
    made = np.array(value if (own := as_numpy(value)) is None else own)
    if made.dtype.kind == "c":
        raise UsageError(f"got input {number} of {made.dtype}; expected real numbers")
    return made.astype(np.float64) if made.dtype.kind == "f" else made


MAKERS: dict[str, tuple[str, str]] = {
    "torch": ("torch", "as_tensor"),
    "tensorflow": ("tensorflow", "constant"),
    "jax": ("jax.numpy", "asarray"),
}
"""Where a library makes an array of NumPy's its own."""


def in_library(function: Function, inputs: Sequence[Any], beside: int = 0) -> Function:
    """A function that gets the arrays of the library that its inputs were of.

    beside: how many arguments come before them, of the library of the first that has one.
    """
    libraries = [library_of_array(value) for value in inputs]
    used = next(filter(None, libraries), "")
    if not used:
        return function
    every = [used] * beside + libraries

    def called(*given: Array) -> Any:
        pairs = zip(every, given, strict=True)
        return function(*[maker(of)(value) if of else value for of, value in pairs])

    return called


def maker(library: str) -> Callable[[Array], Any]:
    """What makes an array one of the library's, which is imported since there was one of it."""
    module, name = MAKERS[library]
    make: Callable[[Array], Any] = getattr(sys.modules[module], name)
    return make


def gradient_of(number: int, gradient: Any, value: Array) -> Array:
    """A gradient as an array; raises AssertionError for one that cannot be an input's."""
    name = f"gradient of input {number}"
    own = isinstance(gradient, (int, float, complex))
    got = np.asarray(gradient) if own else as_numpy(gradient)
    if got is None:
        told = "None" if gradient is None else f"a {type(gradient).__name__}"
        raise AssertionError(
            f"{name}: got {told}, expected an array of shape {value.shape}; does df return it? "
            "An input that is not to be differentiated is bound in f and df (functools.partial)"
        )
    if got.shape != value.shape:
        raise AssertionError(f"{name}: got shape {got.shape}, expected shape {value.shape}")
    if got.dtype.kind not in "biufc" or (got.dtype.kind == "c" and got.imag.any()):
        raise AssertionError(f"{name}: got an array of {got.dtype}, expected real numbers")
    return got.real if got.dtype.kind == "c" else got


# ---------------------------------------------------------------------- held against the slope


@dataclass(frozen=True)
class Element:
    """One element of a gradient. slopes: what the derivative may be, of which none agrees with
    another; none where that is not known · unknown: what is known then."""

    place: tuple[int, ...]
    got: float
    slopes: list[Slope]
    unknown: Slope = UNKNOWN

    @property
    def slope(self) -> Slope:
        """The derivative, as far as it is known."""
        return self.slopes[0] if self.slopes else self.unknown

    @property
    def why(self) -> str:
        """What makes it uncertain."""
        return "f has another slope at another width" if self.slopes else self.unknown.why

    @property
    def share(self) -> float:
        """The error beside the tolerance."""
        error = abs(self.got - self.slope.value)
        return error / max(self.slope.off, np.finfo(float).tiny) if np.isfinite(error) else np.inf

    def is_wrong(self, rounded: float) -> bool:
        """Whether it is none of the slopes. rounded: by how much it may be off by its dtype."""
        return bool(self.slopes) and not any(s.agrees(self.got, rounded) for s in self.slopes)

    def is_unsure(self, rounded: float) -> bool:
        """Whether there is nothing to hold it against, or what says two things."""
        sure = self.slopes[:1] + [s for s in self.slopes[1:] if s.is_sure(SMALL)]
        right = len(sure) == 1 and sure[0].agrees(self.got, rounded)
        return not right and not self.is_wrong(rounded)


def compare(name: str, got: Array, made: Sequence[Element]) -> str:
    """Raise AssertionError where a gradient is not the slope; where that cannot be told, why."""
    own = float(np.finfo(got.dtype).eps) if got.dtype.kind == "f" else 0.0
    share = OWN_ROUNDING * own if own > np.finfo(np.float64).eps else 0.0
    rounded = share * most_of(made)
    wrong = [one for one in made if one.is_wrong(rounded)]
    if wrong:
        worst = max(wrong, key=lambda one: one.share)
        error, off = abs(worst.got - worst.slope.value), worst.slope.off + rounded
        raise AssertionError(
            f"{name}: got {worst.got:.17g}, expected {worst.slope.value:.17g} at "
            f"{[*worst.place]}; error {error:.3g}, tolerance {off:.3g} (derived), "
            f"{len(wrong)} of {len(made)} elements are beyond it"
        )
    if share > SMALL and made:
        return f"{name}: undecided: it is of {got.dtype}, which is too coarse; give float64"
    unsure = [one for one in made if one.is_unsure(rounded)]
    return told_unsure(name, unsure, len(made)) if unsure else ""


def told_unsure(name: str, unsure: Sequence[Element], among: int) -> str:
    """What cannot be told, why, and what to do."""
    first = unsure[0]
    return (
        f"{name}: undecided in {len(unsure)} of {among} elements: got {first.got:.17g} at "
        f"{[*first.place]}, where the slope {first.slope.value:.9g} may itself be off by "
        f"{first.slope.off:.3g}: {first.why}; {WHAT_TO_DO}"
    )


def most_of(made: Sequence[Element]) -> float:
    """The largest slope that is known."""
    return max((abs(s.value) for one in made for s in one.slopes), default=0.0)


def elements_of(
    number: int, got: Array, f: Function, inputs: Sequence[Array], out: Array, dout: Array
) -> list[Element]:
    """The elements of a gradient, each with its slope."""
    value, real = inputs[number], np.asarray(got, np.float64)
    places = list(np.ndindex(value.shape))
    if allows_complex(f, inputs, number):
        exact = [complex_slope(f, inputs, number, place, dout) for place in places]
        return [Element(p, float(real[p]), [s]) for p, s in zip(places, exact, strict=True)]
    lines = lines_of(f, inputs, number, out, dout)
    made = [Element(one.place, float(real[one.place]), by_differences(one)) for one in lines]
    most = most_of(made)
    small = BESIDE * most if most else flat_limit(value, out, dout)
    for index, one in enumerate(made):
        if not one.slopes:
            best = by_nothing(lines[index], small)
            known = [best] if best.off <= small else []
            made[index] = Element(one.place, one.got, known, best)
    return made


def flat_limit(value: Array, out: Array, dout: Array) -> float:
    """How little counts as no slope at all where there is no other to compare with."""
    size, along = float(np.abs(out * dout).sum()), float(np.abs(value).max(initial=0.0))
    natural = size / along if along else 1.0
    return NOTHING * min(natural, float(np.abs(dout).sum()))


def check_moves(number: int, f: Function, inputs: Sequence[Array]) -> None:
    """Raise UsageError for whole numbers that f takes as such: there is no derivative."""
    if inputs[number].dtype.kind == "f":
        return
    own = list(inputs)
    try:
        own[number] = own[number].astype(np.float64)
        output(f, own)
    except Exception as error:  # f is anybody's, whatever it raises
        raise UsageError(
            f"got a gradient of input {number}, of {inputs[number].dtype}, which f takes as such "
            f"({type(error).__name__}: {error}); expected None in its place"
        ) from None
