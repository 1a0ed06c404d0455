"""A function called with its own names for an op's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from layercheck.errors import UsageError
from layercheck.submissions.profiles.both import Both
from layercheck.submissions.profiles.factors import Factor, factor_among, factor_of
from layercheck.submissions.profiles.names import names_of
from layercheck.submissions.profiles.sides import Form
from layercheck.submissions.profiles.switches import Switch, is_switch
from ref_layers import Op
from ref_layers.op import REQUIRED

from ..arrays import library_of_array
from ..enumerated import Enumerated, enumerated
from ..functions import WrongReturn, has_no_place, is_pair
from ..left_away import parameters_read
from ..spoken import in_forms, sides_of, two_numbers_of
from .bound import as_cases_have, bound_names
from .hints import NUMPY, check_named

Function = Callable[..., Any]

TURNED = ("p", "momentum", "mask_seed", "normalized_dims")
"""Attributes whose other names often mean something else: `keep_prob`, `normalized_shape`."""

ARGUMENTS = "the function's arguments"
"""What a hint names of a function."""


class Called:
    """A function with names of its own for the op's arguments, called with them. axes: the order of
    those of its x."""

    def __init__(
        self,
        op: Op,
        function: Function,
        names: Mapping[str, str],
        axes: Sequence[int] = (0, 1, 2, 3),
    ) -> None:
        self.function, self.op = function, op
        self.written = function
        self.names, self.by_place = own_names(op, function, names)
        self.leading = leading(op, function, self.names or {})
        both = two_numbers_of(op, function, self.names or {})
        self.forms: dict[str, Both | Switch | Factor | Form | Enumerated] = {
            **dict.fromkeys(switches(op, function, self.names or {}), Switch()),
            **dict.fromkeys(both, Both()),
            **sides_of(op, function, self.names or {}),
            **factor_of(self.names or {}, both, axes),
            **enumerated(function, self.names or {}),
        }
        self.differing = own_defaults(op, function, self.names or {})
        if self.names is not None:
            self.__signature__ = signature_of(op, function, self.names, self.differing)

    @property
    def is_renamed(self) -> bool:
        """Whether it has to be called otherwise than by the op's own names."""
        by_place = hasattr(self.function, "dispatch")  # singledispatch looks at the first argument
        renamed = self.names is None or any(own != name for name, own in self.names.items())
        return by_place or renamed or bool(self.forms or self.differing)

    def __call__(self, **given: Any) -> Any:
        if self.names is None:  # nothing is known of it but that the arrays come first
            arrays = [given.pop(name, None) for name in self.op.inputs]
            while arrays and arrays[-1] is None:
                arrays.pop()
            if has_no_place(self.function):
                return self.function(**dict(zip(self.op.inputs, arrays, strict=False)), **given)
            return self.function(*arrays, **given)
        given = in_forms(given, self.forms)
        leading = list(takewhile(given.__contains__, self.leading))
        placed = [given.pop(name, None) for name in self.by_place or leading]
        return self.function(*placed, **{self.names[name]: v for name, v in given.items()})


def own_names(
    op: Op, function: Function, names: Mapping[str, str]
) -> tuple[dict[str, str] | None, list[str]]:
    """What the function calls the op's arguments, and those that it takes by their place alone.

    An array without a parameter of its name, or of a hint, is taken by its place.
    """
    try:
        found = parameters_read(function)
    except (TypeError, ValueError):
        check_named((), names, ARGUMENTS)
        return None, []
    check_named(found, names, ARGUMENTS)
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found.values()):
        return None, []
    free = [n for n in found if n not in bound_names(function)]
    own = {n: names.get(n, n) for n in (*op.inputs, *op.attributes) if names.get(n, n) in free}
    own |= known_names(op, [n for n in free if n not in own.values()], own)
    free = [n for n in free if n not in own.values()]
    for name in (n for n in op.inputs if n not in own):
        default = found[free[0]].default if free else 0
        if default is inspect.Parameter.empty or (default is None and name in op.optional):
            own[name] = free.pop(0)
    lacking = [name for name in op.inputs if name not in own and name not in op.optional]
    if lacking:
        raise UsageError(
            f"got a function of ({', '.join(found)}), which has no place left for {lacking[0]}; "
            f"expected one that takes {', '.join(op.inputs)}, or its own names as hints="
            f"{{{lacking[0]!r}: ...}}"
        )
    refuse_further(op, [n for n in free if n not in own.values()], found)
    by_place = [n for n in own if found[own[n]].kind is inspect.Parameter.POSITIONAL_ONLY]
    return own, sorted(by_place, key=[*op.inputs, *op.attributes].index)


