"""What is told in one line: what a user got wrong (status 2), and a judgement that failed (1)."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


class UsageError(Exception):
    """The message says what was got, what was expected and what to do."""


class SubjectError(UsageError):
    """There is nothing to check in what was named: an earlier report of it holds no longer."""


def unknown(
    what: str, name: str, known: Collection[str], beside: Collection[str] = ()
) -> UsageError:
    """The error for a name that is not there. beside: what else it may be, said after those."""
    alike = get_close_matches(name, [*known, *beside], 1)
    hint = f"; did you mean {alike[0]}?" if alike else ""
    more = f"; or a function: {', '.join(beside)}" if beside else ""
    return UsageError(f"unknown {what} {name!r}{hint}; expected one of: {', '.join(known)}{more}")


class NoSandbox(UsageError):
    """No child could be started in which a stranger's code may run: the machine's doing."""


class Undecided(ValueError):
    """A gradient can neither be confirmed nor blamed at the inputs that were given."""


class JudgingFailed(Exception):
    """The judgement of a file that could be asked came to no end."""


def fault(error: BaseException) -> str:
    """An error that nobody foresaw, where it arose, and what to do."""
    if isinstance(error, MemoryError):
        return "judging it took all the memory that it may take; check its functions one by one"
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place, trace = f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}", trace.tb_next
    told = " ".join(str(error).split())[:300]
    return (
        f"judging it failed: {type(error).__name__}: {told} ({place}); this is layercheck's fault: "
        "report it with this line and the file"
    )
