"""Who is under check: a Python module, or one of the oracles."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

import numpy as np

import oracles
from oracles.oracle import Question
from ref_layers import OPS
from ref_layers.op import Array
from ref_layers.op import answer as run

from .answers import Failure, Refusal, Reply
from .case import Case
from .errors import UsageError
from .worker import Worker

HIGHER = {"float16": "float64", "float32": "float64", "float64": "longdouble"}
"""In which dtype an answer is tried again, to tell unstable arithmetic from a wrong formula."""


class Subject(Protocol):
    """Anything that answers cases."""

    @property
    def name(self) -> str:
        """What the report calls it."""
        ...

    def answer(self, case: Case, dtype: str | None = None) -> Reply: ...


def load(spec: str, workers: MutableMapping[str, Any]) -> Subject:
    """`oracle:NAME`, or the name of a module; raises UsageError if there is no such subject."""
    if not spec.startswith("oracle:"):
        return ModuleSubject(spec)
    name = spec.removeprefix("oracle:")
    check_oracle(name)
    return OracleSubject(name, workers.setdefault(name, Worker(name)))


def implemented(spec: str) -> list[str]:
    """The ops of which a module has any function; an oracle is asked for all.

    Raises UsageError where the module has none.
    """
    if spec.startswith("oracle:"):
        check_oracle(spec.removeprefix("oracle:"))
        return list(OPS)
    module = import_subject(spec)
    found = [op for op in OPS for name in (op, f"{op}_backward") if find_function(module, op, name)]
    if not found:
        raise UsageError(
            f"SUBJECT {spec!r} has no function named as an op; expected one or more of: "
            f"{', '.join(OPS)}, each with its backward, such as conv2d and conv2d_backward"
        )
    return list(dict.fromkeys(found))


def check_oracle(name: str) -> None:
    if name not in oracles.names():
        raise UsageError(f"unknown oracle {name!r}; expected one of: {', '.join(oracles.names())}")


@dataclass(frozen=True)
class OracleSubject:
    """An oracle checked against the others, with no further code."""

    oracle: str
    worker: Worker

    @property
    def name(self) -> str:
        return f"oracle:{self.oracle}"

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """Ask the framework in its own process."""
        if dtype == "longdouble":
            return Refusal("frameworks have no extended precision")
        return self.worker.ask(case, dtype)


class ModuleSubject:
    """A trusted module with functions named as the ops: `conv2d`, `conv2d_backward`."""

    def __init__(self, module_name: str) -> None:
        self.module_name = module_name
        self.module = import_subject(module_name)

    @property
    def name(self) -> str:
        """The module's name."""
        return self.module_name

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """Ask twice, with fresh copies: inputs must stay as they are and answers must repeat."""
        op = OPS[case.op]
        forward = find_function(self.module, op.name, op.name)
        backward = find_function(self.module, op.name, f"{op.name}_backward")
        if forward is None or backward is None:
            missing = op.name if forward is None else f"{op.name}_backward"
            return Refusal(f"not implemented: {self.name} has no function {missing}")
        question = case.question if dtype is None else case.question.astype(dtype)
        return call_twice(forward, backward, question)


def import_subject(name: str) -> ModuleType:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except Exception as error:  # a module may fail in any way while it is imported
        raise UsageError(
            f"SUBJECT {name!r} cannot be imported ({type(error).__name__}: {error}); expected the "
            f"name of a module, such as ref_layers, or one of: "
            f"{', '.join(f'oracle:{oracle}' for oracle in oracles.names())}"
        ) from None


def find_function(module: ModuleType, op: str, name: str) -> Callable[..., Any] | None:
    """`name` in the module, or in its submodule named as the op."""
    for place in (module, getattr(module, op, None), submodule(module, op)):
        found: Callable[..., Any] | None = getattr(place, name, None)
        if callable(found):
            return found
    return None


def submodule(module: ModuleType, op: str) -> ModuleType | None:
    if not hasattr(module, "__path__"):
        return None
    full = f"{module.__name__}.{op}"
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError as error:
        if error.name == full:
            return None
        raise


def call_twice(forward: Any, backward: Any, question: Question) -> Reply:
    """The answer, if a second call with fresh copies gives the same bits."""
    first = call(forward, backward, question)
    if isinstance(first, Failure):
        return first
    second = call(forward, backward, question)
    if isinstance(second, Failure) or not same(first, second):
        return Failure("differs between two calls", "the same inputs gave two answers")
    return {**first}


def call(forward: Any, backward: Any, question: Question) -> dict[str, Array] | Failure:
    """One call with copies of its own; how it failed if it did."""
    op = OPS[question.op]
    inputs = {name: value.copy() for name, value in question.inputs.items()}
    dout = question.dout.copy()
    try:
        with np.errstate(all="ignore"):
            arrays = run(forward, backward, op, inputs, question.attributes, dout)
    except Exception as error:  # it is under check: anything may come out of it
        return Failure("raised", f"{type(error).__name__}: {error}")
    changed = [n for n, value in inputs.items() if not identical(value, question.inputs[n])]
    changed += [] if identical(dout, question.dout) else ["dout"]
    if changed:
        return Failure("changed its inputs", ", ".join(changed))
    odd = [name for name, value in arrays.items() if not isinstance(value, np.ndarray | np.generic)]
    if odd:
        return Failure("no array", f"{odd[0]} is a {type(arrays[odd[0]]).__name__}")
    return arrays


def identical(a: Array, b: Array) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool(np.array_equal(a, b, equal_nan=True))


def same(first: dict[str, Array], second: dict[str, Array]) -> bool:
    return first.keys() == second.keys() and all(
        identical(np.asarray(first[name]), np.asarray(second[name])) for name in first
    )
