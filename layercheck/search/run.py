"""The search: every process of routes at work until time is up, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from layercheck.errors import UsageError
from layercheck.implementations.route import Process
from oracles import routes

from .near import Near, Nursery
from .plan import ops_of, processes, routes_of, streams
from .store import Store
from .suspicion import KINDS
from .turns import Turns
from .worker import Worker

if TYPE_CHECKING:
    from .far import Cluster

FILE = "search.sqlite"
LOOK = 2.0
"""Seconds between two looks at how it goes."""


@dataclass(frozen=True)
class Wanted:
    """ops, routes: all where none are named · minutes: of the clock, for this run · out: the folder
    · seed · more: a folder with further families · every: also what is written down already ·
    scheduler: the address of a cluster whose machines are asked, not this one."""

    ops: Sequence[str] = ()
    routes: Sequence[str] = ()
    minutes: float = 10.0
    out: Path = Path("search")
    seed: int = 0
    more: str = ""
    quiet: float = 60.0
    every: bool = False
    scheduler: str = ""

    @property
    def families(self) -> str:
        """The folder with further families, as another process finds it."""
        return str(Path(self.more).resolve()) if self.more else ""


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
        check_families(Path(wanted.families))
        routes.add_folder(wanted.families)
    names, _ = routes_of(wanted.routes), ops_of(wanted.ops)
    try:
        wanted.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot write into {wanted.out}: {error.strerror}; choose a folder with --out"
        ) from None
    store = Store(wanted.out / FILE)
    told = {"seed": str(wanted.seed), "numpy": np.__version__}
    store.is_about(told)
    try:
        with machines(wanted, names) as cluster:
            workers = list(workers_of(wanted, store, processes(names), cluster))
            at_work(workers, time.monotonic() + 60 * wanted.minutes, lambda: progress(came(store)))
        unanswered = {route: why for one in workers for route, why in one.unanswered.items()}
        failed = list(dict.fromkeys(worker.failed for worker in workers if worker.failed))
        return replace(came(store), failed=failed, unanswered=unanswered)
    finally:
        store.close()


def check_families(folder: Path) -> None:
    """Raises UsageError where further families cannot lie."""
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}; expected one with <name>{routes.SUFFIX}.py")
    if not any(folder.glob(f"*{routes.SUFFIX}.py")):
        raise UsageError(f"{folder} has no <name>{routes.SUFFIX}.py; expected your routes there")


def machines(wanted: Wanted, names: Sequence[str]) -> AbstractContextManager[Cluster | None]:
    """The cluster that is asked; None for this machine."""
    if not wanted.scheduler:
        return nullcontext()
    from .far import cluster_of

    return cluster_of(wanted.scheduler, names, wanted.families)


def workers_of(
    wanted: Wanted, store: Store, each: Mapping[Process, Sequence[str]], cluster: Cluster | None
) -> Iterator[Worker]:
    """The workers: here one of each process, on a cluster so many that no machine waits."""
    turns = Turns()
    for process, names in each.items():
        own = list(streams(wanted.ops, names))
        np.random.RandomState(wanted.seed).shuffle(own)  # type: ignore[arg-type]
        name = name_of(process, names)
        for _ in range(1 if cluster is None else cluster.lanes(len(each))):
            nursery: Nursery = (
                Near(process, wanted.out / "processes" / name, wanted.families)
                if cluster is None
                else cluster.nursery(process)
            )
            told = (turns, wanted.out, wanted.seed, wanted.quiet, wanted.every)
            yield Worker(process, name, own, store, nursery, *told)


def name_of(process: Process, names: Sequence[str]) -> str:
    """What a process is called in files and in the store."""
    variants = sorted(name.partition("/")[2] for name in names)
    return "-".join([process[0], *(v for v in variants[:1] if v)])


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
                worker.nursery.kill()
            raise
    for one in running:
        one.result()


def came(store: Store) -> Came:
    """What there is by now."""
    rank = {kind: number for number, kind in enumerate(KINDS)}
    found = sorted(store.findings(), key=lambda one: (rank[one["kind"]], one["id"]))
    waiting = len(store.rows("select id from suspicions where state = 'new'"))
    return Came(store.tallies(), found, waiting)
