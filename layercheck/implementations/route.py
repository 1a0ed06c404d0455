"""Native ways to ask a framework, in processes of their own, which may die meanwhile."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from layercheck.cases.case import Case
from layercheck.processes.child import Child
from layercheck.processes.death import ChildDied
from layercheck.processes.trusted import command
from oracles import routes
from oracles.oracle import Array
from oracles.routes import Bits

from .framework import ANSWER_SECONDS, START_SECONDS
from .protocol import Answer, Failure, Refusal

Routed = Answer | Refusal | Failure | str
"""What came of asking; a str where a framework has nothing to ask by this route, and why."""


Process = tuple[str, frozenset[tuple[str, str]]]
"""What tells the process that answers by a route from others: its family, and its environment."""


def process_of(route: str) -> Process:
    """Which process answers by a route."""
    return route.partition("/")[0], frozenset(routes.environment(route).items())


class Routes:
    """All routes: a process for each family and each environment, started when it is first asked.

    seconds: for one answer.
    """

    def __init__(self, seconds: float = ANSWER_SECONDS) -> None:
        self.seconds = seconds
        self._children: dict[Process, Child] = {}

    def __enter__(self) -> Routes:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children.values():
            child.stop()

    def ask(self, route: str, case: Case, said: Sequence[str]) -> Routed:
        """What a route answers where these attributes are named and the others left to it; a str
        where its framework has nothing like the op."""
        variant = route.partition("/")[2]
        return self._put(route, {"case": str(case), "said": list(said), "variant": variant})

    def cook(self, family: str, case: Case, recipe: str) -> Routed:
        """What a recipe's code gives: `out` alone."""
        return self._put(family, {"case": str(case), "recipe": recipe})

    def table(self, family: str, asked: Bits) -> Routed:
        """What a family answers every number of a 16-bit format with."""
        told = {"op": asked.op, "said": dict(asked.said), "kind": asked.kind}
        return self._put(family, told, {"bits": asked.bits})

    def _put(
        self, route: str, request: dict[str, Any], arrays: Mapping[str, Array] | None = None
    ) -> Routed:
        process = process_of(route)
        child = self._children.setdefault(process, Child())
        try:
            if not child.running:
                family, settings = process
                environment = {**os.environ, **dict(settings)}
                own = command("layercheck.implementations.route_child", family)
                told = child.start(own, START_SECONDS, env=environment)
                if "failed" in told:
                    child.stop()
                    return Failure("raised", f"while it was imported: {told['failed']}")
            header, found = child.ask(request, arrays, self.seconds)
        except ChildDied as died:
            return Failure(died.kind, died.message)
        if "lacking" in header:
            return str(header["lacking"])
        return Refusal(header["refused"]) if "refused" in header else Answer(found)
