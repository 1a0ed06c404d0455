"""Flips: cases changed as little as can be, so that a condition no longer holds, or does.

A failing case in which one part of a condition is made false has to pass, and a passing one in
which it is made true has to fail; else something beside it decides. What no flip can be drawn for
is not told from what goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice, product
from typing import Any

import numpy as np

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.combined import FURTHER
from layercheck.cases.fills import FILLS, RARE
from layercheck.cases.named_fills import OF_ONE
from layercheck.cases.row import row_of
from ref_layers.op import REQUIRED, is_size

from .contents import weights
from .evidence import Seen
from .limits import changes
from .predicate import Predicate
from .predicates import names_at, safe
from .random_cases import LARGEST_SIZE, at_random
from .sides import Sides
from .simpler import Change, changed, plainer_values, sizes_of

LOOKED_AT = 64
"""How many changes of a case are looked at for one that flips a part."""

BASES = 3
"""How many cases of each side are changed."""

EACH, MANY = 2, 8
"""How many flips of a case are asked, and of the dtype, beside which values decide."""

ALIKE = 6
"""How many plainer values of a pair are tried."""

SEEDS = 12
"""How many other draws are looked at for one of which something else holds."""


def flip(found: Predicate, sides: Sides) -> bool:
    """Ask what would contradict a condition, until something does. Whether each part of it was made
    false in a failing case that then passes."""
    for part in found.parts:
        rest = [one for one in found.parts if one is not part]
        if not is_needed(part, rest, sides):
            return False
    for part in found.parts:
        rest = [one for one in found.parts if one is not part]
        if not suffices(part, rest, sides):
            return True
    lessen(found, sides)
    return True


def is_needed(part: Predicate, rest: Sequence[Predicate], sides: Sides) -> bool:
    """Whether failing cases pass where this part alone is made false, and one can be so made."""
    asked, most = 0, MANY if "dtype" in part.of else EACH
    bases = [seen for seen in sides.inside if all(holds(one, seen.case) for one in rest)]
    for base in spread(bases, 4 * BASES if rest else BASES):
        flipped = flips(part, rest, base.case, sides, False)
        for seen in islice(answered(flipped, sides), most if asked < 2 * most else 1):
            if sides.fails(seen):
                return False
            asked += 1
    away = at_random(lambda case: is_split(part, rest, case), bases, sides, (part, *rest))
    return asked > 0 and not any(map(sides.fails, away))


def is_split(part: Predicate, rest: Sequence[Predicate], case: Case) -> bool:
    """Whether a part of a condition does not hold, and the others do."""
    return not holds(part, case) and all(holds(one, case) for one in rest)


def suffices(part: Predicate, rest: Sequence[Predicate], sides: Sides) -> bool:
    """Whether passing cases fail where this part is made true."""
    outside = [s for s in sides.outside if all(holds(one, s.case) for one in rest)]
    for base in spread([seen for seen in outside if not holds(part, seen.case)]):
        flipped = flips(part, rest, base.case, sides, True)
        if not all(map(sides.fails, islice(answered(flipped, sides), EACH))):
            return False
    return True


def lessen(found: Predicate, sides: Sides) -> None:
    """Ask failing cases with sizes of 1, and attributes at their default, where a condition still
    holds, then cases of any sizes: what it says nothing of may be needed, too."""
    within = at_random(lambda case: holds(found, case), sides.inside, sides, found.parts)
    if not all(map(sides.fails, within)):
        return
    for base in spread(sides.inside)[:2]:
        row = row_of(base.case)
        sizes = [name for name in sizes_of(row, base.case) if row[name] != 1]
        less: list[Change] = [{name: 1} for name in sizes]
        less += [{one: 1, other: 1} for one, other in combinations(sizes, 2)]
        less += list(drawn_out(sizes)) if found.halves else []
        less += [{n: v} for n, v in defaults(base.case) if row[n] != v]
        less += [{n: v} for n in base.case.spec.attributes for v in islice(alike(row[n]), ALIKE)]
        for change in less:
            made = changed(base.case, change, sides.may_ask)
            if made is not None and holds(found, made):
                seen = sides.ask(made)
                if seen is not None and not sides.fails(seen):
                    return


def drawn_out(sizes: Sequence[str]) -> Iterator[Change]:
    """One size for three: what two halves of a condition are true of may be a product of them."""
    for one, other in combinations(sizes, 2):
        yield from ({one: 1, other: 1, n: LARGEST_SIZE} for n in sizes if n not in (one, other))


def spread(seen: Sequence[Seen], count: int = BASES) -> list[Seen]:
    """So many cases over all that were seen, the smallest first."""
    step = max(1, len(seen) // count)
    return list(seen[::step][:count])


def answered(cases: Iterator[Case], sides: Sides) -> Iterator[Seen]:
    """Those that the function answers."""
    return (seen for seen in map(sides.ask, cases) if seen is not None)


def holds(predicate: Predicate, case: Case) -> bool:
    """Whether it holds at a case."""
    return safe(predicate, names_at(case))


def flips(
    part: Predicate, rest: Sequence[Predicate], base: Case, sides: Sides, wanted: bool
) -> Iterator[Case]:
    """The case with the least change that makes a part hold or not, as the others still do."""
    limits = [limit for one in (part, *rest) for limit in one.limits]

    def is_flipped(case: Case) -> bool:
        fits = holds(part, case) is wanted and all(holds(one, case) for one in rest)
        return fits and all(limit.of(names_at(case)) is not None for limit in limits)

    for limit in part.limits:
        yield from filter(is_flipped, limit.cases(base, limit.fails if wanted else limit.passes))
    if not part.of:
        yield from filter(is_flipped, other_values(base))
        return
    for change, other in islice(neighbours(part, base, sides), LOOKED_AT):
        made = sides.changed(base, {**other, **change}, is_flipped)
        if made is not None and is_idle(other, part, rest, base, sides):
            yield made


def is_idle(
    other: Change, part: Predicate, rest: Sequence[Predicate], base: Case, sides: Sides
) -> bool:
    """Whether a change beside a flip decides nothing, as far as it can be made without: with it
    alone a case comes to what it came to before."""
    made = changed(base, other) if other else None
    if made is None or any(holds(one, made) is not holds(one, base) for one in (part, *rest)):
        return True
    seen, before = sides.ask(made), sides.ask(base)
    return seen is None or before is None or sides.fails(seen) is sides.fails(before)


def neighbours(part: Predicate, base: Case, sides: Sides) -> Iterator[tuple[Change, Change]]:
    """Changes of what a part speaks of, then beside one of something else."""
    row = row_of(base)
    if "axes" in part.of:
        yield from ((change, {}) for change in other_axes(row, base))
    named = [name for name in part.of if list(changes(row, name, 1))]
    names = named or sizes_of(row, base)
    single = [c for name in names for v in levels(name, row, sides) for c in changes(row, name, v)]
    double = ({**a, **b} for a, b in combinations(single, 2) if a.keys() != b.keys())
    others = (
        [{"fill": fill} for fill in FILLS] if "dtype" in names else list(aside(base, row, names))
    )
    yield from ((change, {}) for change in (*single, *double))
    yield from ((change, other) for other, change in product(others, single))


def other_axes(row: Change, base: Case) -> Iterator[Change]:
    """Ever fewer axes at the end of x, then one more."""
    symbols, further = base.spec.inputs["x"].symbols, row.get(FURTHER, ())
    less: Change = {FURTHER: ()} if further else {}
    yield from ({FURTHER: further[:count]} for count in range(len(further) - 1, 0, -1))
    yield from [less] if less else []
    for name in reversed([one for one in symbols[1:] if row.get(one) is not None]):
        less = {**less, name: None}
        yield less
    absent = [one for one in symbols if one in row and row[one] is None]
    yield {absent[0]: 2} if absent else {FURTHER: (*further, 2)}


def aside(base: Case, row: Change, names: Sequence[str]) -> Iterator[Change]:
    """Changes of what a part does not speak of, as some values need them."""
    yield from ({n: v} for n, v in defaults(base) if n not in names and row[n] != v)
    for step in (1, -1):
        sizes = {name: row[name] + step for name in sizes_of(row, base) if name not in names}
        yield from ({name: size} for name, size in sizes.items() if size > 0)


def defaults(case: Case) -> Iterator[tuple[str, Any]]:
    """Each attribute's default."""
    return ((n, v) for n, v in case.spec.attributes.items() if v is not REQUIRED)


