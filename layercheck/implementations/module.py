"""A trusted module with functions named as the ops: `conv2d`, `conv2d_backward`."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from inspect import Parameter
from types import ModuleType
from typing import Any

import numpy as np

import oracles
from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.errors import UsageError
from layercheck.processes.trusted import foreign
from layercheck.submissions.profiles.target import Takes
from oracles.oracle import Question
from ref_layers import OPS, Op
from ref_layers.op import REQUIRED, Array

from .by_place import by_place
from .drawing import draws
from .followed import Followed, follow_function
from .functions import outputs_alone, reply_of
from .layer import Layer
from .left_away import parameters_of
from .leftover import is_asked
from .promoted import cast_back, promoted
from .protocol import Answer, Failure, Reply
from .raised import theirs
from .script import Performed, Script
from .sessions import perform_here
from .spoken import spoken

Function = Callable[..., Any]


UNSAID = 2
"""What an attribute that always has to be given is, of a function that has no place for it."""


class Module:
    """The functions of a module, answering in this process. It can be pickled: by its name.

    module: its name, or the module itself · strict: a float64 array of float32 inputs is taken as
    it is; else it is cast back, and that is noted, unless another op of the module keeps float32 ·
    takes: by op which cases its functions can express, where their signatures do not say it ·
    follow: whether it is followed which lines run · rounds_anew: whether an answer's last bits may
    be other ones the next time, as a framework's.
    """

    def __init__(
        self,
        module: str | ModuleType,
        strict: bool = False,
        takes: Mapping[str, Takes] | None = None,
        follow: bool = True,
        rounds_anew: bool = False,
    ) -> None:
        self.strict, self.follow, self.rounds_anew = strict, follow, rounds_anew
        self.module = import_subject(module) if isinstance(module, str) else module
        self.takes = {op.name: takes_of(op, self.function(op.name, op.name)) for op in OPS.values()}
        self.takes |= takes or {}

    def __reduce__(self) -> tuple[type[Module], tuple[str, bool]]:
        return Module, (self.name, self.strict)

    @property
    def name(self) -> str:
        """The module's name."""
        return self.module.__name__

    @property
    def versions(self) -> dict[str, str]:
        """The module's own, if it has one."""
        version = getattr(self.module, "__version__", None)
        return {self.name: str(version)} if version else {}

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """Ask twice, with fresh copies: answers must repeat, but for masks of its own drawing and
        for how it rounds."""
        return self._answer(case, dtype, 1 if self.rounds_anew or draws(self, case) else 2)

    def answer_once(self, case: Case) -> Reply:
        """Ask once."""
        return self._answer(case, None, 1)

    def _answer(self, case: Case, dtype: str | None, times: int) -> Reply:
        question = self._question(case.question, dtype)
        with self.followed(case.op).running() as ran:
            reply = self._cast_back(reply_of(*self.functions(case.op), question, times), question)
            return replace(reply, ran=ran()) if isinstance(reply, Answer) else reply

    def answer_question(self, question: Question) -> Reply:
        """The same for a question that is no case's."""
        asked = self._question(question)
        return self._cast_back(reply_of(*self.functions(question.op), asked), asked)

    def outputs(self, case: Case, question: Question) -> Array | None:
        """`out` alone, for other values; None if it fails."""
        forward, _ = self.functions(case.op)
        return None if forward is None else outputs_alone(forward, self._question(question))

    @property
    def draws_masks(self) -> bool:
        """Whether dropout takes no mask_seed, from which its mask would be known."""
        return "mask_seed" in self.takes["dropout"].fixed

    def redrawn(self, case: Case, repeats: int) -> Array | Failure:
        """`out` of so many further calls, stacked."""
        asked = (self.outputs(case, case.question) for _ in range(repeats))
        outs = [out for out in asked if out is not None and out.shape == case.shapes["x"]]
        if len(outs) < repeats:
            return Failure("no array", "not every call gave an output of the input's shape")
        return np.stack(outs)

    def perform(self, script: Script) -> Performed:
        """What came of each step of some calls."""
        questions = [self._question(question) for question in script.questions]
        return perform_here(*self.functions(questions[0].op), replace(script, questions=questions))

    def functions(self, op_name: str) -> tuple[Function | None, Function | None]:
        """The forward and the backward of an op, where the module has them."""
        return self.function(op_name, op_name), self.function(op_name, f"{op_name}_backward")

    def function(self, op_name: str, name: str) -> Function | None:
        """A function by its name, in the module or in its submodule named as the op."""
        for place in places(self.module, op_name):
            found = getattr(place, name, None)
            if callable(found):
                return by_place(op_name, found) if name == op_name else found
        return None

    def followed(self, op_name: str) -> Followed:
        """The file of an op's functions."""
        if not self.follow:
            return Followed()
        forward, backward = self.functions(op_name)
        made = follow_function(forward)
        made = made if made.pairs else follow_function(backward)
        return made.holding(self.named(op_name))

    def named(self, op_name: str) -> dict[str, Function]:
        """The functions of an op by the names that they are to have."""
        forward, backward = self.functions(op_name)
        names = {op_name: forward, f"{op_name}_backward": backward}
        return {name: f for name, f in names.items() if f is not None}

    def layers(self) -> Iterator[Layer]:
        """A layer for every op of which the module has any function."""
        for op in OPS.values():
            forward, backward = self.functions(op.name)
            if forward is not None or (backward is not None and is_asked(self.module, op.name)):
                takes = replace(self.takes[op.name], words=spoken(op, forward))
                unknown = unknown_arguments(
                    (*op.inputs, *op.attributes), parameters_of(forward) or {}
                )
                code = self.followed(op.name).called(self.named(op.name)).code
                yield Layer(
                    op.name, op.name, f"{op.name}_backward", self, takes, unknown=unknown, code=code
                )

    @cached_property
    def keeps_dtype(self) -> bool:
        """Whether an op gives float32 for float32: then one that does not is a mistake."""
        return any(map(self._keeps_dtype, OPS))

    def _keeps_dtype(self, op_name: str) -> bool:
        """The same of one op, at its smallest case."""
        takes = self.takes[op_name]
        cases = sorted(quick(op_name), key=lambda case: case.elements)
        for case in cases if self.function(op_name, op_name) else ():
            fits = not takes.refuses(case.shapes, case.all_attributes, case.needs)
            if fits and case.dtype == "float32":
                return getattr(self.outputs(case, case.question), "dtype", None) == np.float32
        return False

    def _cast_back(self, reply: Reply, question: Question) -> Reply:
        """float64 of float32 as float32, where that is the module's habit everywhere."""
        if self.strict or not isinstance(reply, Answer) or not promoted(reply.arrays, question):
            return reply
        return reply if self.keeps_dtype else cast_back(reply, question)

    def _question(self, question: Question, dtype: str | None = None) -> Question:
        """The question with the attributes that the signature has a place for."""
        asked = question if dtype is None else question.astype(dtype)
        takes = self.takes[question.op]
        return asked.without(takes.fixed)


