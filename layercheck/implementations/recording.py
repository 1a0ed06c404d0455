"""Recorded answers in the place of a running framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from layercheck.cases.case import Case
from oracles import recorded
from oracles.oracle import Unsupported

from .protocol import Answer, Confirmed, Failure, Heard, Refusal, Reply


@dataclass(frozen=True)
class Recording:
    """What an oracle answered to the quick grid; asked like a running framework.

    brief: that it confirms the exact result is enough, where it is known to.
    """

    oracle: str
    brief: bool = False

    @property
    def name(self) -> str:
        """`torch`."""
        return self.oracle

    @property
    def versions(self) -> dict[str, str]:
        """Of the framework that was recorded."""
        known = recorded.versions()
        return {name: known[name] for name in (self.oracle,) if name in known}

    def start(self) -> None:
        """There is nothing to start."""

    def stop(self) -> None:
        """There is nothing to stop."""

    def begin(self, case: Case) -> Callable[[], Heard]:
        """The same as `answer`; in brief, arrays that confirm the exact result are not read before
        somebody needs them."""
        return partial(self.heard, case)

    def heard(self, case: Case) -> Heard:
        """What it says of the exact result."""
        confirmed = recorded.confirmed(self.oracle, case.op, str(case)) if self.brief else None
        if confirmed is None:
            return self.answer(case)
        return Confirmed(*confirmed, partial(self.read, case))

    def read(self, case: Case) -> Answer:
        """The arrays; raises RecordingError where they were recorded for other values."""
        return Answer(recorded.answer(self.oracle, str(case), case.question))

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """The recorded answer; nothing is recorded in higher precision."""
        if dtype is not None:
            return Refusal(f"{self.oracle} was not recorded in {dtype}")
        try:
            return self.read(case)
        except recorded.RecordingError:
            return Refusal(f"{self.oracle} was not recorded at this case")
        except Unsupported as refused:
            return Refusal(str(refused))
        except recorded.FailedAsRecorded as failed:
            return Failure(*failed.args)
