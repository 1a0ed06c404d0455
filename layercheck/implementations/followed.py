"""A module's functions, followed while they answer: their code gives way to the same with calls.

Only the code of the functions changes, and only during an answer: defaults, closures, decorators
and the module's state stay what they are, and nobody else who calls them is slower.
"""

from __future__ import annotations

import functools
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from layercheck.submissions.coverage import recorder
from layercheck.submissions.coverage.instrument import followed
from layercheck.submissions.coverage.place import Code

from .inner import Inner

OURS, WRITTEN = "layercheck.", "written"
"""Where what we put around a function lives, and the attribute that tells of the function."""

CALL = "__call__"
FRAMEWORKS = ("jax", "jaxlib", "keras", "numpy", "scipy", "tensorflow", "torch")


@dataclass
class Followed:
    """code: the places of a file · pairs: its functions, each with its own code and the other ·
    path: the file · codes: every function's with calls."""

    code: Code = field(default_factory=Code)
    pairs: list[tuple[FunctionType, CodeType, CodeType]] = field(default_factory=list)
    path: str = ""
    codes: Sequence[CodeType] = ()

    def called(self, functions: Mapping[str, Callable[..., Any]]) -> Followed:
        """The same, with the names by which functions of the file go elsewhere, and with those of
        them that stand in no module's names."""
        written = {name: one for name, f in functions.items() if (one := plain(f)) is not None}
        held = self.holding(functions)
        known = {function: other for function, _, other in held.pairs}
        return replace(held, code=Inner(self.code, self.codes, known).owned(written))

    def holding(self, functions: Mapping[str, Callable[..., Any]]) -> Followed:
        """The same, with those of them that stand in no module's names: what it takes to follow
        them, without saying whose a place is."""
        known = {function: other for function, _, other in self.pairs}
        for one in (one for f in functions.values() if (one := plain(f)) is not None):
            for function in () if one in known else functions_of(one, self.path):
                other = counterpart(function.__code__, self.codes)
                known |= {function: other} if other is not None else {}
        pairs = [(function, function.__code__, other) for function, other in known.items()]
        return replace(self, pairs=pairs)

    @contextmanager
    def running(self) -> Iterator[Callable[[], int]]:
        """Follow what runs meanwhile; what it gives is called for the places that ran."""
        recorder.begin()
        for function, _, other in self.pairs:
            function.__globals__.update(recorder.CALLS)
            function.__code__ = other
        try:
            yield recorder.told
        finally:
            for function, own, _ in self.pairs:
                function.__code__ = own
                for name in recorder.CALLS:
                    function.__globals__.pop(name, None)


def follow_function(function: Callable[..., Any] | None) -> Followed:
    """The file of a function, with its functions that live in the same module; a framework's own
    are not followed."""
    made = plain(function)
    module = "" if made is None else str(made.__module__)
    if made is None or module.startswith(OURS) or module.partition(".")[0] in FRAMEWORKS:
        return Followed()
    return follow_file(made.__code__.co_filename, made)


@functools.cache
def follow_file(path: str, first: FunctionType) -> Followed:
    """A file's functions, found from one of them."""
    try:
        with tokenize.open(path) as file:
            made = followed(file.read(), path, Path(path).name)
    except (OSError, SyntaxError, UnicodeDecodeError):
        return Followed()
    if made is None:
        return Followed()
    try:
        codes = list(inner_codes(compile(made[0], path, "exec", dont_inherit=True)))
    except (SyntaxError, ValueError, RecursionError):
        return Followed()
    pairs = []
    for function in functions_of(first, path):
        other = counterpart(function.__code__, codes)
        if other is not None:
            pairs.append((function, function.__code__, other))
    return Followed(made[1], pairs, path, codes)


def inner_codes(code: CodeType) -> Iterator[CodeType]:
    """Every function's code in a module's."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from inner_codes(inner)


def counterpart(own: CodeType, codes: Sequence[CodeType]) -> CodeType | None:
    """The code that is this one with calls; None where it is not there, or several could be it:
    two lambdas in a line."""
    found = [other for other in codes if is_like(own, other)]
    return found[0] if len(found) == 1 else None


def is_like(own: CodeType, other: CodeType) -> bool:
    """Whether a code may be the other with calls."""
    alike = ("co_name", "co_firstlineno", "co_freevars", "co_argcount", "co_kwonlyargcount")
    taken = own.co_argcount + own.co_kwonlyargcount
    return (
        all(getattr(own, name) == getattr(other, name) for name in alike)
        and own.co_varnames[:taken] == other.co_varnames[:taken]
        and set(own.co_names) <= set(other.co_names)
    )


def functions_of(first: FunctionType, path: str) -> list[FunctionType]:
    """The functions of a file that its module holds, in classes and behind decorators too."""
    found: dict[int, FunctionType] = {}
    due: list[Any] = [first, *first.__globals__.values()]
    seen = set[int]()
    while due:
        one = due.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, (staticmethod, classmethod)):
            due.append(one.__func__)
        elif isinstance(one, property):
            due += [one.fget, one.fset]
        elif isinstance(one, type) and one.__module__ == first.__module__:
            due += vars(one).values()
        elif isinstance(one, FunctionType):
            due += behind(one)
            if one.__code__.co_filename == path:
                found[id(one)] = one
    return list(found.values())


def behind(function: FunctionType) -> Iterator[Any]:
    """What a decorator's function holds."""
    yield getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        try:
            held = cell.cell_contents
        except ValueError:  # not set yet
            continue
        if isinstance(held, FunctionType):
            yield held


def plain(function: Any) -> FunctionType | None:
    """The function that was written, behind decorators, partial calls, methods, objects that are
    called, and what we put around it ourselves; None for what is none."""
    made, seen = function, set[int]()
    while made is not None and id(made) not in seen:
        seen.add(id(made))
        inner = within(made)
        if inner is None and isinstance(made, FunctionType):
            return made
        made = inner
    return None


def within(thing: Any) -> Any:
    """What a thing that is called hands its arguments to."""
    if type(thing).__module__.startswith(OURS):
        return getattr(thing, WRITTEN, None) or getattr(thing, "__wrapped__", None)
    if isinstance(thing, functools.partial):
        return thing.func
    for name in ("__wrapped__", "__func__"):
        if getattr(thing, name, None) is not None:
            return getattr(thing, name)
    kinds = () if isinstance(thing, FunctionType) else type(thing).__mro__
    return next((vars(kind)[CALL] for kind in kinds if CALL in vars(kind)), None)
