"""How a submission failed, told in its own frames: never a traceback of ours."""

from __future__ import annotations

import os
import traceback
from typing import Any

from layercheck.submissions.profiles.call import (
    ChangedSettings,
    NotAsked,
    NotImplementedYet,
    NotUnderstood,
    WrongReturn,
)
from layercheck.submissions.profiles.running import FILES
from layercheck.submissions.profiles.steady import steady

from .imports import NotAllowed
from .templates import is_unfilled

OUT_OF_REACH = (
    "sockets, processes and others' files are out of reach here; what needs them goes under "
    "if __name__ == '__main__':"
)
"""What is told of what the sandbox does not allow."""

LONGEST_MESSAGE, LONGEST_TRACEBACK = 400, 4000


class NoArray(Exception):
    """What a function returned cannot leave the child."""

    def __init__(self, message: str, kind: str = "no array") -> None:
        super().__init__(message)
        self.layercheck_kind = kind


OURS = {
    NotAllowed: "not allowed",
    NotAsked: "not asked",
    NotImplementedYet: "not implemented",
    NotUnderstood: "not understood",
    WrongReturn: "wrong return",
    ChangedSettings: "changed settings",
}
"""What we raise ourselves: no error of the submission's."""


def failure(error: BaseException, contract: bool = True) -> dict[str, Any]:
    """The record that goes to the parent: kind, message, traceback.

    contract: whether an assignment says how the function is called.
    """
    kind = kind_of(error, contract)
    ours = isinstance(error, (*OURS, NoArray))
    return {
        "kind": kind,
        "message": steady(message_of(error, ours)[:LONGEST_MESSAGE]),
        "traceback": "" if ours else their_frames(error)[-LONGEST_TRACEBACK:],
    }


def kind_of(error: BaseException, contract: bool = True) -> str:
    """In one word what happened."""
    for own, kind in OURS.items():
        if isinstance(error, own):
            return kind
    if isinstance(error, NoArray):
        return str(getattr(error, "layercheck_kind", "no array"))
    if isinstance(error, MemoryError):
        return "out of memory"
    if isinstance(error, SystemExit):
        return "exited"
    if isinstance(error, NotImplementedError) or is_unfilled(error, is_theirs):
        return "not implemented"
    return "raised" if is_of_theirs(error, contract) else outside(error)


def is_of_theirs(error: BaseException, contract: bool) -> bool:
    """Whether it came out of their lines, or of a call that an assignment settles."""
    if isinstance(error, SyntaxError):  # the lines themselves
        return True
    trace = error.__traceback__
    while trace is not None:
        if is_theirs(trace.tb_frame.f_code.co_filename):
            return True
        trace = trace.tb_next
    return contract and isinstance(error, TypeError)


def outside(error: BaseException) -> str:
    """What an error of ours says of them: they cannot be called so, or returned no arrays."""
    return "not understood" if isinstance(error, TypeError) else "wrong return"


def message_of(error: BaseException, ours: bool) -> str:
    """`ValueError: text`; an error that cannot even be printed has its type alone."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    if ours:
        return text
    if isinstance(error, SystemExit):
        return f"called exit({text})"
    if isinstance(error, PermissionError):
        text = f"{text} ({OUT_OF_REACH})"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def their_frames(error: BaseException) -> str:
    """The traceback without frames of this package, of Python's library and of NumPy."""
    try:
        frames = traceback.extract_tb(error.__traceback__, limit=-200)
        if isinstance(error, SyntaxError):
            return "".join(traceback.format_exception_only(type(error), error))
        kept = [frame for frame in frames if is_theirs(frame.filename)]
        return "".join(traceback.format_list(kept))
    except BaseException:  # a hostile source of lines
        return ""


def is_theirs(filename: str) -> bool:
    """Whether a frame is of the submission: of its files, or of no file at all (a cell)."""
    if filename.startswith(tuple(FILES)):
        return True
    return not os.path.isabs(filename) and not filename.startswith("<frozen")
