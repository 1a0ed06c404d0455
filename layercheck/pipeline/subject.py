"""Who is under check: a module, a file or an oracle, opened as a list of layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from layercheck.cases.case import Case
from layercheck.errors import UsageError
from layercheck.implementations.framework import Framework, check_oracle
from layercheck.implementations.given.subject import Given
from layercheck.implementations.layer import Layer
from layercheck.implementations.leftover import leftover
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Reply
from layercheck.implementations.recording import Recording
from layercheck.implementations.submission import SubmittedFile
from layercheck.judging.kept.keeping import KEEPING
from layercheck.reporting.records import NotChecked
from layercheck.stages import stage
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names
from layercheck.submissions.profiles.due import Due, due
from layercheck.submissions.reading import Reading
from ref_layers import OPS

from .given_twice import with_its_pairs
from .options import Options
from .spec import ORACLE, is_file
from .words import with_its_words

EXACT = ("exact",)
"""What --oracle may name too: the exact result, which takes part in any case."""

if TYPE_CHECKING:
    from layercheck.implementations.given.read_here import ReadModule

Asked = Framework | Recording
"""Who answers for an oracle."""

Spec = str | Given
"""A subject by its name, or handed over by a program."""


@dataclass
class Subject:
    """name: what the report calls it · layers: what is asked · module: if that is one, which other
    processes can import too · is_oracle: it may refuse cases · not_checked: what is not asked, and
    why · unasked: what ought to be, and cannot be · profile, isolation, sources: of a file ·
    problem: why nothing can be asked · broken: what is wrong in itself, with the reason · is_given:
    whether a program handed it over, so that no command can ask it again · text: of a file, as it
    was read.
    """

    name: str
    layers: list[Layer]
    module: Module | None = None
    is_oracle: bool = False
    not_checked: list[NotChecked] = field(default_factory=list)
    unasked: list[Unasked] = field(default_factory=list)
    profile: str = ""
    isolation: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    broken: Mapping[str, str] = field(default_factory=dict)
    is_given: bool = False
    text: bytes = b""

    @property
    def is_file(self) -> bool:
        """Whether its functions run in a sandbox."""
        return self.module is None and not self.is_oracle


@dataclass(frozen=True)
class Unasked:
    """A function that ought to be asked, as its name says, and cannot be."""

    name: str
    op: str
    reason: str

    @property
    def told(self) -> str:
        """That nothing is known of it, why, and what to do."""
        return (
            f"it cannot be asked, and so does not pass: {self.reason}; where it is no layer, call "
            "it otherwise"
        )


@dataclass(frozen=True)
class OracleUnderCheck:
    """A framework as a subject: it goes by another name in the report."""

    framework: Framework

    @property
    def oracle(self) -> str:
        """Whose known defects count."""
        return self.framework.oracle

    @property
    def name(self) -> str:
        """`oracle:torch`."""
        return f"{ORACLE}{self.oracle}"

    @property
    def versions(self) -> Mapping[str, str]:
        """Of the framework."""
        return self.framework.versions

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """What the framework answers."""
        return self.framework.answer(case, dtype)


def apart(
    told: Mapping[str, str], ought: Iterable[Due], strict: bool
) -> tuple[list[NotChecked], list[Unasked]]:
    """What is not asked, with the reason, and of it what ought to be."""
    gaps = {one.name: one.op for one in ought if strict or not one.doubtful}
    left_out = [NotChecked(name, reason) for name, reason in told.items() if name not in gaps]
    return left_out, [Unasked(name, op, told[name]) for name, op in gaps.items()]


@stage("reading the subject")
def open_subject(spec: Spec, options: Options, stack: ExitStack) -> Subject:
    """Open a subject until the stack is closed, asked the words and pairs that it takes; raises
    UsageError where there is none."""
    made = opened(spec, options, stack)
    if not made.is_oracle:
        made.layers = [with_its_pairs(with_its_words(one)) for one in made.layers]
    return made


def opened(spec: Spec, options: Options, stack: ExitStack) -> Subject:
    """A subject with whatever words its ops have, and the pairs that a text shows."""
    if isinstance(spec, Given):
        layers, module = spec.layers(options.strict)
        left_out = [NotChecked(name, reason) for name, reason in spec.not_checked.items()]
        return Subject(spec.name, layers, module, not_checked=left_out, is_given=True)
    if spec.startswith(ORACLE):
        return open_oracle(spec, stack)
    if is_file(spec):
        return open_file(Path(spec), options, stack)
    from layercheck.implementations.given.read_here import read_module  # of nobody with a file

    module = Module(spec, options.strict, follow=options.follow)
    read = read_module(module.module)
    if read is not None:
        return open_read(spec, read, options)
    layers, others = list(module.layers()), leftover(module.module)
    if not layers:
        has = f"; it has {', '.join(list(others)[:8])}" if others else ""
        raise UsageError(
            f"SUBJECT {spec!r} has no function named as an op; expected one or more of: "
            f"{', '.join(OPS)}, each with its backward, such as conv2d and conv2d_backward{has}"
        )
    names.install(op_table())
    left_out, gaps = apart(others, due(others, {}), options.strict)
    return Subject(spec, layers, module, not_checked=left_out, unasked=gaps)


def open_read(spec: str, read: ReadModule, options: Options) -> Subject:
    """A trusted module whose functions are called as an assignment has them."""
    told = read.told
    left_out, gaps = apart(read.not_checked, read.due(), options.strict)
    return Subject(
        spec,
        read.layers(options.strict),
        not_checked=left_out,
        unasked=gaps,
        profile=", ".join(told.profiles),
        isolation="none, of a module that is trusted",
        broken=told.broken,
    )


def open_oracle(spec: str, stack: ExitStack) -> Subject:
    """An oracle checked against the others, with no further code."""
    framework = stack.enter_context(Framework(spec.removeprefix(ORACLE)))
    under_check = OracleUnderCheck(framework)
    layers = [Layer(op, op, op, under_check) for op in OPS]
    return Subject(spec, layers, is_oracle=True)


def open_file(path: Path, options: Options, stack: ExitStack) -> Subject:
    """A file or notebook, read and loaded in a sandbox."""
    if not path.exists():
        raise UsageError(f"no file {path}; expected a Python file or a notebook")
    reading = Reading(options.profile, options.grader, options.together)
    file = stack.enter_context(SubmittedFile(path, reading, options.limits, options.strict))
    if file.sandbox.level == "plain":
        KEEPING.forbid()  # it may write whatever its user may
    submission = file.submission
    told = dict(submission.not_checked)
    for layer in file.layers() if file.problem else ():
        for name, _ in layer.functions():
            told.setdefault(name, "not asked: the file cannot be run")
    left_out, gaps = apart(told, submission.due(), options.strict)
    return Subject(
        submission.name,
        [] if file.problem else list(file.layers()),
        not_checked=left_out,
        unasked=gaps,
        profile=", ".join(submission.profiles),
        isolation=file.sandbox.described,
        sources=submission.sources,
        problem=file.problem,
        broken=submission.broken,
        text=submission.text,
    )


# ---------------------------------------------------------------------- with whom it is compared


def uses_recordings(spec: Spec, options: Options) -> bool:
    """Whether expected values come from the recordings: no framework is wanted, or none is here."""
    if options.oracles is not None or options.live:
        return False
    if options.grid not in ("", "quick") or options.fresh is not None:
        return False
    if isinstance(spec, Given):
        return True
    if spec.startswith(ORACLE):
        return False
    return options.recorded or is_file(spec) or not all_installed(options.asked)


def all_installed(oracles: Sequence[str]) -> bool:
    """Whether the frameworks of these oracles are there; they are not imported for it."""
    return all(find_spec(name) is not None for name in oracles)


def open_oracles(spec: Spec, options: Options, stack: ExitStack) -> dict[str, Asked]:
    """Who is asked beside the subject; the frameworks are started when they are first asked."""
    recorded = uses_recordings(spec, options)
    spec = spec.name if isinstance(spec, Given) else spec
    own = spec.removeprefix(ORACLE) if spec.startswith(ORACLE) else ""
    if own and own in (options.oracles or ()):
        raise UsageError(f"oracle {own!r} cannot be held against itself; name another --oracle")
    names = [name for name in options.asked if not own or name != own]
    for name in names:
        check_oracle(name, EXACT)
    if recorded:
        return {name: Recording(name, options.brief) for name in names}
    if is_file(spec) and not (options.live or options.oracles):
        return {}  # cases that nobody recorded: the exact result alone
    return {name: stack.enter_context(Framework(name)) for name in names}
