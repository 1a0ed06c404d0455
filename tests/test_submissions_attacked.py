"""No file in tests/attacks passes, and the next file is judged as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import ATTACKS, HONEST, check_text

from layercheck.errors import UsageError
from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.submissions.sandbox.limits import Limits

SHORT = Limits(call_seconds=2.0, total_seconds=10.0)
"""For what cannot pass anyway."""


@pytest.mark.slow
@pytest.mark.parametrize("path", ATTACKS, ids=lambda p: p.stem)
def test_no_attack_passes_and_the_next_submission_is_judged_normally(
    path: Path, tmp_path: Path
) -> None:
    honest = "Expected: right" in path.read_text()  # odd, but its numbers are right
    if path.stem == "raises_at_import":  # it defines nothing that could be checked
        with pytest.raises(UsageError, match="defines no function"):
            check_file(path, Options())
    else:
        limits = Limits() if honest else SHORT
        assert check_file(path, Options(limits=limits)).passed is honest
    told = {c.target: c.verdict for c in check_text(HONEST, tmp_path, ops=("relu",)).checks}
    assert told == {"relu_forward": "exact", "relu_backward": "exact"}


def test_there_are_at_least_thirty_attacks() -> None:
    assert len(ATTACKS) >= 30
