"""Layers whose arrays lie on a GPU: torch modules, and functions that answer with CuPy's or JAX's.

Where there is no such device they are skipped: what NumPy cannot see is tried in test_api.py too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import layercheck


def on_cuda(name: str) -> Any:
    """A library that has a CUDA device; skips where there is none."""
    library = pytest.importorskip(name)
    is_jax = name == "jax"
    there = library.default_backend() == "gpu" if is_jax else library.cuda.is_available()
    if not there:
        pytest.skip(f"{name} sees no CUDA device")
    return library


def torch_in_full_precision() -> Any:
    """torch with a CUDA device, whose convolutions neither round their factors to ten bits nor add
    in another order at each call."""
    torch = on_cuda("torch")
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    return torch


@pytest.mark.parametrize(
    "make",
    [
        lambda nn: nn.Linear(5, 4),
        lambda nn: nn.Conv2d(4, 6, 3, stride=2, padding=1),
        lambda nn: nn.ConvTranspose2d(4, 6, 3, stride=2),
        lambda nn: nn.BatchNorm2d(4, momentum=0.3, eps=1e-3),
        lambda nn: nn.GroupNorm(2, 6),
        lambda nn: nn.LayerNorm(5),
        lambda nn: nn.MaxPool2d(3, stride=2),
        lambda nn: nn.AvgPool2d(2),
        lambda nn: nn.Softmax(dim=1),
        lambda nn: nn.GELU(),
    ],
)
def test_modules_of_torch_are_right_in_full_precision(make: Callable[[Any], Any]) -> None:
    torch = torch_in_full_precision()
    report = layercheck.check(make(torch.nn).cuda())
    assert report.passed, report.text()


def test_a_doubled_weight_gradient_is_named() -> None:
    torch = torch_in_full_precision()

    class Doubled(torch.nn.Conv2d):  # type: ignore[name-defined,misc]
        def forward(self, x: Any) -> Any:
            """The weight counts twice in the gradient, and once in the value."""
            return self._conv_forward(x, 2 * self.weight - self.weight.detach(), self.bias)

    report = layercheck.check(Doubled(4, 6, 3).cuda())
    assert {array for check in report.checks for array in check.arrays_wrong} == {"dw"}


def test_the_digits_of_tf32_are_told() -> None:
    """A float32 product whose factors are rounded to eleven bits, as cuBLAS does where it may."""
    torch = torch_in_full_precision()
    if torch.cuda.get_device_capability()[0] < 8:
        pytest.skip("this device has no TF32")
    module = torch.nn.Linear(64, 48).cuda()
    assert layercheck.check(module, dtype="float32").passed
    torch.backends.cuda.matmul.allow_tf32 = True
    (check,) = layercheck.check(module, dtype="float32").checks
    assert any("rounded to 11 bits (TF32, float16)" in d.text for d in check.diagnoses)


@pytest.mark.parametrize(("name", "numpy"), [("cupy", "cupy"), ("jax", "jax.numpy")])
def test_answers_may_lie_on_the_device(name: str, numpy: str) -> None:
    on_cuda(name)
    xp = importlib.import_module(numpy)

    def forward(x: Any) -> Any:
        return xp.maximum(xp.asarray(x), 0), x

    def backward(dout: Any, x: Any) -> Any:
        return xp.asarray(dout) * (xp.asarray(x) > 0)

    def leaking(dout: Any, x: Any) -> Any:
        return xp.asarray(dout) * (xp.asarray(x) > -0.1)

    dtype = "float32" if name == "jax" else ""  # JAX has no float64 unless it is asked for it
    assert layercheck.check(relu=forward, relu_backward=backward, dtype=dtype).passed
    report = layercheck.check(relu=forward, relu_backward=leaking, dtype=dtype)
    assert {array for check in report.checks for array in check.arrays_wrong} == {"dx"}
    assert isinstance(forward(np.ones(2))[0], xp.ndarray)
