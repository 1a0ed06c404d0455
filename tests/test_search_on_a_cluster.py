"""A search on a cluster: a real scheduler, two real workers, one of them killed in a batch."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from machines import ENVIRONMENT, ROOT, SECONDS, Machines, machines_of

from layercheck.cases.parse import parse
from layercheck.cli.commands.search import command
from layercheck.errors import UsageError
from layercheck.search import far, run
from layercheck.search.near import Near, Reply
from layercheck.search.plan import Stream
from layercheck.search.run import Came, Wanted, search
from layercheck.search.store import Store
from layercheck.search.suspicion import Suspicion
from layercheck.search.turns import Turns
from layercheck.search.worker import Worker

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and glibc's malloc")

PLANTED = ROOT / "tests" / "planted"


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """Two workers of one thread each."""
    with machines_of(2, tmp_path) as found:
        yield found


def counts(out: Path) -> tuple[int, int]:
    """How many questions the streams have passed, and how many were counted."""
    with sqlite3.connect(out / "search.sqlite") as base:
        passed = base.execute("select sum(next) from streams").fetchone()[0]
        told = base.execute("select sum(count) from tallies where name != 'cpu ms'").fetchone()[0]
    return passed or 0, told or 0


def busy(address: str) -> int:
    """The number of a worker's process that is at a request now."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        for worker, number in client.run(os.getpid).items():
            if client.processing()[worker]:
                return int(number)
    return 0


def test_a_killed_workers_batch_is_done_again_and_counted_once(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = list[int]()
    kept = list[tuple[str, int, int]]()
    keep = Store.keep

    def noting(store: Store, stream: str, process: str, done: Mapping[str, Any]) -> None:
        kept.append((stream, store.stream(stream)["next"], done["next"]))
        keep(store, stream, process, done)

    monkeypatch.setattr(Store, "keep", noting)
    monkeypatch.setattr(run, "LOOK", 0.1)

    def is_enough(came: Came) -> bool:
        if kept and not killed and (number := busy(machines.address)):
            os.kill(number, signal.SIGKILL)
            killed.extend([number, len(kept)])
        there = came.new and not came.waiting
        return bool(there and killed and len(kept) > killed[1] + 2)

    out = tmp_path / "found"
    wanted = Wanted(("add",), ("planted",), 3.0, out, more=str(PLANTED), quiet=5.0)
    came = search(Wanted(**{**vars(wanted), "scheduler": machines.address}), is_enough)
    assert killed[0] in [worker.pid for worker in machines.workers]
    assert not came.failed
    passed, told = counts(out)
    assert passed == told > 0
    for stream in {name for name, _, _ in kept}:  # no question is left out, and none comes twice
        steps = [(start, end) for name, start, end in kept if name == stream]
        assert [start for start, _ in steps] == [0, *(end for _, end in steps[:-1])]
    (found,) = came.new
    assert (found["kind"], found["condition"]) == ("wrong", "N > 1")


def test_an_interrupted_search_on_a_cluster_goes_on_here(
    machines: Machines, tmp_path: Path
) -> None:
    line = [sys.executable, "-m", "layercheck", "search", "--op", "relu", "--route", "planted"]
    line += ["--routes-from", str(PLANTED), "--out", str(tmp_path / "found"), "--minutes", "5"]
    running = subprocess.Popen([*line, "--scheduler", machines.address], cwd=ROOT, env=ENVIRONMENT)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            if counts(tmp_path / "found")[0]:
                break
        except sqlite3.OperationalError:  # there is no file yet
            time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    assert running.wait(SECONDS) != 0
    before = counts(tmp_path / "found")
    assert before[0] == before[1] > 0
    wanted = Wanted(("relu",), ("planted",), 0.1, tmp_path / "found", more=str(PLANTED))
    assert not search(wanted).failed
    after = counts(tmp_path / "found")
    assert after[0] == after[1] > before[0]


def test_a_machine_unlike_this_one_is_told(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with far.cluster_of(machines.address, ["torch"], ""):
        pass  # they are alike
    monkeypatch.setattr(far, "version_of", lambda package: "1.0")  # the machines have their own
    with pytest.raises(UsageError, match=r"tcp://.* has layercheck: .*; expected 1.0, as on"):
        search(Wanted(("relu",), ("torch",), 0.1, tmp_path, scheduler=machines.address))


def test_no_scheduler_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layercheck.pipeline import cluster

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    said = ["--op", "relu", "--scheduler", "tcp://127.0.0.1:1", "--out", str(tmp_path)]
    found = CliRunner().invoke(command, said, standalone_mode=False)
    assert isinstance(found.exception, UsageError)
    assert "no scheduler at tcp://127.0.0.1:1" in str(found.exception)


# ---------------------------------------------------------------------- several workers at a time


def test_no_two_workers_take_the_same() -> None:
    turns, most, seen = Turns(), list[int](), list[int]()
    lock = threading.Lock()

    def work() -> None:
        for _ in range(50):
            with turns.first(lambda: ((n, n) for n in (1, 2, 3))) as one:
                if one is None:
                    continue
                with lock:
                    seen.append(one)
                    most.append(seen.count(one))
                time.sleep(0.0005)
                with lock:
                    seen.remove(one)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert not turns.taken


class Told:
    """A nursery that confirms everything, when both of two workers have asked."""

    def __init__(self) -> None:
        self.both = threading.Barrier(2, timeout=30)

    def ask(self, request: Mapping[str, Any]) -> Reply:
        self.both.wait()
        told = {"confirmed": True, "suspicion": request["suspicion"], "where": "N > 1"}
        return Reply(told, {"planted": "1.0"})

    def kill(self) -> None: ...

    def stop(self) -> None: ...


def test_two_workers_with_the_same_finding_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "write", lambda *_: None)
    slow = Worker.same_as

    def same_as(*told: Any) -> Any:
        found = slow(*told)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(Worker, "same_as", same_as)
    store, nursery, turns = Store(tmp_path / "search.sqlite"), Told(), Turns()
    process = ("torch", frozenset[tuple[str, str]]())
    for number in (2, 3):
        case = str(parse(f"add x={number}x1 y={number}x1 dtype=float32 fill=normal seed=1"))
        one = Suspicion("torch", case, (), "truth", "wrong", "dy", "")
        line = (f"planted-{number}", json.dumps(one.as_dict()))
        with store.change() as base:
            base.execute("insert into suspicions (process, told) values (?, ?)", line)
    workers = [
        Worker(process, f"planted-{n}", list[Stream](), store, nursery, turns, tmp_path, 0)
        for n in (2, 3)
    ]
    run.at_work(workers, time.monotonic() + 30, lambda: False)
    (found,) = store.findings()
    assert found["seen"] == 2
    store.close()


def test_a_machine_keeps_so_many_nurseries_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(far, "_idle", list[Near]())
    made = [Near((f"family{n}", frozenset()), Path()) for n in range(far.KEPT + 1)]
    ended = [one for nursery in made for one in far.kept(nursery)]
    assert ended == made[:1]
    assert far.taken(made[3].process, "") is made[3]
    assert far.taken(made[4].process, "") is made[4]
