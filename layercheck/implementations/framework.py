"""A framework in a process of its own, which may die without ending the run."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

import oracles
from layercheck.cases.case import Case
from layercheck.errors import UsageError
from layercheck.processes.child import Child
from layercheck.processes.death import ChildDied
from layercheck.processes.trusted import command
from layercheck.processes.wire import Array
from oracles.oracle import Omitted

from .protocol import Answer, Failure, Refusal, Reply

ANSWER_SECONDS = 180.0
START_SECONDS = 300.0


class Framework:
    """An oracle, asked for one case at a time; started when first asked, and again when it died."""

    def __init__(self, oracle: str, seconds: float = ANSWER_SECONDS) -> None:
        check_oracle(oracle)
        self.oracle, self.seconds = oracle, seconds
        self.child = Child()
        self.broken: Failure | None = None
        """How it failed to start: it is not started again."""
        self._versions: dict[str, str] = {}
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """`torch`."""
        return self.oracle

    @property
    def versions(self) -> dict[str, str]:
        """Of the framework; empty until it has started."""
        return self._versions

    def start(self) -> None:
        """Start the child unless it runs, or was broken; raises UsageError where the framework is
        not installed. One that dies, hangs or raises as it starts is broken: its own defect."""
        if self.child.running or self.broken is not None:
            return
        try:
            ready = self.child.start(
                command("layercheck.implementations.framework_child", self.oracle), START_SECONDS
            )
        except ChildDied as died:
            self.broken = Failure(died.kind, f"while it started: {died.message}")
            return
        if "versions" in ready:
            self._versions = ready["versions"]
            return
        self.stop()
        if "missing" in ready and not self._versions:
            raise UsageError(missing_text(self.oracle, ready["missing"], ready["module"]))
        why = ready.get("missing") or ready.get("failed")
        self.broken = Failure("raised", f"while it was imported: {why}")

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """The oracle's answer to a case, in another dtype if one is given."""
        if dtype == "longdouble":
            return Refusal("frameworks have no extended precision")
        with self._turn:
            self.start()
            if self.broken is not None:
                return self.broken
            try:
                reply = self.child.ask({"case": str(case), "dtype": dtype}, None, self.seconds)
            except ChildDied as died:
                return Failure(died.kind, self._told(died))
            return reply_of(*reply)

    def stop(self) -> None:
        """End the child and wait for it."""
        self.child.stop()

    def __enter__(self) -> Framework:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _told(self, died: ChildDied) -> str:
        words = self.child.last_words if died.kind != "timed out" else ""
        return f"{died.message}: {words}" if words else died.message


def check_oracle(name: str, more: Sequence[str] = ()) -> None:
    """Raise UsageError for what is no oracle. more: what may be named beside."""
    if name not in oracles.names():
        known = ", ".join([*more, *oracles.names()])
        raise UsageError(f"unknown oracle {name!r}; expected one of: {known}")


def reply_of(header: dict[str, Any], arrays: dict[str, Array]) -> Reply:
    """A message of the child as a reply."""
    if "refused" in header:
        return Refusal(header["refused"])
    if "failed" in header:
        return Failure("raised", header["failed"])
    omitted = {name: Omitted(reason) for name, reason in header["omitted"].items()}
    return Answer({**arrays, **omitted})


def missing_text(oracle: str, reason: str, module: str) -> str:
    """What to install: the extra of this package that brings the module."""
    return (
        f"oracle {oracle} cannot be used here ({reason}); "
        f"install it with: python -m pip install 'layercheck[{extra_of(module)}]'"
    )


def extra_of(module: str) -> str:
    """The smallest extra that brings a module; `all` where none is known to."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        needed = [Requirement(text) for text in requires("layercheck") or ()]
    except PackageNotFoundError:  # run from its source, without installation
        needed = []
    found = [(one.name, re.search(r'extra == "([^"]+)"', str(one.marker))) for one in needed]
    extras = [(name, extra[1]) for name, extra in found if extra]
    sizes = Counter(extra for _, extra in extras)
    bringing = [extra for name, extra in extras if name == module]
    return min(bringing, key=sizes.__getitem__, default="all")
