"""Frameworks in processes of their own: crashes, time-outs, refusals, known and new defects."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import framework
from packaging.specifiers import SpecifierSet

import oracles
from layercheck._toml import tomllib
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.errors import UsageError
from layercheck.implementations import framework_child
from layercheck.implementations.framework import Framework, extra_of, missing_text, reply_of
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer, Failure, Refusal
from layercheck.judging import defects
from layercheck.judging.defects import KnownDefect, find, known_defects
from layercheck.judging.facts import facts
from layercheck.judging.judge import judge
from layercheck.pipeline import plan, run
from layercheck.pipeline.options import Options
from layercheck.reporting.report import Report
from oracles.oracle import Omitted

ROOT = Path(__file__).parents[1]
CASE = parse("max_pool x=1x2x5x4 kernel_size=2 seed=1")
CRASHING = parse("max_pool x=1x1x2x2 kernel_size=3 stride=1 padding=valid seed=1")


def answer_of(asked: Framework, case: Case) -> Answer:
    reply = asked.answer(case)
    assert isinstance(reply, Answer), reply
    return reply


# ---------------------------------------------------------------------- a framework that dies


def test_a_crash_costs_its_case_only(
    tensorflow: Framework, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tf.nn.max_pool2d of ones(1, 2, 2, 1) with a 3x3 window kills the process."""
    (listed,) = (d for d in known_defects() if parse(d.case) == CRASHING)
    with in_environment(listed, "tensorflow", monkeypatch) as asked:
        died = asked.answer(CRASHING)  # the reference layer rejects this case
        assert isinstance(died, Failure)
        assert died.kind == "crashed"
        assert "SIGFPE" in died.message
        truth = facts(CASE).truth.arrays["out"]
        np.testing.assert_array_equal(answer_of(asked, CASE).arrays["out"], truth)
        assert asked.child.starts == 2
    assert found_at(CRASHING, asked, died) == listed


def found_at(case: Case, oracle: Framework, reply: Failure) -> KnownDefect | None:
    """The defect of a crash; the reference layer may reject the case, so it has no facts."""
    return find(replace(facts(CASE), case=case), oracle, reply)


@contextmanager
def in_environment(
    defect: KnownDefect, oracle: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Framework]:
    """The oracle where the defect shows: one of its own where that takes environment variables."""
    if not defect.environment:
        yield framework(oracle)
        return
    for name, value in defect.environment.items():
        monkeypatch.setenv(name, value)
    with Framework(oracle) as own:
        yield own


def test_a_framework_that_gives_no_answer_is_ended(torch: Framework) -> None:
    """`torch` shows that it is here; a second one gets no time."""
    with Framework("torch", seconds=0.001) as hasty:
        hasty.start()
        reply = hasty.answer(CASE)
        assert not hasty.child.running
    assert reply == Failure("timed out", "no answer within 0.001 s")


def test_a_killed_framework_is_named_by_its_signal(torch: Framework) -> None:
    torch.start()
    process = torch.child._process
    assert process is not None
    process.kill()
    process.wait()
    reply = torch.answer(CASE)
    assert isinstance(reply, Failure)
    assert reply.kind == "crashed"
    assert "SIGKILL" in reply.message
    assert isinstance(torch.answer(CASE), Answer)


def test_a_case_without_an_op_function_is_refused() -> None:
    header, arrays = framework_child.answer(raising, {"case": str(CASE), "dtype": None})
    assert reply_of(header, arrays) == Refusal("no such thing")


def raising(question: object) -> None:
    raise oracles.Unsupported("no such thing")


def test_what_an_oracle_raises_is_told_and_what_it_omits_too() -> None:
    def failing(question: object) -> None:
        raise ValueError("first line\nsecond line")

    request = {"case": str(CASE), "dtype": None}
    assert reply_of(*framework_child.answer(failing, request)) == Failure(
        "raised", "ValueError: first line"
    )
    partly = {"out": np.ones(2), "dx": Omitted("no gradient there")}
    reply = reply_of(*framework_child.answer(lambda question: partly, request))
    assert isinstance(reply, Answer)
    assert reply.arrays["dx"] == Omitted("no gradient there")
    np.testing.assert_array_equal(reply.arrays["out"], np.ones(2))


def test_a_framework_is_not_asked_for_what_it_has_not() -> None:
    assert isinstance(Framework("torch").answer(CASE, "longdouble"), Refusal)


# ---------------------------------------------------------------------- one that is not there


def test_the_child_tells_which_module_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'torch'")

    monkeypatch.setattr(framework_child.oracles, "load", missing)
    told, answering = framework_child.ready("torch")
    assert answering is None
    assert "No module named 'torch'" in told["missing"]
    text = missing_text("torch", told["missing"], told["module"])
    assert text.endswith("python -m pip install 'layercheck[torch]'")


