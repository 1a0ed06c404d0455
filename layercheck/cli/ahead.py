"""A file's sandbox starts while the command that will ask it is still imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from layercheck.pipeline.spec import SOURCES

COMMANDS = ("check", "replay")


@contextmanager
def sandbox_begun(arguments: Sequence[str]) -> Iterator[None]:
    """Let one start where these arguments ask about a single file."""
    with nullcontext() if one_file(arguments) is None else begun_sandbox():
        yield


def one_file(arguments: Sequence[str]) -> Path | None:
    """The file that a command is about, if it is about one."""
    files = [Path(text) for text in arguments[1:] if text.endswith(SOURCES)]
    asked = arguments[:1] and arguments[0] in COMMANDS
    return files[0] if asked and len(files) == 1 and files[0].is_file() else None


@contextmanager
def begun_sandbox() -> Iterator[None]:
    """Imported here, so that other commands need none of it."""
    from layercheck.submissions.sandbox.ahead import begun
    from layercheck.submissions.sandbox.limits import Limits

    with begun(Limits()):
        yield
