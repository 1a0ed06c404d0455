"""Other people's code in a process that may exit, hang, fork or crash without harm to the run.

The child gets inputs and returns plain arrays; it never sees an expected value and never judges.
docs/isolation.md says what each level of protection stops.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from .child.wire import MOST_HEADER, Array, WireError, receive, send
from .errors import UsageError
from .profiles.profile import Target
from .sandbox.death import SandboxDied, died_of
from .sandbox.limits import Limits
from .sandbox.pipe import Channel, TimeUp, TooMuch
from .sandbox.start import LEVELS, Way, start, ways

__all__ = ["LEVELS", "Limits", "Sandbox", "SandboxDied"]

START_SECONDS = 30.0
LONGEST_SOURCE = MOST_HEADER // 8  # a character takes up to 6 bytes as JSON
HEADER_BYTES = MOST_HEADER + 64
Message = tuple[dict[str, Any], dict[str, Array]]
_reached: dict[str | None, Way] = {}  # what has worked in this process


class Sandbox:
    """One submission in a child process of its own, started again after each death.

    level: `bubblewrap`, `landlock` or `plain`; None: the best that this machine has · profiles:
    folders with further profile files. After the start, `level` names the protection reached and
    `held` what holds in the child. Use a sandbox in the thread that made it: a child in bubblewrap
    dies with the thread that started it. Raises UsageError where the level cannot be had.
    """

    def __init__(
        self, limits: Limits | None = None, level: str | None = None, profiles: Sequence[str] = ()
    ) -> None:
        self.limits = limits or Limits()
        self.asked, self.profiles = level, tuple(profiles)
        self.level, self.held = "", list[str]()
        self.starts = 0
        self.folder = tempfile.mkdtemp(prefix="layercheck-")
        self._process: subprocess.Popen[bytes] | None = None
        self._load: dict[str, Any] | None = None
        self._refused: dict[str, Any] | SandboxDied | None = None
        self._spent, self._turn = 0.0, 0
        self._start()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def text(self) -> str:
        """What the last load or call printed, cut at `text_bytes`."""
        return self._channel.text

    def load(self, name: str, source: str, profile: str) -> dict[str, Any]:
        """Run a file: `{"loaded": {...}}` or `{"failed": {...}}`; raises SandboxDied."""
        if self._load is not None:
            self._stop()  # another submission never meets what the last one left
        self._load = {"name": name, "source": source, "profile": profile}
        self._spent, self._refused = 0.0, None
        if len(source) > LONGEST_SOURCE:
            message = f"{len(source)} characters; at most {LONGEST_SOURCE} are read"
            self._refused = {"failed": {"kind": "too long", "message": message, "stage": "load"}}
            return self._refused
        return self._load_again()

    def call(
        self,
        target: Target | Mapping[str, Any],
        op: str,
        attributes: Mapping[str, Any],
        arrays: Mapping[str, Array],
        repeat: bool = False,
    ) -> Message:
        """One question: `{"answered": ...}` and arrays, or `{"failed": ...}`; raises SandboxDied.

        arrays: the inputs by name, and `dout` where the backward is asked for.
        """
        if self._process is None and self._refused is None:
            self._load_again()
        if isinstance(self._refused, SandboxDied):
            raise SandboxDied(self._refused.kind, self._refused.message)
        if self._refused is not None:
            return self._refused, {}
        plain = asdict(target) if isinstance(target, Target) else dict(target)
        call = {"target": plain, "op": op, "attributes": dict(attributes), "repeat": repeat}
        return self._ask({"call": call}, arrays)

    def close(self) -> None:
        """End every process and remove the private folder."""
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _load_again(self) -> dict[str, Any]:
        try:
            reply, _ = self._ask({"load": self._load}, {})
        except SandboxDied as died:
            self._refused = died
            raise
        if "failed" in reply:
            self._refused = reply
        return reply

    def _ask(self, request: dict[str, Any], arrays: Mapping[str, Array]) -> Message:
        left = self.limits.total_seconds - self._spent
        if left <= 0:
            raise SandboxDied("timed out", f"{self.limits.total_seconds:g} s in all are used up")
        if self._process is None:
            self._start()
        began = time.monotonic()
        seconds = min(self.limits.call_seconds, left)
        try:
            if self._channel.unasked:
                raise SandboxDied("no answer", "it wrote to the private pipe by itself")
            return self._exchange(request, arrays, seconds)
        except SandboxDied:
            self._stop()
            raise
        finally:
            self._spent += time.monotonic() - began

    def _exchange(
        self, request: dict[str, Any], arrays: Mapping[str, Array], seconds: float
    ) -> Message:
        self._turn += 1
        self._channel.begin(seconds, self.limits.output_bytes + HEADER_BYTES)
        send(cast(BinaryIO, self._channel), {**request, "turn": self._turn}, arrays)
        reply, answer = self._receive(seconds)
        if (
            reply.pop("turn", None) != self._turn
            or len({"loaded", "answered", "failed"} & {*reply}) != 1
        ):
            raise SandboxDied("no answer", "what it wrote to the private pipe answers no question")
        return reply, answer

    def _receive(self, seconds: float) -> Message:
        """The next message, whatever the child sends."""
        try:
            return receive(cast(BinaryIO, self._channel))
        except TimeUp:
            raise SandboxDied("timed out", f"no answer within {seconds:.3g} s") from None
        except TooMuch:
            limit = f"{self.limits.output_bytes >> 20} MB"
            raise SandboxDied("too much output", f"the answer is larger than {limit}") from None
        except WireError as error:
            if "closed" in str(error):
                raise self._death() from None
            raise SandboxDied("no answer", str(error)[:200]) from None
        except (
            RecursionError,
            ArithmeticError,
            ValueError,
            TypeError,
            LookupError,
            MemoryError,
        ) as error:
            raise SandboxDied("no answer", f"not a message: {type(error).__name__}") from None

    def _start(self) -> None:
        """Start the child in the best way that works; one that has worked is not given up later."""
        known = _reached.get(self.asked)
        tried = []
        for way in [known] if known else ways(self.asked):
            try:
                self._start_as(way)
            except (SandboxDied, OSError) as error:
                tried.append(f"{way.level}: {error}")
            else:
                _reached[self.asked] = way
                return
        self.close()
        raise UsageError(
            f"no isolation {self.asked or ''} here ({'; '.join(tried) or 'not installed'})"
        )

    def _start_as(self, way: Way) -> None:
        self._process = start(way, self.limits, self.folder, self.profiles)
        self._channel = Channel(self._process, self.limits.text_bytes)
        self._channel.begin(START_SECONDS, HEADER_BYTES)
        self.starts += 1
        try:
            ready, _ = self._receive(START_SECONDS)
        except SandboxDied as died:
            words = self._channel.text.strip()[-300:]
            self._stop()
            raise SandboxDied(died.kind, f"{died.message} {words}".strip()) from None
        self.level, self.held = way.level, list(ready["ready"]["held"])

    def _death(self) -> SandboxDied:
        """Why the pipe was closed."""
        process = cast("subprocess.Popen[bytes]", self._process)
        try:
            code = process.wait(1.0)
        except subprocess.TimeoutExpired:
            return SandboxDied("no answer", "it closed the private pipe")
        return died_of(code, self._channel.text)

    def _stop(self) -> None:
        """Kill the child and all that it started, and wait until they are gone."""
        process, self._process = self._process, None
        if process is None:
            return
        if sys.platform == "win32" or self._is_kept(process):
            process.terminate()  # the keeper's sign to end everything below it
            with suppress(subprocess.TimeoutExpired):
                process.wait(3.0)
        if sys.platform != "win32":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        self._channel.close()
        self._empty_folder()

    def _is_kept(self, process: subprocess.Popen[bytes]) -> bool:
        return process.poll() is None and "subreaper" in self.held

    def _empty_folder(self) -> None:
        """What one child wrote is not there for the next."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            os.mkdir(self.folder, 0o700)
