"""Each probe sees what nothing else does, in every way to be called, and blames no right layer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from probed import HEAD, MODULES, RIGHT, WRONG
from submitted import check_of, check_text, layercheck

from layercheck.diagnosis.steps.lasting import SHOWN
from layercheck.pipeline.options import Options
from layercheck.pipeline.probes import run, table, ways
from layercheck.pipeline.probes.names import PROBES
from layercheck.pipeline.probes.repeats import CALLS
from layercheck.pipeline.run import check
from layercheck.reporting.records import Comparison
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict


def seen(report: Report) -> set[str]:
    """Which probes made functions fail."""
    return {check.first_wrong.probe for check in report.failing_checks if check.first_wrong}


def failure(report: Report) -> Comparison:
    (one,) = {check.first_wrong for check in report.failing_checks}
    assert one is not None
    return one


@pytest.mark.parametrize(("source", "probe"), WRONG.values(), ids=WRONG)
def test_one_probe_alone_sees_it(source: str, probe: str, tmp_path: Path) -> None:
    report = check_text(source, tmp_path)
    assert seen(report) == {probe}
    one = failure(report)
    assert one.verdict is Verdict.ERROR
    assert one.reason.startswith(f"{PROBES[probe]}: ")
    (why,) = {(d.text, d.hint) for check in report.failing_checks for d in check.diagnoses}
    assert why == SHOWN[probe]


def test_a_function_that_adds_to_what_it_kept_is_told_so(tmp_path: Path) -> None:
    """With both answers, as they came."""
    adds = (
        "    KEPT['n'] = KEPT.get('n', 0) + 1\n    return np.maximum(x, 0) * KEPT['n'], {'x': x}\n"
    )
    report = check_text(f"{HEAD}\n\ndef relu_forward(x):\n{adds}", tmp_path)
    assert re.search(r"two answers: out at \[0, \d\] [\d.]+, then [\d.]+$", failure(report).reason)
    (check,) = report.failing_checks
    assert [d.text for d in check.diagnoses] == ["The same inputs give another answer each time."]


def test_a_view_that_is_overwritten_is_seen(tmp_path: Path) -> None:
    """`ascontiguousarray` gives the caller's own array where that lies so already."""
    text = f"{HEAD}\n\ndef relu_forward(x):\n    y = np.ascontiguousarray(x.T)\n"
    text += (
        "    y = y.copy() if x.flags.c_contiguous else y\n    y[y < 0] = 0\n    return y.T, y.T\n"
    )
    text += "\n\ndef relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
    report = check_text(text, tmp_path)
    assert seen(report) == {"transposed"}
    assert "changed its input: x" in failure(report).reason


