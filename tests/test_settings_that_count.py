"""Right functions and objects of frameworks are judged by what they are, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import required

import layercheck
from layercheck.errors import UsageError


@pytest.mark.parametrize(
    ("op", "name"),
    [("batch_norm", "batch_norm"), ("instance_norm", "instance_norm"), ("dropout", "dropout")],
)
def test_functions_of_torch_are_asked(op: str, name: str) -> None:
    function = getattr(required("torch").nn.functional, name)
    assert layercheck.check(function, ops=op, oracles="exact").passed


@pytest.mark.parametrize(
    ("op", "name", "lacking"),
    [
        ("layer_norm", "layer_norm", "normalized_shape"),
        ("rms_norm", "rms_norm", "normalized_shape"),
        ("pad", "pad", "pad"),
        ("global_avg_pool", "adaptive_avg_pool2d", "output_size"),
    ],
)
def test_what_has_to_be_given_more_is_refused(op: str, name: str, lacking: str) -> None:
    function = getattr(required("torch").nn.functional, name)
    with pytest.raises(UsageError, match=f"has to be given {lacking}; {op} says nothing of that"):
        layercheck.check(function, ops=op, oracles="exact")


def test_a_function_with_that_in_it_passes() -> None:
    functional = required("torch").nn.functional

    def layer_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
        return functional.layer_norm(x, x.shape[-1:], gamma, beta, eps)

    assert layercheck.check(layer_norm, oracles="exact", where="gamma and beta").passed


@pytest.mark.parametrize(
    ("make", "op", "told"),
    [
        (
            lambda nn: nn.InstanceNorm2d(4, track_running_stats=True),
            "instance_norm",
            r"expected InstanceNorm2d\(track_running_stats=False\)",
        ),
        (
            lambda nn: nn.AdaptiveAvgPool2d(2),
            "global_avg_pool",
            r"expected AdaptiveAvgPool2d\(output_size=1\)",
        ),
        (lambda nn: nn.AdaptiveAvgPool2d((1, None)), "global_avg_pool", "output_size=1"),
        (lambda nn: nn.RMSNorm(6), "rms_norm", r"RMSNorm\(eps=1e-06\)"),
    ],
)
def test_a_setting_that_no_attribute_is_for_is_refused(make: Any, op: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        layercheck.check(make(required("torch").nn), ops=op, oracles="exact")


@pytest.mark.parametrize(
    ("make", "op"),
    [
        (lambda nn: nn.AdaptiveAvgPool2d((1, 1)), "global_avg_pool"),
        (lambda nn: nn.InstanceNorm2d(4), "instance_norm"),
        (lambda nn: nn.LayerNorm(6, elementwise_affine=False), "layer_norm"),
        (lambda nn: nn.BatchNorm2d(4, affine=False, track_running_stats=False), "batch_norm"),
        (lambda nn: nn.RMSNorm(6, eps=1e-6), "rms_norm"),
        (lambda nn: nn.ReLU(inplace=True), "relu"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_settings_that_make_it_the_op_are_asked(make: Any, op: str) -> None:
    assert layercheck.check(make(required("torch").nn), ops=op, oracles="exact").passed


def test_so_it_is_with_keras() -> None:
    required("tensorflow")
    layers = required("keras").layers
    told = r"got ReLU\(max_value=6\), which relu has no attribute for; expected ReLU\(max_value=No"
    with pytest.raises(UsageError, match=told):
        layercheck.check(layers.ReLU(max_value=6), oracles="exact")
    assert layercheck.check(layers.ReLU(), oracles="exact").passed
