"""The parent's ends of a child's pipes: nothing here waits longer than it was told to.

Threads do the blocking calls, so that one design serves Linux, macOS and Windows.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

CHUNK = 1 << 16
SETTLE = 0.01
AHEAD = 1 << 22
"""How many bytes of messages are read before somebody asks for them."""

LEAST = 1 << 10
"""What a message counts for at least: it costs more than its bytes."""


class TimeUp(Exception):
    """The deadline has passed."""


class Pipes:
    """A connection for messages, and a stream of printed text that is kept up to a limit."""

    def __init__(self, pipe: Any, printed: IO[bytes], most_bytes: int, text_bytes: int) -> None:
        self._pipe, self._printed = pipe, printed
        self._most_bytes, self._text_bytes = most_bytes, text_bytes
        self._inbox: queue.Queue[bytes | None] = queue.Queue()
        self._lying = 0
        self._taken = threading.Condition()
        self._outbox: queue.Queue[bytes | None] = queue.Queue()
        self._text = bytearray()
        self._closed = False
        self.too_large = False
        """Whether the pipe was closed because a message was larger than what is taken."""
        work = (self._write_all, self._read_all, self._keep_text)
        self._threads = [threading.Thread(target=self._do, args=(w,), daemon=True) for w in work]
        self._at_work, self._lock = len(work), threading.Lock()
        for thread in self._threads:
            thread.start()

    @property
    def unasked(self) -> bool:
        """Whether a message lies here that nobody has asked for; a closed pipe is none."""
        return any(data is not None for data in tuple(self._inbox.queue))

    @property
    def text(self) -> str:
        """What the child printed since `forget`, cut; waits until no more of it arrives."""
        size = -1
        while size != len(self._text):
            size = len(self._text)
            time.sleep(SETTLE)
        return bytes(self._text).decode(errors="replace")

    def forget(self) -> None:
        """Drop the text so far."""
        self._text.clear()

    def send(self, data: bytes) -> None:
        """Write a message; returns at once."""
        self._outbox.put(data)

    def receive(self, seconds: float) -> bytes | None:
        """The next message; None where the pipe was closed. Raises TimeUp after so many seconds."""
        try:
            data = self._inbox.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise TimeUp from None
        with self._taken:
            self._lying -= weight(data)
            self._taken.notify()
        return data

    def close(self, seconds: float = 2.0) -> None:
        """Wait until every process that held a pipe is gone, or for some seconds."""
        self._closed = True
        self._outbox.put(None)
        with self._taken:
            self._taken.notify()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _do(self, work: Callable[[], None]) -> None:
        """One thread's work; the last one closes the pipes: what is still read must stay open."""
        work()
        with self._lock:
            self._at_work -= 1
            is_last = self._at_work == 0
        if is_last:
            with suppress(OSError):
                self._pipe.close()
                self._printed.close()

    def _read_all(self) -> None:
        try:
            while True:
                self._offer(self._pipe.recv_bytes(self._most_bytes))
        except (OSError, EOFError) as error:  # the child is gone
            self.too_large = "message length" in str(error)
        self._offer(None)

    def _offer(self, data: bytes | None) -> None:
        """Lay a message down as soon as not too many lie there."""
        with self._taken:
            self._taken.wait_for(lambda: self._closed or self._lying < AHEAD)
            self._lying += weight(data)
        self._inbox.put(data)

    def _write_all(self) -> None:
        with suppress(OSError, ValueError):  # the child is gone
            while (data := self._outbox.get()) is not None:
                self._pipe.send_bytes(data)

    def _keep_text(self) -> None:
        with suppress(OSError, ValueError):
            while part := os.read(self._printed.fileno(), CHUNK):
                room = self._text_bytes - len(self._text)
                self._text += part[: max(0, room)]


def weight(data: bytes | None) -> int:
    """What a message counts for."""
    return max(LEAST, len(data or b""))
