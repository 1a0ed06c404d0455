"""A framework that trains a net in a process of its own."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

import numpy as np

from ref_layers.op import Array

from .child.wire import WireError, receive, send
from .errors import UsageError
from .worker import first_line, missing_text

SECONDS = 180.0
"""How long a framework may take to start, and to make a step."""


class Framework:
    """The parent's side: start it, then for every step send a batch and receive arrays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, header: Mapping[str, Any], parameters: Mapping[str, Array], state: Mapping[str, Array]
    ) -> dict[str, str]:
        """Returns the framework's versions; raises UsageError where it cannot be used."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in stop)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "layercheck.lockstep_worker", self.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            start_new_session=True,
        )  # fmt: skip
        arrays = {f"parameter {n}": v for n, v in parameters.items()}
        self._write({**header}, {**arrays, **{f"state {n}": v for n, v in state.items()}})
        reply, _ = self._read()
        if "missing" in reply:
            raise UsageError(missing_text(self.name, reply["missing"]))
        return dict(reply["versions"])

    def send(self, batch: Mapping[str, Array]) -> None:
        """Ask for the next step."""
        self._write({}, batch)

    def receive(self) -> dict[str, Array]:
        """What the step came to."""
        reply, arrays = self._read()
        if "failed" in reply:
            raise UsageError(f"{self.name} failed: {reply['failed']}")
        return arrays

    def stop(self) -> None:
        """End the child and wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()
        self._errors.close()

    def _write(self, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        process = cast("subprocess.Popen[bytes]", self._process)
        try:
            send(cast(BinaryIO, process.stdin), header, arrays)
        except OSError:
            raise self._gone() from None

    def _read(self) -> tuple[dict[str, Any], dict[str, Array]]:
        process = cast("subprocess.Popen[bytes]", self._process)
        watchdog = threading.Timer(SECONDS, process.kill)
        watchdog.start()
        try:
            return receive(cast(BinaryIO, process.stdout))
        except WireError:
            raise self._gone() from None
        finally:
            watchdog.cancel()

    def _gone(self) -> UsageError:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        last = lines[-1][:300] if lines else f"no answer within {SECONDS:g} s"
        return UsageError(f"{self.name} ended before its training did: {last}")


# ---------------------------------------------------------------------- the child's side


def serve(framework: str, requests: BinaryIO, replies: BinaryIO) -> None:
    """Train until the parent closes the pipe."""
    header, arrays = receive(requests)
    try:
        nets = importlib.import_module(f"oracles.nets.{framework}_nets")
        trainer = nets.Trainer(
            parameters=part(arrays, "parameter"), state=part(arrays, "state"), **header
        )
    except Exception as error:  # whatever keeps a framework from loading is told to the user
        send(replies, {"missing": first_line(error)})
        return
    send(replies, {"versions": nets.versions()})
    while True:
        try:
            _, batch = receive(requests)
        except WireError:
            return
        send(replies, *step(trainer, batch))


def step(trainer: Any, batch: dict[str, Array]) -> tuple[dict[str, Any], dict[str, Array]]:
    """One step, or how it failed."""
    x, y = batch.pop("x"), batch.pop("y")
    try:
        return {}, {name: np.asarray(v) for name, v in trainer.step(x, y, batch).items()}
    except Exception as error:  # a framework may raise anything
        return {"failed": first_line(error)}, {}


def part(arrays: Mapping[str, Array], kind: str) -> dict[str, Array]:
    """The arrays of one kind, by their own names."""
    return {n.removeprefix(f"{kind} "): v for n, v in arrays.items() if n.startswith(f"{kind} ")}


def main() -> None:
    """Keep the real stdout for replies: frameworks print to theirs."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
