"""A class, functions or a module of this process, read and called as a submitted file is, without a
sandbox."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from layercheck.errors import UsageError
from layercheck.processes.wire import Array, Message
from layercheck.submissions.child.calling import Caller
from layercheck.submissions.child.given import Memory
from layercheck.submissions.child.guard import Guard
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import known_profiles, names, reading
from layercheck.submissions.profiles.due import Due, due
from layercheck.submissions.profiles.matching import Found
from layercheck.submissions.reading import Submission
from ref_layers import OPS

from ..layer import Layer
from ..raised import is_interruption
from ..submission import layers_of
from .class_text import marked, text_of_class, texts_of_bases
from .own_object import as_it_is, remade

MOST_BYTES = 1 << 34


def asked_here(
    found: list[Found], namespaces: Sequence[Mapping[str, Any]], name: str, strict: bool
) -> list[Layer]:
    """The layers that were found in a text, asked by what the names mean now. namespaces: of each
    target, since functions of two modules may have one name."""
    submission = Submission(Path(name), [one.target for one in found])
    here: Any = InProcess(found, namespaces)
    return list(layers_of(submission, here, strict))


def read(
    source: str, name: str, helpers: Mapping[str, ast.Module] | None = None
) -> reading.Reading:
    """What a text of this process shows. helpers: of modules that it imports from."""
    names.install(op_table())
    return reading.read(source, name, helpers=helpers)


# ---------------------------------------------------------------------- classes


def layers_of_class(kind: type, strict: bool, op: str = "", thing: Any = None) -> list[Layer]:
    """The layer that a class is, or an object of it; raises UsageError where its text does not show
    one. op: what somebody says that it is."""
    source, name = text_of_class(kind)
    source = marked(source, kind.__name__, op) if op else source
    told = read(source, name, texts_of_bases(kind))
    own = [one for one in told.found if one.target.forward.partition(".")[0] == kind.__name__]
    if not own:
        why = told.not_checked.get(kind.__name__) or told.problem or "its text shows no layer"
        raise UsageError(
            f"class {kind.__name__} cannot be checked: {why}; expected a class named as a layer, "
            "or ops= that says which it is, with a forward and a backward, or functions: "
            "check(conv2d=..., conv2d_backward=...)"
        )
    unasked = next((one.target.lost_backward for one in own if one.target.lost_backward), "")
    if unasked:
        raise UsageError(
            f"class {kind.__name__} cannot be checked: {unasked}; expected backward(self, dout) or "
            "backward(self, dout, cache), cache as forward returned it beside its output"
        )
    here = vars(sys.modules[kind.__module__])
    makers = [kind if thing is None else remade(one, thing) for one in own]
    asked = own if thing is None else [as_it_is(one, thing) for one in own]
    namespaces = [{**here, kind.__name__: maker} for maker in makers]
    return asked_here(asked, namespaces, name, strict)


# ---------------------------------------------------------------------- an assignment's modules


def is_assigned(one: Found) -> bool:
    """Whether an assignment, or who wrote it, says how it is called."""
    return bool(getattr(one.profile, "CONTRACT", False))


def namespace_of(functions: Mapping[str, Any]) -> dict[str, Any]:
    """What names mean to these functions, themselves too."""
    names: dict[str, Any] = {}
    for function in functions.values():
        names = {**getattr(function, "__globals__", {}), **names}
    return {**names, **functions}


@dataclass(frozen=True)
class ReadModule:
    """A module whose functions an assignment names: what was found, and what is not asked."""

    module: ModuleType
    told: reading.Reading

    def layers(self, strict: bool) -> list[Layer]:
        """What is asked."""
        every = vars(self.module)
        namespaces = [
            {**every, **namespace_of({n: every[n] for n in (t.forward, t.backward) if n in every})}
            for t in (one.target for one in self.told.found)
        ]
        return asked_here(self.told.found, namespaces, self.module.__name__, strict)

    @property
    def not_checked(self) -> dict[str, str]:
        """What is not asked, and why: what comes from elsewhere, too."""
        other = (
            name
            for name, value in vars(self.module).items()
            if name in called_otherwise() and isinstance(value, FunctionType)
        )
        asked = {n for one in self.told.found for n in (one.target.forward, one.target.backward)}
        told = {n: ELSEWHERE for n in other if n not in asked and n not in self.told.known}
        return {**self.told.not_checked, **told}

    def due(self) -> list[Due]:
        """Of that, what ought to be asked."""
        return list(due(self.told.not_checked, self.told.ops))


ELSEWHERE = "it is not in this module's file; check the module that it comes from, or hand it over"


def called_otherwise() -> frozenset[str]:
    """Names by which assignments know functions."""
    every = [one for one in known_profiles().values() if getattr(one, "CONTRACT", False)]
    return frozenset(name for module in every for name in module.names())


def read_module(module: ModuleType) -> ReadModule | None:
    """A module that holds an assignment's functions, and more of them than of such as are named as
    the ops; None for any other."""
    with suppress(OSError, ValueError, SyntaxError, TypeError):
        told = read(*text_of(module))
        own = {one.target.forward for one in told.found if is_assigned(one)}
        others = {one.target.forward for one in told.found} - own
        others |= {name for name in OPS if callable(getattr(module, name, None))}
        return ReadModule(module, told) if len(own) > len(others) else None
    return None


def text_of(module: ModuleType) -> tuple[str, str]:
    """A module's text and name: its file's, or, of a package and of a module that was put together,
    that of the functions that an assignment names."""
    path = getattr(module, "__file__", None) or ""
    if path.endswith(".py") and not hasattr(module, "__path__"):
        return Path(path).read_text("utf-8"), Path(path).name
    functions = (
        value
        for name, value in vars(module).items()
        if name in called_otherwise() and isinstance(value, FunctionType)
    )
    texts = dict.fromkeys(textwrap.dedent(inspect.getsource(one)) for one in functions)
    return "\n\n".join(texts), module.__name__


# ---------------------------------------------------------------------- who answers


class Here(Caller):
    """Calls that Ctrl-C ends."""

    interruption: KeyboardInterrupt | None = None

    def _run(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except KeyboardInterrupt as error:
            self.interruption = error if is_interruption(error) else None
            raise


class InProcess:
    """In the place of a sandbox: the same questions, answered here."""

    def __init__(self, found: list[Found], namespaces: Sequence[Mapping[str, Any]]) -> None:
        self.found, self.namespaces = found, namespaces
        self.caller = Here(Guard(()), MOST_BYTES, Memory(None))

    def renew(self, whole: bool = False) -> None:
        """What earlier calls left in this process stays: nobody else's module is loaded anew."""

    def call_ahead(
        self,
        target: int,
        op: str,
        attributes: Mapping[str, Any],
        arrays: Mapping[str, Array],
        bare: bool = False,
        traced: bool = False,
        shape: Sequence[int] | None = None,
    ) -> Callable[[], Message]:
        """One question to a target, put when the reply is called for."""
        asked = {"op": op, "attributes": dict(attributes), "bare": bare, "placed": []}
        asked |= {"shape": shape}
        ask = self.caller.traced if traced else self.caller.answer
        return lambda: self._asked(ask, target, asked, arrays)

    def perform_ahead(
        self, request: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> Callable[[], Message]:
        """Calls in a given order."""
        return lambda: self._asked(self.caller.perform, request["target"], request, arrays)

    def _asked(
        self,
        ask: Callable[..., Message],
        target: int,
        request: Mapping[str, Any],
        arrays: Mapping[str, Array],
    ) -> Message:
        one = self.found[target]
        profile: ModuleType = one.profile
        reply = ask(profile, self.namespaces[target], one.target, request, arrays)
        if self.caller.interruption is not None:
            raise self.caller.interruption
        told, answered = reply
        return {**told, "changed": []}, answered  # told by what comes back after each part
