"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import framework

ROOT = Path(__file__).parents[1]
SMALL = ["--op", "conv2d", "--where", "stride > 1 and groups == 1 and N == 1"]


def layercheck(
    *arguments: str, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "layercheck", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_a_check_of_the_reference_layers_passes(tmp_path: Path) -> None:
    framework("torch")
    run = layercheck("check", "ref_layers", "--oracle", "torch", *SMALL, "--out", str(tmp_path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "passed: " in run.stdout
    assert "cases (conv2d)" in run.stderr  # plain lines where there is no terminal
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["summary"]["passed"]
    assert report["manifest"]["unconfirmed"] == 0
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_two_jobs_give_the_same_report(tmp_path: Path) -> None:
    reports = []
    for jobs in ("1", "2"):
        file = tmp_path / f"{jobs}.json"
        layercheck(
            "check", "ref_layers", "--oracle", "exact", *SMALL, "--jobs", jobs, "--json", str(file)
        )
        reports.append(json.loads(file.read_text()))
    assert reports[0] == reports[1]


def test_an_oracle_can_be_checked_against_another(tmp_path: Path) -> None:
    framework("torch"), framework("tensorflow")
    run = layercheck("check", "oracle:torch", "--oracle", "tensorflow", *SMALL, "--quiet")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("passed: ")


def test_replay_prints_inputs_answers_and_comparisons() -> None:
    case = "max_pool x=1x2x3x4 kernel_size=2 stride=1 seed=3"
    run = layercheck("replay", case, "--oracle", "exact")
    assert run.returncode == 0, run.stderr
    for told in (
        "input x (1, 2, 3, 4) float32",
        "exact dx",
        "ref_layers out",
        "verdict of ref_layers: exact",
    ):
        assert told in run.stdout


def test_ops_cases_and_defects_are_listed() -> None:
    assert "x (N, groups*c, H, W)" in layercheck("ops").stdout
    cases = layercheck("cases", "--op", "max_pool", "--dtype", "float64").stdout.splitlines()
    assert len(cases) > 100
    assert all(c.startswith("max_pool ") and "dtype=float64" in c for c in cases)
    assert "tf.nn.max_pool2d" in layercheck("defects").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["replay", "conv2d x=1x2"], "needs the shape w="),
        (["replay", "conv9d x=1x2"], "unknown op 'conv9d'"),
        (["replay", "conv2d x=1x2x4x6 w=3x2x5x3"], "larger than the padded input"),
        (["replay", "conv2d x=1x2x4x6 w=3x2x5"], "expected (F, C/groups, KH, KW)"),
        (["check", "ref_layers", "--op", "conv9d"], "unknown op 'conv9d'; expected one of"),
        (["check", "no_such_module"], "cannot be imported (ModuleNotFoundError"),
        (["check", "json"], "has no function named as an op"),
        (["check", "oracle:caffe"], "unknown oracle 'caffe'; expected one of: keras"),
        (["check", "ref_layers", "--oracle", "caffe"], "unknown oracle 'caffe'"),
        (["check", "oracle:torch", "--oracle", "torch"], "cannot be held against itself"),
        (["check", "ref_layers", "--where", "stride >"], "cannot be read"),
        (["check", "ref_layers", "--where", "stride > 99"], "no case of the standard grid fits"),
        (["check", "ref_layers", "--jobs", "0"], "--jobs"),
        (["check", "ref_layers", "--out", "/proc/no/such"], "cannot make the folder"),
        (["check", "ref_layers", "--json", "/proc"], "cannot write"),
        (["check"], "Missing argument 'SUBJECT...'"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str], told: str) -> None:
    run = layercheck(*arguments)
    assert run.returncode == 2, run.stdout + run.stderr
    assert told in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert not run.stdout


def test_a_missing_framework_is_one_clear_line(tmp_path: Path) -> None:
    """A module of that name that fails to import stands for a missing framework."""
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\")\n")
    run = layercheck(
        "check", "ref_layers", "--oracle", "torch", *SMALL, PYTHONPATH=f"{tmp_path}:{ROOT}"
    )
    assert run.returncode == 2
    assert run.stderr.strip().splitlines() == [
        "layercheck: oracle torch cannot be used here (ModuleNotFoundError: No module named 'torch'); "
        "install it with: python -m pip install 'layercheck[torch]'"
    ]


