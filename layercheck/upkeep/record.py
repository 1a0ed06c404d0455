"""Recording what the frameworks and the exact result answer to the quick grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from layercheck.cases.quick import quick
from layercheck.errors import UsageError
from layercheck.implementations.framework import Framework
from layercheck.implementations.protocol import Answer, Failure, Refusal, Reply
from layercheck.judging.facts import Facts, facts
from layercheck.reporting.verdict import Verdict, all_pass
from oracles import ESTABLISHED, recorded

FOLDER = Path(recorded.__file__).parent / "recordings"


def record_all(ops: Sequence[str], say: Callable[[str], None]) -> None:
    """Record these ops, telling the size of each."""
    with ExitStack() as stack:
        frameworks = {name: stack.enter_context(Framework(name)) for name in ESTABLISHED}
        for framework in frameworks.values():
            framework.start()
            if framework.broken is not None:
                raise UsageError(f"{framework.name} cannot be recorded: {framework.broken}")
        for op in ops:
            count, size = record(op, frameworks)
            say(f"{op}: {count} cases, {size / 1024:.0f} KiB")


def record(op: str, frameworks: Mapping[str, Framework]) -> tuple[int, int]:
    """Ask the frameworks the quick grid of an op and write the file: (cases, bytes)."""
    versions = {k: v for one in frameworks.values() for k, v in one.versions.items()}
    writer = recorded.Writer(versions)
    for case in quick(op):
        known = facts(case)
        writer.add(str(case), case.dtype, case.question, known.truth)
        for name, framework in frameworks.items():
            entry = index_entry(known, framework.answer(case))
            writer.add_answer(str(case), name, entry, known.truth)
    data = writer.bytes()
    (FOLDER / f"{op}.npz").write_bytes(data)
    recorded.load.cache_clear()
    return len(quick(op)), len(data)


def index_entry(known: Facts, reply: Reply) -> dict[str, object]:
    """A reply as the recording's index has it."""
    if isinstance(reply, Refusal):
        return {"refused": reply.reason}
    if isinstance(reply, Failure):
        return {"failed": [reply.kind, reply.message]}
    exact = confirms(known, reply)
    return {"arrays": reply.arrays} | ({} if exact is None else {"confirms": exact})


def confirms(known: Facts, answer: Answer) -> list[str] | None:
    """The arrays that equal the exact result, correctly rounded, where every array of an answer
    lies within its bounds; None where one does not."""
    compared = known.compare_all("", answer)
    if not all_pass(c.verdict for c in compared):
        return None
    return [c.array for c in compared if c.verdict is Verdict.EXACT]
