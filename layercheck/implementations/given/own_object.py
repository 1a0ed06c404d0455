"""An object of a class of one's own: asked are objects that are made as it was, for each case's
sizes, with what it was told and what was set on it since."""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from types import MethodType
from typing import Any

from layercheck.errors import UsageError
from layercheck.submissions.profiles.classes.objects import vars_of
from layercheck.submissions.profiles.defaults import COUNTED
from layercheck.submissions.profiles.matching import Found
from layercheck.submissions.profiles.target import Target
from ref_layers import OPS

from .bound import as_cases_have

LACKING = object()


def as_it_is(found: Found, thing: Any) -> Found:
    """What is asked of a class, at the attributes of this object; raises UsageError for what it was
    told and does not show."""
    target, told = found.target, Told(thing)
    own = dict(attributes(target, told))
    kinds = {name: forms for name, forms in target.takes.kinds.items() if name not in own}
    takes = replace(target.takes, fixed={**target.takes.fixed, **own}, kinds=kinds)
    return replace(found, target=replace(target, takes=takes, unknown=()))


def attributes(target: Target, told: Told) -> Iterator[tuple[str, Any]]:
    """The op's attributes, by what its constructor was told and by what is kept in their place."""
    options = target.options
    words = {own: word for word, own in options.words.items()}
    for name, own in {**options.init, **options.set}.items():
        if name in OPS[target.op].attributes and name != "training":
            value = told.kept(own) if name in options.set else told.value(own)
            counted = COUNTED.get(name) == getattr(options, name, "") != ""
            value = as_cases_have(OPS[target.op], name, value) if type(value) is bool else value
            yield name, round(1 - value, 12) if counted else words.get(value, value)


@dataclass(frozen=True)
class Told:
    """What an object's constructor was told, as it shows it."""

    thing: Any

    def value(self, name: str) -> Any:
        """An argument of the constructor: `self.own = name`, or what is named as it is; raises
        UsageError where neither is there."""
        value = self.shown(name)
        if value is LACKING:
            kind = type(self.thing).__name__
            raise UsageError(
                f"got an object of {kind} that does not show what {name} it was given; expected "
                f"self.{name} = {name} in its __init__, or the class itself: check({kind})"
            )
        return value

    def shown(self, name: str) -> Any:
        """The same; LACKING where it does not show it."""
        places = (own_names(type(self.thing)).get(name, ""), name, f"_{name}")
        return next((v for v in map(self.kept, filter(None, places)) if v is not LACKING), LACKING)

    def kept(self, name: str) -> Any:
        """What it keeps under a name; LACKING if there is nothing."""
        with suppress(Exception):  # a property may raise what it likes
            return getattr(self.thing, name)
        return LACKING


@dataclass(frozen=True)
class Remade:
    """In the place of the class: makes objects that are as this one. more: what its constructor was
    told that no op knows and it shows · settled: what no size or attribute says, by its text ·
    by_call: what its forward sets, which is no new object's: `self.built = True`."""

    thing: Any
    more: Mapping[str, Any]
    settled: Set[str]
    by_call: Set[str]

    def __call__(self, **given: Any) -> Any:
        """One with these sizes and attributes."""
        made = type(self.thing)(**{**self.more, **given})
        for name, value in self.left(vars_of(made)):
            bound = isinstance(value, MethodType) and value.__self__ is self.thing
            setattr(made, name, MethodType(value.__func__, made) if bound else copy.copy(value))
        return made

    def left(self, there: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """What sizes and attributes do not make of it: what a new one has not, other functions, and
        other numbers and words where those are settled."""
        for name, value in vars_of(self.thing).items():
            is_method = isinstance(value, MethodType) and name in there
            simple = type(value) in (int, float, str) and name in self.settled
            new = name not in there and name not in self.by_call
            other = new or simple or (callable(value) and not is_method)
            if other and not holds_arrays(value):
                yield name, value


def remade(found: Found, thing: Any) -> Remade:
    """What makes objects for a target that are as this one."""
    told, unknown = Told(thing), found.target.unknown
    shown = {name: told.shown(name) for name in unknown}
    more = {name: value for name, value in shown.items() if value is not LACKING}
    kind, entry = type(thing), found.target.forward.rpartition(".")[2]
    return Remade(thing, more, settled(kind, {*unknown}), set_by(kind, entry))


def holds_arrays(value: Any) -> bool:
    """Whether a value is an array, or holds one: parameters and what a call left."""
    if isinstance(value, (list, tuple)):
        return any(map(holds_arrays, value))
    if isinstance(value, dict):
        return any(map(holds_arrays, value.values()))
    return hasattr(value, "__array__")


def own_names(kind: type) -> dict[str, str]:
    """Under which name an object keeps each argument of its constructor: `self.own = name`."""
    return {value.id: own for own, value in assigned(kind) if isinstance(value, ast.Name)}


def settled(kind: type, unknown: Set[str]) -> set[str]:
    """What constructors set to a number or a word that stands in the text, or that is made of
    arguments which no op knows."""
    found = set()
    for own, value in assigned(kind):
        used = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
        if isinstance(value, ast.Constant) or (used and used <= unknown):
            found.add(own)
    return found


def set_by(kind: type, entry: str) -> set[str]:
    """What a method sets on its object, those that it calls included."""
    found, methods = set[str](), [entry]
    for method in methods:
        found |= {own for own, _ in assigned(kind, method)}
        nodes = [node for text in texts(kind, method) for node in ast.walk(text)]
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        methods += sorted(used - {"__init__", *methods})
    return found


def texts(kind: type, method: str) -> Iterator[ast.AST]:
    """A method's text in a class and its bases, that of the bases first."""
    for base in reversed(kind.__mro__):
        with suppress(OSError, TypeError, SyntaxError):
            source = inspect.getsource(vars(base).get(method))  # type: ignore[arg-type]
            yield ast.parse(textwrap.dedent(source))


def assigned(kind: type, method: str = "__init__") -> Iterator[tuple[str, ast.expr]]:
    """Every `self.own = value` in a method of a class, those of its bases first."""
    for text in texts(kind, method):
        for node in ast.walk(text):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                yield from chain.from_iterable(pairs(one, node.value) for one in targets)


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """X and its value of `self.X = value`, also of several at once."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from pairs(one, its)
    elif isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
        yield target.attr, value
