"""Somebody else's layers under check: a homework file, a notebook.

Its functions run in a sandbox; expected values, bounds and comparison stay here. One target of its
profile is one op: a forward and mostly a backward, each judged as a check of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from oracles.oracle import Omitted
from ref_layers.op import Array

from . import profiles
from ._toml import tomllib
from .answers import Failure, Refusal, Reply
from .case import Case
from .errors import UsageError
from .isolation import Limits, Sandbox, SandboxDied
from .profiles.profile import Target
from .profiles.sources import parse


@dataclass
class Submission:
    """A file that was read and recognised, before any of its code runs.

    problem: why nothing in it can be checked (it does not parse, ...); empty if something can.
    """

    path: Path
    source: str
    profile: ModuleType
    targets: list[Target]
    problem: str = ""

    @property
    def name(self) -> str:
        """What the report calls it: the path as it was given."""
        return str(self.path)


def read(path: Path, profile_name: str | None = None) -> Submission:
    """Read a file and recognise its profile; raises UsageError where there is nothing to check."""
    source = read_source(path)
    known = profiles.profiles()
    table = declared_table(path)
    if table and profile_name in (None, "declared"):
        return read_declared(path, source, table, known["declared"])
    name = profile_name or profiles.recognise(source, path.name)
    if name not in known:
        raise UsageError(f"unknown profile {name!r}; expected one of: {', '.join(known)}")
    profile = known[name]
    try:
        tree = parse(source, path.name)
    except SyntaxError as error:
        return Submission(path, source, profile, [], str(error))
    return Submission(path, source, profile, profile.targets(tree, source))


def declared_table(path: Path) -> dict[str, Any]:
    """The `[tool.layercheck]` table of a pyproject.toml beside the file; empty if there is none."""
    file = path.parent / "pyproject.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    return dict(data.get("tool", {}).get("layercheck", {}))


def read_declared(
    path: Path, source: str, table: Mapping[str, Any], profile: ModuleType
) -> Submission:
    try:
        targets = profile.from_table(table, parse(source, path.name))
    except SyntaxError as error:
        return Submission(path, source, profile, [], str(error))
    except ValueError as error:
        raise UsageError(f"{path.parent / 'pyproject.toml'}: {error}") from None
    return Submission(path, source, profile, targets)


def read_source(path: Path) -> str:
    try:
        if path.suffix == ".ipynb":
            from .profiles.notebooks import source_of

            return source_of(path)
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read {path}: {error}; expected a Python file or notebook"
        ) from None


@dataclass
class SubmissionSubject:
    """One target of a submission, asked like any other implementation."""

    submission: Submission
    target: Target
    sandbox: Sandbox
    dead: Failure | None = None
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.submission.name

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """The functions' arrays, or how they failed.

        After a crash or time-out they are not asked again.
        """
        refused = self.target.refuses(case.shapes, case.all_attributes)
        if refused:
            return Refusal(refused)
        if dtype == "longdouble":
            return Refusal("submissions are not asked in extended precision")
        if self.dead is not None:
            return self.dead
        question = case.question if dtype is None else case.question.astype(dtype)
        arrays = dict(question.inputs)
        if self.target.has_gradient(question.attributes):
            arrays["dout"] = question.dout
        return self._reply(case, self._call(question.attributes, arrays))

    def forward(self, case: Case, inputs: Mapping[str, Array]) -> Array | None:
        """`out` alone, for other inputs; None if it fails."""
        reply = self._call(case.all_attributes, dict(inputs))
        out = None if isinstance(reply, Failure) else reply[1].get("out")
        return out if out is not None and out.shape == case.out_shape else None

    def _call(
        self, attributes: Mapping[str, Any], arrays: dict[str, Array]
    ) -> tuple[dict[str, Any], dict[str, Array]] | Failure:
        target = asdict(self.target)
        try:
            return self.sandbox.call(target, self.target.op, dict(attributes), arrays)
        except SandboxDied as died:
            self.dead = Failure(died.kind, died.message)
            return self.dead

    def _reply(
        self, case: Case, result: tuple[dict[str, Any], dict[str, Array]] | Failure
    ) -> Reply:
        if isinstance(result, Failure):
            return result
        header, arrays = result
        answered, failed = header.get("answered", {}), header.get("failed")
        self.notes.update(dict.fromkeys(answered.get("notes", ())))
        if answered.get("changed"):
            return Failure("changed its inputs", ", ".join(answered["changed"]))
        reply: dict[str, Any] = dict(arrays)
        if failed and failed.get("stage") != "backward":
            return failure_of(failed)
        gradients = case.spec.gradients(case.inputs)
        if failed:
            reply.update(dict.fromkeys(gradients, failure_of(failed)))
        elif not self.target.has_gradient(case.all_attributes):
            reply.update((name, Omitted("no backward is defined here")) for name in gradients)
        return reply


def failure_of(failed: Mapping[str, Any]) -> Failure:
    trace = failed.get("traceback", "")
    message = failed.get("message", "")
    return Failure(failed.get("kind", "raised"), f"{message}\n{trace}".strip())


# ---------------------------------------------------------------------- state between calls


def changes_its_mind(
    subject: SubmissionSubject, cases: Sequence[Case], replies: Mapping[str, Reply]
) -> Iterator[tuple[Case, Failure]]:
    """Ask again in another order, with fresh buffers: the cases that get other bits."""
    again = list(cases)
    random.Random(len(again)).shuffle(again)
    for case in again:
        first, second = replies[str(case)], subject.answer(case)
        if isinstance(first, dict) and not same(first, second):
            yield case, Failure("differs between two calls", "the same inputs gave two answers")


def same(first: Mapping[str, Any], second: Reply) -> bool:
    if not isinstance(second, dict) or first.keys() != second.keys():
        return False
    return all(same_value(value, second[name]) for name, value in first.items())


def same_value(a: Any, b: Any) -> bool:
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return type(a) is type(b)
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


# ---------------------------------------------------------------------- whose gradient it is


STEP = 2.0**-17
"""About u**(1/3): where a central difference's truncation and rounding are alike in float64."""

