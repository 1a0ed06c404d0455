"""A limit beyond which a function fails: between a value that fails and one that passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.row import row_of
from layercheck.reporting.numbers import number

from .measures import Measure
from .simpler import changed

Names = dict[str, Any]
NEAR = 0.02
"""How far apart, beside their size, two numbers may be for one between them to be told."""

LEAST = 1e-2
"""Below which what is no longer 0 fails of a limit at 0."""

DIGITS = 17


@dataclass(frozen=True)
class Limit:
    """key: what it is of · words: with a place for it · of: a value of a case's names · cases: a
    case changed to about another value · passes, fails: the values next to each other · of_all:
    whether it speaks of all numbers of x."""

    key: str
    words: str
    of: Callable[[Names], float | None]
    cases: Callable[[Case, float], Iterable[Case]]
    passes: float
    fails: float
    of_all: bool = False

    @property
    def is_above(self) -> bool:
        """Whether what is above it fails."""
        return self.fails > self.passes

    @property
    def is_whole(self) -> bool:
        """Whether it is a limit of whole numbers."""
        return isinstance(self.passes, int) and isinstance(self.fails, int)

    @property
    def is_measured(self) -> bool:
        """Whether it is of what x holds, not of a size or an attribute."""
        return self.key == self.words

    @property
    def beyond(self) -> float:
        """A value that is well beyond it."""
        return self.fails * 2 if abs(self.fails) > abs(self.passes) else self.fails / 2

    @property
    def is_found(self) -> bool:
        """Whether hardly anything lies between the two."""
        low, high = sorted((self.passes, self.fails))
        if self.is_whole:
            return high - low == 1
        at_zero = low <= 0 <= high and max(-low, high) <= LEAST and self.fails != 0
        return at_zero or high - low <= NEAR * max(abs(low), abs(high))

    @property
    def is_vague(self) -> bool:
        """Whether not even its first digit is known, of numbers that any case can hold: nothing
        was tried between the two, and what it lies between would say nothing."""
        low, high = (float(f"{end:.0e}") for end in sorted((self.passes, self.fails)))
        step = 10.0 ** floor(log10(min(abs(low), abs(high)) or 1))
        is_known = low * high > 0 and round((high - low) / step) <= 1
        return self.is_measured and not self.is_found and not is_known

    @property
    def value(self) -> float:
        """The roundest number that tells the two apart."""
        return self.passes if self.is_whole else roundest(self.passes, self.fails)

    @property
    def may_be_met(self) -> bool:
        """Whether the failing value is rounder than all between the two: it may be the limit
        itself, and where it is, nothing between is."""
        return not self.is_whole and digits_of(self.fails) < digits_of(self.value)

    @property
    def text(self) -> str:
        """`N > 3`; where it was not found, what it lies between."""
        if self.is_found and not self.may_be_met:
            return self.words.format(number(self.value, 6))
        low, high = (number(end, 3) for end in sorted((self.passes, self.fails)))
        about = f"a limit between {low} and {high}"
        if not self.is_measured:
            return f"{self.key} is {'above' if self.is_above else 'below'} {about}"
        return self.words.format(about)

    def holds(self, names: Names) -> bool:
        """Whether a case is beyond it."""
        found = self.of(names)
        if found is None:
            return False
        return found > self.value if self.is_above else found < self.value


def roundest(passes: float, fails: float) -> float:
    """The number of the fewest digits that the one does not pass and the other does.

    >>> roundest(2.98, 3.02), roundest(0.9996, 1.0004), roundest(0, 1e-6), roundest(0.02, 0.0098)
    (3.0, 1.0, 0.0, 0.01)
    """
    low, high = sorted((passes, fails))
    for digits in range(DIGITS):
        for value in (0.0, (low + high) / 2, low, high):
            rounded = float(f"{value:.{digits}e}")
            if low <= rounded <= high and rounded != fails:
                return rounded
    return passes


def digits_of(value: float) -> int:
    """How many digits a number has.

    >>> digits_of(6.0), digits_of(5.98), digits_of(0.0)
    (1, 3, 1)
    """
    return next(n + 1 for n in range(DIGITS + 1) if float(f"{value:.{n}e}") == value)


def named_limit(
    name: str, sign: str, inside: Sequence[Any], outside: Sequence[Any]
) -> Limit | None:
    """The limit of an attribute or a size that `name > 3` speaks of."""

    def cases(base: Case, value: float) -> Iterator[Case]:
        for change in changes(row_of(base), name, value):
            made = changed(base, change)
            if made is not None:
                yield made

    words = f"{name} {sign} {{}}"
    return between(name, words, lambda n: n.get(name), cases, inside, outside, sign == ">")


def measured_limit(
    measure: Measure, inside: Sequence[Names], outside: Sequence[Names]
) -> Limit | None:
    """The limit of what x holds, where all failing cases are beyond some passing ones."""

    def of(names: Names) -> float | None:
        return measure.at(names["case"])

    found = [of(names) for names in inside]
    others = [value for names in outside if (value := of(names)) is not None]
    if not all(value is not None for value in found):
        return None
    limit = between(
        measure.words, measure.words, of, measure.cases, found, others, measure.is_above
    )
    return limit and replace(limit, of_all=measure.of_all)


def between(
    key: str,
    words: str,
    of: Callable[[Names], float | None],
    cases: Callable[[Case, float], Iterable[Case]],
    inside: Sequence[Any],
    outside: Sequence[Any],
    is_above: bool,
) -> Limit | None:
    """The limit between the failing values and the passing ones beyond which they lie; None where
    no passing one lies there."""
    if is_above:
        fails = min(inside)
        passes = max((v for v in outside if v < fails), default=None)
    else:
        fails = max(inside)
        passes = min((v for v in outside if v > fails), default=None)
    return None if passes is None else Limit(key, words, of, cases, passes, fails)


def changes(row: dict[str, Any], name: str, value: float) -> Iterator[dict[str, Any]]:
    """What has to be changed in a row: `kernel_size_h` is one of a pair."""
    if name in row:
        yield {name: value}
    stem, _, side = name.rpartition("_")
    if side in ("h", "w") and stem in row:
        now = row[stem]
        h, w = now if isinstance(now, tuple) else (now, now)
        yield {stem: (value, w) if side == "h" else (h, value)}
        yield {stem: value}
