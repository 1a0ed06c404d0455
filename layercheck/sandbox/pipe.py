"""The parent's ends of the pipes: reads and writes that end at a deadline, text that is cut.

Threads do the blocking calls, so that one design serves Linux, macOS and Windows.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from contextlib import suppress
from typing import IO

CHUNK = 1 << 18
SETTLE = 0.01
AHEAD = 64  # chunks read before somebody asks for them


class TimeUp(Exception):
    """The deadline has passed."""


class TooMuch(Exception):
    """The message is larger than what is taken."""


class Channel:
    """The file that `wire.send` and `wire.receive` use for one child process."""

    def __init__(self, process: subprocess.Popen[bytes], text_bytes: int) -> None:
        self._inbox: queue.Queue[bytes] = queue.Queue(AHEAD)
        self._outbox: queue.Queue[bytes | None] = queue.Queue()
        self._buffer = b""
        self._deadline, self._left = 0.0, 0
        self._text, self._text_bytes = bytearray(), text_bytes
        self._closed = False
        self._pipes = [pipe for pipe in (process.stdin, process.stdout, process.stderr) if pipe]
        work = zip((self._write_all, self._read_all, self._keep_text), self._pipes, strict=True)
        self._threads = [threading.Thread(target=f, args=(p,), daemon=True) for f, p in work]
        for thread in self._threads:
            thread.start()

    def begin(self, seconds: float, most_bytes: int) -> None:
        """Start an exchange: what is read until the next `begin` has this time and this size."""
        self._deadline, self._left = time.monotonic() + seconds, most_bytes
        self._text.clear()

    @property
    def unasked(self) -> bool:
        """Whether bytes lie here that nobody has asked for."""
        return bool(self._buffer) or not self._inbox.empty()

    @property
    def text(self) -> str:
        """What the child printed since `begin`, cut; waits until no more of it arrives."""
        size = -1
        while size != len(self._text):
            size = len(self._text)
            time.sleep(SETTLE)
        return bytes(self._text).decode(errors="replace")

    def write(self, data: bytes) -> int:
        self._outbox.put(data)
        return len(data)

    def flush(self) -> None:
        """Nothing to do: the writing thread writes at once."""

    def read(self, size: int) -> bytes:
        """At most size bytes; empty at the end of the pipe. Raises TimeUp or TooMuch."""
        if size > self._left:
            raise TooMuch
        if not self._buffer:
            self._buffer = self._next()
        part, self._buffer = self._buffer[:size], self._buffer[size:]
        self._left -= len(part)
        return part

    def _next(self) -> bytes:
        try:
            return self._inbox.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except queue.Empty:
            raise TimeUp from None

    def close(self, seconds: float = 2.0) -> None:
        """Wait until every process that held a pipe is gone, or for some seconds."""
        self._closed = True
        self._outbox.put(None)
        for thread, pipe in zip(self._threads, self._pipes, strict=True):
            thread.join(seconds)
            if not thread.is_alive():  # closing what a thread still reads would block
                with suppress(OSError):
                    pipe.close()

    def _read_all(self, pipe: IO[bytes]) -> None:
        while part := read_some(pipe):
            self._offer(part)
        self._offer(b"")

    def _offer(self, part: bytes) -> None:
        while not self._closed:
            with suppress(queue.Full):
                self._inbox.put(part, timeout=0.1)
                return

    def _keep_text(self, pipe: IO[bytes]) -> None:
        while part := read_some(pipe):
            room = self._text_bytes - len(self._text)
            self._text += part[: max(0, room)]

    def _write_all(self, pipe: IO[bytes]) -> None:
        with suppress(OSError, ValueError):  # the child is gone
            while (data := self._outbox.get()) is not None:
                pipe.write(data)
                pipe.flush()


def read_some(pipe: IO[bytes]) -> bytes:
    try:
        return os.read(pipe.fileno(), CHUNK)
    except (OSError, ValueError):
        return b""
