"""One process of routes at work: batches until something is suspected, which is then examined."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layercheck.cases.parse import parse
from layercheck.cases.where import condition
from layercheck.implementations.framework import START_SECONDS
from layercheck.implementations.route import Process
from layercheck.processes.child import Child
from layercheck.processes.death import ChildDied
from layercheck.processes.trusted import command
from oracles import routes

from .batch import explains_suspicion
from .finding import Finding, run_script, shows
from .known import explained
from .plan import Stream
from .store import Store
from .suspicion import NUMBERS, Suspicion

BATCH_SECONDS = 2.0
"""Processor time of a batch: beside that a fork costs little."""

EXAMINE_SECONDS = 20.0
"""To make one case smaller and find its condition."""

LONGEST = 3600.0
"""Seconds for a reply of the nursery, which has limits of its own."""

MOST_ALIKE = 3
"""Findings about one op, route, array and kind; what more there is waits until these are mended."""

MOST_UNCONFIRMED = 4
"""A stream whose batches end so often by what cannot be shown again is left."""


@dataclass
class Worker:
    """process: whose routes · names: the routes · streams: what is put to them · store: of the
    search · folder: of the search · seed · more: where further families lie · quiet: seconds after
    which a question hangs · all_of_it: whether what is explained counts, too ·
    unanswered: by route, why there was no answer the last time."""

    process: Process
    names: Sequence[str]
    streams: Sequence[Stream]
    store: Store
    folder: Path
    seed: int
    more: str = ""
    quiet: float = 60.0
    all_of_it: bool = False
    child: Child = field(default_factory=Child)
    versions: Mapping[str, str] = field(default_factory=dict)
    failed: str = ""
    unanswered: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the process, for files and for the store."""
        variants = sorted(name.partition("/")[2] for name in self.names)
        return "-".join([self.process[0], *(v for v in variants[:1] if v)])

    # ------------------------------------------------------------------ the process

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Put a request to the nursery, started where it is not there; raises ChildDied."""
        if not self.child.running:
            own = self.folder / "processes" / self.name
            own.mkdir(parents=True, exist_ok=True)
            environment = {**os.environ, **dict(self.process[1])}
            line = command("layercheck.search.nursery", self.process[0], str(own), self.more)
            told = self.child.start(line, START_SECONDS, env=environment)
            if "failed" in told:
                self.child.stop()
                raise ChildDied("failed", f"{self.process[0]}: {told['failed']}")
            self.versions = told["versions"]
        return self.child.ask(request, None, seconds)[0]

    def work(self, until: float, is_over: Callable[[], bool]) -> None:
        """Go on until that time, by the monotonic clock."""
        try:
            while time.monotonic() < until and not is_over():
                pending = self.store.pending(self.name)
                if pending:
                    self.examine(*pending[0])
                elif not self.batch():
                    return
        except ChildDied as died:
            self.failed = str(died)
        finally:
            self.child.stop()

    # ------------------------------------------------------------------ batches

    def next_stream(self) -> tuple[Stream, Any] | None:
        """The stream that had least processor time so far, as it is weighed; one that is never
        answered has no turn."""
        told = [(stream, self.store.stream(stream.name)) for stream in self.streams]
        alive = [(s, row) for s, row in told if row["idle"] < MOST_UNCONFIRMED]
        return min(alive, key=lambda pair: pair[1]["cpu"] * pair[0].weight, default=None)

    def batch(self) -> bool:
        """Put a batch of questions; whether there is a stream left."""
        found = self.next_stream()
        if found is None:
            return False
        stream, row = found
        asked = {
            "generator": stream.generator,
            "op": stream.op,
            "seed": self.seed,
            "routes": stream.routes,
            "start": row["next"],
            "seconds": BATCH_SECONDS,
            "known": self.known_of(stream.op),
        }
        done = self.ask({"do": "batch", "batch": asked, "quiet": self.quiet}, LONGEST)
        if done["ended"] != "done":
            kind, check = done["ended"], "truth"
            one = Suspicion(done["route"], done["case"], (), check, kind, "", str(done["told"]))
            done["found"].append(json.dumps(one.as_dict()))
        variants = done.pop("unanswered", {}).items()
        self.unanswered |= {
            "/".join(filter(None, (self.process[0], v))): why for v, why in variants
        }
        self.store.keep(stream.name, self.name, done)
        return True

    def known_of(self, op: str) -> list[dict[str, Any]]:
        """What was found of an op, for a batch."""
        names = ("op", "kind", "condition", "arrays", "routes")
        found = [one for one in self.store.findings() if one["op"] == op]
        return [{name: one[name] for name in names} for one in found]

    # ------------------------------------------------------------------ suspicions

    def examine(self, number: int, one: Suspicion) -> None:
        """Settle a suspicion: known by now, not shown again, or a finding, new or the same."""
        if any(explains_suspicion(known, one) for known in self.known_of(one.op)):
            self.store.settle(number, "again")
        elif self.is_enough(one):
            self.store.settle(number, "more of it")
        else:
            told = self.smaller(one)
            if told["confirmed"]:
                self.confirmed(number, Suspicion.of(told["suspicion"]), told["where"])
            else:
                self.store.settle(number, "unconfirmed")

    def smaller(self, one: Suspicion) -> dict[str, Any]:
        """What the nursery makes of a suspicion."""
        told = {"suspicion": one.as_dict(), "seconds": EXAMINE_SECONDS, "quiet": self.quiet}
        try:
            return self.ask({"do": "smaller", **told}, LONGEST)
        except ChildDied:
            return {"confirmed": False}

    def confirmed(self, number: int, smallest: Suspicion, where: str) -> None:
        """A finding, new or the same as an earlier one."""
        same = self.same_as(smallest, where)
        if same is not None:
            self.store.widen(number, same, smallest, parse(smallest.case).dtype)
        else:
            self.found(number, smallest, where)

    def is_enough(self, one: Suspicion) -> bool:
        """Whether as many findings are alike but for their condition as somebody looks at."""
        alike = [
            known
            for known in self.store.findings()
            if (known["op"], known["kind"]) == (one.op, one.kind)
            and one.route in known["routes"]
            and one.array in known["arrays"]
        ]
        return len(alike) >= MOST_ALIKE

    def framework(self) -> str:
        """Of this process."""
        return routes.framework(self.process[0], self.versions)

    def same_as(self, one: Suspicion, where: str) -> dict[str, Any] | None:
        """The finding that this one is: of one framework and op, alike in kind, and one smallest
        case lies under the other's condition."""
        for known in self.store.findings():
            kinds = {one.kind, known["kind"]}
            alike = len(kinds) == 1 or kinds <= {*NUMBERS}
            if not alike or (known["op"], known["framework"]) != (one.op, self.framework()):
                continue
            other = Suspicion.of(json.loads(known["told"]))
            if under(known["condition"], one.case) or under(where, other.case):
                return known
            if known["condition"] == where and known["kind"] == one.kind:
                return known
        return None

    def found(self, number: int, one: Suspicion, where: str) -> None:
        """A finding: its folder is written and its script run, unless it is written down."""
        why = explained(one, where, self.framework(), self.versions)
        record = {
            "framework": self.framework(),
            "op": one.op,
            "kind": one.kind,
            "condition": where,
            "told": json.dumps(one.as_dict()),
            "arrays": [one.array],
            "routes": [one.route],
            "dtypes": [parse(one.case).dtype],
            "explained": why,
        }
        made = self.store.add(number, record)
        if not why or self.all_of_it:
            self.write(made, one, where)

    def write(self, number: int, one: Suspicion, where: str) -> None:
        """The folder of a finding; one whose script does not show it is none."""
        finding = Finding(number, one, self.framework(), self.versions, where, self.quiet)
        folder = finding.write(self.folder / "findings")
        told, printed, shown = {}, "", dict[str, bool]()
        for name, options in {
            "unfilled": ["--unfilled"],
            "filled": ["--save", "answer.npz"],
        }.items():
            status, text = run_script(folder, *options)
            shown[name] = shows(one, status)
            told[name] = f"exit status {status}" if status else "does not show"
            printed = text if status else printed
        (folder / "report.md").write_text(finding.report(told, printed), encoding="utf-8")
        if not any(shown.values()):
            self.store.note(number, folder=folder.name, note="its script does not show it")
        else:
            self.store.note(number, folder=folder.name)


def under(where: str, case: str) -> bool:
    """Whether a case lies under a condition; under none, nothing does."""
    return bool(where) and condition(where)(parse(case))
