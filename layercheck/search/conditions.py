"""Under which condition a defect shows: what holds at its smallest case, and is needed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.row import row_of
from layercheck.cases.where import condition, names_of
from layercheck.diagnosis.simpler import Change

from .shrink import changed

PAIRS = ("stride", "dilation", "padding", "kernel_size", "output_padding")
"""Attributes that have a height and a width."""

ROOM = {"KH": "H", "KW": "W", "H": "KH", "W": "KW"}
"""What is made larger together: a kernel and its image."""

LARGER = (" > H", " > W")
"""How conditions on windows end that no image has room for."""

SEEDS = 4
"""How many draws of values each flip is asked with."""

WINDOW = {"kernel_size_h": "kernel_size", "kernel_size_w": "kernel_size"}


@dataclass(frozen=True)
class Atom:
    """text: a condition on cases, as --where takes it · flips: changes that make it false ·
    implies: what need not be said beside it."""

    text: str
    flips: tuple[Change, ...]
    implies: tuple[str, ...] = ()

    def holds(self, case: Case) -> bool:
        """At a case."""
        return condition(self.text)(case)


Fails = Callable[[Case], bool | None]
"""Whether a case fails alike; None where it was refused."""


def needed(case: Case, fails: Fails) -> list[str]:
    """The atoms that hold at a failing case and cannot be made false in it without its passing."""
    found = [atom for atom in atoms(case) if is_needed(atom, case, fails)]
    implied = {text for atom in found for text in atom.implies}
    return [atom.text for atom in found if atom.text not in implied]


def is_needed(atom: Atom, case: Case, fails: Fails) -> bool:
    """Whether each flip that is answered passes, with other values too, and there is one."""
    flipped = (changed(case, change) for change in atom.flips)
    fitting = [one for one in flipped if one is not None and not atom.holds(one)]
    drawn = (one.with_seed(one.seed + more) for one in fitting for more in range(SEEDS))
    passes = False
    for one in drawn:
        told = fails(one)
        if told:
            return False
        passes = passes or told is False
    return passes


def atoms(case: Case) -> Iterator[Atom]:
    """What may be said of a case."""
    row, names = row_of(case), names_of(case, frozenset())
    every = [*of_draws(case), *of_sizes(case, row), *of_windows(names, row), *of_values(case, row)]
    yield from (atom for atom in every if atom.holds(case))


def of_ends(case: Case) -> list[Atom]:
    """What of a case is at an end: no elements, or a window larger than the image."""
    row, names = row_of(case), names_of(case, frozenset())
    every = [*of_sizes(case, row), *of_windows(names, row)]
    ends = (atom for atom in every if atom.text.endswith((" == 0", *LARGER)))
    return [atom for atom in ends if atom.holds(case)]


def of_draws(case: Case) -> Iterator[Atom]:
    """dtype and fill."""
    yield Atom(f"dtype == '{case.dtype}'", tuple({"dtype": d} for d in DTYPES if d != case.dtype))
    yield Atom(f"fill == '{case.fill}'", tuple({"fill": f} for f in ("normal", "whole_numbers")))
    for name in case.spec.optional:
        given = name in case.shapes
        yield Atom(name if given else f"not {name}", ({name: not given},))


def of_sizes(case: Case, row: dict[str, Any]) -> Iterator[Atom]:
    """Sizes that are 0 or 1, or more."""
    for name in sorted(case.sizes.keys() - case.spec.attributes.keys()):
        size = row.get(name)
        if size in (0, 1):
            other = ROOM.get(name, "")  # what has to be larger, too
            room = {other: row[other] + 4} if isinstance(row.get(other), int) else {}
            yield Atom(f"{name} == {size}", ({name: 2}, {name: 3}, {name: 2, **room}))
        elif isinstance(size, int):
            yield Atom(f"{name} > 1", ({name: 1},))


def of_windows(names: dict[str, Any], row: dict[str, Any]) -> Iterator[Atom]:
    """How kernels, strides and images stand to each other."""
    for side, (size, kernel) in {"h": ("H", "KH"), "w": ("W", "KW")}.items():
        window = kernel if kernel in names else f"kernel_size_{side}"
        if window not in names or size not in names:
            continue
        larger = int(names[window])
        both = ({size: larger}, {size: larger + 1})
        yield Atom(f"{window} > {size}", both, (f"{window} > 1",))
        step = f"stride_{side}"
        if isinstance(names.get(step), int):
            wide = {WINDOW.get(window, window): names[step], size: 2 * names[step] + 1}
            yield Atom(f"{step} > {window}", (wide,), (f"{step} > 1",))


def of_values(case: Case, row: dict[str, Any]) -> Iterator[Atom]:
    """Attributes that are not at their default: a side of a pair, a number above 1, a value."""
    for name, value in case.attributes.items():
        default = case.spec.attributes[name]
        plain = (1 if name in ("kernel_size", "num_groups") else default,)
        flips = tuple({name: one} for one in plain)
        if name in PAIRS and isinstance(value, (int, tuple)) and not nested(value):
            both = value if isinstance(value, tuple) else (value, value)
            least = 0 if "padding" in name else 1
            for side, number in zip("hw", both, strict=True):
                if number > least:
                    other = (least, both[1]) if side == "h" else (both[0], least)
                    yield Atom(f"{name}_{side} > {least}", ({name: other},))
        elif nested(value):
            yield Atom(f"{name} != 0", ({name: 0},))
        elif isinstance(value, int) and not isinstance(value, bool):
            yield Atom(f"{name} > 1", ({name: 1},))
        elif isinstance(value, (str, bool)):
            told = f"'{value}'" if isinstance(value, str) else str(value).lower()
            yield Atom(f"{name} == {told}", flips)


def nested(value: Any) -> bool:
    """Whether a padding has a number for each end."""
    return isinstance(value, tuple) and any(isinstance(side, tuple) for side in value)
