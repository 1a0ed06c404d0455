"""The process of a family of routes: it imports the framework, asks nothing, and forks.

Each batch runs in a fork, so that a crash costs a fork and no import; so does each question that is
asked once more to confirm, and to make smaller, what was suspected.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from layercheck.processes.trusted import Answerer, first_line, serve
from layercheck.processes.wire import Array, Message
from oracles import routes

from .asking import Asker, known
from .batch import Batch, Note, writer
from .forks import forked
from .smaller import Smaller
from .suspicion import Suspicion

QUIET = 60.0
"""Seconds without progress after which a batch hangs: a busy machine is slow, and XLA compiles."""


def ready(family: str, folder: str, more: str) -> tuple[dict[str, Any], Answerer | None]:
    """Import the family: its versions, or what it raised. folder: for files of this process ·
    more: where further families lie."""
    if more:
        routes.add_folder(more)
    try:
        module = routes.load(family)
        getattr(module, "WARM_UP", int)()
    except Exception as error:  # not installed, or broken
        return {"failed": first_line(error)}, None
    serving = Nursery(Asker(module), Path(folder))

    def answer(request: dict[str, Any], _: Mapping[str, Array]) -> Message:
        began = time.monotonic()
        told = getattr(serving, request.pop("do"))(**request)
        return {**told, "wall": time.monotonic() - began}, {}

    return {"versions": module.versions()}, answer


class Nursery:
    """asker: of the family · folder: for the note, the reply and what is suspected."""

    def __init__(self, asker: Asker, folder: Path) -> None:
        self.asker, self.folder = asker, folder

    def batch(self, batch: dict[str, Any], quiet: float = QUIET) -> dict[str, Any]:
        """Run a batch; how it ended, at which question, and what is suspected."""
        job, journal = Batch(**batch), self.folder / "suspected"
        journal.write_bytes(b"")
        note = Note(self.folder / "note", job.start)

        def work() -> Any:
            following = job.run(self.asker, note, writer(journal))
            came, unanswered = list(self.asker.came.items()), self.asker.unanswered
            told = {"next": following, "accepted": found_out(self.asker)}
            return {**told, "came": came, "unanswered": unanswered}

        ended = forked(work, self.folder / "reply", quiet, lambda: note.number)
        found = [line for line in journal.read_text(encoding="utf-8").splitlines() if line]
        told = {"ended": ended.how, "found": found, "cpu": ended.cpu}
        if ended.how == "done":
            self.asker.accepted |= known(ended.told["accepted"])
            self.asker.came = {tuple(key): count for key, count in ended.told["came"]}
            told |= {"unanswered": ended.told["unanswered"]}
            return {**told, "next": ended.told["next"], "tally": note.tally}
        at, count = note.number, len(job.routes)
        return {
            **told,
            "told": ended.told,
            "next": at + 1,
            "route": job.routes[at % count],
            "case": str(job.case(at // count)),
            "tally": {**note.tally, ended.how: 1},
        }

    def smaller(
        self,
        suspicion: dict[str, Any],
        seconds: float,
        quiet: float = QUIET,
        known: Sequence[dict[str, Any]] = (),
    ) -> dict[str, Any]:
        """Confirm a suspicion in forks, make its case smaller, and find its condition. known: what
        is found already."""
        one = Suspicion.of(suspicion)
        made = Smaller(self.asker, self.folder / "reply", one, seconds, quiet, known)
        return asdict(made.found())


def found_out(asker: Asker) -> dict[str, list[str]]:
    """What may be named, for a message."""
    return {" ".join(key): list(names) for key, names in asker.accepted.items()}


if __name__ == "__main__":
    serve(lambda: ready(*sys.argv[1:4]))
