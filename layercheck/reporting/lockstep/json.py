"""A lockstep training as JSON."""

from __future__ import annotations

import json

from ..plain import plain
from .records import LockstepReport


def render(report: LockstepReport) -> str:
    """The report as JSON text; numbers that JSON lacks are "inf" and "nan"."""
    told = {"net": report.net, "passed": report.passed, "conclusion": report.conclusion}
    return json.dumps(plain({**told, **vars(report)}), allow_nan=False, indent=1) + "\n"
