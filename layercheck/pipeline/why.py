"""What is known of why a function fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from layercheck.reporting.records import Diagnosis

if TYPE_CHECKING:
    from layercheck.reporting.picture.record import Picture


@dataclass
class Why:
    """diagnoses · smallest: the smallest case that fails alike · picture: of that case · answers:
    which wrong numbers it gives, as a fingerprint."""

    diagnoses: list[Diagnosis] = field(default_factory=list)
    smallest: str = ""
    picture: Picture | None = None
    answers: str = ""
