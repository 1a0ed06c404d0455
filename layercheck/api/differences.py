"""The derivative of anybody's function by differences of many widths, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import floor, inf, log2

import numpy as np

from oracles.oracle import Array

from .grains import GRAINS_WIDE, WIDE, grain_of
from .slopes import (
    COARSE,
    LOOSE,
    SMALL,
    SURE,
    UNIT,
    UNKNOWN,
    Function,
    Slope,
    moved,
    outputs_at,
    rounding,
)

USUAL, FINE = -18, -26
"""Exponents of the width that is tried first, and of one at which only double precision moves
evenly."""

FINEST, WIDEST, RATIO = -44, -2, 4
"""Exponents of the other widths, each RATIO times the last, of 1 and of the element itself."""


@dataclass(frozen=True)
class Difference:
    """What f does from -width to width. slope: the central difference · bend: the slope ahead less
    the one behind · change: how much moved in all · noise: what rounding may make of it."""

    slope: float
    bend: float
    change: float
    noise: float


@dataclass
class Line:
    """f along one element of an input. out: at the element itself · grain: what f does not tell
    apart there."""

    f: Function
    inputs: Sequence[Array]
    number: int
    place: tuple[int, ...]
    dout: Array
    out: Array
    grain: float = 0.0
    seen: dict[int, Difference | None] = field(default_factory=dict)

    @cached_property
    def x(self) -> float:
        """The element."""
        return float(self.inputs[self.number][self.place])

    def difference(self, exponent: int) -> Difference | None:
        """Of a width of 2**exponent; None where f has no finite number there."""
        if exponent not in self.seen:
            self.seen[exponent] = self._difference(2.0**exponent)
        return self.seen[exponent]

    def outputs(self, width: float) -> list[Array] | None:
        """Ahead and behind; None where f has no finite number there."""
        by = (width, -width)
        return outputs_at(
            self.f, [moved(self.inputs, self.number, self.place, b) for b in by], self.out
        )

    @cached_property
    def still(self) -> Array:
        """Which outputs do not move at a wide step."""
        made = self.outputs(2.0 ** (self.top + WIDE))
        none = np.zeros(self.out.shape, bool)
        return none if made is None else (made[0] == self.out) & (made[1] == self.out)

    def _difference(self, width: float) -> Difference | None:
        made = self.outputs(width)
        if made is None:
            return None
        number = np.finfo(made[0].dtype if made[0].dtype.kind == "f" else np.float64)
        ahead, behind, out = (v.astype(np.float64) for v in (*made, self.out))
        size = np.abs(self.dout)
        change = float((np.abs(ahead - behind) * size).sum())
        rounded = 2 * float(number.eps) * (np.abs(ahead) + np.abs(behind)) * size
        # what does not move at a wide step is off by its share of that
        if number.eps > 4 * UNIT or width < 2.0 ** (self.top + FINE):
            rounded = rounded * np.where(self.still, min(1, width / 2.0 ** (self.top + WIDE)), 1)
        lost = float(rounded.sum() + float(number.smallest_subnormal) * size.sum())
        slope = float(((ahead - behind) * self.dout).sum()) / (2 * width)
        bend = float((((ahead - out) - (out - behind)) * self.dout).sum()) / width
        moving = abs(slope) * UNIT * abs(self.x)  # the element's own rounding
        return Difference(slope, bend, change, lost + moving + rounding(out.size) * change)

    def at(self, exponent: int, noise: float = 0.0) -> Slope:
        """By a width and one RATIO times as wide: for a smooth f they differ by 15 times the error
        of the first, and its bend is a quarter of the other's; at a kink it is the same.

        noise: of f, beyond its rounding.
        """
        near, far = self.difference(exponent), self.difference(exponent + 2)
        if near is None or far is None:
            return UNKNOWN
        width = 2.0**exponent
        if width < GRAINS_WIDE * self.grain:
            return Slope(near.slope, inf, COARSE)
        noise += near.noise + near.change * self.grain / width
        parts = {
            "f bends or jumps there": abs(near.slope - far.slope),
            "f has a kink there": abs(RATIO * near.bend - far.bend) / (RATIO - 1),
            COARSE: noise / width,
        }
        return Slope(near.slope, sum(parts.values()), max(parts, key=lambda why: parts[why]))

    def is_flat(self) -> bool:
        """Whether nothing moves, not even at a wide step."""
        own = (self.difference(self.top + e) for e in (USUAL, USUAL + 2, WIDE))
        return not any(made is None or made.change for made in own)

    @property
    def top(self) -> int:
        """The exponent of the element, of 1 where it is less."""
        return max(0, floor(log2(abs(self.x) or 1)))

    def usual(self) -> Slope:
        """By the width that is tried first."""
        return self.at(self.top + USUAL)

    def exponents(self) -> list[int]:
        """The widths to try, from the finest: of 1, and of the element's own size."""
        tops = {0} if self.x == 0 else {0, 2 * floor(log2(abs(self.x)) / 2)}
        every = {top + e for top in tops for e in range(FINEST, WIDEST + 1, 2)}
        return sorted(e for e in every if e > -1020)

    def moves_evenly(self, slope: float) -> bool:
        """Whether it has this slope at a finer width too, as far as double precision tells."""
        fine = self.difference(self.top + FINE)
        if fine is None:
            return False
        off = fine.noise / 2.0 ** (self.top + FINE) + SURE * abs(slope)
        return abs(fine.slope - slope) <= off

    def ladder(self) -> list[Slope]:
        """By every width, each with the noise that was seen of f at those that are not wider."""
        made, noise = [], 0.0
        for exponent in self.exponents():
            near, far = self.difference(exponent), self.difference(exponent + 2)
            if near is not None and far is not None:
                # fourth differences, where nothing but noise is left of a smooth f
                fourth = (RATIO * far.bend - RATIO**2 * near.bend) * 2.0**exponent
                noise = max(noise, abs(fourth) / 20)
            made.append(self.at(exponent, noise))
        return made


