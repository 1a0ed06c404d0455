"""What the course's functions do to the dictionary of settings, and without a seed in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import HOMEWORK, check_text, failing

from layercheck.reporting.verdict import Verdict

POOL = """
import numpy as np


def max_pool_forward_naive(x, pool_param):
    kh, kw, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    views = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::s, ::s]
    FORWARD
    return views.max(axis=(-1, -2)), (x, dict(pool_param), pool_param)


def max_pool_backward_naive(dout, cache):
    x, own, pool_param = cache
    kh, kw, s = (own[k] for k in ("pool_height", "pool_width", "stride"))
    BACKWARD
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * s : i * s + kh, j * s : j * s + kw]
        u, v = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * s + u, j * s + v] += dout[n, c, i, j]
    return dx
"""
CHANGES = {
    "one is gone": ("pool_param.pop('stride')", "pass", "stride is gone"),
    "another value": ("pool_param['pool_width'] += 1", "pass", "pool_width was "),
    "another kind": ("pool_param['stride'] = (s, s)", "pass", "stride was "),
    "by backward": ("pass", "pool_param['stride'] = s + 1", "stride was "),
}


@pytest.mark.parametrize(("forward", "backward", "told"), CHANGES.values(), ids=CHANGES)
def test_settings_that_are_changed_are_told_by_name(
    forward: str, backward: str, told: str, tmp_path: Path
) -> None:
    text = POOL.replace("FORWARD", forward)
    report = check_text(text.replace("BACKWARD", backward), tmp_path)
    name = f"max_pool_{'forward' if backward == 'pass' else 'backward'}_naive"
    assert failing(report)[name] is Verdict.ERROR
    assert any(f"changes the settings it is given: {told}" in one.reason for one in report.failures)


def test_settings_may_be_added_to(tmp_path: Path) -> None:
    text = POOL.replace("FORWARD", "pool_param.setdefault('note', 1)").replace("BACKWARD", "pass")
    assert not check_text(text, tmp_path).failing_checks


DROPOUT = """
import numpy as np


def dropout_forward(x, dropout_param):
    \"\"\"p: the probability of keeping a number.\"\"\"
    p, mode = dropout_param["p"], dropout_param["mode"]
    SEED
    mask = (np.random.rand(*x.shape) < p) / p if mode == "train" else np.ones(x.shape)
    return (x * mask).astype(x.dtype), mask


def dropout_backward(dout, cache):
    return (dout * cache).astype(dout.dtype)
"""
SEEDS = {
    "needed": "np.random.seed(dropout_param['seed'])",
    "a default": "np.random.seed(dropout_param.get('seed', 0))",
    "of the shape": "np.random.seed(dropout_param.get('seed', x.size))",
}


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_a_seed_that_nobody_gave_is_seen(seed: str, tmp_path: Path) -> None:
    report = check_text(DROPOUT.replace("SEED", seed), tmp_path)
    assert failing(report) == {"dropout_forward": Verdict.ERROR}
    assert {one.first_wrong.probe for one in report.failing_checks if one.first_wrong} == {
        "unseeded"
    }


@pytest.mark.parametrize("seed", ["dropout_param.get('seed')", "dropout_param.get('seed', None)"])
def test_a_seed_of_none_draws_anew(seed: str, tmp_path: Path) -> None:
    report = check_text(DROPOUT.replace("SEED", f"np.random.seed({seed})"), tmp_path)
    assert not report.failing_checks


def test_the_homework_keeps_to_its_settings(tmp_path: Path) -> None:
    assert not check_text((HOMEWORK / "layers.py").read_text(), tmp_path).failing_checks
