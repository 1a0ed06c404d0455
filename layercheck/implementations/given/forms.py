"""Forms of attributes that a NumPy function fails at, though it takes the same as one number: told
with the hint that says so, since a function of whole numbers alone is right for its own contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.cases.text import value_text
from layercheck.submissions.profiles.target import Takes, kind_of
from ref_layers import Op

from ..left_away import parameters_of
from .refused import error_of, without

ALIKE = 3
"""How many cases with an array, and how many without, tell whether it may be left away."""

SINGLE = "int"
"""The form that everybody takes."""


def forms_failed(op: Op, forward: Callable[..., Any], takes: Takes) -> Iterator[str]:
    """A sentence for each attribute of which some forms are never answered, and a number is.

    forward: as it is called by the op's names · takes: the cases that it is asked.
    """

    def fails(case: Case) -> BaseException | None:
        return error_of(forward, case, without(case, takes.fixed))

    asked = sorted(quick(op.name), key=lambda case: case.elements)
    asked = [c for c in asked if not takes.refuses(c.shapes, c.all_attributes, c.needs)]
    for name in (name for name in op.attributes if name not in takes.fixed):
        odd: dict[str, list[Case]] = {}
        for case in (c for c in asked if is_several(c.all_attributes[name])):
            odd.setdefault(kind_of(case.all_attributes[name]), []).append(case)
        failing = {kind: cases for kind, cases in odd.items() if all(map(fails, cases))}
        for case in (cases[0] for cases in failing.values()):
            error = fails(case)
            if error is not None and not all(map(fails, as_numbers(case, name))):
                yield told(
                    name, case, error, [SINGLE, *(kind for kind in odd if kind not in failing)]
                )
                break


def arrays_lacked(op: Op, forward: Callable[..., Any], takes: Takes) -> Iterator[str]:
    """A sentence for each array that may be left away and that a function fails without, whose
    signature does not say so: `torch.autograd.Function.apply`."""
    asked = sorted(quick(op.name), key=lambda case: case.elements)
    asked = [c for c in asked if not takes.refuses(c.shapes, c.all_attributes, c.needs)]
    for name in (name for name in op.optional if parameters_of(forward) is None):
        beside = [c for c in asked if all(n in c.shapes for n in op.optional if n != name)]
        given = [case for case in beside or asked if name in case.shapes][:ALIKE]
        lacking = [case for case in beside or asked if name not in case.shapes][:ALIKE]
        errors = [error_of(forward, case, without(case, takes.fixed)) for case in lacking]
        if not (errors and all(errors)) or not given:
            continue
        if not all(error_of(forward, case, without(case, takes.fixed)) for case in given):
            first = str(errors[0]).strip().partition("\n")[0]
            yield (
                f"fails where {name} is not given ({type(errors[0]).__name__}: {first}), and not "
                f"where it is; where it always takes {name}, say so: "
                f'hints={{"required": ["{name}"]}}'
            )


def told(name: str, case: Case, error: BaseException, taken: Sequence[str]) -> str:
    """That a form fails, and the hint that leaves the others."""
    first = str(error).strip().partition("\n")[0]
    others = ", ".join(map('"{}"'.format, taken))
    alone = "numbers" if len(taken) == 1 else " and ".join(taken)
    return (
        f"fails at {name}={value_text(case.all_attributes[name])} "
        f"({type(error).__name__}: {first}), and not at a number in its place; where it takes "
        f'{alone} alone, say so: hints={{"kinds": {{"{name}": [{others}]}}}}'
    )


def is_several(value: Any) -> bool:
    """Whether a value is more than one number: a pair, four of them, a word."""
    return not isinstance(value, bool) and kind_of(value) != SINGLE and not isinstance(value, float)


def as_numbers(case: Case, name: str) -> Iterator[Case]:
    """The case with one number in the place of several."""
    for number in (1, 0, 2):
        yield replace(case, attributes={**case.attributes, name: number})
