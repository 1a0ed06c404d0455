"""Why a child is gone, in words."""

from __future__ import annotations

import signal

LOST = "lost"
"""The kind of death of which a question learns that the child never came to."""

KILLED = "SIGKILL"
"""How the message begins of a child that was killed."""

UNWRITTEN = 70
"""The exit status of a child whose reply could not be written."""


class ChildDied(Exception):
    """The child is gone, or does not answer. kind: `timed out`, `crashed`, `exited`, `too much
    output`, `no answer`, `out of memory`, `lost` · message: what happened.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message = kind, message

    @property
    def is_kill(self) -> bool:
        """Whether it was killed, and by no limit of ours."""
        return self.message.startswith(KILLED)

    def again(self) -> ChildDied:
        """The same of a child that was asked once more."""
        more = ", and again when it was asked once more" if self.is_kill else ""
        return ChildDied(self.kind, f"{self.message}{more}")


def died_of(code: int, text: str) -> ChildDied:
    """An exit status in words; bubblewrap and the keeper pass a signal on as 128 + number."""
    if code == UNWRITTEN:
        return ChildDied("no answer", "its reply could not be written")
    if "MemoryError" in text[-2000:]:
        return ChildDied("out of memory", "no memory left within the limit")
    code = 128 - code if 128 < code <= 192 else code
    if code == -9:
        return ChildDied("crashed", f"{KILLED} (as when the system has no memory left)")
    if code < 0 or code > 0x8000_0000:
        return ChildDied("timed out" if code == -24 else "crashed", exit_text(code))
    return ChildDied("exited", exit_text(code))


def exit_text(code: int) -> str:
    """How a process ended: `SIGFPE`, or `exit status 3`."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
