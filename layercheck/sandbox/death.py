"""Why a child is gone, in words."""

from __future__ import annotations

from layercheck.worker import exit_text

UNWRITTEN = 70  # the child's exit status when its reply could not be written


class SandboxDied(Exception):
    """The child is gone. kind: `timed out`, `crashed`, `exited`, `too much output`, `no answer`,
    `out of memory` · message: what happened.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message = kind, message


def died_of(code: int, text: str) -> SandboxDied:
    """An exit status in words; bubblewrap and the keeper pass a signal on as 128 + number."""
    if code == UNWRITTEN:
        return SandboxDied("no answer", "its reply could not be written")
    if "MemoryError" in text[-2000:]:
        return SandboxDied("out of memory", "no memory left within the limit")
    code = 128 - code if 128 < code <= 192 else code
    if code == -9:
        return SandboxDied("crashed", "SIGKILL (as when the system has no memory left)")
    if code < 0 or code > 0x8000_0000:
        return SandboxDied("timed out" if code == -24 else "crashed", exit_text(code))
    return SandboxDied("exited", exit_text(code))
