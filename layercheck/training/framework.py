"""A framework that trains a net in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layercheck.errors import UsageError
from layercheck.implementations.framework import missing_text
from layercheck.processes.child import Child, Ticket
from layercheck.processes.death import ChildDied
from layercheck.processes.trusted import command
from ref_layers.op import Array

SECONDS = 900.0
"""How long a framework may take to start, and to make a step."""


class TrainingFramework:
    """Start it, then for every step send a batch and receive arrays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.child = Child()
        self.step: Ticket | None = None

    def start(
        self, header: Mapping[str, Any], parameters: Mapping[str, Array], state: Mapping[str, Array]
    ) -> dict[str, str]:
        """Begin a training, the first or another; returns the framework's versions.

        Raises UsageError where it cannot be used.
        """
        arrays = {f"parameter {n}": v for n, v in parameters.items()}
        arrays |= {f"state {n}": v for n, v in state.items()}
        try:
            if not self.child.running:
                self.child.start(command("layercheck.training.framework_child", self.name), SECONDS)
            reply, _ = self.child.ask(header, arrays, SECONDS)
        except ChildDied as died:
            raise self._gone(died) from None
        if "missing" in reply:
            raise UsageError(missing_text(self.name, reply["missing"], reply["module"]))
        if "failed" in reply:
            raise UsageError(f"{self.name} failed as it started: {reply['failed']}")
        return dict(reply["versions"])

    def send(self, batch: Mapping[str, Array]) -> None:
        """Ask for the next step."""
        self.step = self.child.begin({}, batch)

    def receive(self) -> dict[str, Array]:
        """What the step came to."""
        assert self.step is not None, "no step was asked for"
        try:
            reply, arrays = self.child.result(self.step, SECONDS)
        except ChildDied as died:
            raise self._gone(died) from None
        if "failed" in reply:
            raise UsageError(f"{self.name} failed: {reply['failed']}")
        return arrays

    def stop(self) -> None:
        """End the child and wait for it."""
        self.child.stop()

    def _gone(self, died: ChildDied) -> UsageError:
        words = self.child.last_words
        told = f"{died}: {words}" if words else str(died)
        return UsageError(f"{self.name} ended before its training did: {told}")
