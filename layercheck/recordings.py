"""Recorded answers in the place of a running framework, and how they are recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from oracles import recorded
from oracles.oracle import Unsupported

from .answers import Failure, Refusal, Reply
from .case import Case
from .judge import facts
from .quick_grid import quick
from .worker import Worker

ORACLES = ("torch", "tensorflow")
FOLDER = Path(recorded.__file__).parent / "recordings"


@dataclass(frozen=True)
class RecordedOracle:
    """What an oracle answered to the quick grid; asked like a running framework."""

    oracle: str

    @property
    def versions(self) -> dict[str, str]:
        """Of the framework that was recorded."""
        known = recorded.versions()
        return {name: known[name] for name in (self.oracle,) if name in known}

    def start(self) -> None:
        """There is nothing to start."""

    def stop(self) -> None:
        """There is nothing to stop."""

    def ask(self, case: Case, dtype: str | None = None) -> Reply:
        """The recorded answer; nothing is recorded in higher precision."""
        if dtype is not None:
            return Refusal(f"{self.oracle} was not recorded in {dtype}")
        try:
            return recorded.answer(self.oracle, str(case), case.question)
        except recorded.RecordingError:
            return Refusal(f"{self.oracle} was not recorded at this case")
        except Unsupported as refused:
            return Refusal(str(refused))
        except recorded.FailedAsRecorded as failed:
            return Failure(*failed.args)


def record(op: str, workers: dict[str, Worker]) -> tuple[int, int]:
    """Ask the frameworks the quick grid of an op and write the file: (cases, bytes)."""
    versions = {k: v for worker in workers.values() for k, v in worker.versions.items()}
    writer = recorded.Writer(versions)
    for case in quick(op):
        known = facts(case)
        writer.add(str(case), case.dtype, case.question, known.truth)
        for name, worker in workers.items():
            writer.add_answer(str(case), name, told(worker.ask(case)), known.truth)
    data = writer.bytes()
    (FOLDER / f"{op}.npz").write_bytes(data)
    recorded.load.cache_clear()
    return len(quick(op)), len(data)


def told(reply: Reply) -> dict[str, object]:
    """A reply as the recording's index has it."""
    if isinstance(reply, Refusal):
        return {"refused": reply.reason}
    if isinstance(reply, Failure):
        return {"failed": [reply.kind, reply.message]}
    return {"arrays": reply}


def record_all(ops: Sequence[str], say: Callable[[str], None]) -> None:
    """Record these ops, telling the size of each."""
    workers = {name: Worker(name) for name in ORACLES}
    try:
        for worker in workers.values():
            worker.start()
        for op in ops:
            count, size = record(op, workers)
            say(f"{op}: {count} cases, {size / 1024:.0f} KiB")
    finally:
        for worker in workers.values():
            worker.stop()