REFUSALS = {
    "not implemented": "raise NotImplementedError",
    "not asked": "raise sys.modules['layercheck.submissions.profiles.call'].NotAsked('no object')",
    "not understood": "raise sys.modules['layercheck.submissions.profiles.call'].NotUnderstood('x')",
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_who_says_that_it_cannot_be_asked_so_is_not_believed(refusal: str, tmp_path: Path) -> None:
    """Of a layer that answers everything else: a backward that knows the last forward alone."""
    text = f"import sys\n{HEAD}\n\ndef relu_forward(x):\n    KEPT['last'] = x\n"
    text += "    return np.maximum(x, 0), x\n\n\ndef relu_backward(dout, cache):\n"
    text += f"    if cache is not KEPT['last']:\n        {refusal}\n    return dout * (cache > 0)\n"
    report = check_text(text, tmp_path)
    assert seen(report) == {"interleaved"}
    assert failure(report).verdict is Verdict.ERROR


def test_every_probe_has_its_words() -> None:
    assert SHOWN.keys() == {*PROBES, "in proportion"}


@pytest.mark.parametrize(("source", "probe"), WRONG.values(), ids=WRONG)
def test_without_the_probe_it_passes(
    source: str, probe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [one for one in table.ALL if probe not in (one.name, one.beyond)]
    monkeypatch.setattr(run, "ALL", left)
    assert not check_text(source, tmp_path).failing_checks


@pytest.mark.parametrize("probe", MODULES)
def test_a_module_is_probed_alike(
    probe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"probed_by_{probe}"
    (tmp_path / f"{name}.py").write_text(MODULES[probe])
    monkeypatch.syspath_prepend(str(tmp_path))
    report = check(name, Options(oracles=("exact",), grid="quick", ops=("relu",)))
    assert seen(report) == {probe}


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
def test_what_may_be_kept_is_no_fault(source: str, tmp_path: Path) -> None:
    report = check_text(source, tmp_path)
    assert not report.failing_checks
    assert report.checks


def test_gradients_that_add_up_and_a_cache_that_is_used_up_are_told(tmp_path: Path) -> None:
    report = check_text(RIGHT["gradients that add up until they are cleared"], tmp_path)
    assert "adds to the gradients of the first" in check_of(report, "Dense.backward").note
    report = check_text(RIGHT["a cache that is worked on in place, once"], tmp_path)
    assert "IndexError: pop from empty list" in check_of(report, "relu_backward").note


def test_every_probe_has_a_name_and_a_layer_that_it_sees_through() -> None:
    assert [one.name for one in table.ALL] == list(PROBES)
    of_frameworks = {p.name for p in table.ALL if getattr(p.ask, "__module__", "") == ways.__name__}
    assert of_frameworks  # see test_ways_of_frameworks.py
    assert {probe for _, probe in WRONG.values()} == set(PROBES) - of_frameworks


def test_a_fault_in_one_of_fifty_calls_stays_hidden_in_less_than_one_of_a_hundred_runs() -> None:
    assert (1 - 1 / 50) ** CALLS < 0.01


@pytest.mark.parametrize(
    "delay",
    ["sum(range(2_000_000))", "time.sleep(0.06)"],  # which takes hardly any processor time
    ids=["computes", "waits"],
)
def test_a_slow_function_is_repeated_less_often_and_that_is_told(
    delay: str, tmp_path: Path
) -> None:
    slow = f"    {delay}\n    return np.maximum(x, 0), x\n"
    source = f"import time\n{HEAD}\ndef relu(x):\n{slow}\ndef relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
    report = check_text(source, tmp_path)
    assert not report.failing_checks
    assert "times in a row only" in check_of(report, "relu").note


def test_a_layer_that_ends_its_process_when_it_is_asked_twice_is_told(tmp_path: Path) -> None:
    backward = (
        "    cache['n'] = cache.get('n', 0) + 1\n    if cache['n'] > 1:\n        os._exit(3)\n"
    )
    source = (
        f"import os\n{HEAD}\ndef relu_forward(x):\n    return np.maximum(x, 0), {{'x': x}}\n"
        f"\ndef relu_backward(dout, cache):\n{backward}    return dout * (cache['x'] > 0)\n"
    )
    report = check_text(source, tmp_path)
    assert seen(report) == {"twice"}
    assert "exited" in failure(report).reason


# ---------------------------------------------------------------------- replay


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "kept.py"
    path.write_text(WRONG["cs231n, interleaved"][0])
    return path


def replayed(path: Path, case: str, *more: str) -> Any:
    return layercheck("replay", case, str(path), *more)


def test_the_replay_line_names_the_probe_and_shows_what_came_out(kept: Path) -> None:
    said = layercheck("check", str(kept)).stdout
    (line,) = (line.strip() for line in said.splitlines() if "layercheck replay" in line)
    assert line.endswith("--probe interleaved")
    case = line.split('"')[1]
    assert replayed(kept, case).returncode == 0
    shown = replayed(kept, case, "--probe", "interleaved")
    assert shown.returncode == 1
    assert "probe interleaved dx, backward after 3 other forwards" in shown.stdout
    assert "calls interleaved: backward after 3 other forwards: dx is not" in shown.stdout
    assert replayed(kept, case, "--probe", "twice").returncode == 0


def test_an_unknown_probe_is_refused_with_those_that_there_are(kept: Path) -> None:
    said = replayed(kept, "relu x=3x4", "--probe", "thrice")
    assert said.returncode == 2
    assert "interleaved" in said.stderr


@pytest.mark.parametrize("kind", ["file", "module"])
def test_a_dout_that_is_overwritten_is_a_convention_and_no_probes_affair(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "overwriting_dout.py"
    path.write_text(
        "import numpy as np\ndef relu(x):\n    return np.maximum(x, 0), x\n"
        "def relu_backward(dout, cache):\n    dout[cache <= 0] = 0\n    return dout\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    report = check(str(path) if kind == "file" else "overwriting_dout", Options())
    verdicts = {one.target: str(one.verdict) for one in report.checks}
    assert verdicts["relu_backward"] == "convention"
