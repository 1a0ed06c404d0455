"""One call of a submission: fresh copies in, plain arrays out, or how it failed.

The checks here are for good messages; the parent judges whatever arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layercheck.profiles.profile import Call, Target

from .failures import NoArray, failure
from .guard import Guard
from .wire import DTYPES, Array

Adapter = Callable[[Mapping[str, Any], Call, Target], Any]
SCALARS = (frozenset(np.sctypeDict.values()) | {float, int, bool}) - {object}
MOST_ARRAYS = 64


class Caller:
    """Calls the functions of a loaded submission, and puts patched modules back after each."""

    def __init__(self, guard: Guard, most_bytes: int) -> None:
        self.guard, self.most_bytes = guard, most_bytes
        self.patched: list[str] = []
        self.notes: list[str] = []

    def answer(
        self,
        adapter: Adapter,
        names: Mapping[str, Any],
        request: dict[str, Any],
        given: dict[str, Array],
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """The reply to one `call` message."""
        target = Target(**request["target"])
        inputs = {name: value for name, value in given.items() if name != "dout"}
        first = Question(request, inputs, given.get("dout"))
        try:
            arrays, changed = self._once(adapter, names, target, first)
        except BaseException as error:  # a submission raises what it likes, SystemExit included
            return self._failed(error, adapter, names, target, first)
        differs = bool(request.get("repeat")) and self._differs(
            adapter, names, target, first, arrays
        )
        notes = [str(note)[:300] for note in self.notes[:10]]
        return {"answered": {"changed": changed, "differs": differs, "notes": notes}}, arrays

    def _once(
        self, adapter: Adapter, names: Mapping[str, Any], target: Target, question: Question
    ) -> tuple[dict[str, Array], list[str]]:
        call = question.call()
        own = {**call.inputs, "dout": call.dout}
        try:
            answer = adapter(names, call, target)
        finally:
            self.notes = call.notes
            self.patched += self.guard.restore()
        return self._plain_all(answer), question.changed(own)

    def _failed(
        self,
        error: BaseException,
        adapter: Adapter,
        names: Mapping[str, Any],
        target: Target,
        question: Question,
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """A failed backward still has its forward's arrays: asked for again without `dout`."""
        failed = failure(error, "forward" if question.dout is None else "backward")
        error.__traceback__ = None  # its frames hold the submission's arrays
        if question.dout is None:
            return {"failed": failed}, {}
        alone = Question(question.request, question.inputs, None)
        try:
            arrays, _ = self._once(adapter, names, target, alone)
        except BaseException as forward_error:
            return {"failed": failure(forward_error, "forward")}, {}
        return {"failed": failed}, arrays

    def _differs(
        self,
        adapter: Adapter,
        names: Mapping[str, Any],
        target: Target,
        question: Question,
        arrays: dict[str, Array],
    ) -> bool:
        try:
            again, _ = self._once(adapter, names, target, question)
        except BaseException:
            return True
        return bits(again) != bits(arrays)

    def _plain_all(self, answer: Any) -> dict[str, Array]:
        if type(answer) is not dict or len(answer) > MOST_ARRAYS:
            raise NoArray(f"got {type(answer).__name__}; expected arrays by name")
        plain = {str(name): plain_array(str(name), value) for name, value in answer.items()}
        size = sum(value.nbytes for value in plain.values())
        if size > self.most_bytes:
            raise NoArray(f"{size} bytes; at most {self.most_bytes} are taken", "too much output")
        return {name: np.array(value) for name, value in plain.items()}  # theirs may change later


class Question:
    """What a call is about; every call gets fresh copies of it."""

    def __init__(
        self, request: dict[str, Any], inputs: dict[str, Array], dout: Array | None
    ) -> None:
        self.request, self.inputs, self.dout = request, inputs, dout

    def call(self) -> Call:
        inputs = {name: np.array(value) for name, value in self.inputs.items()}
        dout = None if self.dout is None else np.array(self.dout)
        return Call(self.request["op"], inputs, tuples(self.request["attributes"]), dout)

    def changed(self, own: Mapping[str, Array | None]) -> list[str]:
        """The inputs whose copies no longer hold what was put in."""
        given = {**self.inputs, "dout": self.dout}
        return [
            name
            for name, value in given.items()
            if value is not None and own[name].tobytes() != value.tobytes()  # type: ignore[union-attr]
        ]


def plain_array(name: str, value: Any) -> Array:
    """An exact ndarray of plain numbers in native byte order; raises NoArray."""
    if type(value) in SCALARS:
        value = np.array(value)
    if type(value) is not np.ndarray:
        raise NoArray(f"{name}: got {type(value).__name__}; expected a numpy.ndarray")
    if value.dtype.name not in DTYPES:
        raise NoArray(f"{name}: got dtype {value.dtype}; expected plain real numbers")
    return value if value.dtype.isnative else value.astype(value.dtype.newbyteorder("="))


def bits(arrays: Mapping[str, Array]) -> dict[str, Any]:
    return {name: (a.dtype.name, a.shape, a.tobytes()) for name, a in arrays.items()}


def tuples(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    if isinstance(value, list):
        return tuple(tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: tuples(item) for key, item in value.items()}
    return value
