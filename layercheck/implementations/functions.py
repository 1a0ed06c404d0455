"""A forward and a backward of our own process, asked as any implementation is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from layercheck.reporting.records import Part
from layercheck.submissions.profiles.call import Fields, as_number, gathered
from oracles.oracle import Array, Omitted, Question
from ref_layers import OPS, Op

from .arrays import as_numpy
from .left_away import left_away, optional_at_default, other_defaults
from .protocol import DIFFERS, NOT_IMPLEMENTED, Answer, Failure, Reply
from .raised import theirs

Function = Callable[..., Any]
EMPTY = inspect.Parameter.empty
TWO_ANSWERS = Failure(DIFFERS, "the same inputs gave two answers")


def answer_twice(forward: Function, backward: Function | None, question: Question) -> Answer:
    """The answer; a part that gives other bits when it is asked again has failed.

    The second time without the attributes that are at the op's default, if the signature has one.
    """
    first = answer_once(forward, backward, question)
    names = optional_at_default(forward, question)
    second = answer_once(forward, backward, question.without(names))
    if (
        names
        and not alike(first, second)
        and alike(first, answer_once(forward, backward, question))
    ):
        found = other_defaults(forward, question, names)
        why = left_away(f"{', '.join(names)} left away", found)
        return fickle(first, second, question.op, why)
    return fickle(first, second, question.op, TWO_ANSWERS)


def alike(first: Answer, second: Answer) -> bool:
    """Whether two answers are the same bit for bit, or fail in the same parts."""
    names = first.arrays.keys() | second.arrays.keys()
    if first.failures.keys() != second.failures.keys():
        return False
    return all(same(first.arrays.get(name), second.arrays.get(name)) for name in names)


def fickle(first: Answer, second: Answer, op_name: str, why: Failure) -> Answer:
    """The first answer, or for the first part that differs in the second one a failure."""
    outputs = OPS[op_name].outputs
    failures = dict(first.failures)
    arrays = dict(first.arrays)
    parts: tuple[tuple[Part, bool], ...] = (("forward", True), ("backward", False))
    for part, is_output in parts:
        own = [name for name in first.arrays if (name in outputs) is is_output]
        differs = any(not same(first.arrays[n], second.arrays.get(n)) for n in own)
        if differs or (part in second.failures) != (part in first.failures):
            failures[part] = why if why is not TWO_ANSWERS else differing(first, second, part, own)
            arrays = {name: value for name, value in arrays.items() if name not in own}
            break  # a backward goes by what its forward kept
    return Answer(**{**vars(first), "arrays": arrays, "failures": failures})


def differing(first: Answer, second: Answer, part: Part, names: Iterable[str]) -> Failure:
    """That the same inputs gave two answers, with the first element that shows it, or with how the
    second call failed."""
    before, after = first.failures.get(part), second.failures.get(part)
    if before is not None or after is not None:
        order = "an answer, then none" if before is None else "no answer, then one"
        return replace(TWO_ANSWERS, message=f"the same inputs gave {order}: {before or after}")
    for name in names:
        one, other = np.asarray(first.arrays[name]), np.asarray(second.arrays.get(name))
        if one.shape == other.shape:
            for place, *pair in zip(np.ndindex(one.shape), one.flat, other.flat, strict=True):
                if not same(*pair):
                    where = f"{name} at {list(place)}" if place else name
                    told = f"{TWO_ANSWERS.message}: {where} {pair[0]}, then {pair[1]}"
                    return replace(TWO_ANSWERS, message=told)
    return TWO_ANSWERS


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
        outputs, cache = outputs_of(question.op, returned, asked.inputs)
    except BaseException as error:  # it is under check: anything may come out of it
        lacking = gradients_of(question.op, asked.inputs, asked.dout, None, None)
        return Answer({} if backward else lacking, {"forward": failure(theirs(error))})
    changed: dict[Part, tuple[str, ...]] = {"forward": asked.changed()}
    failures: dict[Part, Failure] = {}
    gradients: Mapping[str, Any] = {}
    try:
        gradients = gradients_of(question.op, asked.inputs, asked.dout, backward, cache)
    except BaseException as error:
        failures["backward"] = failure(theirs(error))
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


def outputs_of(
    op_name: str, returned: Any, inputs: Mapping[str, Array]
) -> tuple[dict[str, Any], Any]:
    """The outputs by name, a number of Python's own in x's dtype, and the cache; raises TypeError
    or NotImplementedError."""
    if returned is None:
        raise NotImplementedError
    if not is_pair(returned):
        several = [n for n in OPS[op_name].outputs if n == "out" or n.startswith("running")]
        out = f"({', '.join(several)})" if len(several) > 1 else "out"
        raise WrongReturn(f"returned {described(returned)}; expected ({out}, cache)")
    outputs = OPS[op_name].name_outputs(returned[0])
    if outputs["out"] is None:
        raise NotImplementedError
    own = {
        n: as_number(v, inputs["x"].dtype) for n, v in outputs.items() if type(v) in (int, float)
    }
    return {**outputs, **own}, returned[1]


def is_pair(returned: Any) -> bool:
    """Whether something is `out, cache`: a tuple, or a list that begins with arrays."""
    if isinstance(returned, list):
        first = returned[0] if returned else None
        return len(returned) == 2 and (isinstance(first, tuple) or hasattr(first, "shape"))
    return isinstance(returned, tuple) and len(returned) == 2


def gradients_of(
    op_name: str, inputs: Mapping[str, Array], dout: Array, backward: Function | None, cache: Any
) -> Mapping[str, Any]:
    """The gradients by name; Omitted where there is no backward."""
    op = OPS[op_name]
    if backward is None:
        return dict.fromkeys(op.gradients(inputs), Omitted("no backward is defined"))
    with np.errstate(all="ignore"):
        returned = called_back(backward, dout, cache)
    made, returned = returned, in_order(op, gathered(returned))
    if returned is None or (isinstance(returned, tuple) and all(v is None for v in returned)):
        raise NotImplementedError
    try:
        return op.name_gradients(returned, inputs)
    except ValueError:
        expected = ", ".join(f"d{name}" for name in op.differentiable)
        raise WrongReturn(
            f"returned {described(made)}; expected ({expected}): a tuple, a list, or a dict, a "
            "named tuple, a dataclass or an object of these names"
        ) from None


def called_back(backward: Function, dout: Any, cache: Any) -> Any:
    """What a backward returns: by keyword where it takes nothing by its place."""
    if not has_no_place(backward):
        return backward(dout, cache)
    found = inspect.signature(backward).parameters.values()
    names = [p.name for p in found if p.kind is p.KEYWORD_ONLY and p.default is EMPTY]
    swapped = len(names) != 2 or "cache" in names[:1] or "dout" in names[1:]
    first, second = ("dout", "cache") if swapped else names
    return backward(**{first: dout, second: cache})


@lru_cache(1024)
def has_no_place(function: Function) -> bool:
    """Whether a function takes keywords alone."""
    with suppress(TypeError, ValueError):
        found = inspect.signature(function).parameters.values()
        return bool(found) and all(p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in found)
    return False


def in_order(op: Op, returned: Any) -> Any:
    """Gradients by their names (a dict, what has fields) in the op's order, None of those that are
    not there; anything else as it is. Raises WrongReturn for a dict or an object of other names."""
    names = [f"d{name}" for name in op.differentiable]
    if not isinstance(returned, Mapping):
        return returned
    if set(returned) <= set(names):
        return tuple(returned.get(name) for name in names)
    if isinstance(returned, Fields) and returned.in_order:  # whose names say nothing here
        return tuple(returned.values())
    what = "an object" if isinstance(returned, Fields) else "a dict"
    got, expected = ", ".join(map(str, returned)), ", ".join(names)
    raise WrongReturn(f"returned {what} of {got}; expected ({expected}), or a dict of these names")


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
    """An array as NumPy's; what is none as the failure that it is."""
    if isinstance(value, np.ndarray):
        return numbers_of(value)
    if isinstance(value, np.generic | Omitted):
        return value
    try:
        made = as_numpy(value)
    except TypeError as error:
        return Failure("no array", f"got {error}")
    if made is not None:
        return made
    expected = "expected an array, of NumPy or of a library that has __array__ or DLPack"
    return Failure("no array", f"got a {type(value).__name__}; {expected}")


