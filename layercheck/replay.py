"""One case told in full, and one op described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console

from oracles.oracle import Omitted
from ref_layers import Op
from ref_layers.op import REQUIRED
from reports.report import PASSING, Comparison

from .answers import Failure, Refusal
from .case import Case, value_text
from .judge import facts
from .run import Run


def print_case(case: Case, subject: str, oracle_names: Sequence[str]) -> bool:
    """Print inputs, every answer and the comparisons; whether the subject passes."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(str(case))
    with (
        Run(subject, oracle_names) as run,
        np.printoptions(precision=9, threshold=200, linewidth=100),
    ):
        for name, value in {**case.inputs, "dout": case.question.dout}.items():
            print_array(console, f"input {name}", value)
        for name, value in facts(case).truth.arrays.items():
            print_array(console, f"exact {name}", value.astype(np.float64))
        answers = {name: worker.ask(case) for name, worker in run.workers.items()}
        for name, answer in {subject: run.subject.answer(case), **answers}.items():
            print_answer(console, name, answer)
        judged = run.judge_case(case)
    console.print("comparisons")
    for comparison in judged.comparisons:
        console.print("  " + describe(comparison))
    for defect in judged.defects:
        told = f"known as {defect.known}" if defect.known else "new"
        console.print(f"defect of {defect.oracle} ({told}): {defect.what}")
    console.print(f"verdict of {subject}: {judged.verdict}")
    return judged.verdict in PASSING


def print_answer(console: Console, who: str, answer: Any) -> None:
    if isinstance(answer, (Failure, Refusal)):
        console.print(f"{who}: {getattr(answer, 'reason', answer)}")
        return
    for name, value in answer.items():
        if isinstance(value, Omitted):
            console.print(f"{who} {name}: {value.reason}")
        else:
            print_array(console, f"{who} {name}", value)


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
