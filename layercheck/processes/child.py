"""The one client for child processes: start, ask, deadline, printed text, stop, start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any

from layercheck.stages import stage

from .death import LOST, ChildDied, died_of
from .pipes import Pipes, TimeUp
from .sizes import MOST_BYTES, MOST_HEADER
from .waited import waited
from .watch import Look, Watch

if TYPE_CHECKING:
    from .wire import Array, Message

TEXT_BYTES = 1 << 16
ENDS_BY_ITSELF = 3.0
"""How many seconds a child that was asked to end is waited for."""

GONE_SECONDS = 5.0
"""Seconds for one whose pipe is closed to be gone: on a busy machine more than one."""

MOST_GRANTED = 2.0
"""Times as many seconds again for an answer at most, where a busy machine let the child wait."""

LEAST_GRANTED = 0.05
"""Seconds below which nothing is granted: every process waits a little."""


WAITING = "waiting for the file or a framework"


@dataclass(eq=False)
class Ticket:
    """A question that was put to a child, until its answer has come, or the child is gone."""

    turn: int
    message: Message | None = None
    died: ChildDied | None = None


class Child:
    """A child process that answers messages, and may die without harm to this one.

    most_bytes: the largest answer that is taken · text_bytes: how much of what it prints is kept.
    Each question has a number, which its answer has to carry. Several may be put ahead (`begin`);
    they are answered in their order.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, text_bytes: int = TEXT_BYTES) -> None:
        self.most_bytes, self.text_bytes = most_bytes + MOST_HEADER, text_bytes
        self.starts = 0
        self.is_kept = False
        """Whether it has a keeper, which ends everything below it when it is asked to end."""
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: Pipes | None = None
        self._watch: Watch | None = None
        self._turn = 0
        self._granted = 0.0
        self._asked: deque[Ticket] = deque()

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped yet."""
        return self._process is not None

    @property
    def text(self) -> str:
        """What it printed since it was last idle, cut."""
        return self._pipes.text if self._pipes is not None else ""

    @property
    def last_words(self) -> str:
        """The last line that it printed."""
        lines = self.text.strip().splitlines()
        return lines[-1][:300] if lines else ""

    def start(self, command: Sequence[str], seconds: float, **options: Any) -> dict[str, Any]:
        """Start it; the header of its first message. Raises ChildDied, or OSError."""
        self.spawn(command, **options)
        return self.ready(seconds)

    def spawn(
        self,
        command: Sequence[str],
        fds: Sequence[int] = (),
        looks: Sequence[Look] = (),
        **options: Any,
    ) -> None:
        """Begin to start it; raises OSError.

        The command gets the number of its end of the connection as last argument. fds: further
        descriptors that it inherits · looks: what ends it while it runs (Linux) · options: those of
        subprocess.Popen.
        """
        self.starts += 1
        self._process, pipe = spawn(command, fds, **options)
        assert self._process.stdout is not None
        self._pipes = Pipes(pipe, self._process.stdout, self.most_bytes, self.text_bytes)
        if looks and sys.platform == "linux":
            self._watch = Watch(self._process.pid, looks, self.kill)
        self._turn, self._granted = 0, 0.0

    def ready(self, seconds: float) -> dict[str, Any]:
        """Wait until it has started; the header of its first message. Raises ChildDied."""
        try:
            return self._receive(0, seconds)[0]
        except ChildDied as died:
            words = self.text.strip()[-300:]
            self.stop()
            raise ChildDied(died.kind, f"{died.message} {words}".strip()) from None

    def ask(
        self, header: Mapping[str, Any], arrays: Mapping[str, Array] | None, seconds: float
    ) -> Message:
        """Its answer to a question; raises ChildDied, and then the child is gone."""
        return self.result(self.begin(header, arrays), seconds)

    def begin(self, header: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> Ticket:
        """Ask without waiting."""
        assert self._pipes is not None, "the child was not started"
        self._turn += 1
        ticket = Ticket(self._turn)
        if not self._asked and self._pipes.unasked:
            ticket.died = ChildDied("no answer", "it wrote to the private pipe by itself")
            self.stop()
            return ticket
        if not self._asked:
            self._pipes.forget()
        self._asked.append(ticket)
        from .wire import pack  # with it NumPy, which a child is started before

        self._pipes.send(pack({**header, "turn": self._turn}, arrays or {}))
        return ticket

    def result(self, ticket: Ticket, seconds: float, most: float = inf) -> Message:
        """The answer to a question; raises ChildDied, of kind `lost` where the child was gone
        before it came to this one.

        seconds: for this answer, and for each that has to come before it. Those in which the child
        was ready to run, and the machine ran others, are granted again, up to twice as many ·
        most: for all of it.
        """
        while ticket.message is None and ticket.died is None:
            self._settle(self._asked[0], seconds, most)
        if ticket.died is not None:
            raise ticket.died
        assert ticket.message is not None
        return ticket.message

    def _settle(self, oldest: Ticket, seconds: float, most: float) -> None:
        """Wait for the answer that comes next."""
        try:
            oldest.message = self._receive(oldest.turn, seconds, most)
            self._asked.popleft()
        except ChildDied as died:
            oldest.died = died
            self.stop()

    @stage(WAITING)
    def _receive(self, turn: int, seconds: float, most: float = inf) -> Message:
        """The next message, which has to carry this number; raises ChildDied."""
        from .wire import WireError, unpack

        try:
            data = self._patiently(seconds, most)
        except TimeUp:
            raise ChildDied("timed out", f"no answer within {seconds:.3g} s") from None
        if data is None:
            raise self._death()
        try:
            header, arrays = unpack(data)
        except (WireError, ArithmeticError, ValueError, TypeError, MemoryError) as error:
            raise ChildDied("no answer", str(error)[:200]) from None
        if header.pop("turn", None) != turn:
            raise ChildDied("no answer", "what it wrote to the private pipe answers no question")
        return header, arrays

    def _patiently(self, seconds: float, most: float) -> bytes | None:
        """The next message's bytes; raises TimeUp."""
        assert self._pipes is not None, "the child was not started"
        more = min(seconds * MOST_GRANTED, most - seconds)
        while True:
            try:
                return self._pipes.receive(seconds)
            except TimeUp:
                seconds = min(more, self._owed())
                more -= seconds
                if seconds < LEAST_GRANTED:
                    raise

    def _owed(self) -> float:
        """Seconds that a busy machine let it wait, and that were not granted yet."""
        if self._process is None:
            return 0.0
        before, self._granted = self._granted, waited(self._process.pid)
        return self._granted - before

    def kill(self) -> None:
        """End it from any thread: who waits for an answer is told that it died."""
        if self._process is not None:
            end_group(self._process)

    def stop(self) -> None:
        """Kill it and all that it started, and wait until they are gone."""
        process, self._process = self._process, None
        while self._asked:
            ticket = self._asked.popleft()
            ticket.died = ticket.died or ChildDied(LOST, "the child ended before it came to this")
        if process is None:
            return
        if self._watch is not None:
            self._watch.stop()
        if sys.platform == "win32" or (self.is_kept and process.poll() is None):
            process.terminate()  # the keeper's sign to end everything below it
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDS_BY_ITSELF)
        end_group(process)
        process.wait()
        if self._pipes is not None:
            self._pipes.close()

    def _death(self) -> ChildDied:
        """Why the pipe was closed."""
        assert self._process is not None
        assert self._pipes is not None
        if self._pipes.too_large:
            return ChildDied("too much output", f"the answer is larger than {self.most_mb} MB")
        if self._watch is not None and self._watch.found is not None:
            return self._watch.found
        try:
            code = self._process.wait(GONE_SECONDS)
        except subprocess.TimeoutExpired:
            return ChildDied("no answer", "it closed the private pipe")
        return died_of(code, self.text)

    @property
    def most_mb(self) -> int:
        """The largest answer that is taken."""
        return (self.most_bytes - MOST_HEADER) >> 20


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all of its group."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def spawn(
    command: Sequence[str], fds: Sequence[int] = (), **options: Any
) -> tuple[subprocess.Popen[bytes], Any]:
    """Start a process in a session of its own; the process, and our end of the connection."""
    ours, theirs = Pipe()
    number = theirs.fileno()
    if sys.platform == "win32":
        os.set_handle_inheritable(number, True)
        options["startupinfo"] = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [number]})
    else:
        options["pass_fds"] = (number, *fds)
    try:
        process = subprocess.Popen(
            [*command, str(number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours
