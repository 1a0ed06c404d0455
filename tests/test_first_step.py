"""What batch norms keep where nobody gave them anything, and numbers below every threshold."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import HOMEWORK, check_of, check_text

COURSE = (HOMEWORK / "layers.py").read_text(encoding="utf-8")
MEAN = 'bn_param.get("running_mean", np.zeros(size, dtype=x.dtype))'
VARIANCE = 'bn_param.get("running_var", np.zeros(size, dtype=x.dtype))'
MOVED = 'bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean'
WRONG = {
    "a mean of ones": (MEAN, MEAN.replace("zeros", "ones")),
    "a variance of halves": (VARIANCE, VARIANCE.replace("np.zeros(size", "0.5 * np.ones(size")),
    "the batch's mean first": (MEAN, 'bn_param.get("running_mean", x.mean(axis=0))'),
    "kept if it was given": (MOVED, f'if "running_mean" in bn_param:\n        {MOVED}'),
}


def changed(right: str, wrong: str) -> str:
    assert COURSE.count(right) == 1
    return COURSE.replace(right, wrong)


@pytest.mark.parametrize(("right", "wrong"), WRONG.values(), ids=WRONG)
def test_what_the_first_step_of_training_begins_with_is_asked(
    right: str, wrong: str, tmp_path: Path
) -> None:
    report = check_text(changed(right, wrong), tmp_path, ops=("batch_norm_1d",))
    check = check_of(report, "batchnorm_forward")
    assert not check.passed
    assert check.first_wrong is not None
    assert check.first_wrong.probe == "first-step"


def test_a_variance_that_begins_as_torchs_is_told_and_passes(tmp_path: Path) -> None:
    text = changed(VARIANCE, VARIANCE.replace("zeros", "ones"))
    check = check_of(check_text(text, tmp_path, ops=("batch_norm_1d",)), "batchnorm_forward")
    assert check.passed
    assert "running_var begins at 1, as torch's does" in check.note
    right = check_of(check_text(COURSE, tmp_path, ops=("batch_norm_1d",)), "batchnorm_forward")
    assert right.passed
    assert "begins" not in right.note


THRESHOLDS = {
    "of an output beside a bias": (
        "return flat @ w + b, (x, w)",
        "out = flat @ w + b\n    out[np.abs(out) < 1e-9] = 0\n    return out, (x, w)",
        "affine_forward",
    ),
    "of what comes back": (
        "flat.T @ dout, dout.sum(axis=0)",
        "flat.T @ np.where(np.abs(dout) < 1e-9, 0, dout), dout.sum(axis=0)",
        "affine_backward",
    ),
    "of a gradient": (
        "flat.T @ dout, dout.sum(axis=0)",
        "flat.T @ dout, dout.sum(axis=0) * (np.abs(dout.sum(axis=0)) > 1e-9)",
        "affine_backward",
    ),
    "of a norm's gradient": (
        "return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)",
        "small = np.abs(dout) < 1e-9\n    return dx, (dout * xhat).sum(axis=0), "
        "np.where(small, 0, dout).sum(axis=0)",
        "layernorm_backward",
    ),
}


@pytest.mark.parametrize(("right", "wrong", "function"), THRESHOLDS.values(), ids=THRESHOLDS)
def test_no_threshold_lies_below_the_numbers_that_are_asked(
    right: str, wrong: str, function: str, tmp_path: Path
) -> None:
    op = "layer_norm" if "norm" in function else "affine"
    check = check_of(check_text(changed(right, wrong), tmp_path, ops=(op,)), function)
    assert not check.passed
    assert check.first_wrong is not None
    assert check.first_wrong.probe in ("zeros", "")  # a dout of zeros may be asked as a case
