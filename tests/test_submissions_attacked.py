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


GROUPS = [ATTACKS[start : start + 8] for start in range(0, len(ATTACKS), 8)]


@pytest.mark.slow
@pytest.mark.parametrize("paths", GROUPS, ids=lambda paths: " ".join(p.stem for p in paths))
def test_no_attack_passes_and_the_next_submission_is_judged_normally(
    paths: list[Path], tmp_path: Path
) -> None:
    """What an attack leaves in its sandbox, tests/test_isolation.py looks at after each."""
    honest = {path.stem: "Expected: right" in path.read_text() for path in paths}  # odd, but right
    assert {path.stem: passes(path, honest[path.stem]) for path in paths} == honest
    told = {c.target: c.verdict for c in check_text(HONEST, tmp_path, ops=("relu",)).checks}
    assert told == {"relu_forward": "exact", "relu_backward": "exact"}


def passes(path: Path, honest: bool) -> bool:
    """Whether a file passes."""
    if path.stem == "raises_at_import":  # it defines nothing that could be checked
        with pytest.raises(UsageError, match="defines no function"):
            check_file(path, Options())
        return False
    return check_file(path, Options(limits=Limits() if honest else SHORT)).passed


def test_there_are_at_least_thirty_attacks() -> None:
    assert len(ATTACKS) >= 30
