"""The nursery of a process of routes on this machine, started when it is first asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from layercheck.implementations.framework import START_SECONDS
from layercheck.implementations.route import Process
from layercheck.processes.child import Child
from layercheck.processes.death import ChildDied
from layercheck.processes.trusted import command

LONGEST = 3600.0
"""Seconds for a reply of the nursery, which has limits of its own."""


class Reply(NamedTuple):
    """told: by the nursery · versions: of its framework."""

    told: dict[str, Any]
    versions: Mapping[str, str]


class Nursery(Protocol):
    """What a worker asks, here or on another machine."""

    def ask(self, request: Mapping[str, Any]) -> Reply:
        """Put a request; raises ChildDied."""

    def kill(self) -> None:
        """End what is in progress, from any thread."""

    def stop(self) -> None:
        """Nothing more is asked."""


@dataclass
class Near:
    """process: whose routes · folder: for its files · more: where further families lie."""

    process: Process
    folder: Path
    more: str = ""
    child: Child = field(default_factory=Child)
    versions: Mapping[str, str] = field(default_factory=dict)

    def ask(self, request: Mapping[str, Any]) -> Reply:
        """Put a request to the nursery, started where it is not there; raises ChildDied."""
        if not self.child.running:
            self.start()
        return Reply(self.child.ask(request, None, LONGEST)[0], self.versions)

    def start(self) -> None:
        """Import the framework."""
        self.folder.mkdir(parents=True, exist_ok=True)
        family, settings = self.process
        line = command("layercheck.search.nursery", family, str(self.folder), self.more)
        told = self.child.start(line, START_SECONDS, env={**os.environ, **dict(settings)})
        if "failed" in told:
            self.child.stop()
            raise ChildDied("failed", f"{family}: {told['failed']}")
        self.versions = told["versions"]

    def kill(self) -> None:
        """End what is in progress, from any thread."""
        self.child.kill()

    def stop(self) -> None:
        """Nothing more is asked."""
        self.child.stop()
