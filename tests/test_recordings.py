"""Recorded answers: what is kept of a number, and that they are still what the frameworks say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import framework, required

from layercheck.cases.parse import parse
from layercheck.cases.quick import quick
from layercheck.implementations.framework import Framework
from layercheck.implementations.protocol import Answer, Confirmed, Heard, Reply, in_full
from layercheck.implementations.recording import Recording
from layercheck.judging.defects import find
from layercheck.judging.facts import Facts, facts, recorded_facts
from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict, all_pass
from oracles import ESTABLISHED, recorded
from ref_layers import OPS

FOLDER = Path(recorded.__file__).parent / "recordings"
MOST_BYTES = 57 << 10
"""Of an op on average: 30 ops are 1.5 MB of the wheel."""


def test_recordings_fit_into_the_wheel() -> None:
    assert sum(p.stat().st_size for p in FOLDER.glob("*.npz")) <= MOST_BYTES * len(OPS)


@pytest.mark.parametrize("op", OPS)
def test_every_case_of_the_quick_grid_is_recorded_for_the_values_that_it_has(op: str) -> None:
    """The digest of the inputs is compared bit for bit."""
    assert quick(op)
    for case in quick(op):
        assert recorded.truth(str(case), case.question).arrays.keys()


@pytest.mark.parametrize("op", OPS)
def test_what_is_recorded_is_what_a_live_run_has(op: str) -> None:
    """The exact result bit for bit, where the live one is of ball arithmetic too; a framework's
    answer of the same kind, with the same arrays, each within the limit of the exact result."""
    required("flint")
    asked = {name: framework(name) for name in ESTABLISHED}
    for case in quick(op):
        live, kept = facts(case), recorded_facts(case)
        assert live.truth.arithmetic == kept.truth.arithmetic
        for name, value in live.truth.arrays.items():
            np.testing.assert_array_equal(kept.truth.arrays[name], value)
        for oracle in asked.values():
            recording = Recording(oracle.name, brief=True)
            check_answers(live, oracle, oracle.answer(case), recording.answer(case))
            check_confirmed(live, recording.begin(case)())


def check_answers(known: Facts, oracle: Framework, live: Reply, kept: Reply) -> None:
    assert type(live) is type(kept)
    if isinstance(live, Answer) and isinstance(kept, Answer):
        assert set(live.arrays) == set(kept.arrays)
        for answer in (live, kept):
            bad = [c for c in known.compare_all(oracle.name, answer) if c.verdict.fails]
            assert not bad or find(known, oracle, answer)


def check_confirmed(known: Facts, heard: Heard) -> None:
    """It is kept as confirming the exact result if and only if it does."""
    reply = in_full(heard)
    verdicts = {}
    if isinstance(reply, Answer):
        verdicts = {c.array: c.verdict for c in known.compare_all("", reply)}
    assert isinstance(heard, Confirmed) is all_pass(verdicts.values())
    if isinstance(heard, Confirmed):
        assert set(heard.exact) == {n for n, v in verdicts.items() if v is Verdict.EXACT}


def test_what_was_not_recorded_says_so() -> None:
    with pytest.raises(recorded.RecordingError, match="not recorded; use a live framework"):
        recorded_facts(parse("relu x=2x3x4x5 seed=999"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_kept_number_is_far_more_precise_than_the_dtype(dtype: str) -> None:
    x = np.random.RandomState(0).standard_normal(1000).astype(np.longdouble)
    x += np.longdouble(1e-19) * x
    error = np.abs(recorded.rounded(x, dtype) - x) / np.abs(x)
    assert error.max() <= recorded.kept(dtype)[1]
    assert recorded.kept(dtype)[1] <= np.finfo(dtype).eps / 2 / 256


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_distances_in_units_in_the_last_place_are_exact(dtype: str) -> None:
    x = np.concatenate(
        [np.random.RandomState(1).standard_normal(50), [0.0, -0.0, np.inf, -np.inf, 1e-320]]
    )
    values = x.astype(dtype)
    again = recorded.from_ordered(recorded.ordered(values), dtype)
    assert again.tobytes() == values.tobytes()  # the sign of zero too
    upwards = values[np.lexsort((~np.signbit(values), values))]  # -0.0 before 0.0
    assert (np.diff(recorded.ordered(upwards)) >= 0).all()


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_a_wrong_layer_is_held_against_every_recording_a_right_one_against_the_exact_result(
    factor: float, tmp_path: Path
) -> None:
    """What torch and TensorFlow are known to confirm, they are not asked for one by one."""
    file = tmp_path / "layer.py"
    text = f"import numpy as np\ndef sigmoid(x):\n    return {factor} / (1 + np.exp(-x))\n"
    file.write_text(text, encoding="utf-8")
    brief = check(str(file), Options(dtype="float32", brief=True))
    report = check(str(file), Options(dtype="float32"))
    assert brief.passed is report.passed is (factor == 1.0)
    every = report.summary.cases * len(ESTABLISHED)
    assert measured(report) == every
    assert measured(brief) == every if factor == 2.0 else measured(brief) < every / 4
    assert (brief.checks, brief.summary) == (report.checks, report.summary)
    assert brief.manifest.unconfirmed == report.manifest.unconfirmed == 0


def measured(report: Report) -> int:
    """How often the subject was held against a framework."""
    entries = [e for e in report.entries() if e.limit_used is not None]
    return sum(e.against in ESTABLISHED for e in entries)
