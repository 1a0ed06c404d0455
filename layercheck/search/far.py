"""Nurseries on the machines of a Dask cluster: each request is a task.

Where a machine is lost, another one gets it; what comes of it is taken once, by the process that
began the search.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from layercheck.atlas.machine import widest
from layercheck.errors import UsageError
from layercheck.implementations.route import Process
from layercheck.pipeline.cluster import connected
from layercheck.pipeline.options import distributions_of, version_of
from layercheck.processes.death import ChildDied
from oracles import routes

from .near import Near, Reply

AHEAD = 2
"""How many requests for each thread of the cluster are begun at a time."""

KEPT = 8
"""Nurseries that wait on a machine for their next request: of more, the one that waits longest
ends."""


@dataclass(frozen=True)
class Cluster:
    """client: of the scheduler · more: where further families lie."""

    client: Any
    more: str

    def lanes(self, processes: int) -> int:
        """How many requests to each process are begun at a time, so that no machine waits."""
        threads = sum(self.client.nthreads().values())
        return int(-(-AHEAD * threads // processes))

    def nursery(self, process: Process) -> Far:
        """Any of a process, on any machine."""
        return Far(self.client, process, self.more)


@contextmanager
def cluster_of(address: str, names: Sequence[str], more: str) -> Iterator[Cluster]:
    """The machines of a scheduler, as long as they are asked by these routes; raises UsageError
    where there are none, or one that is unlike this one."""
    client = connected(address)
    try:
        modules = sorted({name for route in names for name in routes.packages(route)})
        packages = distributions_of(modules)
        own = facts(packages, more)
        for worker, theirs in client.run(facts, packages, more).items():
            for name, value in own.items():
                if theirs[name] != value:
                    raise UsageError(unlike(worker, name, theirs[name], value))
        yield Cluster(client, more)
    finally:
        client.close()


def facts(packages: Sequence[str], more: str) -> dict[str, str]:
    """What makes findings of two machines the same, of this one."""
    named = ("layercheck", "numpy", *packages)
    told = {name: version_of(name) or "not installed" for name in named}
    folder = {more: "there" if Path(more).is_dir() else "not there"} if more else {}
    return {**told, "widest instructions": widest() or "of another kind", **folder}


def unlike(worker: str, name: str, theirs: str, own: str) -> str:
    """What to do about a machine that is unlike this one."""
    return (
        f"the worker {worker} has {name}: {theirs}; expected {own}, as on this machine, where "
        "scripts show what was found: begin the search on a machine like its workers"
    )


class Far:
    """A process of routes as Near has it, on whichever machine is free."""

    def __init__(self, client: Any, process: Process, more: str) -> None:
        self.client, self.more = client, more
        self.process = (process[0], sorted(process[1]))
        self.future: Any = None

    def ask(self, request: Mapping[str, Any]) -> Reply:
        """Put a request to the nursery of some machine; raises ChildDied."""
        self.future = self.client.submit(asked, *self.process, self.more, dict(request), pure=False)
        try:
            told = self.future.result()
        except Exception as error:  # Dask's own: lost again and again, or let go of
            words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise ChildDied("lost", words) from None
        if "died" in told:
            raise ChildDied(*told["died"])
        return Reply(told["told"], told["versions"])

    def kill(self) -> None:
        """What is in progress is no longer waited for."""
        if self.future is not None:
            self.future.cancel(force=True)

    def stop(self) -> None:
        """The machines keep their nurseries for who asks next."""


_idle: list[Near] = []
_lock = threading.Lock()


def asked(
    family: str, settings: Sequence[tuple[str, str]], more: str, request: dict[str, Any]
) -> dict[str, Any]:
    """On a worker: what a nursery of this machine replies, which then waits for the next."""
    nursery = taken((family, frozenset(map(tuple, settings))), more)  # type: ignore[arg-type]
    try:
        told, versions = nursery.ask(request)
    except ChildDied as died:
        nursery.stop()
        return {"died": (died.kind, died.message)}
    for one in kept(nursery):
        one.stop()
    return {"told": told, "versions": versions}


def taken(process: Process, more: str) -> Near:
    """One that waits, else a new one."""
    from distributed import get_worker

    with _lock:
        for one in _idle[::-1]:
            if (one.process, one.more) == (process, more):
                _idle.remove(one)
                return one
    return Near(process, Path(mkdtemp("", "search-", get_worker().local_directory)), more)


def kept(nursery: Near) -> list[Near]:
    """From now on it waits, too; those that are too many."""
    with _lock:
        _idle.append(nursery)
        many, _idle[:] = _idle[:-KEPT], _idle[-KEPT:]
    return many
