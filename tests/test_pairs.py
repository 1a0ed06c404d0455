"""A mistake may need two conditions at once: the uses of a signature are tried two at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

from layercheck.reporting.verdict import Verdict

CONV = """
import numpy as np

def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    n, c, h, wd = x.shape
    s, d, p, f = stride, dilation, padding, w.shape[0]
    {fault}
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    span = [(k - 1) * d + 1 for k in w.shape[2:]]
    views = np.lib.stride_tricks.sliding_window_view(x, span, (2, 3))[:, :, ::s, ::s, ::d, ::d]
    grouped = views.reshape(n, groups, c // groups, *views.shape[2:])
    filters = w.reshape(groups, f // groups, c // groups, *w.shape[2:])
    out = np.einsum("ngchwij,gfcij->ngfhw", grouped, filters).reshape(n, f, *views.shape[2:4])
    return out if b is None else out + b.reshape(-1, 1, 1)
"""
GROUP_NORM = """
import numpy as np

def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05):
    x = input.astype(np.float64).reshape(len(input), num_groups, -1)
    x = (x - x.mean(2, keepdims=True)) / np.sqrt(x.var(2, keepdims=True) + eps)
    x = x.reshape(input.shape)
    {fault}
    x = x if weight is None else x * weight[:, None, None]
    x = x if bias is None else x + bias[:, None, None]
    return x.astype(input.dtype)
"""
BATCH_NORM = """
import numpy as np

def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False,
               momentum=0.1, eps=1e-5):
    shape = (1, -1, 1, 1)
    mean, var = (x.mean((0, 2, 3)), x.var((0, 2, 3))) if training else (running_mean, running_var)
    if training and running_mean is not None:
        m = x.size // x.shape[1]
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var * m / (m - 1) - running_var)
    y = (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    {fault}
    y = y if weight is None else y * weight.reshape(shape)
    return (y if bias is None else y + bias.reshape(shape)).astype(x.dtype)
"""
FAULTS = [
    (CONV, "s = 1 if d > 1 else s"),
    (CONV, "s = 1 if groups > 1 else s"),
    (CONV, "d = 1 if groups > 1 else d"),
    (CONV, "p = 0 if b is None else p"),
    (CONV, "s = 1 if b is None else s"),
    (CONV, "d = 1 if b is None else d"),
    (CONV, "x = x * (1 + (b is None) * (groups == c > 1))"),
    (CONV, "x = np.roll(x, p * (p > 1) * (s > 1) * (groups > 1), 2)"),
    (CONV, "x = x * (1 + (d > 1) * (s > 1) * (groups > 1))"),
    (CONV, "x = x * (1 + (b is None) * (x.dtype == np.float32))"),
    (GROUP_NORM, "x = x + (num_groups == 1) * (weight is None)"),
    (GROUP_NORM, "x = x + (num_groups == input.shape[1]) * (bias is None)"),
    (BATCH_NORM, "y = y + training * (running_mean is None)"),
    (BATCH_NORM, "y = y + training * (len(x) == 1)"),
    (BATCH_NORM, "y = y + (weight is None) * (running_mean is None)"),
]


@pytest.mark.parametrize("text", [CONV, GROUP_NORM, BATCH_NORM])
def test_what_is_right_in_every_pair_passes(text: str, tmp_path: Path) -> None:
    report = check_text(text.format(fault="pass"), tmp_path)
    assert report.checks
    assert not report.failing_checks


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_a_fault_of_several_conditions_is_seen(text: str, fault: str, tmp_path: Path) -> None:
    (check,) = check_text(text.format(fault=fault), tmp_path).failing_checks
    assert check.verdict in (Verdict.WRONG, Verdict.ERROR)


WRONG_SHAPE = """
import numpy as np

def max_pool2d(x, kernel_size, stride=None):
    k, s = kernel_size, stride or kernel_size
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::s, ::s]
    out = windows.max((4, 5))
    return out[:, :, :-1] if np.isposinf(x).any() else out
"""


def test_a_wrong_shape_is_not_excused_by_unusual_numbers(tmp_path: Path) -> None:
    check = check_of(check_text(WRONG_SHAPE, tmp_path), "max_pool2d")
    assert check.verdict is Verdict.ERROR
    assert check.first_wrong is not None
    assert check.first_wrong.reason.startswith("shape: ")


EPS_OUTSIDE = """
import numpy as np

def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    axes = tuple(range(-len(normalized_shape), 0))
    x = (x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + eps)
    x = x if weight is None else x * weight
    return x if bias is None else x + bias
"""


def test_a_formula_that_is_wrong_is_not_blamed_on_memory(tmp_path: Path) -> None:
    """At small eps a few cases pass, and there the probes are put."""
    report = check_text(EPS_OUTSIDE, tmp_path)
    (check,) = report.failing_checks
    assert check.verdict is Verdict.WRONG
    assert not any(comparison.probe for comparison in report.failures)
