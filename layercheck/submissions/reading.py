"""Somebody else's file, read: measured before it is opened, parsed in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layercheck.cases.room import largest
from layercheck.errors import UsageError
from layercheck.processes.death import ChildDied

from .coverage.place import Code
from .op_table import op_table
from .profiles import names
from .profiles.due import NOT_HERE, Due, due
from .profiles.target import Takes, Target
from .sandbox.sandbox import Sandbox
from .sources import TABLE, Declared, Sources, declared_in, name_of

MOST_HELPERS = 20
"""How many modules beside the file are read."""

WITHHELD = (
    "it has functions to check, and of several submissions none gets another's; where they belong "
    "together, check each file by itself"
)
"""Why a module beside a file cannot be imported."""

MOST_TARGETS = 200
"""How many layers of a file are asked."""

SIZES = ("kernel_size", "stride", "padding", "dilation", "output_padding", "groups", "num_groups")
MOST_SIZE = 64
"""How large those attributes may be that a file settles: what is asked grows with them."""

MOST_NAMED = 8
"""How many functions and classes are named of a file that has nothing to check."""


@dataclass
class Submission:
    """A file that was read and recognised, before any of its code ran.

    targets: what is asked, in the order of the file · not_checked: its other functions and classes,
    with the reason · profiles: how its functions are called · helpers: the modules beside it that
    it wants · sources: a fingerprint of every file that was read · problem: why nothing of it can
    be checked (it does not parse, ...), empty if something can · broken: what of it is wrong in
    itself, with the reason · code: the pieces of it that only run under a condition · ops: of
    functions that are not asked, the op that they are known for · text: the file as it was read.
    """

    path: Path
    targets: list[Target] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    profiles: list[str] = field(default_factory=list)
    helpers: dict[str, bytes] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    broken: dict[str, str] = field(default_factory=dict)
    code: Code = field(default_factory=Code)
    ops: dict[str, str] = field(default_factory=dict)
    text: bytes = b""

    def due(self) -> list[Due]:
        """The functions that are not asked and ought to be."""
        names.install(op_table())
        return list(due(self.not_checked, self.ops))

    @property
    def name(self) -> str:
        """What the report calls it: the path as it was given."""
        return name_of(self.path)


@dataclass(frozen=True)
class Reading:
    """How a file is read. profile: how its functions are called, empty: as they look · declared: a
    grader's TOML file · together: whether it is one of several submissions."""

    profile: str = ""
    declared: Declared = field(default_factory=Declared)
    together: bool = False


def read(path: Path, sandbox: Sandbox, reading: Reading) -> Submission:
    """Read a file in the sandbox, which then is ready to load it; raises UsageError where there is
    nothing to check."""
    sources, profile, declared = Sources(path), reading.profile, reading.declared
    data, table = sources.own(), declared_in(declared) if declared.file else {}
    withheld: dict[str, str] = {}
    try:
        found = read_in(sandbox, path, data, profile, table)
        neighbours = Neighbours(sandbox, reading)
        helpers = read_helpers(sources, found["imports"], sandbox, neighbours.is_judged)
        withheld = neighbours.withheld
        if helpers or withheld:  # bases may stand there
            found = read_in(sandbox, path, data, profile, table, helpers)
    except ChildDied as died:
        problem = f"it cannot be read within the limits: {died}"
        return Submission(path, sources=sources.read, problem=problem)
    left_out = {**found["not_checked"], **withheld}
    ops = dict(found["ops"])
    targets = list(within_reason(map(target_of, found["targets"]), left_out, ops))
    profiles = found["profiles"]
    if not declared.file and sources.has_table:
        left_out[TABLE] = f"it declares functions, which counts with --declared {TABLE}"
    submission = Submission(path, targets, left_out, profiles, helpers, sources.read, text=data)
    submission.problem, submission.code = found["problem"], Code.of_json(found["code"])
    submission.broken, submission.ops = dict(found["broken"]), ops
    if not targets and submission.broken:
        submission.problem = "; ".join(f"{n}: {text}" for n, text in submission.broken.items())
    known = any(
        name in ops for name in left_out
    )  # layers, of which each says what is wrong with it
    if not targets and not submission.problem and not known:
        raise UsageError(nothing_text(submission, found.get("expected", ())))
    return submission


