"""Calls of one target in a given order: some of one forward's cache, or of one object.

The same in a sandbox's child and in this process, so that it imports nothing but the profiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, process_time  # bound before their code may put others there
from typing import Any

import numpy as np

from .call import Answer, AsksAgain, Call, HasState, KeepsGradients, NotAsked, Session
from .memory import READ_ONLY, laid
from .views import Array, holds_still

MOST_WAITED = 4
"""How many times as long by the clock repeated calls may take as they have of the processor."""

Step = tuple[str, int, int]
"""What is asked, of which session, and which question it gets.

`forward`: a session is opened · `shared`: the same, with one dictionary of settings for all ·
`unseeded`: the same of its own, and no seed is given ·
`overwritten`: one is opened anew, with the very arrays that it had, which hold that question's
numbers now ·
`again`: the object of a session is asked another question · `renewed`: the same, with that
question's parameters · `backward` · `gradients`: what the last backward returned, or its object
keeps, as it is now · `out`: what the last forward returned, as it is now · `first`:
what the first one did ·
`state`: running statistics.
"""


@dataclass(frozen=True)
class Put:
    """A question to be put: its call, of which every session gets a copy, and dout."""

    call: Call
    dout: Array | None


@dataclass
class Done:
    """times: how often all steps were made · steps: the arrays of each by name; of several times
    one below the other · failed: how a step failed, after which none was made.
    """

    times: int = 0
    steps: list[dict[str, Any]] = field(default_factory=list)
    failed: dict[int, Any] = field(default_factory=dict)
    changed: dict[int, list[str]] = field(default_factory=dict)
    """The inputs that a step overwrote, by its number."""


class Sessions:
    """The sessions by number. In a further turn they are asked from the start, with the same
    arrays: that a forward leaves its inputs as they are was seen before."""

    def __init__(self, open_session: Callable[[Call], Session], puts: Sequence[Put]) -> None:
        self.open_session, self.puts = open_session, puts
        self.sessions: dict[int, Session] = {}
        self.opened: dict[int, int] = {}
        self.returned: dict[int, Answer] = {}
        self.first: dict[int, Answer] = {}
        self.gradients: dict[int, Answer] = {}
        self.settings: dict[str, Any] = {}
        self.calls: dict[int, Call] = {}

    def make(self, step: Step) -> Answer:
        """What one step gives."""
        ask, number, question = step
        if ask in ("forward", "shared", "unseeded"):
            return self.forward(ask, number, question)
        if ask == "overwritten":
            return self.overwritten(number, question)
        if ask in ("again", "renewed"):
            return self.again(ask, number, question)
        if ask == "backward":
            return self.backward(number, question)
        return self.as_it_is(ask, number)

    def forward(self, ask: str, number: int, question: int) -> Answer:
        """A forward of a session of its own."""
        if self.opened.get(number) != question:
            call = self.puts[question].call.with_copies()
            call.shared = self.settings if ask == "shared" else None
            call.unseeded = ask == "unseeded"
            self.sessions[number] = self.open_session(call)
            self.opened[number], self.calls[number] = question, call
        self.returned[number] = self.first[number] = self.sessions[number].forward()
        return self.returned[number]

    def again(self, ask: str, number: int, question: int) -> Answer:
        """A forward of the object that a session has."""
        session = self.sessions[number]
        if not isinstance(session, AsksAgain):
            raise NotAsked("it is no object that can be asked twice")
        call = self.puts[question].call.with_copies()
        self.returned[number] = session.again(call, ask == "renewed")
        return self.returned[number]

    def backward(self, number: int, question: int) -> Answer:
        """A backward with a question's cotangent."""
        put = self.puts[question]
        assert put.dout is not None
        form = "" if put.call.memory == READ_ONLY else put.call.memory  # dout may be written to
        self.gradients[number] = self.sessions[number].backward(laid(put.dout, form))
        return self.gradients[number]

    def as_it_is(self, ask: str, number: int) -> Answer:
        """What a session returned or keeps, as it is now."""
        session = self.sessions[number]
        if ask == "state":
            return session.state() if isinstance(session, HasState) else {}
        if ask == "gradients":
            kept = session.kept() if isinstance(session, KeepsGradients) else {}
            return {**self.gradients[number], **kept}
        return self.first[number] if ask == "first" else self.returned[number]

    def overwritten(self, number: int, question: int) -> Answer:
        """A forward with the arrays of a session, which hold another question's numbers now."""
        for name, value in self.puts[question].call.inputs.items():
            np.copyto(self.calls[number].inputs[name], value)
        self.sessions[number] = self.open_session(self.calls[number])
        self.opened[number] = question
        return self.sessions[number].forward()

    def changed(self, step: Step) -> list[str]:
        """The inputs of a session that no longer hold what was put in; a running statistic may
        move."""
        ask, number, _ = step
        if ask not in ("forward", "shared", "unseeded", "backward") or number not in self.calls:
            return []
        call, given = self.calls[number], self.puts[self.opened[number]].call.inputs
        call.settle()
        kept = (name for name in given if not name.startswith("running"))
        return [n for n in kept if not holds_still(call.inputs[n], given[n])]


def perform(
    sessions: Sessions,
    steps: Sequence[Step],
    times: int,
    seconds: float,
    taken: Callable[[Answer], Mapping[str, Array]],
    told: Callable[[BaseException], Any],
) -> Done:
    """Make all steps, so many times or as often as the seconds of processor time allow, or some
    times as many by the clock.

    taken: copies of what a step gave · told: how a step failed.
    """
    done, until, latest = Done(), process_time() + seconds, monotonic() + MOST_WAITED * seconds
    turns: list[list[Mapping[str, Array]]] = []
    while done.times < times and (not turns or (process_time() < until and monotonic() < latest)):
        turns.append([])
        for number, step in enumerate(steps):
            try:
                turns[-1].append(taken(sessions.make(step)))
                if done.times == 0 and (changed := sessions.changed(step)):
                    done.changed[number] = changed
            except BaseException as error:  # what is asked raises what it likes
                done.failed[number] = told(error)
                error.__traceback__ = None
                break
        if done.failed:
            break
        done.times += 1
    if times == 1:
        done.steps = [dict(arrays) for arrays in turns[0]]
    else:
        done.steps = [joined([turn[n] for turn in turns[: done.times]]) for n in range(len(steps))]
    return done


def joined(turns: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """The arrays of one step in all turns, one below the other; those that are always alike in
    shape and dtype."""
    first = turns[0] if turns else {}
    found = {}
    for name, one in first.items():
        values = [turn[name] for turn in turns if name in turn]
        alike = all(v.shape == one.shape and v.dtype == one.dtype for v in values)
        if alike and len(values) == len(turns):
            buffer = b"".join([value.tobytes() for value in values])
            found[name] = np.frombuffer(buffer, one.dtype).reshape(len(values), *one.shape)
    return found
