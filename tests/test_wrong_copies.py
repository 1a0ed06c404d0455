"""A copy of the layers with one line changed is caught, by op and array."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from command_line import ROOT, SMALL, layercheck
from conftest import framework

CHANGES = {
    "kernel flipped": (
        "conv2d.py", "filters = by_group(w, groups)  # (G, F/G, C/G*KH*KW)",
        "filters = by_group(w[:, :, ::-1, ::-1], groups)", "conv2d", "out",
    ),
    "gamma dropped": (
        "batch_norm.py", "batch_axes(x), eps, scale, shift)", "batch_axes(x), eps, None, shift)",
        "batch_norm", "out",
    ),
    "dx cropped wrongly": (
        "windows.py", "slab[..., inside, self.middle]\n\n", "slab[..., inside, : self.size[1]]\n\n",
        "conv2d", "dx",
    ),
    "ddof=1": (
        "normalization.py", "np.mean(centered * centered, axis=axes, keepdims=True)",
        "np.var(x, axis=axes, keepdims=True, ddof=1)", "group_norm", "out",
    ),
    "assigned in place of accumulated": (
        "max_pool.py", "np.add.at(whole[some].reshape(-1), place.reshape(-1), ",
        "np.put(whole[some].reshape(-1), place.reshape(-1), ", "max_pool", "dx",
    ),
    "zeros returned": (
        "conv2d_transpose.py", "return out, Cache(",
        "return np.zeros_like(out), Cache(", "conv2d_transpose", "out",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_wrong_copy_of_the_layers_fails_by_op_and_array(name: str, tmp_path: Path) -> None:
    file, right, wrong, op, array = CHANGES[name]
    copy_with_change("wrong_layers", tmp_path, file, right, wrong)
    run = layercheck("check", "wrong_layers", "--oracle", "exact", "--op", op, "--json", str(tmp_path / "r.json"),
                     cwd=tmp_path, PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")  # fmt: skip
    assert run.returncode == 1, run.stdout + run.stderr
    function = op if array == "out" else f"{op}_backward"
    assert f"{function} {array} is wrong" in run.stdout
    assert f'layercheck replay "{op} ' in run.stdout
    checks = json.loads((tmp_path / "r.json").read_text())["checks"]
    check = next(check for check in checks if check["target"] == function)
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
    for package in ("oracles", "layercheck"):
        shutil.copytree(ROOT / package, tmp_path / package)
    file, right, wrong, op, _ = CHANGES["kernel flipped"]
    copy_with_change("ref_layers", tmp_path, file, right, wrong)
    run = layercheck(
        "check", "ref_layers", "--oracle", "torch", *SMALL, cwd=tmp_path, PYTHONPATH=str(tmp_path)
    )
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"FAILED: {op} contradicted" in run.stdout


@pytest.mark.parametrize(
    ("options", "status", "result"),
    [([], 1, "FAILED: batch_norm inaccurate"), (["--allow", "inaccurate"], 0, "passed")],
)
def test_a_verdict_that_is_allowed_passes_in_status_and_report(
    options: list[str], status: int, result: str, tmp_path: Path
) -> None:
    """A variance in one pass: right in float64, unstable in float32."""
    right = "np.mean(centered * centered, axis=axes, keepdims=True)"
    wrong = "np.mean(x * x, axis=axes, keepdims=True) - mean * mean"
    copy_with_change("one_pass", tmp_path, "normalization.py", right, wrong)
    file = tmp_path / "r.json"
    chosen = [
        "--oracle",
        "exact",
        "--op",
        "batch_norm",
        "--where",
        "training and fill == 'offset'",
    ]
    run = layercheck("check", "one_pass", *chosen, *options, "--json", str(file),
                     cwd=tmp_path, PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")  # fmt: skip
    assert run.returncode == status, run.stdout + run.stderr
    assert result in run.stdout
    report = json.loads(file.read_text())
    assert report["summary"]["verdicts"]["inaccurate"] > 0
    assert ("inaccurate" in report["manifest"]["passing"]) is bool(options)
    assert bool(report["failures"]) is not bool(options)