MOST_ELEMENTS = 300


def is_gradient_of_own_forward(
    subject: SubmissionSubject, case: Case, array: str, reply: Reply
) -> bool | None:
    """Whether a gradient is the derivative of the submission's own forward; None: cannot tell.

    Central differences of sum(out * dout) at two step sizes, in float64; what they differ by, and
    their rounding error, is the tolerance.
    """
    question = case.question.astype("float64")
    name = array.removeprefix("d")
    got = reply.get(array) if isinstance(reply, dict) else None
    x = question.inputs.get(name)
    if (
        x is None
        or not isinstance(got, np.ndarray)
        or got.shape != x.shape
        or x.size > MOST_ELEMENTS
    ):
        return None

    def difference(place: Any, step: float) -> tuple[float, float] | None:
        moved = []
        for sign in (1, -1):
            changed = x.copy()
            changed[place] += sign * step
            out = subject.forward(case, {**question.inputs, name: changed})
            if out is None:
                return None
            moved.append(out.astype(np.float64) * question.dout)
        slope = (moved[0].sum() - moved[1].sum()) / (2 * step)
        rounding = 2.0**-53 * moved[0].size * np.abs(moved[0]).sum() / step
        return float(slope), float(rounding)

    for place in np.ndindex(*x.shape):
        near, far = difference(place, STEP), difference(place, 2 * STEP)
        if near is None or far is None:
            return None
        if abs(near[0] - float(got[place])) > abs(near[0] - far[0]) + near[1]:
            return False
    return True


def open_sandbox(submission: Submission, limits: Limits | None = None) -> Sandbox:
    """A sandbox with the submission loaded; raises SandboxDied if it does not load."""
    sandbox = Sandbox(limits or Limits())
    sandbox.load(submission.path.name, submission.source, submission.profile.NAME)
    return sandbox
