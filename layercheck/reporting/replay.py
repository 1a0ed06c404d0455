"""One case told in full: what was given, what was answered, and how it compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .records import Comparison, Defect
from .verdict import Passing, Verdict, all_pass, worst
from .words import visible

if TYPE_CHECKING:
    from rich.console import Console

PRINTED: dict[str, Any] = {"precision": 9, "threshold": 200, "linewidth": 100}
"""How arrays are printed, in NumPy's own terms."""


@dataclass(frozen=True)
class Given:
    """An array, or a text in its place. who: `input`, `exact`, the subject or an oracle."""

    who: str
    name: str
    value: Any


@dataclass(frozen=True)
class Replay:
    """case, subject: their texts · given: the arrays · comparisons · defects · passing: the
    verdicts that pass."""

    case: str
    subject: str
    given: Sequence[Given]
    comparisons: Sequence[Comparison]
    defects: Sequence[Defect]
    passing: Passing

    @property
    def own(self) -> list[Verdict]:
        """The subject's verdicts."""
        return [c.verdict for c in self.comparisons if c.subject == self.subject]

    @property
    def verdict(self) -> Verdict:
        """The worst of them."""
        return worst(self.own)

    @property
    def passed(self) -> bool:
        """Whether something was compared, and all of it passes."""
        return all_pass(self.own, self.passing)


def print_replay(console: Console, replay: Replay) -> None:
    """Print all of it."""
    import numpy as np

    console.print(replay.case)
    with np.printoptions(**PRINTED):
        for one in replay.given:
            print_given(console, one)
    console.print("comparisons")
    for comparison in replay.comparisons:
        console.print("  " + visible(described(comparison)))
    for defect in replay.defects:
        known = f"known as {defect.known}" if defect.known else "new"
        console.print(f"defect of {defect.oracle} ({known}): {visible(defect.what)}")
    console.print(f"verdict of {visible(replay.subject)}: {replay.verdict}")


def print_given(console: Console, one: Given) -> None:
    """An array with its shape and dtype, or the text."""
    title = visible(f"{one.who} {one.name}".strip())
    if not hasattr(one.value, "dtype"):
        console.print(f"{title}: {visible(str(one.value))}")
        return
    value = one.value.astype("float64") if one.value.dtype.kind == "f" else one.value
    shown = value if one.who == "exact" else one.value
    console.print(f"{title} {shown.shape} {shown.dtype}")
    console.print("\n".join(f"  {line}" for line in str(shown).splitlines()))


def described(c: Comparison) -> str:
    """`dx of ref_layers against torch: rounding, 0.12 of the limit, max abs 3e-7, ...`."""
    who = f"{c.array or c.part} of {c.subject} against {c.against}: {c.verdict}"
    reason = f" ({c.reason})" if c.reason else ""
    if c.limit_used is None:
        return f"{who}{reason}"
    place = f"worst at {list(c.worst_index or ())}: got {c.got!r}, expected {c.expected!r}"
    figures = {"max abs": c.max_abs, "rel": c.max_rel, "ulp": c.max_ulp}
    named = ", ".join(f"{name} {value:.3g}" for name, value in figures.items() if value is not None)
    share = f"{c.limit_used:.3g} of the limit"
    free = f", {c.unlimited} without a limit" if c.unlimited else ""
    return f"{who}{reason}, {share}, {named}, {place}, {c.compared} compared{free}"
