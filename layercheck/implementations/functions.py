"""A forward and a backward of our own process, asked as any implementation is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layercheck.reporting.records import Part
from oracles.oracle import Array, Omitted, Question
from ref_layers import OPS

from .protocol import NOT_IMPLEMENTED, Answer, Failure, Reply

Function = Callable[..., Any]
DIFFERS = "differs between two calls"


def answer_twice(forward: Function, backward: Function | None, question: Question) -> Answer:
    """The answer; a part that gives other bits when it is asked again has failed."""
    first = answer_once(forward, backward, question)
    second = answer_once(forward, backward, question)
    return fickle(first, second, question.op)


def fickle(first: Answer, second: Answer, op_name: str) -> Answer:
    """The first answer, or for a part that differs in the second one a failure."""
    outputs = OPS[op_name].outputs
    failures = dict(first.failures)
    arrays = dict(first.arrays)
    parts: tuple[tuple[Part, bool], ...] = (("forward", True), ("backward", False))
    for part, is_output in parts:
        own = [name for name in first.arrays if (name in outputs) is is_output]
        differs = any(not same(first.arrays[n], second.arrays.get(n)) for n in own)
        if differs or (part in second.failures) != (part in first.failures):
            failures[part] = Failure(DIFFERS, "the same inputs gave two answers")
            arrays = {name: value for name, value in arrays.items() if name not in own}
    return Answer(**{**vars(first), "arrays": arrays, "failures": failures})


def same(a: Any, b: Any) -> bool:
    """Whether two values are alike, bit for bit where they are arrays."""
    if not (isinstance(a, np.ndarray | np.generic) and isinstance(b, np.ndarray | np.generic)):
        return type(a) is type(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype == np.longdouble:  # its bytes hold padding, which nobody sets
        alike = np.array_equal(a, b, equal_nan=True)
        return alike and np.array_equal(np.signbit(a), np.signbit(b))
    return a.tobytes() == b.tobytes()


def answer_once(forward: Function, backward: Function | None, question: Question) -> Answer:
    """One forward and one backward, with copies of their own."""
    asked = Asked(question)
    try:
        with np.errstate(all="ignore"):
            returned = forward(**asked.inputs, **question.attributes)
        outputs, cache = outputs_of(question.op, returned)
    except Exception as error:  # it is under check: anything may come out of it
        return Answer({}, {"forward": failure(error)})
    changed: dict[Part, tuple[str, ...]] = {"forward": asked.changed()}
    failures: dict[Part, Failure] = {}
    gradients: Mapping[str, Any] = {}
    try:
        gradients = gradients_of(question.op, asked.inputs, asked.dout, backward, cache)
    except Exception as error:
        failures["backward"] = failure(error)
    since = set(asked.changed()) - set(changed["forward"])
    changed["backward"] = tuple(name for name in asked.given if name in since)
    plain = {name: plain_value(value) for name, value in {**outputs, **gradients}.items()}
    return Answer(plain, failures, {part: names for part, names in changed.items() if names})


class Asked:
    """A question's arrays as copies, and which of them no longer hold what was put in."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.inputs = {name: value.copy() for name, value in question.inputs.items()}
        self.dout = question.dout.copy()

    @property
    def given(self) -> dict[str, Array]:
        """Everything that a function may overwrite."""
        return {**self.inputs, "dout": self.dout}

    def changed(self) -> tuple[str, ...]:
        """The arrays that were overwritten."""
        original = {**self.question.inputs, "dout": self.question.dout}
        return tuple(n for n, value in self.given.items() if not same(value, original[n]))


def outputs_of(op_name: str, returned: Any) -> tuple[dict[str, Any], Any]:
    """The outputs by name, and the cache; raises TypeError or NotImplementedError."""
    if returned is None:
        raise NotImplementedError
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise WrongReturn(f"returned {described(returned)}; expected (out, cache)")
    outputs = OPS[op_name].name_outputs(returned[0])
    if outputs["out"] is None:
        raise NotImplementedError
    return outputs, returned[1]


def gradients_of(
    op_name: str, inputs: Mapping[str, Array], dout: Array, backward: Function | None, cache: Any
) -> Mapping[str, Any]:
    """The gradients by name; Omitted where there is no backward."""
    op = OPS[op_name]
    if backward is None:
        reason = Omitted("no backward is defined here")
        return dict.fromkeys(op.gradients(inputs), reason)
    with np.errstate(all="ignore"):
        returned = backward(dout, cache)
    if returned is None or (isinstance(returned, tuple) and all(v is None for v in returned)):
        raise NotImplementedError
    try:
        return op.name_gradients(returned, inputs)
    except ValueError as error:
        raise WrongReturn(f"returned {error}") from None


class WrongReturn(Exception):
    """What a function returned is not what such a function returns."""


def failure(error: BaseException) -> Failure:
    """How a function failed."""
    if isinstance(error, NotImplementedError):
        return Failure(NOT_IMPLEMENTED, str(error))
    if isinstance(error, WrongReturn):
        return Failure("no array", str(error))
    return Failure("raised", f"{type(error).__name__}: {error}")


def plain_value(value: Any) -> Any:
    """An array as it is; what is none as the failure that it is."""
    if isinstance(value, np.ndarray | np.generic | Omitted):
        return value
    return Failure("no array", f"got a {type(value).__name__}; expected a numpy.ndarray")


def described(value: Any) -> str:
    """`a tuple of 3`, `one ndarray`."""
    kind = type(value).__name__
    return f"a {kind} of {len(value)}" if isinstance(value, (tuple, list)) else f"one {kind}"


def outputs_alone(forward: Function, question: Question) -> Any:
    """`out` of one forward, with copies; None if it fails."""
    try:
        with np.errstate(all="ignore"):
            returned = forward(**Asked(question).inputs, **question.attributes)
        return outputs_of(question.op, returned)[0]["out"]
    except Exception:  # it is under check: anything may come out of it
        return None


def reply_of(forward: Function | None, backward: Function | None, question: Question) -> Reply:
    """The answer of two functions, either of which may be missing."""
    if forward is None:
        return Failure(NOT_IMPLEMENTED, f"{question.op} is not defined")
    return answer_twice(forward, backward, question)
