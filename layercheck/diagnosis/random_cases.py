"""Cases of any sizes, settings and values, far from those that were seen, on one side of a
condition: what merely goes with the reason in all that is like them does not stand these."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from layercheck.cases.case import Case
from layercheck.cases.fills import FILLS, RARE
from layercheck.cases.row import row_of
from ref_layers.op import is_size

from .evidence import Seen
from .limits import Limit
from .predicate import Predicate
from .predicates import names_at
from .sides import Sides
from .simpler import Change, sizes_of

EACH, OF_VALUES = 3, 8
"""How many cases are asked, and how many of a condition on what arrays hold: sizes and settings are
much the same in all cases, numbers are drawn."""

LOOKED_AT = 200
"""How many are looked at for these."""

LARGEST_SIZE = 7
"""Of a size of them."""

SEEN = 24
"""How many cases of each side give their settings."""


def at_random(
    is_wanted: Callable[[Case], bool],
    bases: Sequence[Seen],
    sides: Sides,
    parts: Sequence[Predicate],
) -> Iterator[Seen]:
    """The answers to some cases of the kind that is wanted: each size and each setting is another
    one as often as not, and so is what arrays hold where a condition is of that; the numbers are
    drawn anew.

    Where a limit is not known well, a case between what passes and what fails says nothing.
    """
    limits = [limit for part in parts for limit in part.limits]
    of_values = any(not part.of for part in parts)
    made = (one for one in changed_at_random(is_wanted, bases, sides, parts) if one is not None)
    clear = (one for one in made if all(is_clear(limit, one) for limit in limits))
    told = (seen for case in clear if (seen := sides.ask(case)) is not None)
    return islice(told, OF_VALUES if of_values else EACH)


def changed_at_random(
    is_wanted: Callable[[Case], bool],
    bases: Sequence[Seen],
    sides: Sides,
    parts: Sequence[Predicate],
) -> Iterator[Case | None]:
    """The same, as far as the layer can be asked each."""
    generator = random.Random(str(bases[0].case) if bases else "")
    settings = [row_of(one.case) for one in (*bases[:SEEN], *sides.outside[:SEEN])]
    fills = list(fills_of(parts))
    for number in range(LOOKED_AT if bases else 0):
        base = bases[number % len(bases)].case
        base = base.with_seed(base.seed + number // len(bases))
        sizes = sizes_of(row_of(base), base)
        change: Change = {name: generator.randint(1, LARGEST_SIZE) for name in sizes}
        for name in base.spec.attributes:
            change[name] = generator.choice(settings).get(name)
            if is_size(change[name]) and not isinstance(change[name], bool):
                change[name] = max(0, change[name] + generator.randint(-1, 2))
        if fills:
            change["fill"] = generator.choice(fills)
        left = {n: v for n, v in change.items() if generator.random() < 0.5}
        yield sides.changed(base, left, is_wanted)


def fills_of(parts: Sequence[Predicate]) -> Iterator[str]:
    """How the values are drawn: about a limit of what x holds, and in any way where a condition
    says in words what arrays hold."""
    for part in parts:
        for limit in (one for one in part.limits if one.is_measured):
            kind = "near" if limit.of_all else "some"
            yield from (f"{kind}:{sign * limit.beyond:.6g}" for sign in (1, -1))
    if any(not part.of and not part.limits for part in parts):
        yield from (*FILLS, *RARE)


def is_clear(limit: Limit, case: Case) -> bool:
    """Whether a case lies where the limit is known to: not between what passes and what fails."""
    value = limit.of(names_at(case))
    low, high = sorted((limit.passes, limit.fails))
    return value is not None and not low < value < high
