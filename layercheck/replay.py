"""One case told in full, and one op described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from oracles.oracle import Omitted
from ref_layers import Op
from ref_layers.op import REQUIRED
from reports.report import PASSING, Comparison

from .answers import Failure, Refusal, Reply
from .case import Case, value_text
from .errors import UsageError
from .judge import Facts, Judged, facts, judge
from .run import Run


def print_case(case: Case, subject: str, oracle_names: Sequence[str]) -> bool:
    """Print inputs, every answer and the comparisons; whether the subject passes."""
    with Run(subject, oracle_names) as run:
        answers = {name: worker.ask(case) for name, worker in run.workers.items()}
        replies = {subject: run.subject.answer(case), **answers}
        judged = run.judge_case(case)
    return tell(case, facts(case), replies, judged, subject)


def print_submitted_case(case: Case, path: Path, profile: str | None) -> bool:
    """The same for a function of a file, in its sandbox, against the exact result."""
    from .submission import SubmissionSubject, open_sandbox, read

    submission = read(path, profile)
    if submission.problem:
        raise UsageError(f"{path}: {submission.problem}")
    fitting = [t for t in submission.targets if t.op == case.op]
    if not fitting:
        raise UsageError(f"{path} has no function for {case.op}; it has: {names_of(submission)}")
    with open_sandbox(submission) as sandbox:
        subject = SubmissionSubject(submission, fitting[0], sandbox)
        reply = subject.answer(case)
        known = facts(case)
        judged = judge(known, subject, reply, {}, {})
    return tell(case, known, {str(path): reply}, judged, str(path))


def names_of(submission: Any) -> str:
    return ", ".join(dict.fromkeys(target.op for target in submission.targets)) or "none"


def tell(
    case: Case, known: Facts, replies: Mapping[str, Reply], judged: Judged, subject: str
) -> bool:
    """Print all of it."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(str(case))
    with np.printoptions(precision=9, threshold=200, linewidth=100):
        for name, value in {**case.inputs, "dout": case.question.dout}.items():
            print_array(console, f"input {name}", value)
        for name, value in known.truth.arrays.items():
            print_array(console, f"exact {name}", as_shown(value))
        for name, answer in replies.items():
            print_answer(console, name, answer)
    console.print("comparisons")
    for comparison in judged.comparisons:
        console.print("  " + describe(comparison))
    for defect in judged.defects:
        told = f"known as {defect.known}" if defect.known else "new"
        console.print(f"defect of {defect.oracle} ({told}): {defect.what}")
    console.print(f"verdict of {subject}: {judged.verdict}")
    return judged.verdict in PASSING


def as_shown(value: Any) -> Any:
    return value.astype(np.float64) if value.dtype.kind == "f" else value


def print_answer(console: Console, who: str, answer: Reply) -> None:
    if isinstance(answer, (Failure, Refusal)):
        console.print(f"{who}: {getattr(answer, 'reason', answer)}")
        return
    for name, value in answer.items():
        if isinstance(value, Omitted):
            console.print(f"{who} {name}: {value.reason}")
        elif isinstance(value, np.ndarray | np.generic):
            print_array(console, f"{who} {name}", value)
        else:
            console.print(f"{who} {name}: {value}")


def print_array(console: Console, title: str, value: Any) -> None:
    console.print(f"{title} {value.shape} {value.dtype}")
    console.print("\n".join(f"  {line}" for line in str(value).splitlines()))


def describe(c: Comparison) -> str:
    """`dx of ref_layers against torch: rounding, headroom 0.12, max abs 3e-7, ...`."""
    who = f"{c.array or 'answer'} of {c.subject} against {c.against}: {c.verdict}"
    if c.headroom is None:
        return f"{who} ({c.reason})"
    place = f"worst at {list(c.worst_index or ())}: got {c.got!r}, expected {c.expected!r}"
    named = {"headroom": c.headroom, "max abs": c.max_abs, "rel": c.max_rel, "ulp": c.max_ulp}
    figures = ", ".join(f"{name} {value:.3g}" for name, value in named.items())
    reason = f" ({c.reason})" if c.reason else ""
    return f"{who}{reason}, {figures}, {place}, {c.compared} compared"


def describe_op(op: Op) -> str:
    """An op's arrays with their symbolic shapes, and its attributes with their defaults."""
    arrays = ", ".join(
        f"{name} ({', '.join(tensor.symbols)}){' or none' if tensor.optional else ''}"
        for name, tensor in op.inputs.items()
    )
    attributes = ", ".join(
        name if default is REQUIRED else f"{name}={value_text(default)}"
        for name, default in op.attributes.items()
    )
    grads = ", ".join(f"d{name}" for name in op.differentiable)
    return (
        f"{op.name}\n  arrays      {arrays}\n  attributes  {attributes or 'none'}\n"
        f"  answers     {', '.join((*op.outputs, grads))}"
    )
