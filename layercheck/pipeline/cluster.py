"""The work of a run on a Dask cluster, whose machines share the folders of files and of reports.

Dask does again what a worker that is lost had not finished; each result is taken once.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from layercheck.errors import UsageError
from layercheck.implementations.module import Module
from layercheck.reporting.summary import Row
from layercheck.submissions.sources import name_of

from .answers import take_module
from .crew import ENDED, Crew
from .options import Options, as_json, options_of

CONNECT_SECONDS = 20.0
AHEAD = 3
"""How many files for each thread of the cluster are begun and not yet taken."""


def connected(address: str) -> Any:
    """A client of the scheduler; raises UsageError where there is none, or no worker."""
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--scheduler needs Dask; expected it here and on the workers: "
            "pip install 'layercheck[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(
            f"no scheduler at {address}: {told}; expected an address such as tcp://host:8786, "
            "which `dask scheduler` prints when it starts"
        ) from None
    if not client.nthreads():
        client.close()
        raise UsageError(
            f"the scheduler at {address} has no worker; expected one: dask worker {address}"
        )
    return client


def here(path: str) -> tuple[str, bool]:
    """On a worker: the version of layercheck, and whether a folder is there."""
    return version("layercheck"), Path(path).is_dir()


def check_workers(client: Any, folder: Path) -> None:
    """Raise UsageError for a worker with another layercheck, or that does not see the reports."""
    own = version("layercheck")
    for worker, (theirs, sees) in client.run(here, str(folder.absolute())).items():
        if theirs != own:
            raise UsageError(f"the worker {worker} has layercheck {theirs}; expected {own}")
        if not sees:
            raise UsageError(
                f"the worker {worker} does not see {folder.absolute()}; expected the folders of "
                "files and reports on a disk that all machines share"
            )


class Cluster:
    """Judging processes on the machines of a cluster, with the interface of a Crew."""

    def __init__(self, address: str, options: Options) -> None:
        self.client = connected(address)
        self.options = as_json(options)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()  # whose futures are let go, and what was begun is not done again

    def judge(self, due: Sequence[Path], bases: Mapping[Path, Path]) -> Iterator[tuple[Path, Row]]:
        """Each file with its row, as they are done; so many are begun at a time that no machine
        waits, and no more. bases: of their reports. Raises UsageError for unfit workers."""
        from distributed import as_completed

        check_workers(self.client, next(iter(bases.values())).parent)
        left = iter(due)
        room = AHEAD * sum(self.client.nthreads().values())
        begun = {self._begin(path, bases[path]): path for path in islice(left, room)}
        running = as_completed(list(begun), loop=self.client.loop)
        for future in running:
            path = begun.pop(future)
            yield path, row_of(future, path)
            for following in islice(left, 1):
                more = self._begin(following, bases[following])
                begun[more] = following
                running.add(more)

    def _begin(self, path: Path, base: Path) -> Any:
        places = (str(path.absolute()), str(path), str(base.absolute()))
        return self.client.submit(judged, *places, self.options, pure=False)


def row_of(future: Any, path: Path) -> Row:
    """The row that a worker gave; of one that is lost again and again, how it ended."""
    try:
        return Row(**future.result())
    except Exception as error:  # Dask's own, or what pickles across: a file never stops the others
        told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Row(name_of(path), problem=f"{ENDED}: {told}; check this file alone")


_crew: list[Crew] = []
_lock = threading.Lock()


def judged(path: str, named: str, base: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """On a worker: a file's row, from a process of its own that outlives the file."""
    row = crew().row(Path(path), Path(base), options_of(dict(options)))
    return asdict(row) | {"subject": name_of(Path(named))}


def crew() -> Crew:
    """On a worker: as many judging processes as it has threads."""
    from distributed import get_worker

    with _lock:
        if not _crew:
            _crew.append(Crew(get_worker().state.nthreads, Options()))
            atexit.register(_crew[0].__exit__)
        return _crew[0]


@contextmanager
def executor(address: str, module: Module | None) -> Iterator[Executor]:
    """What computes a module's cases on a cluster, where it has to be importable as here."""
    from distributed import WorkerPlugin

    client = connected(address)

    class Takes(WorkerPlugin):  # type: ignore[misc]
        """Each worker's process takes the module, also one that comes later."""

        def setup(self, worker: Any) -> None:
            take_module(module)

    try:
        client.register_plugin(Takes(), name="layercheck-module")
        yield client.get_executor()
    finally:
        client.close()
