"""A class of this process, read and called as one in a submitted file is, without a sandbox."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from layercheck.errors import UsageError
from layercheck.processes.wire import Array, Message
from layercheck.submissions.child.calling import Caller
from layercheck.submissions.child.given import Memory
from layercheck.submissions.child.guard import Guard
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names, reading
from layercheck.submissions.profiles.matching import Found
from layercheck.submissions.reading import Submission

from ..layer import Layer
from ..raised import is_interruption
from ..submission import Submitted

MOST_BYTES = 1 << 34


def layers_of(kind: type, strict: bool) -> Iterator[Layer]:
    """The layer that a class is; raises UsageError where its text does not show one."""
    names.install(op_table())
    source, name = source_of(kind)
    read = reading.read(source, name)
    own = [one for one in read.found if one.target.forward.partition(".")[0] == kind.__name__]
    if not own:
        why = read.not_checked.get(kind.__name__) or read.problem or "its text shows no layer"
        raise UsageError(
            f"class {kind.__name__} cannot be checked: {why}; expected a class named as a layer "
            "with a forward and a backward, or functions: check(conv2d=..., conv2d_backward=...)"
        )
    namespace = {**vars(sys.modules[kind.__module__]), kind.__name__: kind}
    submission = Submission(Path(name), [one.target for one in own])
    here = InProcess(own, namespace)
    for number, one in enumerate(own):
        target = one.target
        asked = Submitted(submission, target, number, here, strict)  # type: ignore[arg-type]
        yield Layer(
            target.op,
            target.forward,
            target.backward,
            asked,
            target.takes,
            target.beyond,
            target.unknown,
            target.defaults,
            habits=target.habits,
            own_way=target.own_way,
        )


def source_of(kind: type) -> tuple[str, str]:
    """The text that a class stands in: its file's, or its own where that is inside a function."""
    try:
        own, path = inspect.getsource(kind), inspect.getsourcefile(kind) or "<class>"
    except (OSError, TypeError):
        raise UsageError(
            f"class {kind.__name__} has no source that can be read; define it in a file"
        ) from None
    at_top = not own[:1].isspace() and Path(path).is_file()
    return (Path(path).read_text("utf-8") if at_top else textwrap.dedent(own)), Path(path).name


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

    def __init__(self, found: list[Found], namespace: Mapping[str, Any]) -> None:
        self.found, self.namespace = found, namespace
        self.caller = Here(Guard(()), MOST_BYTES, Memory(None))

    def call_ahead(
        self,
        target: int,
        op: str,
        attributes: Mapping[str, Any],
        arrays: Mapping[str, Array],
        bare: bool = False,
        traced: bool = False,
    ) -> Callable[[], Message]:
        """One question to a target, put when the reply is called for."""
        asked = {"op": op, "attributes": dict(attributes), "bare": bare, "placed": []}
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
        reply = ask(profile, self.namespace, one.target, request, arrays)
        if self.caller.interruption is not None:
            raise self.caller.interruption
        told, answered = reply
        return {**told, "changed": []}, answered  # told by what comes back after each part
