"""Several files judged at a time, each in a process that may end without harm to the others."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from layercheck.processes.bounded import FILE_SECONDS
from layercheck.processes.child import Child
from layercheck.processes.death import ChildDied
from layercheck.processes.trusted import command
from layercheck.reporting.summary import Row
from layercheck.submissions.sandbox import emptied, folder
from layercheck.submissions.sources import name_of

from .options import Options, as_json

Jobs = int | str
"""How many processes, or the address of a scheduler."""

START_SECONDS = 300.0
ENDED = "judging it ended"
"""How the problem begins of a file whose judging process is gone."""

MODULE = "layercheck.pipeline.judge_child"


class Crew:
    """So many judging processes; ended with the context, in the middle of their work too, with
    what they had in their folder for temporary files."""

    def __init__(self, jobs: int, options: Options) -> None:
        self.options = options
        self.children = [Child() for _ in range(jobs)]
        self.idle: SimpleQueue[Child] = SimpleQueue()
        for child in self.children:
            self.idle.put(child)
        self.threads = ThreadPoolExecutor(jobs)
        self.stopped = threading.Event()
        self.folder = folder.made()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.threads.shutdown(wait=False, cancel_futures=True)
        for child in self.children:
            child.kill()
        self.threads.shutdown()
        for child in self.children:
            child.stop()
        emptied.remove(self.folder)

    def judge(self, due: Sequence[Path], bases: Mapping[Path, Path]) -> Iterator[tuple[Path, Row]]:
        """Each file with its row, as they are done. bases: of their reports."""
        begun: dict[Future[Row], Path] = {
            self.threads.submit(self.row, path, bases[path], self.options): path for path in due
        }
        for future in as_completed(begun):
            yield begun[future], future.result()

    def row(self, path: Path, base: Path, options: Options) -> Row:
        """One file's row, from the first process that is free; of one that ended, how it did."""
        child = self.idle.get()
        try:
            told = self._asked(child, path, base, options)
            return Row(**told["row"])
        except ChildDied as died:
            return Row(name_of(path), problem=f"{ENDED}: {died}; check this file alone")
        except (KeyError, TypeError) as error:
            return Row(name_of(path), problem=f"judging it gave no row: {error}")
        finally:
            self.idle.put(child)

    def _asked(self, child: Child, path: Path, base: Path, options: Options) -> dict[str, Any]:
        if self.stopped.is_set():
            raise ChildDied("stopped", "the run was")
        if not child.running:
            own = {**os.environ, "TMPDIR": self.folder}
            child.start(command(MODULE), START_SECONDS, env=own)
        asked = {"path": str(path), "base": str(base), "options": as_json(options)}
        return child.ask(asked, None, FILE_SECONDS)[0]
