"""What a layer object makes of a second step, a second image and new weights."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import BATCH_NORM, check_of, check_text

from layercheck.reporting.verdict import Verdict

LINEAR = """
import numpy as np

class Linear:
    def __init__(self, in_features, out_features):
        self.W = np.random.randn(in_features, out_features)
        self.b = np.zeros(out_features)
        self.turned = None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        {turn}
        self.dW, self.db = self.x.T @ dout, dout.sum(0)
        return dout @ self.turned
"""
POOL = """
import numpy as np

class MaxPool2d:
    def __init__(self, kernel_size, stride):
        self.k, self.s, self.size = kernel_size, stride, None

    def forward(self, x):
        size = tuple((n - self.k) // self.s + 1 for n in x.shape[2:])
        {size}
        views = np.lib.stride_tricks.sliding_window_view(x, (self.k, self.k), (2, 3))
        return views[:, :, :: self.s, :: self.s][:, :, : size[0], : size[1]].max((4, 5))
"""
ONE_SIZE = """
import numpy as np

class MaxPool2d:
    def __init__(self, input_shape, kernel_size, stride):
        self.k, self.s = kernel_size, stride
        self.size = tuple((n - kernel_size) // stride + 1 for n in input_shape[1:])

    def forward(self, x):
        views = np.lib.stride_tricks.sliding_window_view(x, (self.k, self.k), (2, 3))
        return views[:, :, :: self.s, :: self.s][:, :, : self.size[0], : self.size[1]].max((4, 5))
"""
SEEN = "self.turned = self.W.T.copy() if self.turned is None else self.turned"
FIRST = "self.size = size = self.size or size"


@pytest.mark.parametrize(
    "text",
    [
        LINEAR.format(turn="self.turned = self.W.T"),
        BATCH_NORM.format(after="pass"),
        POOL.format(size="pass"),
        ONE_SIZE,
    ],
)
def test_what_is_right_in_training_passes(text: str, tmp_path: Path) -> None:
    """An object may also be made for images of one size."""
    report = check_text(text, tmp_path)
    assert report.checks
    assert not report.failing_checks


@pytest.mark.parametrize(
    ("text", "function", "told"),
    [
        (LINEAR.format(turn=SEEN), "Linear.backward", "with other parameters"),
        (BATCH_NORM.format(after="self.momentum *= 0.5"), "BatchNorm1d.forward", "running_"),
        (POOL.format(size=FIRST), "MaxPool2d.forward", "of a larger image"),
    ],
)
def test_what_goes_wrong_at_the_second_step_is_seen(
    text: str, function: str, told: str, tmp_path: Path
) -> None:
    check = check_of(check_text(text, tmp_path), function)
    assert check.verdict is Verdict.ERROR
    assert check.first_wrong is not None
    assert told in check.first_wrong.reason


MASK = """
import numpy as np

def {name}(x, p=0.5, training=True):
    if not training:
        return x, np.ones_like(x)
    mask = (np.random.rand(*x.shape) >= p) / (1 - p)
    return x * mask, mask

def {name}_backward(dout, mask):
    return dout * mask * {factor}
"""


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("name", ["dropout", "dropout_forward"])
def test_a_backwards_mask_is_what_its_forward_returned(
    name: str, factor: int, tmp_path: Path
) -> None:
    text = MASK.format(name=name, factor=factor).replace("forward_backward", "backward")
    report = check_text(text, tmp_path)
    assert bool(report.failing_checks) is (factor == 2)
    assert any("backward" in check.target for check in report.checks)


FLATTEN = """
import numpy as np

def flatten(x):
    return x.reshape(len(x), -1), x.shape

def flatten_backward(dout, cache):
    return dout.reshape(cache, order="{order}")
"""


@pytest.mark.parametrize(("order", "passes"), [("C", True), ("A", False)])
def test_an_order_of_memory_is_seen_where_axes_can_be_told_apart(
    order: str, passes: bool, tmp_path: Path
) -> None:
    check = check_of(check_text(FLATTEN.format(order=order), tmp_path), "flatten_backward")
    assert check.passed is passes


CHUNKS = """
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    flat, dw = x.reshape(len(x), -1), np.zeros_like(w)
    for i in range(0, len(x), 100):
        dw {sign} flat[i : i + 100].T @ dout[i : i + 100]
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(0)
"""


@pytest.mark.parametrize(("sign", "passes"), [("+=", True), ("=", False)])
def test_pieces_of_so_many_are_asked_for_beyond(sign: str, passes: bool, tmp_path: Path) -> None:
    check = check_of(check_text(CHUNKS.format(sign=sign), tmp_path), "affine_backward")
    assert check.passed is passes


BASE = """
import numpy as np

class Module:
    def __call__(self, *arguments):
        self.arguments = arguments
        self.out = self.forward(*arguments)
        return self.out

class Tanh(Module):
    def forward(self, x):
        return np.tanh(x)

    def backward(self, dout):
        return dout * (1 - {square})
"""


@pytest.mark.parametrize(("square", "passes"), [("self.out**2", True), ("self.out", False)])
def test_an_object_is_called_where_that_keeps_what_backward_needs(
    square: str, passes: bool, tmp_path: Path
) -> None:
    report = check_text(BASE.format(square=square), tmp_path)
    assert check_of(report, "Tanh.forward").passed
    assert check_of(report, "Tanh.backward").passed is passes
