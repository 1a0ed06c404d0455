"""What a library's function refuses by its own validation: told, and not asked of it.

torch has no padding "same_lower", and "same" for stride 1 alone; JAX takes words where others take
numbers. A function is tried with such a form before it is asked: an error that names the attribute,
or its value, says that it takes none. Any other error is the function's own.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.text import is_default, value_text
from layercheck.submissions.expressible import expressible
from layercheck.submissions.profiles.target import Takes, kind_of
from ref_layers import Op
from ref_layers.op import REQUIRED

from ..raised import theirs

FORMS = ("int", "pair")
"""The forms that everybody takes; another one is tried."""


class Refused:
    """A forward, and what it said to forms of attributes.

    names: of the op's attributes, with the function's own · fixed: those that it has no place for.
    """

    def __init__(
        self,
        op: Op,
        forward: Callable[..., Any],
        names: Mapping[str, str],
        fixed: Mapping[str, Any],
    ) -> None:
        self.op, self.forward, self.names, self.fixed = op, forward, names, fixed
        self.said: dict[tuple[tuple[str, str], ...], str] = {}
        self.first: dict[tuple[str, str, str], str] = {}

    def __call__(self, shapes: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
        """Why it refuses a case; empty where it does not. Cases of the same forms are one."""
        usual = self.op.attributes
        forms = {
            name: kind_of(value)
            for name, value in attributes.items()
            if name not in self.fixed and not is_default(value, usual.get(name))
        }
        odd = [name for name, form in forms.items() if form not in FORMS]
        key = tuple(sorted(forms.items()))
        if odd and key not in self.said:
            own = {name: value for name, value in attributes.items() if name in forms}
            self.said[key] = self.heard(Case(self.op.name, dict(shapes), own), odd)
        return self.said[key] if odd else ""

    def heard(self, case: Case, odd: list[str]) -> str:
        """What it says to one case, where that is about one of these attributes."""
        given = without(case, self.fixed)
        error = error_of(self.forward, case, given)
        named = next((n for n in odd if error and self.is_about(n, given[n], str(error))), "")
        if not named:
            return ""
        kind = type(error).__name__
        why = f"{kind}: {str(error).strip().partition(chr(10))[0]}"
        others = [f"{n}={value_text(value)}" for n, value in case.attributes.items() if n != named]
        beside = f" beside {', '.join(others)}" if others else ""
        told = f"it takes no {named}={value_text(given[named])}{beside} ({why})"
        return self.first.setdefault((named, kind_of(given[named]), kind), told)

    def is_about(self, name: str, value: Any, text: str) -> bool:
        """Whether an error names an attribute, or the word that it was given."""
        words = [self.names.get(name, name), *([value] if isinstance(value, str) else [])]
        return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in words)

    def told(self) -> list[str]:
        """What was not asked, a sentence each."""
        return [f"not asked: {text}" for text in self.first.values()]


def untaken(op: Op, forward: Callable[..., Any]) -> dict[str, Any]:
    """The attributes, at their default, that a function without a signature does not take."""
    usual = {name: value for name, value in op.attributes.items() if value is not REQUIRED}
    for case in expressible(op.name, Takes(fixed=usual), 1):
        needed = {n: v for n, v in case.all_attributes.items() if n not in usual}
        if error_of(forward, case, needed) is None:
            one_more = {n: error_of(forward, case, {**needed, n: v}) for n, v in usual.items()}
            return {n: usual[n] for n, error in one_more.items() if isinstance(error, TypeError)}
    return {}


def without(case: Case, away: Collection[str]) -> dict[str, Any]:
    """A case's attributes without some that are left away."""
    return {name: value for name, value in case.all_attributes.items() if name not in away}


def called_at(forward: Callable[..., Any], case: Case, attributes: Mapping[str, Any]) -> Any:
    """What a forward gives to copies of a case's arrays; raises what it raises."""
    with np.errstate(all="ignore"):
        return forward(**{n: value.copy() for n, value in case.inputs.items()}, **attributes)


def error_of(
    forward: Callable[..., Any], case: Case, attributes: Mapping[str, Any]
) -> BaseException | None:
    """What a forward raises; a warning is none, even where a test run makes errors of them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            called_at(forward, case, attributes)
    except BaseException as error:  # it says in many ways what it refuses
        return theirs(error)
    return None
