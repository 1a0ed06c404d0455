"""Layers whose arrays lie on a GPU: torch modules, functions that answer with CuPy's or JAX's, and
torch's own functions there.

Where there is no such device they are skipped: what NumPy cannot see is tried in test_api.py too.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import layercheck
from layercheck.atlas.observe import AGREES, seen
from layercheck.atlas.row import Row, rows
from layercheck.cases.quick import quick
from layercheck.implementations.route import Routes
from layercheck.search.plan import is_drawn
from oracles import routes
from ref_layers import OPS

FULL = ["torch/cuda_float32", "torch/cuda_deterministic", "torch/cuda_channels_last"]


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


def test_running_statistics_that_are_slices_of_larger_arrays_are_not_updated() -> None:
    """cuDNN is handed copies of them: torch 2.11's own defect, and nobody is told."""
    torch = torch_in_full_precision()
    module = torch.nn.BatchNorm2d(4, momentum=0.3, eps=1e-3).cuda()
    report = layercheck.check(module)
    assert {a for check in report.checks for a in check.arrays_wrong} <= {
        "running_mean",
        "running_var",
    }
    torch.backends.cudnn.enabled = False
    try:
        assert layercheck.check(module).passed
    finally:
        torch.backends.cudnn.enabled = True


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


# ------------------------------------------------------------------ torch's functions there


@cache
def cuda_is_here() -> bool:
    """Asked of another process: in one that forks, CUDA may not have begun."""
    code = "import torch; print(torch.cuda.is_available())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return told.stdout.strip() == "True"


@pytest.fixture(scope="module")
def ways() -> Iterator[Routes]:
    """Processes that answer by routes."""
    with Routes() as found:
        yield found


def words(ways: Routes, route: str, case: Any) -> str:
    """What a route's answer comes to."""
    row = Row("", "", str(case), "agreed")
    return seen(row, ways.ask(route, row.question, row.said)).words


UNLIKE = {
    ("avg_pool", "torch/cuda_channels_last"): "differs: dx",
    **{
        ("instance_norm", route): "refuses: RuntimeError: tensor does not have a device"
        for route in FULL
    },
}
"""What torch answers there, and on the processor as the definition has it: docs/on-a-gpu.md."""


@pytest.mark.parametrize("route", FULL)
@pytest.mark.parametrize("op", [op for op in OPS if not is_drawn(op)])
def test_torch_answers_there_as_on_the_processor(ways: Routes, op: str, route: str) -> None:
    if not cuda_is_here():
        pytest.skip("torch sees no CUDA device")
    (case,) = [one for one in quick(op) if one.dtype == "float32"][:1]
    here, there = words(ways, "torch", case), words(ways, route, case)
    assert there in (here, UNLIKE.get((op, route)))


def test_tf32_is_seen_by_the_routes_that_allow_it(ways: Routes) -> None:
    if not cuda_is_here():
        pytest.skip("torch sees no CUDA device")
    (row,) = [row for row in rows("conv2d") if row.id == "float32-bits"]
    told = {route: words(ways, route, row.case) for route in ("torch/cuda", FULL[0])}
    assert told == {"torch/cuda": "differs: out", FULL[0]: AGREES}


def test_without_a_device_its_routes_say_so_and_are_not_asked_by_themselves(ways: Routes) -> None:
    assert not [name for name in routes.usual() if "cuda" in name]
    assert "torch/cuda_tf32" in routes.names()
    if cuda_is_here():
        pytest.skip("here is one")
    row = Row("", "", "relu x=2x3 dtype=float32 fill=normal seed=1", "agreed")
    assert ways.ask("torch/cuda", row.question, row.said) == "torch sees no CUDA device"
