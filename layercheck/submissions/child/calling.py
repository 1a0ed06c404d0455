"""One question put to a submission: fresh copies in, plain arrays out, or how each part failed.

The checks here are for good messages; the parent judges whatever arrives. Whether inputs were
overwritten it sees in memory that it shares; by which part, it is told: they go back after each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from layercheck.processes.wire import DTYPES, Array
from layercheck.submissions.profiles import traced
from layercheck.submissions.profiles.call import Call, Namespace, NotUnderstood, Session
from layercheck.submissions.profiles.memory import Copied
from layercheck.submissions.profiles.performing import Done, Put, Sessions, perform
from layercheck.submissions.profiles.target import Target

from .failures import NoArray, failure
from .given import Memory
from .guard import Guard

SCALARS = (frozenset(np.sctypeDict.values()) | {float, int, bool}) - {object}
MOST_ARRAYS = 64
PLAIN = frozenset(map(np.dtype, DTYPES))


class Caller:
    """Puts questions to a loaded submission, and puts patched modules back after each part."""

    def __init__(self, guard: Guard, most_bytes: int, memory: Memory) -> None:
        self.guard, self.most_bytes, self.memory = guard, most_bytes, memory
        self.patched: list[str] = []

    def answer(
        self,
        profile: ModuleType,
        names: Namespace,
        target: Target,
        request: Mapping[str, Any],
        given: Mapping[str, Array],
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """The reply to one `call` message: the forward, and the backward if dout is given."""
        inputs = self.memory.arrays(request["placed"])
        inputs.update({name: np.array(value) for name, value in given.items()})
        dout = inputs.pop("dout", None)
        shape = tuples(request.get("shape")) if dout is None else dout.shape
        attributes, bare = tuples(request["attributes"]), request["bare"]
        call = Call(request["op"], inputs, attributes, shape, bare=bare, beside=self.memory.beside)
        answer = Parts(call, getattr(profile, "CONTRACT", False))
        try:
            answer.session = self._run(lambda: profile.open_session(names, call, target))
        except BaseException as error:
            answer.failed["forward"] = failure(error, answer.contract)
            return answer.message()
        if self._part(answer, "forward", answer.session.forward) and dout is not None:
            session = answer.session
            self._part(answer, "backward", lambda: session.backward(dout), dout)
        return answer.message()

    def traced(
        self,
        profile: ModuleType,
        names: Namespace,
        target: Target,
        request: Mapping[str, Any],
        given: Mapping[str, Array],
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """As `answer`, with the calls that were made for it."""
        traced.tracers[:] = [tracer := traced.Tracer()]
        try:
            told, arrays = self.answer(profile, names, target, request, given)
        finally:
            traced.tracers.clear()
        told["answered"]["calls"] = tracer.calls
        kept = {f"call {n}": value for n, value in enumerate(tracer.arrays)}
        return told, {**arrays, **{n: v for n, v in kept.items() if v.dtype in PLAIN}}

    def perform(
        self,
        profile: ModuleType,
        names: Namespace,
        target: Target,
        request: Mapping[str, Any],
        given: Mapping[str, Array],
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """The reply to one `perform` message: what each step gave."""
        contract = getattr(profile, "CONTRACT", False)
        puts = [
            put_of(number, asked, given, request["memory"])
            for number, asked in enumerate(request["questions"])
        ]
        done: Done = self._run(
            lambda: perform(
                Sessions(lambda call: profile.open_session(names, call, target), puts),
                [(ask, session, question) for ask, session, question in request["steps"]],
                request["times"],
                request["seconds"],
                self._copies,
                lambda error: failure(error, contract),
            )
        )
        arrays = {f"{n} {name}": v for n, step in enumerate(done.steps) for name, v in step.items()}
        failed = {str(number): told for number, told in done.failed.items()}
        if sum(value.nbytes for value in arrays.values()) > self.most_bytes:
            arrays, failed = {}, {"0": failure(too_much(self.most_bytes))}
        changed = {str(number): names for number, names in done.changed.items()}
        told = {"times": done.times, "failed": failed, "changed": changed}
        return {"performed": told}, arrays

    def _copies(self, found: Any) -> dict[str, Array]:
        """Copies of the arrays of one step; what is none is left out."""
        if type(found) is not dict or len(found) > MOST_ARRAYS:
            raise NoArray(f"got {type(found).__name__}; expected arrays by name")
        copies = {}
        for name, value in found.items():
            try:
                copies[str(name)] = np.array(plain_array(value))
            except NoArray:
                continue
        return copies

    def _part(
        self,
        answer: Parts,
        part: str,
        ask: Callable[[], Mapping[str, Any]],
        dout: Array | None = None,
    ) -> bool:
        """One part; whether it answered."""
        try:
            arrays = self._plain_all(answer, self._run(ask))
        except BaseException as error:  # a submission raises what it likes, SystemExit included
            answer.failed[part] = failure(error, answer.contract)
            error.__traceback__ = None  # its frames hold the submission's arrays
            return False
        answer.take(part, arrays, dout)
        return True

    def _run(self, ask: Callable[[], Any]) -> Any:
        """What their lines give; what they patched is put back before a line of ours runs."""
        try:
            return ask()
        finally:
            self.patched += self.guard.restore()

    def _plain_all(self, answer: Parts, found: Any) -> dict[str, Array]:
        if type(found) is not dict or len(found) > MOST_ARRAYS:
            raise NoArray(f"got {type(found).__name__}; expected arrays by name")
        plain = {}
        for name, value in found.items():
            if isinstance(value, NotUnderstood):
                answer.lacking[str(name)] = failure(value)
                continue
            try:
                plain[str(name)] = plain_array(value)
            except NoArray as error:
                answer.lacking[str(name)] = failure(error)
        if sum(value.nbytes for value in plain.values()) > self.most_bytes:
            raise too_much(self.most_bytes)
        return {name: np.array(value) for name, value in plain.items()}  # theirs may change later


class Parts:
    """What a forward and a backward came to. contract: whether an assignment says how they are
    called."""

    def __init__(self, call: Call, contract: bool) -> None:
        self.call, self.contract = call, contract
        self.session: Session | None = None
        self.arrays: dict[str, Array] = {}
        self.failed: dict[str, Any] = {}
        self.lacking: dict[str, Any] = {}
        self.notes: dict[str, list[str]] = {"forward": [], "backward": []}

    def take(self, part: str, arrays: Mapping[str, Array], dout: Array | None) -> None:
        """Keep a part's arrays, and what its inputs are now."""
        self.call = self.session.call if self.session is not None else self.call
        self.call.settle()
        earlier = [note for notes in self.notes.values() for note in notes]
        self.notes[part] = [str(n)[:300] for n in self.call.notes[:10] if n not in earlier]
        self.arrays.update(arrays)
        now = {**self.call.inputs, **({} if dout is None else {"dout": dout})}
        self.arrays.update({f"{part} {name}": np.array(value) for name, value in now.items()})

    def message(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All of it, for the parent."""
        told = {
            "failed": self.failed,
            "lacking": self.lacking,
            "misfits": {str(n): str(text)[:300] for n, text in self.call.misfits.items()},
            "notes": self.notes,
            "called": "; ".join(self.call.called[:5])[:300],
        }
        return {"answered": told}, self.arrays


def put_of(number: int, asked: Mapping[str, Any], given: Mapping[str, Array], memory: str) -> Put:
    """One of several questions; the names of its arrays begin with its number."""
    ahead = f"{number} "
    own = {name[len(ahead) :]: value for name, value in given.items() if name.startswith(ahead)}
    dout = own.pop("dout", None)
    shape = None if dout is None else dout.shape
    call = Call(asked["op"], own, tuples(asked["attributes"]), shape, memory=memory)
    return Put(call, dout)


def too_much(most_bytes: int) -> NoArray:
    """That an answer is too large."""
    return NoArray(f"at most {most_bytes} bytes are taken", "too much output")


def plain_array(value: Any) -> Array:
    """An exact ndarray of plain numbers in native byte order; raises NoArray."""
    if type(value) in SCALARS:
        value = np.array(value)
    if type(value) is Copied:  # what came of an array that we gave
        value = value.view(np.ndarray)
    if type(value) is not np.ndarray:
        raise NoArray(f"got {type(value).__name__}; expected a numpy.ndarray")
    if value.dtype in PLAIN:
        return value
    if value.dtype.name not in DTYPES:
        raise NoArray(f"got dtype {value.dtype}; expected plain real numbers")
    return value.astype(value.dtype.newbyteorder("="))


def tuples(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    if isinstance(value, list):
        return tuple(tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: tuples(item) for key, item in value.items()}
    return value