def test_interrupted_it_writes_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "layercheck", "check", "ref_layers", "--oracle", "exact", "--json", str(file)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    process.stderr.readline()  # the first tenth is done
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "partial" in out
    report = json.loads(file.read_text())
    assert report["manifest"]["partial"] is True
    assert 0 < report["manifest"]["run"] < report["manifest"]["planned"]


# ---------------------------------------------------------------------- wrong layers are caught

CHANGES = {
    "kernel flipped": (
        "conv2d.py", "filters = by_group(w, groups)  # (G, F/G, C/G*KH*KW)",
        "filters = by_group(w[:, :, ::-1, ::-1], groups)", "conv2d", "out",
    ),
    "gamma dropped": (
        "batch_norm.py", "scale_shift(xhat, per_channel(gamma, x.ndim)", "scale_shift(xhat, None",
        "batch_norm", "out",
    ),
    "dx cropped wrongly": (
        "conv2d.py", "return win.crop(dpadded), dfilters", "return dpadded[..., :win.size[0], :win.size[1]], dfilters",
        "conv2d", "dx",
    ),
    "ddof=1": (
        "normalization.py", "np.mean(centered * centered, axis=axes, keepdims=True)",
        "np.var(x, axis=axes, keepdims=True, ddof=1)", "group_norm", "out",
    ),
    "assigned in place of accumulated": (
        "max_pool.py", "win.tap(dpadded, i, j)[...] += np.where(first == tap, dout, zero)",
        "win.tap(dpadded, i, j)[...] = np.where(first == tap, dout, zero)", "max_pool", "dx",
    ),
    "zeros returned": (
        "conv2d_transpose.py", "return out if b is None else out + b.reshape(f, 1, 1), Cache(",
        "return np.zeros_like(out), Cache(", "conv2d_transpose", "out",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_wrong_copy_of_the_layers_fails_by_op_and_array(name: str, tmp_path: Path) -> None:
    file, right, wrong, op, array = CHANGES[name]
    copy_with_change("wrong_layers", tmp_path, file, right, wrong)
    run = layercheck("check", "wrong_layers", "--oracle", "exact", "--op", op, "--json", str(tmp_path / "r.json"),
                     cwd=tmp_path, PYTHONPATH=str(ROOT))  # fmt: skip
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{op} {array} is wrong" in run.stdout
    assert f'layercheck replay "{op} ' in run.stdout
    check = json.loads((tmp_path / "r.json").read_text())["checks"][0]
    assert (check["op"], check["first_wrong"]["array"], check["passed"]) == (op, array, False)


def copy_with_change(package: str, folder: Path, file: str, right: str, wrong: str) -> None:
    shutil.copytree(ROOT / "ref_layers", folder / package)
    path = folder / package / file
    text = path.read_text()
    assert text.count(right) >= 1
    path.write_text(text.replace(right, wrong, 1))


def test_a_mistake_in_the_formula_of_the_exact_result_is_caught_by_the_frameworks(
    tmp_path: Path,
) -> None:
    """The exact oracle runs the layers' own lines: a wrong line there is contradicted, not believed."""
    framework("torch")
    for package in ("oracles", "layercheck", "reports"):
        shutil.copytree(ROOT / package, tmp_path / package)
    file, right, wrong, op, array = CHANGES["kernel flipped"]
    copy_with_change("ref_layers", tmp_path, file, right, wrong)
    run = layercheck(
        "check", "ref_layers", "--oracle", "torch", *SMALL, cwd=tmp_path, PYTHONPATH=str(tmp_path)
    )
    assert run.returncode == 1, run.stdout + run.stderr
    assert "against torch" in run.stdout
    assert f"{op} {array} is wrong" in run.stdout
