"""A framework in a process of its own, which may die without ending the run.

The child (`python -m layercheck.worker torch`) imports one oracle, then answers case texts.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, cast

import numpy as np

import oracles
from oracles.oracle import Omitted, Question, Unsupported
from ref_layers.op import Array

from .answers import Failure, Refusal, Reply
from .case import Case, parse
from .child.wire import WireError, receive, send
from .errors import UsageError

ANSWER_SECONDS = 60.0
START_SECONDS = 180.0
Message = tuple[dict[str, Any], dict[str, Array]]


class Worker:
    """A warm framework process: asked for one case at a time, started again when it dies."""

    def __init__(self, oracle: str, seconds: float = ANSWER_SECONDS) -> None:
        self.oracle, self.seconds = oracle, seconds
        self._versions: dict[str, str] = {}
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def start(self) -> None:
        """Start the child unless it runs; raises UsageError where the framework is missing."""
        if self._process is not None:
            return
        self.starts += 1
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in stop)
        command = [sys.executable, "-m", "layercheck.worker", self.oracle]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            start_new_session=True,
        )  # fmt: skip
        self._inbox: queue.Queue[Message | WireError] = queue.Queue()
        threading.Thread(target=self._read, args=(self._process, self._inbox), daemon=True).start()
        ready = self._next(START_SECONDS)
        header: dict[str, Any] = {"missing": self._last_words()} if ready is None else ready[0]
        if "missing" in header:
            self.stop()
            raise UsageError(missing_text(self.oracle, header["missing"]))
        self._versions = header["versions"]

    @property
    def versions(self) -> dict[str, str]:
        """Of the framework; empty until it has started."""
        return self._versions

    def ask(self, case: Case, dtype: str | None = None) -> Reply:
        """The oracle's answer to a case, in another dtype if one is given."""
        with self._turn:
            return self._ask(case, dtype)

    def _ask(self, case: Case, dtype: str | None) -> Reply:
        self.start()
        process = cast("subprocess.Popen[bytes]", self._process)
        try:
            send(cast(BinaryIO, process.stdin), {"case": str(case), "dtype": dtype})
        except OSError:
            return self._died(process)
        try:
            message = self._next(self.seconds)
        except queue.Empty:
            self.stop()
            return Failure("timed out", f"no answer within {self.seconds:g} s")
        return self._died(process) if message is None else reply_of(*message)

    def stop(self) -> None:
        """End the child and wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                close_quietly(pipe)
        self._errors.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _next(self, seconds: float) -> Message | None:
        """The next message, or None if the child is gone; raises queue.Empty after seconds."""
        message = self._inbox.get(timeout=seconds)
        return None if isinstance(message, WireError) else message

    @staticmethod
    def _read(process: subprocess.Popen[bytes], inbox: queue.Queue[Message | WireError]) -> None:
        try:
            while True:
                inbox.put(receive(cast(BinaryIO, process.stdout)))
        except (WireError, ValueError, OSError) as error:
            inbox.put(error if isinstance(error, WireError) else WireError(str(error)))

    def _died(self, process: subprocess.Popen[bytes]) -> Failure:
        code = process.wait()
        words = self._last_words()
        self.stop()
        return Failure("crashed", f"{exit_text(code)}{': ' + words if words else ''}")

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else ""


def close_quietly(pipe: Any) -> None:
    with suppress(OSError):  # unsent bytes to a child that is gone
        pipe.close()


def exit_text(code: int) -> str:
    """How a process ended: `SIGFPE`, or `exit status 3`."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def missing_text(oracle: str, reason: str) -> str:
    extra = {"keras": "tensorflow", "matrix": "sparse"}.get(oracle, oracle)
    return (
        f"oracle {oracle} cannot be used here ({reason}); "
        f"install it with: python -m pip install 'layercheck[{extra}]'"
    )


def reply_of(header: dict[str, Any], arrays: dict[str, Array]) -> Reply:
    if "refused" in header:
        return Refusal(header["refused"])
    if "failed" in header:
        return Failure("raised", header["failed"])
    omitted = {name: Omitted(reason) for name, reason in header["omitted"].items()}
    return {**arrays, **omitted}


# ---------------------------------------------------------------------- the child's side


def serve(oracle_name: str, requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer cases until the parent closes the pipe."""
    try:
        oracle = oracles.load(oracle_name)
        versions = oracle.versions()
    except Exception as error:  # whatever keeps a framework from loading is told to the user
        send(replies, {"missing": first_line(error)})
        return
    send(replies, {"versions": versions})
    while True:
        try:
            request, _ = receive(requests)
        except WireError:
            return
        send(replies, *answer(oracle.answer, request))


def answer(ask: Callable[[Any], Any], request: dict[str, Any]) -> Message:
    try:
        question = question_of(parse(request["case"]))
        arrays = ask(question.astype(request["dtype"]) if request["dtype"] else question)
    except Unsupported as error:
        return {"refused": str(error)}, {}
    except Exception as error:  # a framework may raise anything; the parent judges it
        return {"failed": first_line(error)}, {}
    omitted = {name: v.reason for name, v in arrays.items() if isinstance(v, Omitted)}
    given = {name: np.asarray(v) for name, v in arrays.items() if name not in omitted}
    return {"omitted": omitted}, given


def question_of(case: Case) -> Question:
    try:
        return case.question
    except ValueError:  # the layer rejects it; what the framework does with it is its own affair
        return case.forward_question


def first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300] if lines else ''}"


def main() -> None:
    """Keep the real stdout for replies: frameworks print to theirs."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    serve(sys.argv[1], sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
