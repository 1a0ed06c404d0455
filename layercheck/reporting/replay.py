"""One case told in full: what was given, what was answered, and how it compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .numbers import number
from .picture.record import Picture
from .records import Comparison, Defect
from .terminal.lines import STYLES, say, show
from .verdict import Passing, Verdict, all_pass, worst
from .words import DIGITS, many, visible

if TYPE_CHECKING:
    from rich.console import Console

PRINTED: dict[str, Any] = {"precision": 9, "threshold": 200, "linewidth": 100}
"""How arrays are printed, in NumPy's own terms."""


PROBE = "probe"
"""How what a probe gave is called."""


@dataclass(frozen=True)
class Given:
    """An array, or a text in its place. who: `input`, `exact`, the subject, an oracle, or a
    probe."""

    who: str
    name: str
    value: Any


@dataclass(frozen=True)
class Element:
    """A wrong element: where it is, what it is and should be, and how many limits it is off."""

    index: tuple[int, ...]
    got: float
    expected: float
    limit_used: float


@dataclass(frozen=True)
class Differing:
    """The wrong elements of an array: how many of how many, and the first of them."""

    array: str
    wrong: int
    of: int
    dtype: str
    listed: Sequence[Element]


@dataclass(frozen=True)
class Replay:
    """case, subject: their texts · given: the arrays · comparisons · defects · passing: the
    verdicts that pass · why: what is known of the reason, a line each · differing: the wrong
    elements of each array · picture: of the failing array · script: a text that shows it, where
    that was asked for."""

    case: str
    subject: str
    given: Sequence[Given]
    comparisons: Sequence[Comparison]
    defects: Sequence[Defect]
    passing: Passing
    why: Sequence[str] = ()
    differing: Sequence[Differing] = ()
    picture: Picture | None = None
    script: str = ""

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


def print_replay(console: Console, replay: Replay, full: bool = False) -> None:
    """Print the verdict, why, what differs and the picture; all arrays and comparisons if asked."""
    say(console, f"verdict of {replay.subject}: {replay.verdict}", STYLES[replay.verdict])
    for line in replay.why:
        say(console, line)
    say(console, replay.case)
    for text in dict.fromkeys(failing_texts(replay)):
        say(console, f"  {text}")
    for one in replay.differing:
        print_differing(console, one)
    show(replay.picture, console, "  ", replay.case)
    for told in replay.given if not full else ():
        if told.who.startswith(PROBE):
            print_given(console, told)
    if full:
        print_full(console, replay)
    else:
        say(console, f"{counted(replay)}; all arrays and comparisons: --full", "dim")


def is_failing(comparison: Comparison, replay: Replay) -> bool:
    """Whether a comparison is a reason to fail."""
    return comparison.verdict not in replay.passing and not comparison.verdict.is_silent


def failing_texts(replay: Replay) -> Iterator[str]:
    """Why arrays and calls fail, where that is not their numbers alone."""
    for c in replay.comparisons:
        told = is_failing(c, replay) or replay.verdict.is_silent
        if c.subject == replay.subject and told and c.reason:
            yield f"{c.array or c.part}: {c.verdict}: {c.reason}"


def print_differing(console: Console, one: Differing) -> None:
    """The wrong elements of an array, one a line."""
    say(console, f"  {one.array}: {one.wrong:,} of {many(one.of, 'element')} differ")
    digits = DIGITS.get(one.dtype, 17)
    for element in one.listed:
        got, expected = number(element.got, digits), number(element.expected, digits)
        share = f"{number(element.limit_used)} times the limit"
        say(console, f"    {list(element.index)}  got {got}, expected {expected}, {share}")
    if one.wrong > len(one.listed):
        say(console, f"    and {one.wrong - len(one.listed):,} more")


def counted(replay: Replay) -> str:
    """`6 comparisons, 1 of them fails`."""
    own = [c for c in replay.comparisons if c.subject == replay.subject]
    failed = sum(is_failing(c, replay) for c in own)
    verb = "fails" if failed == 1 else "fail"
    return f"{many(len(own), 'comparison')}, {failed} of them {verb}"


def print_full(console: Console, replay: Replay) -> None:
    """Every array, comparison and defect."""
    import numpy as np

    with np.printoptions(**PRINTED):
        for one in replay.given:
            print_given(console, one)
    console.print("comparisons")
    for comparison in replay.comparisons:
        console.print("  " + visible(described(comparison)))
    for defect in replay.defects:
        known = f"known as {defect.known}" if defect.known else "new"
        console.print(f"defect of {defect.oracle} ({known}): {visible(defect.what)}")


def arrays_of(replay: Replay) -> dict[str, Any]:
    """What `--save` keeps: inputs by name, `got_out`, `expected_out`, ... in float64 or their own
    dtype, and the case's text."""
    ahead = {"input": "", "exact": "expected_", replay.subject: "got_"}
    kept: dict[str, Any] = {"case": replay.case}
    for one in replay.given:
        if one.who in ahead and hasattr(one.value, "dtype"):
            wide = one.who == "exact" and one.value.dtype.kind == "f"
            kept[ahead[one.who] + one.name] = one.value.astype("float64") if wide else one.value
    return kept


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
