"""Frameworks in processes of their own: crashes, time-outs, refusals, known and new defects."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import framework
from layercheck.answers import Failure, Refusal
from layercheck.case import Case, parse
from layercheck.child import wire
from layercheck.defects import KnownDefect, find, known_defects
from layercheck.judge import facts, judge
from layercheck.run import check
from layercheck.subject import ModuleSubject
from layercheck.worker import Worker

from layercheck import worker
from layercheck.errors import UsageError

CASE = parse("max_pool x=1x2x5x4 kernel_size=2 seed=1")
CRASHING = parse("max_pool x=1x1x2x2 kernel_size=3 stride=1 padding=valid seed=1")


# ---------------------------------------------------------------------- a framework that dies


def test_a_crash_costs_its_case_only(tensorflow: Worker) -> None:
    """tf.nn.max_pool2d of ones(1, 2, 2, 1) with a 3x3 window kills the process."""
    before = tensorflow.starts
    died = tensorflow.ask(CRASHING)  # the reference layer rejects this case
    assert isinstance(died, Failure)
    assert died.kind == "crashed"
    assert "SIGFPE" in died.message
    answered = tensorflow.ask(CASE)
    assert isinstance(answered, dict)
    np.testing.assert_array_equal(answered["out"], facts(CASE).truth.arrays["out"])
    assert tensorflow.starts == before + 1
    known = find("tensorflow", tensorflow.versions, CRASHING, "crashed")
    assert known is not None
    assert known.id == "tensorflow-max-pool-window-larger-than-image"


def test_a_framework_that_gives_no_answer_is_ended() -> None:
    with Worker("torch", seconds=0.001) as hasty:
        try:
            hasty.start()
        except UsageError as error:
            pytest.skip(str(error))
        reply = hasty.ask(CASE)
    assert reply == Failure("timed out", "no answer within 0.001 s")


def test_a_killed_framework_is_named_by_its_signal(torch: Worker) -> None:
    process = torch._process
    assert process is not None
    process.kill()
    process.wait()
    reply = torch.ask(CASE)
    assert isinstance(reply, Failure)
    assert reply.kind == "crashed"
    assert "SIGKILL" in reply.message
    assert isinstance(torch.ask(CASE), dict)


def test_a_case_without_an_op_function_is_refused(torch: Worker) -> None:
    header, _ = worker.answer(raising, {"case": str(CASE), "dtype": None})
    assert worker.reply_of(header, {}) == Refusal("no such thing")


def raising(question: object) -> None:
    raise worker.Unsupported("no such thing")


def test_a_missing_framework_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker.oracles, "load", missing)
    sent = io.BytesIO()
    worker.serve("torch", io.BytesIO(), sent)
    sent.seek(0)
    header, _ = wire.receive(sent)
    assert "No module named 'torch'" in header["missing"]
    assert "python -m pip install 'layercheck[torch]'" in worker.missing_text("torch", "x")
    assert "layercheck[tensorflow]" in worker.missing_text("keras", "x")


def missing(name: str) -> None:
    raise ModuleNotFoundError("No module named 'torch'")


def test_exit_texts() -> None:
    assert worker.exit_text(-signal.SIGSEGV) == "SIGSEGV"
    assert worker.exit_text(3) == "exit status 3"


# ---------------------------------------------------------------------- defects


@pytest.mark.parametrize("defect", known_defects(), ids=lambda d: d.id)
def test_each_known_defect_is_seen_and_not_blamed_on_the_layer(defect: KnownDefect) -> None:
    """An entry that no longer occurs has to leave the list. Garbage from memory comes and goes: 20 tries."""
    if needs_avx512(defect) and "avx512f" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("oneDNN takes this path on processors with AVX-512 only")
    case = parse(defect.case)
    for oracle in defect.oracles:
        asked = framework(oracle)
        if defect.kind == "crashed":
            reply = asked.ask(case)
            assert isinstance(reply, Failure)
            assert find(oracle, asked.versions, case, reply.kind) == defect
            continue
        seen = [defects_of(oracle, asked, case.with_seed(seed)) for seed in range(20)]
        assert [defect.id] in seen


def needs_avx512(defect: KnownDefect) -> bool:
    return "AVX-512" in defect.reason


def defects_of(oracle: str, asked: Worker, case: Case) -> list[str | None]:
    subject = ModuleSubject("ref_layers")
    judged = judge(
        facts(case), subject, subject.answer(case), {oracle: asked.ask(case)}, {oracle: asked}
    )
    assert judged.verdict in ("exact", "rounding")
    return [found.known for found in judged.defects]


def test_a_new_defect_fails_the_run(monkeypatch: pytest.MonkeyPatch, torch: Worker) -> None:
    """The same crash without its entry in the list."""
    case = parse("group_norm x=2x6x3x4 beta=6 num_groups=3 seed=1")
    assert check("ref_layers", [case], ["torch"]).passed
    monkeypatch.setattr("layercheck.defects.known_defects", tuple)
    report = check("ref_layers", [case], ["torch"])
    assert not report.passed
    assert [d.oracle for d in report.new_defects] == ["torch"]
    assert report.checks[0].passed  # the layer itself is not blamed


@pytest.mark.parametrize(
    ("oracle", "case", "known"),
    [
        (
            "torch",
            "group_norm x=2x6x3x4 beta=6 num_groups=3 seed=1",
            "torch-group-norm-bias-without-weight",
        ),
        (
            "tensorflow",
            "leaky_relu x=2x4x6x7 dtype=float64 seed=1",
            "tensorflow-leaky-relu-float32-slope",
        ),
    ],
)
def test_a_framework_under_check_has_its_known_defects_named(
    oracle: str, case: str, known: str
) -> None:
    framework(oracle)
    fine = parse("relu x=2x4x6x7 seed=1")
    report = check(f"oracle:{oracle}", [parse(case), fine], [])
    assert [d.known for d in report.defects] == [known]
    assert report.case_verdicts == {str(parse(case)): "skipped", str(fine): "exact"}


# ---------------------------------------------------------------------- imports


PACKAGES = "import ref_layers, oracles, layercheck, reports, layercheck.cli"


@pytest.mark.parametrize(
    "framework_name", ["torch", "tensorflow", "keras", "jax", "flint", "rich", "jinja2"]
)
def test_importing_the_packages_loads_no_framework(framework_name: str) -> None:
    code = f"{PACKAGES}, sys; sys.exit({framework_name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("oracle", ["torch", "tensorflow", "keras", "torch_channels_last"])
def test_a_framework_oracle_never_imports_the_layers(oracle: str) -> None:
    framework(oracle)
    code = f"import oracles, sys; oracles.load({oracle!r}); sys.exit('ref_layers' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode
        == 0
    )


# ---------------------------------------------------------------------- the wire


def test_messages_arrive_as_they_were_sent() -> None:
    pipe = io.BytesIO()
    arrays = {
        "out": np.arange(6.0).reshape(2, 3).T,
        "n": np.int64(3),
        "none": np.zeros((0, 4), np.float32),
    }
    wire.send(pipe, {"text": "π"}, arrays)
    pipe.seek(0)
    header, got = wire.receive(pipe)
    assert header == {"text": "π"}
    for name, value in arrays.items():
        np.testing.assert_array_equal(got[name], value)
        assert got[name].shape == np.shape(value)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01", wire.LENGTH.pack(1 << 30, 0), wire.LENGTH.pack(2, 0) + b"[]",
     wire.LENGTH.pack(31, 0) + b'{"arrays": [["x","object",[1]]]}',
     wire.LENGTH.pack(32, 0) + b'{"arrays":[["x","float64",[-9]]]}',
     wire.LENGTH.pack(34, 0) + b'{"arrays":[["x","float64",[99999]]]}'],
)  # fmt: skip
def test_what_is_no_message_is_an_error(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.receive(io.BytesIO(data))
