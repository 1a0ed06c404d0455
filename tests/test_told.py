"""What a child says is cut: no header makes a report of any size."""

from __future__ import annotations

from layercheck.implementations.told import Told, failure_of
from layercheck.submissions.child.failures import failure

LONG = "x" * 1_000_000


def test_every_text_of_a_child_is_cut() -> None:
    told = Told.read(
        {
            "failed": {"forward": {"kind": LONG, "message": LONG, "traceback": LONG}},
            "lacking": {"dx": {"kind": "raised", "message": LONG}},
            "misfits": {"out": LONG},
            "notes": {"forward": [LONG] * 10_000, "backward": []},
            "called": LONG,
        }
    )
    failure = told.failed["forward"]
    assert (len(failure.kind), len(failure.message)) == (60, 5000)
    assert len(told.lacking["dx"].message) == 5000
    assert [len(told.misfits["out"]), len(told.called)] == [300, 300]
    assert [len(note) for note in told.notes["forward"]] == [300] * 20


def test_a_failure_without_words_is_one() -> None:
    assert (failure_of({}).kind, failure_of({}).message) == ("raised", "")


def test_a_failure_is_told_alike_in_every_run() -> None:
    """Two objects lie in two places."""
    one, other = object(), object()
    told = [failure(ValueError(f"got {value}"))["message"] for value in (one, other)]
    assert told == ["ValueError: got <object object>"] * 2
