"""The child's loop: one message in, one message out."""

from __future__ import annotations

import ast
import codecs
import dataclasses
import io
import os
import sys
import tokenize
from collections.abc import Mapping
from typing import Any

from layercheck.processes import wire
from layercheck.processes.wire import Array, Message, WireError, receive, send
from layercheck.submissions import profiles
from layercheck.submissions.coverage import instrument, place, recorder
from layercheck.submissions.profiles import imports as submitted_imports
from layercheck.submissions.profiles import (
    matching,
    names,
    notebooks,
    performing,
    reading,
    running,
    syntax,
)

from . import accounting, calling, failures, given, guard, imports

EXIT, UNWRITTEN = os._exit, 70
BESIDE = "beside "
"""Stands before the names of modules that lie beside a file that is read."""

OURS = (
    calling,
    failures,
    given,
    guard,
    imports,
    performing,
    recorder,
    running,
    wire,
    sys.modules[__name__],
)


class Server:
    """Holds one submission: its source, what was found in it, and its module once it runs."""

    def __init__(self, config: Mapping[str, Any], finder: imports.Finder) -> None:
        profiles.__path__ = [*config["profiles"], *profiles.__path__]
        profiles.known_profiles()  # imported now: a submission's own time begins later
        self.finder = finder
        self.guard = guard.Guard(OURS)
        memory = given.Memory(config["inputs"])
        self.caller = calling.Caller(self.guard, int(config["limits"]["output_bytes"]), memory)
        self.name = self.source = ""
        self.found: list[matching.Found] = []
        self.known: frozenset[str] = frozenset()
        self.dropped: dict[str, int] = {}
        self.module: Mapping[str, Any] = {}
        self.told = 0

    def serve(self, pipe: Any, ready: dict[str, Any]) -> None:
        """Answer until the parent closes the pipe; then end at once, without atexit functions."""
        try:
            send(pipe, {"ready": ready, "turn": 0})
            while True:
                request, arrays = receive(pipe)
                reply, answer = self.reply(request, arrays)
                send(pipe, {**reply, "turn": request["turn"]}, answer)
        except WireError:
            EXIT(0)
        except BaseException:  # the pipe is closed, or what writes to it is broken
            EXIT(UNWRITTEN)

    def reply(self, request: dict[str, Any], arrays: dict[str, Array]) -> Message:
        """What to answer to `read`, `wanted`, `load`, `call` or `perform`."""
        if "read" in request:
            return self._read(arrays, **request["read"]), {}
        if "wanted" in request:
            return {"wanted": [n for name, text in arrays.items() for n in wanted(name, text)]}, {}
        if "load" in request:
            return self._load({n: decoded(text) for n, text in arrays.items()}), {}
        if "perform" in request:
            return self._perform(request["perform"], arrays)
        return self._call(request["call"], arrays)

    def _read(
        self,
        arrays: Mapping[str, Array],
        name: str,
        profile: str,
        table: dict[str, Any],
        ops: dict[str, dict[str, Any]],
    ) -> dict[str, Any]:
        """Nothing of the file runs here: what is found in it can be believed."""
        names.install(ops)
        self.name = name
        helpers = {n.removeprefix(BESIDE): t for n, t in arrays.items() if n.startswith(BESIDE)}
        trees = {n: tree for n, text in helpers.items() if (tree := parsed(text)) is not None}
        try:
            book = self._source(decoded(arrays["source"]))
            found = reading.read(self.source, name, profile, table, trees)
            found.broken |= book.broken
            found.not_checked |= notebooks.told_of(book, found.known)
            found.not_checked |= notebooks.lost_in(book, found.known)
        except (ValueError, SyntaxError) as error:
            return {"refused": str(error)[:1000]}
        self.found, self.known = found.found, found.known
        told = {
            "targets": [plain_target(one) for one in found.found],
            "not_checked": found.not_checked,
            "imports": found.imports,
            "problem": found.problem,
            "broken": found.broken,
            "ops": found.ops,
            "profiles": found.profiles,
            "code": code_of(self.source, name).as_json(),
        }
        if not found.found:
            told["expected"] = reading.expected()
        return {"read": told}

    def _source(self, text: str) -> notebooks.Notebook:
        """What there is to run: a file's text, or a notebook's definitions."""
        is_notebook = notebooks.is_notebook(self.name)
        if not is_notebook and notebooks.looks_like_one(text):
            raise ValueError(f"it is a notebook; give it a name that ends in {notebooks.SUFFIX}")
        book = notebooks.read(text) if is_notebook else notebooks.Notebook(text)
        self.source, self.dropped = book.source, book.dropped
        return book

    def _load(self, helpers: Mapping[str, str]) -> dict[str, Any]:
        try:
            self.module = running.load(self.source, self.name, helpers, self.dropped)
        except BaseException as error:  # a submission raises what it likes, SystemExit included
            self.caller.patched += self.guard.restore()
            return {"failed": {**failures.failure(error), "notes": self._notes()}}
        self.caller.patched += self.guard.restore()
        more = accounting.more(self.module, self.name, self.known)
        more |= accounting.unasked(self.module, self.found)
        return {"loaded": {"notes": self._notes(), "more": more}}

    def _call(self, request: dict[str, Any], arrays: dict[str, Array]) -> Message:
        found = self.found[request["target"]]
        recorder.begin()
        ask = self.caller.traced if request.get("traced") else self.caller.answer
        answer = ask(found.profile, self.module, found.target, request, arrays)
        answer[0]["answered"]["notes"]["forward"] += self._notes()
        answer[0]["answered"]["ran"] = f"{recorder.told():x}"
        return answer

    def _perform(self, request: dict[str, Any], arrays: dict[str, Array]) -> Message:
        found = self.found[request["target"]]
        return self.caller.perform(found.profile, self.module, found.target, request, arrays)

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


def plain_target(found: matching.Found) -> dict[str, Any]:
    """A target as JSON values, without what only its profile has to know."""
    target = dataclasses.asdict(dataclasses.replace(found.target, options=None))
    return {**target, "profile": found.profile.NAME}


def code_of(source: str, name: str) -> place.Code:
    """What of a file is followed while it runs; of a notebook by the lines of its cells."""
    made = instrument.followed(source, name)
    if made is None:
        return place.Code()
    return notebooks.in_cells(made[1], source) if notebooks.is_notebook(name) else made[1]


def wanted(name: str, data: Array) -> list[str]:
    """What a helper module may want from beside the file, its own package included."""
    tree = parsed(data)
    if tree is None:
        return []
    packages = dict.fromkeys([name, name.rpartition(".")[0]])
    return [n for package in packages for n in submitted_imports.wanted(tree, package)]


def parsed(data: Array) -> ast.Module | None:
    """The syntax tree of a helper module; None where it has none."""
    try:
        return syntax.parse(decoded(data), "helper")
    except (ValueError, SyntaxError):
        return None


def decoded(data: Array) -> str:
    """A file's bytes as text, in the encoding that it names; raises ValueError for what is none."""
    raw = data.tobytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is text in UTF-16; save it as UTF-8")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw.decode(encoding)
    except SyntaxError as error:
        unknown = str(error).partition("unknown encoding: ")[2]
        why = f"names the encoding {unknown!r}, which is not known"
        if not unknown:
            why = "is no text in UTF-8, and names no other encoding"
    except (UnicodeDecodeError, LookupError, AttributeError):
        why = f"names the encoding {encoding!r}, and is no text in it"
    raise ValueError(
        f"it {why}; save it as UTF-8, or name its encoding in the first line: # coding: latin-1"
    )
