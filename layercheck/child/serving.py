"""The child's loop: one message in, one message out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from . import calling, failures, guard, imports, loading, wire
from .wire import Array, WireError, receive, send

EXIT, UNWRITTEN = os._exit, 70
Message = tuple[dict[str, Any], dict[str, Array]]
OURS = (calling, failures, guard, imports, loading, wire, sys.modules[__name__])


class Server:
    """Holds one loaded submission."""

    def __init__(self, config: Mapping[str, Any], finder: imports.Finder) -> None:
        self.finder, self.folders = finder, list(config["profiles"])
        self.guard = guard.Guard(OURS)
        self.caller = calling.Caller(self.guard, int(config["limits"]["output_bytes"]))
        self.names: Mapping[str, Any] = {}
        self.profile: Any = None
        self.told = 0

    def serve(self, requests: int, replies: int, ready: dict[str, Any]) -> None:
        """Answer until the parent closes the pipe; then end at once, without atexit functions."""
        incoming, outgoing = os.fdopen(requests, "rb"), os.fdopen(replies, "wb")
        try:
            send(outgoing, {"ready": ready, "turn": 0})
            while True:
                request, arrays = receive(incoming)
                reply, answer = self.reply(request, arrays)
                send(outgoing, {**reply, "turn": request["turn"]}, answer)
        except WireError:
            EXIT(0)
        except BaseException:  # the pipes are closed, or what writes to them is broken
            EXIT(UNWRITTEN)

    def reply(self, request: dict[str, Any], arrays: dict[str, Array]) -> Message:
        if "load" in request:
            return self._load(**request["load"]), {}
        adapter = getattr(self.profile, request["call"]["target"]["adapter"])
        reply, answer = self.caller.answer(adapter, self.names, request["call"], arrays)
        notes = self._notes()
        if "answered" in reply:
            reply["answered"]["notes"] += notes
        else:
            reply["failed"]["notes"] = notes
        return reply, answer

    def _load(self, name: str, source: str, profile: str) -> dict[str, Any]:
        self.profile = loading.find_profile(profile, self.folders)
        try:
            self.names = loading.load(name, source, self.profile)
            defined = loading.defined(self.names)
        except BaseException as error:  # a submission raises what it likes, SystemExit included
            self.caller.patched += self.guard.restore()
            return {"failed": {**failures.failure(error, "load"), "notes": self._notes()}}
        self.caller.patched += self.guard.restore()
        return {"loaded": {"defines": defined, "notes": self._notes()}}

    def _notes(self) -> list[str]:
        """What the submission tried since the last reply."""
        refused = self.finder.attempts[self.told :]
        self.told += len(refused)
        patched, self.caller.patched = sorted(set(self.caller.patched)), []
        notes = [f"imports {name}, which is not allowed here" for name in refused]
        if patched:
            more = f" and {len(patched) - 5} more" if len(patched) > 5 else ""
            notes.append(f"replaces {', '.join(patched[:5])}{more}; put back after each call")
        return notes
