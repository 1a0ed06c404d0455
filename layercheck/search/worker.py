"""One process of routes at work: batches until something is suspected, which is then examined."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layercheck.cases.parse import parse
from layercheck.cases.where import condition
from layercheck.implementations.route import Process
from layercheck.processes.death import ChildDied
from oracles import routes

from .batch import explains_suspicion
from .finding import Finding, run_script, shows
from .known import explained
from .near import Nursery
from .plan import Stream
from .store import Store
from .suspicion import NUMBERS, Suspicion
from .turns import Turns

BATCH_SECONDS = 2.0
"""Processor time of a batch: beside that a fork costs little."""

EXAMINE_SECONDS = 20.0
"""To make one case smaller and find its condition."""

MOST_ALIKE = 3
"""Findings about one op, route, array and kind; what more there is waits until these are mended."""

MOST_UNCONFIRMED = 4
"""A stream whose batches end so often by what cannot be shown again is left."""

SCRIPTS = threading.BoundedSemaphore(os.cpu_count() or 1)
"""So many scripts run at a time: each imports its framework."""


@dataclass
class Worker:
    """process: whose routes · name: of the process, for files and for the store · streams: what is
    put to them · store: of the search · nursery: who is asked · turns: of all workers · folder: of
    the search · seed · quiet: seconds after which a question hangs · all_of_it: whether what is
    explained counts, too · unanswered: by route, why there was no answer the last time."""

    process: Process
    name: str
    streams: Sequence[Stream]
    store: Store
    nursery: Nursery
    turns: Turns
    folder: Path
    seed: int
    quiet: float = 60.0
    all_of_it: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    failed: str = ""
    unanswered: dict[str, str] = field(default_factory=dict)

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Put a request to the nursery; raises ChildDied."""
        told, self.versions = self.nursery.ask(request)
        return told

    def work(self, until: float, is_over: Callable[[], bool]) -> None:
        """Go on until that time, by the monotonic clock."""
        try:
            while time.monotonic() < until and not is_over():
                with self.turns.first(self.pending) as pending:
                    if pending is not None:
                        self.examine(*pending)
                        continue
                with self.turns.first(self.waiting) as stream:
                    if stream is None:  # as many workers as there are streams go on
                        return
                    self.batch(stream)
        except ChildDied as died:
            self.failed = str(died)
        finally:
            self.nursery.stop()

    # ------------------------------------------------------------------ batches

    def waiting(self) -> Iterator[tuple[str, Stream]]:
        """The streams, the one before that had least processor time so far, as it is weighed; one
        that is never answered has no turn."""
        told = [(stream, self.store.stream(stream.name)) for stream in self.streams]
        alive = [(s, row) for s, row in told if row["idle"] < MOST_UNCONFIRMED]
        alive.sort(key=lambda pair: pair[1]["cpu"] * pair[0].weight)
        yield from ((stream.name, stream) for stream, _ in alive)

    def batch(self, stream: Stream) -> None:
        """Put a batch of its questions."""
        asked = {
            "generator": stream.generator,
            "op": stream.op,
            "seed": self.seed,
            "routes": stream.routes,
            "start": self.store.stream(stream.name)["next"],
            "seconds": BATCH_SECONDS,
            "known": self.known_of(stream.op),
        }
        done = self.ask({"do": "batch", "batch": asked, "quiet": self.quiet})
        if done["ended"] != "done":
            kind, check = done["ended"], "truth"
            one = Suspicion(done["route"], done["case"], (), check, kind, "", str(done["told"]))
            done["found"].append(json.dumps(one.as_dict()))
        variants = done.pop("unanswered", {}).items()
        self.unanswered |= {
            "/".join(filter(None, (self.process[0], v))): why for v, why in variants
        }
        self.store.keep(stream.name, self.name, done)

    def known_of(self, op: str) -> list[dict[str, Any]]:
        """What was found of an op, for a batch."""
        names = ("op", "kind", "condition", "arrays", "routes")
        found = [one for one in self.store.findings() if one["op"] == op]
        return [{name: one[name] for name in names} for one in found]

    # ------------------------------------------------------------------ suspicions

    def pending(self) -> Iterator[tuple[int, tuple[int, Suspicion]]]:
        """What is yet to be examined, with its number."""
        yield from ((number, (number, one)) for number, one in self.store.pending(self.name))

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
            return self.ask({"do": "smaller", **told, "known": self.known_of(one.op)})
        except ChildDied:
            return {"confirmed": False}

    def confirmed(self, number: int, smallest: Suspicion, where: str) -> None:
        """A finding, new or the same as an earlier one; meanwhile no other worker adds one."""
        with self.store.lock:
            same = self.same_as(smallest, where)
            if same is not None:
                self.store.widen(number, same, smallest, parse(smallest.case).dtype)
                return
            made, why = self.added(number, smallest, where)
        if not why or self.all_of_it:
            with SCRIPTS:
                self.write(made, smallest, where)

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

    def added(self, number: int, one: Suspicion, where: str) -> tuple[int, str]:
        """A new finding: its number, and where it is written down already."""
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
        return self.store.add(number, record), why

    def write(self, number: int, one: Suspicion, where: str) -> None:
        """The folder of a finding, its script run; what its script does not show is none."""
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