def import_subject(name: str) -> ModuleType:
    """Import a module; the working directory comes last on the path.

    Raises UsageError where that fails.
    """
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
        foreign.add(os.getcwd())
    try:
        return importlib.import_module(name)
    except BaseException as error:  # a module may fail in any way while it is imported
        why = why_none(name, theirs(error))
        raise UsageError(f"SUBJECT {name!r} {why}; expected {expected(name, error)}") from None


def expected(name: str, error: BaseException) -> str:
    """What is expected where a module is not there, or is and fails."""
    is_there = all(map(str.isidentifier, name.split("."))) and not (
        isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}.")
    )
    if is_there:
        return f'a module that can be: python -c "import {name}" shows where it fails'
    return (
        "the name of a module, such as ref_layers, a file, or one of: "
        f"{', '.join(f'oracle:{oracle}' for oracle in oracles.names())}"
    )


def why_none(name: str, error: BaseException) -> str:
    """Why a name is no module's."""
    if not name.strip():
        return "names nothing"
    if os.path.isdir(name) and not name.isidentifier():  # else it may be a package that fails
        return "is a folder"
    return f"cannot be imported ({type(error).__name__}: {error})"


def places(module: ModuleType, op_name: str) -> Iterator[Any]:
    """Where an op's functions may stand."""
    yield module
    yield getattr(module, op_name, None)
    if hasattr(module, "__path__"):
        full = f"{module.__name__}.{op_name}"
        try:
            yield importlib.import_module(full)
        except ModuleNotFoundError as error:
            if error.name != full:
                raise UsageError(unimported(full, error)) from None
        except BaseException as error:  # as of a module
            raise UsageError(unimported(full, theirs(error))) from None


def unimported(name: str, error: BaseException) -> str:
    """That a submodule fails, in which an op's functions may stand."""
    return (
        f"{name} cannot be imported ({type(error).__name__}: {error}); expected a submodule that "
        "can be, or one of another name than an op's"
    )


# ---------------------------------------------------------------------- what a signature takes


def takes_of(op: Op, function: Function | None) -> Takes:
    """The attributes and optional inputs that a signature lacks cannot be asked for."""
    given = parameters_of(function)
    if given is None:
        return Takes()
    fixed = {
        name: UNSAID if default is REQUIRED else default
        for name, default in op.attributes.items()
        if name not in given
    }
    required = (n for n in op.optional if n in given and given[n].default is REQUIRED)
    absent = tuple(name for name in op.optional if name not in given)
    return Takes(fixed=fixed, required=tuple(required), absent=absent)


def unknown_arguments(
    known: Container[str], parameters: Mapping[str, Parameter]
) -> tuple[str, ...]:
    """Optional arguments that are none of those known."""
    own = parameters.items()
    return tuple(n for n, one in own if n not in known and one.default is not one.empty)
