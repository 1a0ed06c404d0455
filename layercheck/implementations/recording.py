"""Recorded answers in the place of a running framework."""

from __future__ import annotations

from dataclasses import dataclass

from layercheck.cases.case import Case
from oracles import recorded
from oracles.oracle import Unsupported

from .protocol import Answer, Failure, Refusal, Reply


@dataclass(frozen=True)
class Recording:
    """What an oracle answered to the quick grid; asked like a running framework."""

    oracle: str

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

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """The recorded answer; nothing is recorded in higher precision."""
        if dtype is not None:
            return Refusal(f"{self.oracle} was not recorded in {dtype}")
        try:
            return Answer(recorded.answer(self.oracle, str(case), case.question))
        except recorded.RecordingError:
            return Refusal(f"{self.oracle} was not recorded at this case")
        except Unsupported as refused:
            return Refusal(str(refused))
        except recorded.FailedAsRecorded as failed:
            return Failure(*failed.args)
