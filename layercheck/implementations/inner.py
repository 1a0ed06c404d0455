"""Functions that stand within others: which places of a file are theirs, by their own code."""

from __future__ import annotations

import dis
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from layercheck.submissions.coverage.place import Code
from layercheck.submissions.coverage.recorder import CALLS
from layercheck.submissions.coverage.uses import ALWAYS

CONSTANTS = ("LOAD_CONST", "LOAD_SMALL_INT")


LOCALS = ".<locals>"
"""How the name goes on of a function that stands within another one."""


@dataclass(frozen=True)
class Inner:
    """code: of a file · codes: every function's in it, with calls · others: that of each function
    that is followed."""

    code: Code
    codes: Sequence[CodeType]
    others: Mapping[FunctionType, CodeType]

    def owned(self, functions: Mapping[str, FunctionType]) -> Code:
        """The code of the file in which these functions go by these names, and own what their own
        code marks, and use what they hold and mention; nobody else is called like them."""
        names = {one: name for name, one in [*functions.items()][::-1] if one in self.others}
        other = self.renaming(names)
        code = renamed(self.code, other)
        own = {one: names.get(one, f"{one.__qualname__} {n}") for n, one in enumerate(self.others)}
        held = {one: own[one] for one in self.held(functions.values())}
        owners = self.owners(held)
        places = tuple(replace(p, owner=owners.get(n, p.owner)) for n, p in enumerate(code.places))
        uses, numbers, narrow = dict(code.uses), dict(code.numbers), dict(code.narrow)
        for one, name in held.items():
            outer = one.__qualname__.partition(LOCALS)[0]
            within = [held.get(f) or other(f.__qualname__) for f in self.closure(one)]
            uses[name] = [*within, *map(other, self.mentioned(one))]
            numbers[name] = self.code.numbers.get(outer, ())
            narrow[name] = self.code.narrow.get(outer, ())
        uses |= {name: [names[f]] for name, f in functions.items() if names.get(f, name) != name}
        return Code(code.file, places, uses, numbers, narrow)

    def renaming(self, names: Mapping[FunctionType, str]) -> Callable[[str], str]:
        """What goes by which name where functions go by these: those of the file's top do, and
        what was called like that by others."""
        tops = {one.__qualname__: name for one, name in names.items()}
        taken = {name: f"{name} of the file" for name in names.values() if tops.get(name) != name}
        return lambda name: tops.get(name) or taken.get(name, name)

    def held(self, functions: Iterable[FunctionType]) -> list[FunctionType]:
        """Those of these functions that the file's top does not name, and what they hold."""
        due, found = list(functions), dict[FunctionType, None]()
        while due:
            one = due.pop()
            if one in self.others and one not in found and one.__qualname__ not in self.code.uses:
                found[one] = None
                due += self.closure(one)
        return list(found)

    def closure(self, function: FunctionType) -> list[FunctionType]:
        """The functions of the file in a function's cells."""
        found = []
        for cell in function.__closure__ or ():
            try:
                held = cell.cell_contents
            except ValueError:  # not set yet
                continue
            if isinstance(held, FunctionType) and held in self.others:
                found.append(held)
        return found

    def owners(self, held: Mapping[FunctionType, str]) -> dict[int, str]:
        """Whose the places are that these functions mark, by their names. A call tells its place,
        and those of its other outcomes, which come after it."""
        if not held:
            return {}
        first = sorted({number for code in self.codes for number in marks(code)})
        own = {
            n: told for f, told in held.items() for c in inside(self.others[f]) for n in marks(c)
        }
        places = range(first[0] if first else 0, len(self.code.places) if first else 0)
        whose = {number: first[bisect_right(first, number) - 1] for number in places}
        return {number: own[head] for number, head in whose.items() if head in own}

    def mentioned(self, function: FunctionType) -> list[str]:
        """What of the file's top a function mentions, methods by the classes that it mentions."""
        names, words = set[str](), {*ALWAYS}
        for code in inside(function.__code__):
            names |= {one.argval for one in dis.get_instructions(code) if is_global(one)}
            words |= {*code.co_names}
        parts = ((known, known.partition(".")) for known in self.code.uses)
        return [n for n, (top, _, own) in parts if top in names and (not own or own in words)]


def renamed(code: Code, other: Callable[[str], str]) -> Code:
    """The code of a file whose functions go by other names."""
    uses = {other(name): [*map(other, used)] for name, used in code.uses.items()}
    numbers = {other(name): found for name, found in code.numbers.items()}
    narrow = {other(name): found for name, found in code.narrow.items()}
    places = tuple(replace(place, owner=other(place.owner)) for place in code.places)
    return Code(code.file, places, uses, numbers, narrow)


def inside(code: Any) -> Iterator[CodeType]:
    """A code and those inside it."""
    if isinstance(code, CodeType):
        yield code
        for one in code.co_consts:
            yield from inside(one)


def is_global(one: dis.Instruction) -> bool:
    """Whether an instruction takes a name of the module."""
    return one.opname in ("LOAD_GLOBAL", "LOAD_NAME")


@lru_cache(maxsize=4096)
def marks(code: CodeType) -> Sequence[int]:
    """The places that the calls in a code tell; not of those inside it."""
    found, is_next = list[int](), False
    for one in dis.get_instructions(code):
        is_constant = one.opname in CONSTANTS
        if is_next and is_constant:
            found.append(one.argval)
        is_next = (is_global(one) and one.argval in CALLS) or (is_next and not is_constant)
    return found
