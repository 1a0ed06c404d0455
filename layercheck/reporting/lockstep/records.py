"""What a lockstep training found."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Departure:
    """Where a training left the limit first: step, array, and the others that left with it."""

    step: int
    tensor: str
    divergence: float
    limit: float
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        also = f"; with it {', '.join(self.also)}" if self.also else ""
        return (
            f"step {self.step}, {self.tensor}: {self.divergence:.2g} from the truth, "
            f"limit {self.limit:.2g}{also}"
        )


@dataclass
class LockstepReport:
    """A lockstep training.

    departures: by training, where it left its limits, or None · limits: by array, one a step ·
    divergences: by training and array, the largest error of an element, one a step · largest: by
    array, the largest true element.
    """

    net: str
    settings: dict[str, Any]
    environment: dict[str, str]
    departures: dict[str, Departure | None] = field(default_factory=dict)
    limits: dict[str, list[float]] = field(default_factory=dict)
    divergences: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    largest: dict[str, float] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.limits["loss"])

    @property
    def passed(self) -> bool:
        """Whether all stayed within their limits."""
        return not any(self.departures.values())

    @property
    def silent(self) -> list[str]:
        """Arrays that were never larger than their limit: comparing them shows nothing."""
        return [name for name, size in self.largest.items() if size <= self.limits[name][-1]]

    @property
    def conclusion(self) -> str:
        """What came out, in a sentence or two."""
        left = {who: d for who, d in self.departures.items() if d is not None}
        others = [who for who in self.departures if who != "numpy"]
        if not left:
            told = f"{' and '.join(['numpy', *others])} stayed in lockstep for {self.steps} steps."
            zero = f" Within rounding of 0, so not compared: {', '.join(self.silent)}."
            return told + (zero if self.silent else "")
        told = " ".join(f"{who} left first at {d}." for who, d in left.items())
        if "numpy" not in left and others and all(who in left for who in others):
            agree = "All frameworks contradict" if len(others) > 1 else f"{others[0]} contradicts"
            told += f" {agree} the NumPy net: look for the mistake there."
        return told

    def share(self, who: str, name: str) -> tuple[float, int]:
        """The largest share of the limit that a training used, and at which step."""
        pairs = zip(self.divergences[who][name], self.limits[name], strict=True)
        shares = [0.0 if d == 0 else d / limit if limit else math.inf for d, limit in pairs]
        worst = max(range(len(shares)), key=shares.__getitem__)
        return shares[worst], worst