def levels(name: str, row: Change, sides: Sides) -> list[Any]:
    """Other values of a name: beside its own, then those that were seen."""
    if name == "dtype":
        return [dtype for dtype in DTYPES[:2] if dtype != row["dtype"]]
    now = row.get(name)
    if isinstance(now, bool):
        return [not now]
    seen = [row_of(one.case).get(name) for one in (*sides.outside, *sides.inside)[:24]]
    near = [*turned(now), *alike(now)][:6] if now is None or not is_size(now) else nearby(now)
    return [v for v in dict.fromkeys([*near, *seen]) if v != now and not is_no_level(v, now)][:8]


def nearby(now: int) -> list[int]:
    """Sizes beside one, and the smallest."""
    return [now + 1, now - 1, 1, 2]


def turned(value: Any) -> Iterator[Any]:
    """A pair of sizes the other way round, and with one of them larger: what it is true of may be
    that they differ."""
    if isinstance(value, tuple) and all(map(is_size, value)) and len(value) == 2:
        yield value[::-1]
        yield (value[0], value[1] + 1)
        yield (value[0] + 1, value[1])


def is_no_level(value: Any, now: Any) -> bool:
    """Whether a number is below 0 beside sizes, or not there."""
    return value is None or (is_size(now) and is_size(value) and value < 0)


def alike(value: Any) -> Iterator[Any]:
    """Plainer values with as many numbers."""
    if isinstance(value, tuple):
        for plain in plainer_values(value):
            if isinstance(plain, tuple) and np.shape(plain) == np.shape(value):
                yield plain


def other_values(base: Case) -> Iterator[Case]:
    """The case with other values of one array, of each kind, then other draws of its own."""
    names = weights(base)
    alone = [f"{fill}:{name}" for fill in OF_ONE for name in names if len(names) > 1]
    for fill in (*alone, "positive_weights", "weights:3", *RARE, *FILLS):
        if fill != base.fill:
            yield replace(base, fill=fill)
    for step in range(1, SEEDS):
        yield base.with_seed(base.seed + step)
