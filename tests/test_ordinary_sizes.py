"""Objects of frameworks meet images, batches and modes as people use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import required

import layercheck

Holds = Callable[[Any, Any], bool]


def is_square(x: Any, layer: Any) -> bool:
    return x.ndim == 4 and x.shape[2] == x.shape[3]


def is_one(x: Any, layer: Any) -> bool:
    return x.shape[0] == 1


def is_several(x: Any, layer: Any) -> bool:
    return x.shape[0] > 4


def is_large(x: Any, layer: Any) -> bool:
    return min(x.shape[2:]) > 11


def is_long(x: Any, layer: Any) -> bool:
    return max(x.shape[2:]) > 32


def is_one_outside(x: Any, layer: Any) -> bool:
    return is_one(x, layer) and not layer.training


def doubled(kind: type, holds: Holds) -> type:
    """The same module, wrong for some shapes alone."""
    forward = kind.forward  # type: ignore[attr-defined]
    own = {"forward": lambda self, x: forward(self, x) * (2 if holds(x, self) else 1)}
    return type(kind.__name__, (kind,), own)


@pytest.mark.parametrize(
    ("kind", "given", "op", "holds"),
    [
        ("Conv2d", (6, 4, 3), "conv2d", is_square),
        ("Conv2d", (3, 8, 3), "conv2d", is_square),
        ("Conv2d", (6, 4, 3), "conv2d", is_large),
        ("Conv2d", (3, 5, 7, 2), "conv2d", is_square),
        ("Conv2d", (6, 4, 3), "conv2d", is_long),
        ("ConvTranspose2d", (6, 4, 3), "conv2d_transpose", is_square),
        ("BatchNorm2d", (6,), "batch_norm", is_square),
        ("BatchNorm2d", (6,), "batch_norm", is_one),
        ("BatchNorm2d", (6,), "batch_norm", is_one_outside),
        ("BatchNorm1d", (6,), "batch_norm_1d", is_one_outside),
        ("Softmax", (1,), "softmax", is_one),
        ("Linear", (3, 4), "affine", is_several),
        ("MaxPool2d", (2,), "max_pool", is_large),
    ],
)
def test_a_mistake_at_ordinary_sizes_is_found(
    kind: str, given: tuple[int, ...], op: str, holds: Holds
) -> None:
    nn = required("torch").nn
    made = doubled(getattr(nn, kind), holds)(*given)
    report = layercheck.check(
        made, ops=op, grid="standard" if kind == "Linear" else "", oracles="exact"
    )
    assert not report.passed
    assert report.checks[0].verdict == "wrong"


@pytest.mark.parametrize(
    ("kind", "given", "op"),
    [
        ("Conv2D", (4, 3), "conv2d"),
        ("Dense", (4,), "affine"),
        ("BatchNormalization", (), "batch_norm"),
        ("BatchNormalization", (), "batch_norm_1d"),
    ],
)
def test_so_are_those_of_keras(kind: str, given: tuple[int, ...], op: str) -> None:
    required("tensorflow")
    layers = required("keras").layers
    usual = getattr(layers, kind)

    def call(self: Any, x: Any, training: bool = False) -> Any:
        more = {"training": training} if kind == "BatchNormalization" else {}
        odd = x.shape[1] == x.shape[2] if kind == "Conv2D" else x.shape[0] > 4
        odd = x.shape[0] == 1 if kind == "BatchNormalization" else odd
        return usual.call(self, x, **more) * (2.0 if odd else 1.0)

    assert layercheck.check(usual(*given), ops=op, oracles="exact").passed
    report = layercheck.check(type(kind, (usual,), {"call": call})(*given), ops=op, oracles="exact")
    assert report.checks[0].verdict == "wrong"


def test_an_object_is_asked_a_moderate_number_of_cases() -> None:
    nn = required("torch").nn
    for made, op in ((nn.Conv2d(6, 4, 3), "conv2d"), (nn.BatchNorm2d(6), "batch_norm")):
        (check,) = layercheck.check(made, ops=op, oracles="exact").checks
        assert check.passed
        assert 24 < check.cases <= 40


def test_a_kernel_with_holes_is_given_larger_images() -> None:
    nn = required("torch").nn
    (check,) = layercheck.check(nn.Conv2d(3, 5, 5, dilation=3), oracles="exact").checks
    assert check.passed
    assert check.cases >= 8


@pytest.mark.parametrize("built_for", [(2, 6), (2, 5, 6)])
def test_a_layer_of_keras_is_asked_as_many_axes_as_it_is_built_for(
    built_for: tuple[int, ...],
) -> None:
    required("tensorflow")
    layer = required("keras").layers.BatchNormalization()
    layer.build(built_for)
    assert layercheck.check(layer, ops="batch_norm_1d", oracles="exact").passed
