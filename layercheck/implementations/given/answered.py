"""Of which library a function is whose text does not show it: told by what it answers.

A helper in another file, an object, or what `jax.jit` made hides it. A function that gives the
arrays of a framework, or takes no others, is a function of that framework: its gradient is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.errors import UsageError
from layercheck.submissions.expressible import expressible
from ref_layers import Op
from ref_layers.op import REQUIRED

from .. import frameworks
from ..arrays import library_of_array
from ..left_away import parameters_of
from ..module import takes_of
from ..raised import theirs
from .called import Called
from .hints import NUMPY, Hints
from .library import reached
from .refused import called_at, without

Function = Callable[..., Any]
Asked = Callable[[Called, str], Function]
"""A function that is called by the op's names, asked as one of a library."""

MOST = 8
"""Of so many cases the smallest one is tried."""


def library_answered(
    op: Op, function: Function, hints: Hints, asked: Asked, has_own: bool = False
) -> str:
    """The library of a function; raises UsageError where it gives a framework's arrays and has no
    gradient there. has_own: whether it has a backward of its own, so that none is needed."""

    def tried(library: str) -> Any:
        own = asked(Called(op, function, hints.names), library)
        return put(own, op, hints)

    try:
        made = tried(NUMPY)
    except BaseException as error:  # it takes no arrays of NumPy, or fails anyhow: its cases tell
        theirs(error)
        return NUMPY if has_own else next(takers(tried, frameworks.names()), NUMPY)
    found = next(filter(None, map(library_of_array, leaves(made))), NUMPY)
    if has_own:
        return found
    if found not in frameworks.names():  # what JAX has made may answer with the arrays it is given
        return next(takers(tried, sorted({*reached(function)})), NUMPY)
    try:
        tried(found)
    except BaseException as error:  # it leaves its framework in between, say
        raise UsageError(unasked(op, found, theirs(error))) from None
    return found


def confirmed(op: Op, function: Function, hints: Hints, asked: Asked, library: str) -> str:
    """The library that a function's text names, or NumPy where it takes and gives NumPy's arrays
    all the same; raises UsageError where it works with those, but has no gradient in its own."""
    try:
        made = put(asked(Called(op, function, hints.names), NUMPY), op, hints)
    except BaseException as error:  # it takes no arrays of NumPy, or fails anyhow: its cases tell
        theirs(error)
        return library
    given = [one for one in leaves(made) if one is not None]
    is_numpy = bool(given) and all(isinstance(one, np.ndarray | np.generic) for one in given)
    try:
        own = put(asked(Called(op, function, hints.names), library), op, hints)
    except BaseException as error:
        told = theirs(error)
        if is_numpy:
            return NUMPY
        raise UsageError(unasked(op, library, told)) from None
    return NUMPY if is_numpy and library not in map(library_of_array, leaves(own)) else library


def unasked(op: Op, library: str, error: BaseException) -> str:
    """That a gradient cannot be asked, and what to do."""
    told = str(error).strip().partition("\n")[0]
    return (
        f"got a function that gives arrays of {library}, but cannot be asked for its gradient "
        f"there ({type(error).__name__}: {told}); expected a function of {library}, such as "
        f'hints={{"arrays": "{library}"}} says, its backward as {op.name}_backward=, or '
        f'hints={{"arrays": "{NUMPY}"}}: then its forward alone is asked'
    )


def takers(tried: Callable[[str], Any], names: Sequence[str]) -> Iterator[str]:
    """Those of some frameworks, of this program, whose arrays a function takes, and gives."""
    for name in names:
        if name in sys.modules:
            try:
                made = tried(name)
            except BaseException as error:  # another's arrays: it says so in many ways
                theirs(error)
                continue
            if name in map(library_of_array, leaves(made)):
                yield name


def put(forward: Function, op: Op, hints: Hints) -> Any:
    """What a forward gives to a small case; None where there is none."""
    takes = hints.narrow(takes_of(op, forward))
    usual = {name: v for name, v in op.attributes.items() if v is not REQUIRED}
    unknown = usual if parameters_of(forward) is None else {}
    cases = expressible(op.name, replace(takes, fixed={**usual, **takes.fixed}), MOST)
    case = min(cases, key=lambda case: case.elements, default=None)
    if case is None:
        return None
    return called_at(forward, case, without(case, {**unknown, **takes.fixed}))


def leaves(made: Any) -> Iterator[Any]:
    """What a function returned, each array of it."""
    if isinstance(made, (tuple, list)):
        for one in made:
            yield from leaves(one)
    elif isinstance(made, dict):
        yield from leaves(list(made.values()))
    else:
        yield made