def numbers_of(value: Array) -> Any:
    """The array; a Failure where its elements are no numbers."""
    if value.dtype.kind not in "fciub":
        return Failure("no array", f"got an array of dtype {value.dtype}; expected numbers")
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.getmaskarray(value).any():
            told = "got a masked array, whose masked elements are no numbers; expected all of them"
            return Failure("no array", f"{told}: out.filled(...)")
        return value.data
    return value


def described(value: Any) -> str:
    """`a tuple of 3`, `one ndarray`."""
    kind = type(value).__name__
    return f"a {kind} of {len(value)}" if isinstance(value, (tuple, list)) else f"one {kind}"


def outputs_alone(forward: Function, question: Question) -> Any:
    """`out` of one forward, with copies; None if it fails."""
    try:
        with np.errstate(all="ignore"):
            returned = forward(**Asked(question).inputs, **question.attributes)
        return as_numpy(outputs_of(question.op, returned, question.inputs)[0]["out"])
    except BaseException as error:  # it is under check: anything may come out of it
        theirs(error)
        return None


def reply_of(
    forward: Function | None, backward: Function | None, question: Question, times: int = 2
) -> Reply:
    """The answer of two functions, either of which may be missing; asked once or twice."""
    if forward is None:
        return Failure(NOT_IMPLEMENTED, f"{question.op} is not defined")
    ask = answer_twice if times > 1 else answer_once
    return ask(forward, backward, question)
