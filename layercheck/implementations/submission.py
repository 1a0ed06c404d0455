"""The functions of somebody else's file, asked in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from layercheck.cases.case import Case
from layercheck.processes.death import LOST, ChildDied
from layercheck.reporting.records import Part
from layercheck.submissions.profiles.due import NOT_HERE
from layercheck.submissions.profiles.target import FLAT, MATRICES, Takes, Target
from layercheck.submissions.reading import Reading, Submission, read
from layercheck.submissions.sandbox.ahead import open_sandbox
from layercheck.submissions.sandbox.sandbox import Limits, Sandbox
from oracles.oracle import Array, Omitted, Question

from .changed import changed_by
from .layer import Layer
from .promoted import cast_back
from .protocol import Answer, Failure, Refusal, Reply
from .script import Performed, Script
from .told import NO_REPLY, Told, failure_of, performed, plain_text
from .trace import Trace, trace_of

ASKED_AS = {
    MATRICES: "asked with matrices only: all axes but the last made one",
    FLAT: "asked with matrices only: all axes but the first made one",
}
"""What is told of a function that was given rows, whatever it would do with more axes: by habit."""

MOST_TOLD = 40
"""How many names a submission that runs may add to what is not checked."""


class SubmittedFile:
    """A file in its sandbox; closed with the context."""

    def __init__(
        self,
        path: Path,
        reading: Reading | None = None,
        limits: Limits | None = None,
        strict: bool = False,
    ) -> None:
        self.strict = strict
        self.sandbox = open_sandbox(limits or Limits())
        try:
            self.submission = read(path, self.sandbox, reading or Reading())
            self.problem = self.submission.problem or self._load()
        except BaseException:
            self.sandbox.close()
            raise

    def __enter__(self) -> SubmittedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()

    def layers(self) -> Iterator[Layer]:
        """A layer for every target, in the order of the file."""
        yield from layers_of(self.submission, self.sandbox, self.strict)

    def _load(self) -> str:
        """Run the file; why that failed, or an empty text."""
        try:
            reply = self.sandbox.load(self.submission.helpers)
            if "failed" in reply:
                return str(failure_of(reply["failed"]))
            more = reply["loaded"].get("more", {}).items()
            told = {plain_text(name): plain_text(text) for name, text in more}
            known = {n for t in self.submission.targets for n in (t.forward, t.backward)}
            known |= {n for n, why in self.submission.not_checked.items() if why != NOT_HERE}
            new = [(name, text) for name, text in told.items() if name not in known]
            self.submission.not_checked |= dict(new[:MOST_TOLD])
            return ""
        except ChildDied as died:
            return str(died)
        except (TypeError, AttributeError):
            return str(Failure(*NO_REPLY))


def layers_of(submission: Submission, sandbox: Sandbox, strict: bool) -> Iterator[Layer]:
    """A layer for every target of a submission, in the order of the file; sandbox: who is asked."""
    for number, target in enumerate(submission.targets):
        yield Layer(
            target.op,
            target.forward,
            target.backward,
            Submitted(submission, target, number, sandbox, strict),
            target.takes,
            target.beyond,
            target.unknown,
            target.defaults,
            submission.code,
            target.habits,
            target.own_way,
            target.narrowed,
            tuple(text for habit, text in ASKED_AS.items() if habit in target.habits),
        )


@dataclass
class Submitted:
    """One target of a submission, asked like any other implementation.

    strict: a float64 array of float32 inputs is taken as it is; else it is cast back, and that is
    noted.
    """

    submission: Submission
    target: Target
    number: int
    sandbox: Sandbox
    strict: bool = False
    dead: dict[Part, Failure] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.submission.name

    @property
    def versions(self) -> dict[str, str]:
        """It depends on nothing beside the file."""
        return {}

    def taking(self, takes: Takes) -> Submitted:
        """The same, asked the cases that these signatures express."""
        return replace(self, target=replace(self.target, takes=takes))

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """The functions' arrays, or how they failed.

        A function that crashed or ran out of time is not asked again.
        """
        if dtype == "longdouble":
            return Refusal("submissions are not asked in extended precision")
        return self._begin(case, dtype)()

    def begin(self, case: Case) -> Callable[[], Reply]:
        """The same without waiting."""
        return self._begin(case)

    def begin_bare(self, case: Case) -> Callable[[], Reply]:
        """The same with every argument left away that is at its own default."""
        return self._begin(case, bare=True)

    def _begin(
        self, case: Case, dtype: str | None = None, bare: bool = False
    ) -> Callable[[], Reply]:
        refused = self.target.takes.refuses(case.shapes, case.all_attributes, case.needs)
        if refused:
            return lambda: Refusal(f"{self.target.forward}: {refused}")
        if "forward" in self.dead:
            return lambda: Answer({}, dict(self.dead))
        question = case.question if dtype is None else case.question.astype(dtype)
        has_gradient = self._has_gradient(question)
        with_gradient = has_gradient and "backward" not in self.dead
        asked, known = self._call(question, with_gradient, bare), dict(self.dead)

        def reply() -> Reply:
            if self.dead != known:  # of an earlier question, while this one waited
                return self._begin(case, dtype, bare)()
            try:
                return self._answer(question, *asked(), has_gradient)
            except ChildDied as died:
                if died.kind == LOST:  # an earlier question ended the child: put this one again
                    return self._begin(case, dtype, bare)()
                return self._blamed(question, Failure(died.kind, died.message), has_gradient)

        return reply

    def answer_question(self, question: Question) -> Reply:
        """The same for a question that is no case's."""
        has_gradient = self._has_gradient(question)
        try:
            return self._answer(question, *self._call(question, has_gradient)(), has_gradient)
        except ChildDied as died:
            return Failure(died.kind, died.message)

    def renew(self, whole: bool = False) -> None:
        """Forget what earlier calls left in the file; whole: wherever it was left."""
        with suppress(ChildDied):
            self.sandbox.renew(whole or bool(self.submission.helpers))

    def trace(self, case: Case) -> Trace:
        """The calls that are made for a case. Raises ChildDied, UsageError where they cannot be
        told."""
        question = case.question
        dout = {"dout": question.dout} if self._has_gradient(question) else {}
        given = {**question.inputs, **dout}
        told = (self.number, question.op, question.attributes, given)
        asked = self.sandbox.call_ahead(*told, traced=True, shape=question.dout.shape)
        header, arrays = asked()
        return trace_of(header, arrays)

    def outputs(self, case: Case, question: Question) -> Array | None:
        """`out` alone, for other values; None if it fails."""
        with suppress(ChildDied):
            _, arrays = self._call(question, with_gradient=False)()
            out = arrays.get("out")
            return out if out is not None and out.shape == question.dout.shape else None
        return None

    @property
    def draws_masks(self) -> bool:
        """Whoever is given no mask draws one in a way of his own."""
        return True

    def redrawn(self, case: Case, repeats: int) -> Array | Failure:
        """`out` of so many further calls, stacked."""
        question = case.question
        asked = replace(question, attributes={**question.attributes, "repeats": repeats})
        try:
            told, arrays = self._call(asked, with_gradient=False)()
        except ChildDied as died:
            return Failure(died.kind, died.message)
        if "forward" in told.failed:
            return told.failed["forward"]
        return arrays.get("again", Failure("no array", "the outputs of several calls differ"))

    def perform(self, script: Script) -> Performed:
        """What came of each step; of a child that died, how."""
        return self.begin_script(script)()

    def begin_script(self, script: Script) -> Callable[[], Performed]:
        """The same without waiting."""
        request = {
            "target": self.number,
            "questions": [{"op": q.op, "attributes": q.attributes} for q in script.questions],
            "steps": [list(step) for step in script.steps],
            "memory": script.memory,
            "times": script.times,
            "seconds": script.seconds,
        }
        given = {
            f"{number} {name}": value
            for number, question in enumerate(script.questions)
            for name, value in {**question.inputs, "dout": question.dout}.items()
        }
        reply = self.sandbox.perform_ahead(request, given)

        def came() -> Performed:
            try:
                return performed(*reply(), len(script.steps))
            except ChildDied as died:
                if died.kind == LOST:  # an earlier question ended the child: put this one again
                    return self.perform(script)
                return Performed([], {0: Failure(died.kind, died.message)}, 0)

        return came

    def _blamed(self, question: Question, failure: Failure, has_gradient: bool) -> Answer:
        """Which function the child died of: the backward, if the forward alone answers."""
        if has_gradient:
            with suppress(ChildDied):
                told, arrays = self._call(question, with_gradient=False)()
                self.dead["backward"] = failure
                return self._answer(question, told, arrays, has_gradient)
        self.dead["forward"] = failure
        return Answer({}, dict(self.dead))

    def _call(self, question: Question, with_gradient: bool, bare: bool = False) -> Called:
        given = {**question.inputs, **({"dout": question.dout} if with_gradient else {})}
        told = (self.number, question.op, question.attributes, given)
        reply = self.sandbox.call_ahead(*told, bare, shape=question.dout.shape)

        def called() -> tuple[Told, dict[str, Array]]:
            header, arrays = reply()
            try:
                return Told.read(header["answered"], header["changed"]), arrays
            except (KeyError, TypeError, AttributeError):
                raise ChildDied(*NO_REPLY) from None

        return called

    def _answer(
        self, question: Question, told: Told, arrays: Mapping[str, Array], has_gradient: bool
    ) -> Answer:
        named: dict[str, Any] = {n: v for n, v in arrays.items() if " " not in n}
        named.update(told.lacking)
        gradients = [f"d{n}" for n in question.differentiable if n in question.inputs]
        why = "no gradient is asked here" if self.target.backward else "no backward is defined"
        named |= {} if has_gradient else dict.fromkeys(gradients, Omitted(why))
        changed = changed_by(question, arrays, told.changed)
        failures = {**told.failed, **self.dead}
        answer = Answer(named, failures, changed, told.misfits, told.notes, told.called, told.ran)
        return answer if self.strict else cast_back(answer, question)

    def _has_gradient(self, question: Question) -> bool:
        return bool(self.target.backward) and self.target.takes.has_gradient(question.attributes)


Called = Callable[[], tuple[Told, dict[str, Array]]]
"""A call that was made: what it is called for may raise ChildDied."""
