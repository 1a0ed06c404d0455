"""A sandbox that starts while this process still imports what it judges with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .limits import Limits
from .sandbox import Sandbox

_begun: list[Sandbox] = []


@contextmanager
def begun(limits: Limits) -> Iterator[None]:
    """Let a sandbox start, for the first that opens one with these limits."""
    _begun.append(Sandbox(limits, ahead=True))
    try:
        yield
    finally:
        while _begun:
            _begun.pop().close()


def open_sandbox(limits: Limits) -> Sandbox:
    """A sandbox: the one that was begun, if it has these limits. Raises UsageError."""
    sandbox = _begun.pop() if _begun and _begun[-1].limits == limits else Sandbox(limits)
    sandbox.wait()
    return sandbox
