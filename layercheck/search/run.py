"""The search: every process of routes at work until time is up, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.errors import UsageError
from oracles import routes

from .plan import processes, routes_of, streams
from .store import Store
from .suspicion import KINDS
from .worker import Worker

FILE = "search.sqlite"
LOOK = 2.0
"""Seconds between two looks at how it goes."""


@dataclass(frozen=True)
class Wanted:
    """ops, routes: all where none are named · minutes: of the clock, for this run · out: the folder
    · seed · more: a folder with further families · every: also what is written down already."""

    ops: Sequence[str] = ()
    routes: Sequence[str] = ()
    minutes: float = 10.0
    out: Path = Path("search")
    seed: int = 0
    more: str = ""
    quiet: float = 60.0
    every: bool = False


@dataclass(frozen=True)
class Came:
    """tallies: how many questions came to what, of all runs in this folder · findings: the worst
    first · waiting: suspicions that were not examined yet · failed: processes that could not go
    on · unanswered: by route, why there was no answer the last time."""

    tallies: dict[str, int]
    findings: list[dict[str, Any]]
    waiting: int
    failed: list[str] = field(default_factory=list)
    unanswered: dict[str, str] = field(default_factory=dict)

    @property
    def new(self) -> list[dict[str, Any]]:
        """The findings that nothing explains."""
        return [one for one in self.findings if one["folder"] and not one["note"]]

    @property
    def explained(self) -> list[dict[str, Any]]:
        """Those that are written down."""
        return [one for one in self.findings if one["explained"]]

    @property
    def rate(self) -> float:
        """Answers for each second of a processor, frameworks included."""
        seconds = self.tallies.get("cpu ms", 0) / 1000
        return self.tallies.get("answered", 0) / seconds if seconds else 0.0


def search(wanted: Wanted, progress: Callable[[Came], bool] = lambda came: False) -> Came:
    """Go on with the search in a folder, or begin it; raises UsageError for what cannot be asked.
    progress: is told how it goes, and whether it is enough."""
    if wanted.more:
        check_families(Path(wanted.more))
        routes.add_folder(str(Path(wanted.more).resolve()))
    names = routes_of(wanted.routes)
    try:
        wanted.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot write into {wanted.out}: {error.strerror}; choose a folder with --out"
        ) from None
    store = Store(wanted.out / FILE)
    told = {"seed": str(wanted.seed), "numpy": np.__version__}
    store.is_about(told)
    workers = [made(wanted, store, *one) for one in processes(names).items()]
    try:
        at_work(workers, time.monotonic() + 60 * wanted.minutes, lambda: progress(came(store)))
        unanswered = {route: why for one in workers for route, why in one.unanswered.items()}
        failed = [worker.failed for worker in workers if worker.failed]
        return replace(came(store), failed=failed, unanswered=unanswered)
    finally:
        store.close()


def check_families(folder: Path) -> None:
    """Raises UsageError where further families cannot lie."""
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}; expected one with <name>{routes.SUFFIX}.py")
    if not any(folder.glob(f"*{routes.SUFFIX}.py")):
        raise UsageError(f"{folder} has no <name>{routes.SUFFIX}.py; expected your routes there")


def made(wanted: Wanted, store: Store, process: Any, names: Sequence[str]) -> Worker:
    """The worker of one process."""
    own = list(streams(wanted.ops, names))
    np.random.RandomState(wanted.seed).shuffle(own)  # type: ignore[arg-type]
    more = str(Path(wanted.more).resolve()) if wanted.more else ""
    out, seed, quiet, every = wanted.out, wanted.seed, wanted.quiet, wanted.every
    return Worker(process, names, own, store, out, seed, more, quiet, every)


def at_work(workers: Sequence[Worker], until: float, look: Callable[[], bool]) -> None:
    """All workers, a thread each, until that time or until a look tells that it is enough."""
    over = threading.Event()
    with ThreadPoolExecutor(len(workers)) as pool:
        running = [pool.submit(worker.work, until, over.is_set) for worker in workers]
        try:
            while not all(one.done() for one in running):
                if look():
                    over.set()
                time.sleep(min(LOOK, max(0.05, until - time.monotonic())))
        except BaseException:
            over.set()
            for worker in workers:
                worker.child.kill()
            raise
    for one in running:
        one.result()


def came(store: Store) -> Came:
    """What there is by now."""
    rank = {kind: number for number, kind in enumerate(KINDS)}
    found = sorted(store.findings(), key=lambda one: (rank[one["kind"]], one["id"]))
    waiting = len(store.rows("select id from suspicions where state = 'new'"))
    return Came(store.tallies(), found, waiting)
