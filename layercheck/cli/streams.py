"""Standard output and standard error: how wide they are, and what is done where they fail."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

LOG_WIDTH = 120
"""How wide a table is where there is no terminal."""

LEAST, MOST = 40, 1000
"""Narrower than this no table can be read; wider than this nobody asks for."""

HEIGHT = 25
BROKEN_PIPE = 141
"""The exit status where the reader went away, as a shell tells it: 128 + SIGPIPE."""

EXPECTED = "expected a terminal, a pipe or a file that takes it"


class OutputError(Exception):
    """A standard stream takes nothing more. status: the exit status."""

    def __init__(self, told: str, status: int = 2) -> None:
        super().__init__(told)
        self.status = status


class Outlet(io.RawIOBase):
    """What a standard stream writes to; raises OutputError once, and then loses the rest."""

    def __init__(self, name: str, raw: Any) -> None:
        self.name, self.raw, self.failed = name, raw, False

    def write(self, data: Any) -> Any:
        """As a file does it."""
        if self.failed:
            return len(data)
        try:
            return self.raw.write(data)
        except OSError as error:
            self.failed = True
            status = BROKEN_PIPE if isinstance(error, BrokenPipeError) else 2
            told = f"cannot write to {self.name}: {error.strerror}; {EXPECTED}"
            raise OutputError(told, status) from None

    def writable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """Of the stream."""
        return int(self.raw.fileno())

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return bool(self.raw.isatty())


@contextmanager
def standard_streams() -> Iterator[None]:
    """Standard streams that say so where they fail; raises OutputError where output is closed.

    No file and no pipe of ours takes the number of one that is closed.
    """
    before = sys.stdout, sys.stderr
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (until the end)
    if sys.stdout is None:
        raise OutputError(f"standard output is closed; {EXPECTED}")
    sys.stdout = outlet("standard output", sys.stdout)
    sys.stderr = outlet("standard error", sys.stderr)
    try:
        yield
        flush()
    finally:
        with suppress(OutputError):
            flush()
        sys.stdout, sys.stderr = before[0], before[1] or sys.stderr


def outlet(name: str, stream: TextIO) -> TextIO:
    """The same stream with an outlet; one that somebody put in its place stays as it is."""
    if type(stream) is not io.TextIOWrapper:
        return stream
    stream.flush()
    raw = Outlet(name, getattr(stream.buffer, "raw", stream.buffer))
    by_line = stream.line_buffering or stream.write_through
    return io.TextIOWrapper(
        io.BufferedWriter(raw), stream.encoding, stream.errors, line_buffering=by_line
    )


def flush() -> None:
    """Write what is left; raises OutputError."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def width_of(stream: TextIO) -> int:
    """How many columns there are: what COLUMNS says, else the terminal, else enough for a log."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:9]):
        return min(max(int(told[:9]), LEAST), MOST)
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or LOG_WIDTH
    return LOG_WIDTH


def console(stream: TextIO) -> Any:
    """A console that changes nothing of what is printed."""
    from rich.console import Console

    return Console(
        file=stream,
        width=width_of(stream),
        height=HEIGHT,
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
