"""Children that run modules of ours: how they are started, and how they serve."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .wire import Array, Message, WireError, opened, receive, send

foreign: set[str] = set()
"""Folders of subjects on this process's path: no other process of ours looks there."""

ROOT = str(Path(__file__).absolute().parents[2])
BOOTSTRAP = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from layercheck.processes.parent import end_with; end_with(int(sys.argv.pop(1))); "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)
"""What a child runs. It watches its parent from the start: a framework's import takes seconds."""

Answerer = Callable[[dict[str, Any], dict[str, Array]], Message]


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours as this process's child, with this process's path.

    -I: whatever lies in the working directory, or beside a subject, stays out of the way.
    """
    own = [entry for entry in sys.path if entry not in foreign]
    path = json.dumps([*own, *([] if ROOT in own else [ROOT])])
    return [sys.executable, "-I", "-c", BOOTSTRAP, path, str(os.getpid()), module, *arguments]


def serve(ready: Callable[[], tuple[Mapping[str, Any], Answerer | None]]) -> None:
    """The child's side: tell what `ready` tells, then answer until the parent closes the pipe.

    ready: makes what the child answers with; None where it has nothing to answer with.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    pipe = opened(int(sys.argv[-1]))
    told, answer = ready()
    send(pipe, {**told, "turn": 0})
    while answer is not None:
        try:
            request, arrays = receive(pipe)
        except WireError:
            return
        turn = request.pop("turn")
        header, answered = answer(request, arrays)
        send(pipe, {**header, "turn": turn}, answered)


def first_line(error: BaseException) -> str:
    """`ValueError: text`, in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300] if lines else ''}"