def within_reason(
    targets: Iterable[Target], left_out: dict[str, str], ops: dict[str, str]
) -> Iterator[Target]:
    """The targets that can be asked in bounded time; the others are told in left_out, and in ops
    what they are."""
    for number, target in enumerate(targets):
        sizes = (n for n in SIZES if largest(target.takes.fixed.get(n)) > MOST_SIZE)
        too_large = next(sizes, "")
        if number >= MOST_TARGETS or too_large:
            ops[target.forward] = target.op
        if number >= MOST_TARGETS:
            left_out[target.forward] = f"a file has at most {MOST_TARGETS} layers that are asked"
        elif too_large:
            got = target.takes.fixed[too_large]
            left_out[target.forward] = f"{too_large}={got!r}: at most {MOST_SIZE} is asked"
        else:
            yield target


def nothing_text(submission: Submission, expected: Sequence[str]) -> str:
    """What a file defines of which nothing can be checked, why not, and what was looked for."""
    reasons = [(name, why) for name, why in submission.not_checked.items() if why != NOT_HERE]
    names = ", ".join(name for name, _ in reasons[:MOST_NAMED]) or "no function or class"
    text = f"{submission.path.name}: defines {names}; expected any of:"
    lines = [*expected, *(f"not checked: {n}: {why}" for n, why in reasons[:MOST_NAMED])]
    return "\n".join([text, *(f"  {line}" for line in lines)])


def read_in(
    sandbox: Sandbox,
    path: Path,
    data: bytes,
    profile: str,
    table: Mapping[str, Any],
    helpers: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """What the sandbox finds in a file; raises UsageError for what cannot be read."""
    reply = sandbox.read(path.name, data, profile, table, helpers)
    if "refused" in reply:
        raise UsageError(f"cannot read {path}: {reply['refused']}")
    return dict(reply["read"])


def target_of(told: Mapping[str, Any]) -> Target:
    """A target as the child told it."""
    takes = {name: settled(value) for name, value in told["takes"].items()}
    return Target(
        told["op"],
        told["forward"],
        told["backward"],
        Takes(**takes),
        tuple(told["beyond"]),
        tuple(told["unknown"]),
        told["part"],
        defaults=tuple(told["defaults"]),
        habits=tuple(told["habits"]),
        own_way=dict(told["own_way"]),
        others=dict(told["others"]),
        narrowed=told["narrowed"],
    )


def settled(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    if isinstance(value, list):
        return tuple(settled(part) for part in value)
    if isinstance(value, dict):
        return {name: settled(part) for name, part in value.items()}
    return value


class Neighbours:
    """The modules beside a file that it wants, and may not have: submissions themselves.

    withheld: those, with the reason.
    """

    def __init__(self, sandbox: Sandbox, reading: Reading) -> None:
        self.sandbox, self.reading = sandbox, reading
        self.withheld: dict[str, str] = {}

    def is_judged(self, name: str, data: bytes) -> bool:
        """Whether a module, of several submissions' folder or below it, has functions to check:
        one without is a helper, whoever it belongs to."""
        if not self.reading.together:
            return False
        if read_in(self.sandbox, Path(name), data, self.reading.profile, {})["targets"]:
            self.withheld[name] = WITHHELD
        return name in self.withheld


def read_helpers(
    sources: Sources,
    wanted: list[str],
    sandbox: Sandbox,
    is_withheld: Callable[[str, bytes], bool],
) -> dict[str, bytes]:
    """The modules beside the file that it imports, and those that they import in turn."""
    own = sources.path.stem
    helpers: dict[str, bytes] = {}
    due = [name for name in wanted if name != own]
    while due and len(helpers) < MOST_HELPERS:
        found = {name: data for name in due if (data := sources.helper(name)) is not None}
        new = {name: data for name, data in found.items() if not is_withheld(name, data)}
        helpers.update(new)
        due = [n for n in sandbox.wanted(new) if n not in helpers and n != own] if new else []
    return helpers
