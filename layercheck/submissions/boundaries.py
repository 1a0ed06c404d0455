"""Cases where code may change what it does: at the numbers that it mentions, then anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice, takewhile
from math import ceil
from typing import Any

import numpy as np

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.combined import make_case
from layercheck.cases.named_fills import DOUT, OF_DOUT_ALONE
from layercheck.cases.space import Row
from layercheck.cases.standard import usual
from layercheck.cases.text import value_text
from ref_layers import OPS

from .accepted import is_valid_alone, largest_of, smallest
from .expressible import narrowed, square_kernel
from .profiles.names import SPATIAL
from .profiles.target import Takes

LARGEST_SIZE = 4096
ELEMENTS = 4_000
MOST_ELEMENTS = 80_000
"""How many numbers a case holds at most: more only where the code names a number as large."""

FIRST_SEED = 9000
"""Beyond the seeds of every grid."""

COMMON = 4
"""Numbers up to here are sizes in any grid: they come last."""

TRIES, TRIES_BEYOND = 2, 20
"""How many combinations of tiny sizes are tried at most, and beside sizes that none may lack."""

TRIES_WANTED = 8
"""How many cases are drawn for one such size, until one is wanted."""

SMALL = 12
"""Of fewer most grids have more, in one place or another."""

FAR = 4000
"""How far beyond a narrow integer a size is, at most."""

UNIT = ("p", "momentum", "label_smoothing")
"""Attributes that are shares."""

SIGNED = (*(f"{DOUT}:{sign}" for sign in OF_DOUT_ALONE), "negative", "apart")
"""Fills at which all of dout, or of the data, is of one sign, or the same; zeros come last of dout:
they reach many a line, and what it does to them shows nothing."""

KERNEL = ("KH", "KW")
ALIKE = (("H", "W"), KERNEL)


class Boundaries:
    """Draws cases of one op for signatures.

    near: the numbers of the conditions that were never met · numbers: all that the code mentions.
    """

    def __init__(
        self, op_name: str, takes: Takes, near: Sequence[float], numbers: Sequence[float]
    ) -> None:
        self.op, self.takes = OPS[op_name], takes
        self.near = sorted(near, key=lambda number: abs(number) <= COMMON)
        self.numbers = list(dict.fromkeys([*near, *numbers]))
        self.factors = narrowed(op_name, takes)
        self.usual = [case for case in usual(op_name) if not self.refused(case)]
        fills = [case.fill for case in self.usual if case.fill != "normal"]
        self.fills = list(dict.fromkeys([*self.factors["fill"], *fills, *SIGNED]))
        kept = (*self.op.attributes, *self.op.optional, "dtype", "fill")
        self.sizes = [name for name in self.factors if name not in kept and name != "one"]
        self.rs = np.random.RandomState(20260102)
        largest = max((int(n) for n in self.numbers if n <= MOST_ELEMENTS), default=0)
        self.most = max(ELEMENTS, min(int(1.5 * largest), MOST_ELEMENTS))

    def cases(self, goes_on: Callable[[], bool] = lambda: True) -> Iterator[Case]:
        """Cases without end: first each number at each place, in turn with what is drawn freely.

        goes_on: asked before each draw, since there may be none that can be asked.
        """
        steps = self.at_numbers()
        for seed in takewhile(lambda _: goes_on(), count(FIRST_SEED)):
            row = next(steps, None) if seed % 4 < 2 else None
            if row is not None:
                made = self.with_row(row, seed)
            elif seed % 4 == 3 and self.usual:
                made = self.other_sizes(self.pick(self.usual), seed)
            else:
                made = self.made(self.free(), seed)
            if made is not None and not self.refused(made) and made.elements <= self.most:
                yield made

    def refused(self, case: Case) -> bool:
        """Whether the signature cannot be asked this."""
        return bool(self.takes.refuses(case.shapes, case.all_attributes, case.needs))

    def pick(self, values: Sequence[Any]) -> Any:
        """One of them."""
        return values[self.rs.randint(len(values))]

    # ------------------------------------------------------------------ rows

    def at_numbers(self) -> Iterator[Row]:
        """Every number of an unmet condition as every size, attribute and value, and beside it;
        each sign before those numbers that are sizes in any grid."""
        far = [number for number in self.near if abs(number) > COMMON]
        yield from self.of_numbers(far)
        yield from ({"fill": fill} for fill in SIGNED)
        yield from self.of_numbers(self.near[len(far) :])

    def of_numbers(self, near: Sequence[float]) -> Iterator[Row]:
        """These numbers as every size, attribute and value, and beside it."""
        for number in near:
            sizes = [int(number) + step for step in (0, 1, -1)]
            whole = number == int(number) and 0 < number < LARGEST_SIZE
            for size in sizes if whole else ():
                yield from ({name: size} for name in self.sizes if size > 0)
                yield from (dict.fromkeys(both, size) for both in ALIKE if both[0] in self.sizes)
                yield from self.attributes_at(size)
            yield from self.attributes_at(number)
            if COMMON < number <= MOST_ELEMENTS:
                yield self.of_elements(number)
            for kind in ("near", "some", "weights"):
                yield {"fill": f"{kind}:{value_text(number)}"}

    def of_elements(self, number: float) -> Row:
        """Sizes of the first input whose product is just above a number."""
        first = next(iter(self.op.inputs.values()))
        names = [name for symbol in first.symbols for name in symbol.split("*")]
        names = [name for name in names if name in self.sizes and None not in self.factors[name]]
        made, left = {}, number + 1
        for i, name in enumerate(names):
            made[name] = max(1, ceil(left ** (1 / (len(names) - i)) - 1e-9))
            left /= made[name]
        return made

    def attributes_at(self, number: float) -> Iterator[Row]:
        """A number as each attribute that may be such a number."""
        for name in self.op.attributes:
            levels = self.factors.get(name, ())
            kinds = {type(value) for value in levels}
            fits = type(number) in kinds or (float in kinds and isinstance(number, int))
            fits &= name not in SPATIAL or number <= LARGEST_SIZE
            if fits and len(levels) > 1 and (0 <= number <= 1 or name not in UNIT):
                yield {name: float(number) if float in kinds else number}

    def with_row(self, row: Row, seed: int, tries: int = TRIES, alone: bool = False) -> Case | None:
        """A case that has what a row says, and is small else; alone: its other sizes are 1."""
        others = dict.fromkeys(self.sizes, 1) if alone else {}
        whole = {n: True for n in self.op.optional if True in self.factors.get(n, ())}
        others |= whole if tries > TRIES else {}
        drawn = [{}, *({},) * tries, self.image_for(row)]
        cases = (
            self.made({**self.small(i > 0), **others, **image, **row}, seed)
            for i, image in enumerate(drawn)
        )
        return next((case for case in cases if case is not None), None)

    def image_for(self, row: Row) -> Row:
        """An image that a kernel as large as a row says fits into."""
        sizes = [row[name] for name in ("kernel_size", *KERNEL) if name in row]
        largest = max((int(np.max(size)) for size in sizes), default=0)
        return dict.fromkeys((n for n in ("H", "W") if n in self.sizes), largest + 1)

    def small(self, tiny: bool) -> Row:
        """A combination of the grids' levels with small sizes, or smaller ones."""
        row = {name: self.pick(values) for name, values in self.factors.items()}
        for name in self.sizes:
            given = sorted(size for size in self.factors[name] if size is not None)
            row[name] = self.pick((1, 2, 3) if tiny else given[:2]) if given else None
        return {**row, "fill": "normal", **square_kernel(self.takes, row)}

    def free(self) -> Row:
        """Any combination: levels of the grids, numbers of the code, other sizes."""
        row = {name: self.pick(values) for name, values in self.factors.items()}
        for name in (self.pick(self.sizes), self.pick(self.sizes)) if self.sizes else ():
            if row[name] is not None:
                row[name] = self.size(row[name])
        if self.rs.randint(3) == 0:
            row.update({b: row[a] for a, b in ALIKE if a in row and b in row})
        row["fill"] = self.pick(self.fills)
        if self.numbers and self.rs.randint(4) == 0:
            kind = self.pick(("near", "some"))
            row["fill"] = f"{kind}:{value_text(self.pick(self.numbers))}"
        return {**row, **square_kernel(self.takes, row)}

    def size(self, level: int) -> int:
        """A level, a number of the code or one beside it, or any."""
        chance = self.rs.randint(8)
        if chance < 4:
            return level
        small = [int(n) for n in self.numbers if 0 < n < 256]
        if chance < 6 and small:
            return max(1, int(self.pick(small)) + self.rs.randint(-1, 2))
        return int(self.rs.randint(1, (12, 40)[self.rs.randint(2)]))

    def made(self, row: Row, seed: int) -> Case | None:
        """The case of a row; None where there is none, or it would be too large."""
        try:
            case = make_case(self.op, row, seed)
            fits = smallest(case) > 0 and case.elements <= self.most
            return case if fits and is_valid_alone(self.op.name, row) else None
        except (ValueError, TypeError, KeyError, IndexError, MemoryError):
            return None

    # ------------------------------------------------------------------ integers that wrap

    def beyond(
        self,
        maxima: Sequence[int],
        wanted: Callable[[Case], bool] = lambda case: True,
        known: Sequence[Case] = (),
    ) -> Iterator[Case]:
        """Cases with sizes, and products of two, that narrow integers of these maxima cannot hold.

        Far enough beyond that most indices wrap to something else, as near as that goes. wanted:
        what else a case has to be · known: cases that are asked anyhow: beyond a small maximum no
        size is tried that one of them has.
        """
        largest = largest_of(known)
        for maximum in maxima:
            size = min(maximum + maximum // 2, maximum + FAR) if maximum >= SMALL else maximum + 1
            rows = self.rows_beyond(size) if maximum >= SMALL else self.single(size, largest)
            for number, row in enumerate(rows):
                alone, seed = size > LARGEST_SIZE, FIRST_SEED + number
                tries = (self.with_row(row, seed, TRIES_BEYOND, alone) for _ in range(TRIES_WANTED))
                fit = (c for c in tries if c is not None and not self.refused(c) and wanted(c))
                yield from islice(fit, 1)

    def single(self, size: int, largest: Mapping[str, int]) -> Iterator[Row]:
        """A size at each place where none is as large."""
        yield from ({name: size} for name in self.sizes if largest.get(name, 0) < size)

    def rows_beyond(self, size: int) -> Iterator[Row]:
        """A size at each place, and its root at each two that belong together; no kernel so large
        that it takes its time."""
        root = ceil(size**0.5)
        kernels = size <= LARGEST_SIZE
        image = dict.fromkeys(("H", "W"), root + 2) if "H" in self.sizes else {}
        names = [name for name in self.sizes if kernels or name not in KERNEL]
        yield from ({name: size} for name in names)
        yield from ({**image, **dict.fromkeys(two, root)} for two in ALIKE if two[0] in names)
        if "kernel_size" in self.factors and kernels:
            yield {**self.defaults, **image, "kernel_size": root}

    @property
    def defaults(self) -> Row:
        """The attributes that may have their default."""
        given = self.op.attributes.items()
        return {n: value for n, value in given if value in self.factors.get(n, ())}

    # ------------------------------------------------------------------ shapes of any rank

    def other_sizes(self, case: Case, seed: int) -> Case | None:
        """A usual case with other sizes and values: the same size wherever it was the same."""
        symbols = {s for name in case.shapes for s in self.op.inputs[name].symbols}
        if any("*" in symbol for symbol in symbols):
            return None
        given = sorted({size for shape in case.shapes.values() for size in shape})
        sizes = dict(zip(given, given, strict=True))
        changed = self.pick(given or [0])
        sizes[changed] = self.size(changed)
        shapes = {name: tuple(sizes[n] for n in shape) for name, shape in case.shapes.items()}
        made = replace(case, shapes=shapes, seed=seed)
        try:
            return None if made.elements > self.most or 0 in made.out_shape else made
        except (ValueError, TypeError, IndexError):
            return None

    def like(self, case: Case, many: int) -> Iterator[Case]:
        """The same question with other values."""
        for i in range(many):
            dtype = DTYPES[(DTYPES.index(case.dtype) + i) % 2]
            yield replace(case, seed=case.seed + FIRST_SEED + i, dtype=dtype)
