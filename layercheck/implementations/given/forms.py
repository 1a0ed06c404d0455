"""Forms of attributes that a NumPy function fails at, though it takes the same as one number: told
with the hint that says so, since a function of whole numbers alone is right for its own contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.cases.text import value_text
from layercheck.submissions.profiles.target import Takes, kind_of
from ref_layers import Op

from .refused import error_of, without

SINGLE = "int"
"""The form that everybody takes."""


def forms_failed(op: Op, forward: Callable[..., Any], takes: Takes) -> Iterator[str]:
    """A sentence for each attribute of which only whole numbers are answered.

    forward: as it is called by the op's names · takes: the cases that it is asked.
    """

    def fails(case: Case) -> BaseException | None:
        return error_of(forward, case, without(case, takes.fixed))

    asked = sorted(quick(op.name), key=lambda case: case.elements)
    asked = [c for c in asked if not takes.refuses(c.shapes, c.all_attributes, c.needs)]
    for name in op.attributes:
        odd = [c for c in asked if is_several(c.all_attributes[name])]
        if name in takes.fixed or not odd:
            continue
        error = fails(odd[0])
        answered = error is not None and not all(map(fails, as_numbers(odd[0], name)))
        if answered and all(map(fails, odd[1:])):
            first = str(error).strip().partition("\n")[0]
            yield (
                f"fails at {name}={value_text(odd[0].all_attributes[name])} "
                f"({type(error).__name__}: {first}), and not at a number in its place; where it "
                f'takes numbers alone, say so: hints={{"kinds": {{"{name}": ["{SINGLE}"]}}}}'
            )


def is_several(value: Any) -> bool:
    """Whether a value is more than one number: a pair, four of them, a word."""
    return not isinstance(value, bool) and kind_of(value) != SINGLE and not isinstance(value, float)


def as_numbers(case: Case, name: str) -> Iterator[Case]:
    """The case with one number in the place of several."""
    for number in (1, 0, 2):
        yield replace(case, attributes={**case.attributes, name: number})
