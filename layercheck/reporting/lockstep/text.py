"""A lockstep training on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from .records import LockstepReport


def render(report: LockstepReport) -> str:
    """A table: for each array its limit at the end and how much of it each training used."""
    trainings = list(report.divergences)
    wide = max(len(name) for name in report.limits) + 2
    lines = [f"{'array':{wide}}{'largest':>10}{'limit at end':>14}" + heads(trainings)]
    for name, limits in report.limits.items():
        row = f"{name:{wide}}{report.largest[name]:>10.2g}{limits[-1]:>14.2g}"
        lines.append(row + "".join(f"{share_text(report, who, name):>20}" for who in trainings))
    return "\n".join([*lines, "", report.conclusion])


def heads(trainings: Sequence[str]) -> str:
    """The titles of the columns of each training."""
    return "".join(f"{who + ' used':>20}" for who in trainings)


def share_text(report: LockstepReport, who: str, name: str) -> str:
    """`0.11 (step 3)`: the largest share of an array's limit that a training used."""
    share, step = report.share(who, name)
    return f"{share:.2g} (step {step})"
