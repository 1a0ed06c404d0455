"""How a submission failed, told in its own frames: never a traceback of ours."""

from __future__ import annotations

import os
import traceback
from typing import Any

from .imports import NotAllowed

LONGEST_MESSAGE, LONGEST_TRACEBACK = 400, 4000
LOADED: list[str] = []  # the names of the submissions' files


def failure(error: BaseException, stage: str) -> dict[str, Any]:
    """The record that goes to the parent: kind, message, traceback, stage."""
    return {
        "kind": kind_of(error),
        "message": message_of(error)[:LONGEST_MESSAGE],
        "traceback": their_frames(error)[-LONGEST_TRACEBACK:],
        "stage": stage,
    }


def kind_of(error: BaseException) -> str:
    if isinstance(error, NotAllowed):
        return "not allowed"
    if isinstance(error, NotImplementedError) or type(error).__name__ == "NotImplementedYet":
        return "not implemented"
    if isinstance(error, MemoryError):
        return "out of memory"
    if isinstance(error, SystemExit):
        return "exited"
    return getattr(error, "layercheck_kind", "raised") if isinstance(error, NoArray) else "raised"


class NoArray(Exception):
    """What a function returned cannot leave the child."""

    def __init__(self, message: str, kind: str = "no array") -> None:
        super().__init__(message)
        self.layercheck_kind = kind


def message_of(error: BaseException) -> str:
    """`ValueError: text`; an error that cannot even be printed has its type alone."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    if isinstance(error, (NotAllowed, NoArray)) or type(error).__name__ == "NotImplementedYet":
        return text
    if isinstance(error, SystemExit):
        return f"called exit({text})"
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
    """Whether a frame is of the submission: of its file, or of no file at all (a cell)."""
    if filename.startswith(tuple(LOADED)):
        return True
    return not os.path.isabs(filename) and not filename.startswith("<frozen")