def takes_arrays_alone(function: Function) -> bool:
    """Whether a function takes whatever it is given by place, and nothing by a name."""
    try:
        kinds = {one.kind for one in parameters_read(function).values()}
    except (TypeError, ValueError):
        return False
    return kinds == {inspect.Parameter.VAR_POSITIONAL}


def known_names(op: Op, free: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """The names of optional inputs and of attributes that people give them: `weight` for gamma,
    `axis` for dim."""
    made: dict[str, str] = {}
    left_out = TURNED if op.name != "pad" else (*TURNED, "padding")  # torch's begins at the end
    attributes = [name for name in op.attributes if name not in left_out]
    for name in (n for n in (*op.optional, *attributes) if n not in own):
        taken = [*made.values(), *own.values()]
        alike = [n for n in names_of(op.name, name) if n in free and n not in taken]
        made |= {name: alike[0]} if alike else {}
    known = {*made, *own}
    taken = [*made.values(), *own.values()]
    whole = [name for name in attributes if name not in known]
    return made | factor_among(whole, [n for n in free if n not in taken])


def refuse_further(op: Op, free: Sequence[str], found: Mapping[str, inspect.Parameter]) -> None:
    """Raise UsageError where a function has to be given what no case of the op says."""
    needed = [n for n in free if found[n].default is inspect.Parameter.empty]
    if needed:
        own = ", ".join([*op.inputs, *(n for n, v in op.attributes.items() if v is REQUIRED)])
        raise UsageError(
            f"got a function of ({', '.join(found)}), which has to be given {needed[0]}; {op.name} "
            f"says nothing of that; expected a function that takes {own} alone, such as lambda "
            f"{own}: ... with {needed[0]} in it, or its own names as hints={{...}}"
        )


def leading(op: Op, function: Function, names: Mapping[str, str]) -> list[str]:
    """The arrays that may be given by their place, from the first one on: what has a gradient of
    its own in TensorFlow loses it where they are given by name."""
    found = parameters_read(function) if names else {}
    own = {theirs: name for name, theirs in names.items() if name in op.inputs}
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [own[n] for n in takewhile(lambda n: n in own and found[n].kind in kinds, found)]


def switches(op: Op, function: Function, names: Mapping[str, str]) -> list[str]:
    """The attributes of words that the function only switches on and off: `approximate=True`."""
    found = parameters_read(function) if names else {}
    own = {name: found[names[name]] for name in names if name in op.attributes}
    return [n for n, p in own.items() if is_switch(op.attributes[n], p.default, p.annotation)]


def own_defaults(op: Op, function: Function, names: Mapping[str, str]) -> dict[str, Any]:
    """The attributes whose default is another one than the op's, with it."""
    found = parameters_read(function) if names else {}
    told = {n: found[names[n]].default for n in op.attributes if n in names}
    return {
        name: default
        for name, default in told.items()
        if default is not inspect.Parameter.empty
        and as_cases_have(op, name, default) != op.attributes[name]
    }


def signature_of(
    op: Op, function: Function, names: Mapping[str, str], always: Iterable[str]
) -> inspect.Signature:
    """The function's signature under the op's own names. always: what has to be given."""
    found = parameters_read(function)
    keyword, none = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    told = {n: none if n in always else found[own].default for n, own in names.items()}
    ordered = [name for name in (*op.inputs, *op.attributes) if name in names]
    return inspect.Signature([inspect.Parameter(n, keyword, default=told[n]) for n in ordered])


class Alone:
    """A forward without a backward, which may return its output without any cache.

    is_meant: whether its gradient is left out on purpose where it gives a framework's arrays.
    """

    def __init__(self, called: Called, is_meant: bool = True) -> None:
        self.called, self.is_meant = called, is_meant
        self.written = called
        if hasattr(called, "__signature__"):
            self.__signature__ = called.__signature__

    def __call__(self, **given: Any) -> Any:
        made = self.called(**given)
        if made is None:
            return None
        made = tuple(made) if is_pair(made) else (made, None)
        library = library_of_array(made[0])
        if library and not self.is_meant:
            raise WrongReturn(
                f"returned an array of {library}, whose gradient was not asked; expected "
                f'hints={{"arrays": "{library}"}}, or "{NUMPY}" for the forward alone'
            )
        return made