@pytest.mark.parametrize(
    ("oracle", "module", "extra"),
    [
        ("torch", "torch", "torch"),
        ("torch_channels_last", "torch", "torch"),
        ("tensorflow", "tensorflow", "tensorflow"),
        ("keras", "tensorflow", "tensorflow"),
        ("matrix", "scipy", "sparse"),
        ("jax", "jax", "jax"),
        ("onnxruntime", "onnxruntime", "onnxruntime"),
        ("onnxruntime", "onnx", "onnxruntime"),
    ],
)
def test_a_missing_framework_is_a_usage_error(
    oracle: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The child finds a module that says what Python says where there is none."""
    text = f"raise ModuleNotFoundError(\"No module named '{module}'\", name='{module}')\n"
    (tmp_path / f"{module}.py").write_text(text)
    if module == "onnxruntime" and find_spec("onnx") is None:
        pytest.skip("of two modules that are lacking the first is told, onnx")
    monkeypatch.syspath_prepend(str(tmp_path))
    asked = Framework(oracle)
    with pytest.raises(UsageError) as told:
        asked.start()
    assert str(told.value) == (
        f"oracle {oracle} cannot be used here (ModuleNotFoundError: No module named '{module}'); "
        f"install it with: python -m pip install 'layercheck[{extra}]'"
    )
    assert not asked.child.running


@pytest.mark.parametrize(
    "module", ["torch", "tensorflow", "keras", "scipy", "jax", "onnx", "no_such", ""]
)
def test_what_to_install_is_an_extra_that_there_is(module: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extra_of(module) in project["optional-dependencies"]


def test_an_oracle_that_there_is_not_is_named_beside_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="unknown oracle 'caffe'; expected one of: jax"):
        Framework("caffe")


# ---------------------------------------------------------------------- defects


@pytest.mark.parametrize("defect", known_defects(), ids=lambda d: d.id)
def test_each_known_defect_is_seen_and_not_blamed_on_the_layer(
    defect: KnownDefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that no longer occurs has to leave the list. Garbage from memory comes and goes: 20 tries."""
    if defect.cpu and defect.cpu not in Path("/proc/cpuinfo").read_text():
        pytest.skip(f"it needs a processor with {defect.cpu}")
    case = parse(defect.case)
    for oracle in defect.oracles:
        with in_environment(defect, oracle, monkeypatch) as asked:
            asked.start()
            here = asked.versions[defect.framework]
            if not SpecifierSet(defect.versions).contains(here, prereleases=True):
                pytest.skip(f"{defect.framework} {here} is here; it is known of {defect.versions}")
            if defect.kind == "crashed":
                reply = asked.answer(case)
                assert isinstance(reply, Failure)
                assert found_at(case, asked, reply) == defect
                continue
            seen = [defects_of(asked, case.with_seed(seed)) for seed in range(20)]
            assert [defect.id] in seen


def defects_of(asked: Framework, case: Case) -> list[str | None]:
    """The defects that a case shows, all of them the framework's."""
    layers, name = Module("ref_layers"), asked.oracle
    replies = {name: asked.answer(case)}
    judged = judge(facts(case), layers, layers.answer(case), replies, {name: asked})
    assert judged.verdict in ("exact", "rounding")
    return [found.known for found in judged.defects]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`layercheck check` of these cases only."""

    def check_cases(subject: str, texts: list[str], *names: str) -> Report:
        cases = [parse(text) for text in texts]
        grid = {"standard": lambda ops: [case for case in cases if case.op in ops]}
        monkeypatch.setattr(plan, "GRIDS", grid)
        asked = {name: framework(name) for name in names}
        ops = tuple(dict.fromkeys(case.op for case in cases))
        return run.check(subject, Options(grid="standard", ops=ops, oracles=names), asked)

    return check_cases


BIAS_ALONE = "group_norm x=2x6x3x4 beta=6 num_groups=3 seed=1"
"""torch crashes or answers nonsense there: its weight is missing."""


def test_a_new_defect_fails_the_run(check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same crash without its entry in the list."""
    report = check("ref_layers", [BIAS_ALONE], "torch")
    assert report.passed
    assert [d.known for d in report.defects] == ["torch-group-norm-bias-without-weight"]
    monkeypatch.setattr(defects, "known_defects", tuple)
    report = check("ref_layers", [BIAS_ALONE], "torch")
    assert not report.passed
    assert [d.oracle for d in report.new_defects] == ["torch"]
    assert all(one.passed for one in report.checks)  # the layer itself is not blamed


@pytest.mark.parametrize(
    ("oracle", "case", "known"),
    [
        ("torch", BIAS_ALONE, "torch-group-norm-bias-without-weight"),
        (
            "tensorflow",
            "leaky_relu x=2x4x6x7 dtype=float64 seed=1",
            "tensorflow-leaky-relu-float32-slope",
        ),
    ],
)
def test_a_framework_under_check_has_its_known_defects_named(
    oracle: str, case: str, known: str, check: Any
) -> None:
    framework(oracle)
    fine = "relu x=2x4x6x7 seed=1"
    report = check(f"oracle:{oracle}", [case, fine])
    assert [d.known for d in report.defects] == [known]
    verdicts = dict(zip(report.cases.text, report.cases.verdict, strict=True))
    assert verdicts == {str(parse(case)): "skipped", str(parse(fine)): "exact"}
    assert all(f"({known})" in reason for reason in report.manifest.skipped)


# ---------------------------------------------------------------------- imports

PACKAGES = "import ref_layers, oracles, layercheck, layercheck.cli, layercheck.pipeline.run"


@pytest.mark.parametrize(
    "framework_name",
    ["torch", "tensorflow", "keras", "jax", "onnx", "onnxruntime", "flint", "rich", "jinja2"],
)
def test_importing_the_packages_loads_no_framework(framework_name: str) -> None:
    code = f"{PACKAGES}, sys; sys.exit({framework_name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("oracle", [name for name in oracles.names() if name != "matrix"])
def test_a_framework_oracle_never_imports_the_layers(oracle: str) -> None:
    framework(oracle)
    code = f"import oracles, sys; oracles.load({oracle!r}); sys.exit('ref_layers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0