def lines_of(
    f: Function, inputs: Sequence[Array], number: int, out: Array, dout: Array
) -> list[Line]:
    """f along each element of an input; what it does not tell apart is looked for once for all, and
    where there is something, along each."""
    value = np.asarray(inputs[number], np.float64)
    sizes = np.where(value == 0, 1.0, np.abs(value))
    grain = grain_of(
        f, inputs, number, out, sizes * (np.random.RandomState(2).rand(*value.shape) + 0.5)
    )
    made = []
    for place in np.ndindex(value.shape):
        own = np.zeros(value.shape)
        own[place] = sizes[place]
        told = grain and (grain_of(f, inputs, number, out, own) or grain)
        made.append(Line(f, inputs, number, place, dout, out, told))
    return made


def by_differences(line: Line) -> list[Slope]:
    """What may be the slope, the most certain first: the one that the usual width is sure of, else
    those of other widths, which contradict each other; none where none is small beside its
    tolerance."""
    first = line.usual()
    if first.is_sure(SURE) and first.value and line.moves_evenly(first.value):
        return [first]
    found = apart(one for one in line.ladder() if one.value and one.is_sure(LOOSE))
    return found if any(one.is_sure(SMALL) for one in found) else []


def apart(slopes: Iterable[Slope]) -> list[Slope]:
    """The most certain ones, of which none agrees with another."""
    found: list[Slope] = []
    for one in sorted(slopes, key=lambda slope: slope.off):
        if not any(known.agrees(one.value, one.off) for known in found):
            found.append(one)
    return found


def by_nothing(line: Line, limit: float) -> Slope:
    """The slope where none is sure of itself: one that is 0, as far as it matters, if no finer
    width contradicts it; else the most certain of all.

    limit: what does not matter.
    """
    if line.is_flat() and (flat := line.usual()).off <= limit:
        return flat
    finer: list[Slope] = []
    best = UNKNOWN
    for one in line.ladder():
        if not all(known.agrees(one.value, one.off) for known in finer):
            continue
        finer.append(one)
        best = min(best, one, key=lambda slope: slope.off)
    return best
