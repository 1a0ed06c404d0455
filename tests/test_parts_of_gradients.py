"""A gradient that is right but for one of its parts, or a product of other arrays, is told so; and
so is a border of other numbers than zeros."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from layercheck.reporting.records import Diagnosis
from layercheck.upkeep.diagnosed import diagnoses, in_style
from ref_layers import OPS

AXES = {"batch_norm": (0, 2, 3), "instance_norm": (2, 3)}
Weight = Callable[[int, Any], Any]

PATHS: dict[str, tuple[str, Mapping[str, Weight], str]] = {
    "half missing": (
        "batch_norm",
        {"through": lambda n, std: 2},
        "its path through the variance counts 2 times",
    ),
    "power": (
        "batch_norm",
        {"through": lambda n, std: std},
        "its path through the variance counts std^1 times, where std is sqrt(var + eps)",
    ),
    "mean of one less": (
        "instance_norm",
        {"mean": lambda n, std: n / (n - 1) if n > 1 else 1},
        "its path through the mean counts (H*W / (H*W - 1)) times",
    ),
    "by nothing that has a name": (
        "instance_norm",
        {"mean": lambda n, std: 1.37},
        "its path through the mean counts by another factor than 1",
    ),
    "means for sums": (
        "instance_norm",
        {"mean": lambda n, std: 1 / n, "through": lambda n, std: 1 / n},
        "its paths through the mean and the variance each count 1/H*W times",
    ),
    "not divided": (
        "batch_norm",
        {"direct": lambda n, std: std},
        "its direct path counts std^1 times, where std is sqrt(var + eps)",
    ),
}


def told(op: str, backward: Callable[..., Any]) -> list[Diagnosis]:
    found = diagnoses(in_style(OPS[op].forward, backward, "vectorised"), "own", op)
    assert found is not None, "nothing of it shows"
    return [one for one in found if not one.is_condition]


def weighted(op: str, weights: Mapping[str, Weight]) -> Callable[..., Any]:
    """The backward of a norm in training, each of its parts as often as is said."""

    def backward(dout: Any, cache: Any) -> Any:
        dx, *others = OPS[op].backward(dout, cache)
        if not getattr(cache, "training", True):
            return (dx, *others)
        axes, std = AXES[op], 1 / cache.inv_std
        n = int(np.prod([dout.shape[axis] for axis in axes]))
        g = dout if cache.gamma is None else dout * cache.gamma.reshape(-1, 1, 1)
        parts = {
            "direct": g,
            "mean": -g.mean(axis=axes, keepdims=True),
            "through": -cache.xhat * (g * cache.xhat).mean(axis=axes, keepdims=True),
        }
        whole = sum(
            part * weights[name](n, std) if name in weights else part
            for name, part in parts.items()
        )
        return ((whole / std).astype(dout.dtype), *others)

    return backward


@pytest.mark.parametrize(("op", "weights", "text"), PATHS.values(), ids=PATHS)
def test_a_part_that_counts_otherwise_is_told(
    op: str, weights: Mapping[str, Weight], text: str
) -> None:
    assert [one.text for one in told(op, weighted(op, weights))] == [f"dx is right, but {text}."]


def test_parts_that_count_once_are_right() -> None:
    right = in_style(OPS["batch_norm"].forward, weighted("batch_norm", {}), "vectorised")
    assert diagnoses(right, "own", "batch_norm") is None


def test_another_product_is_told_of_dgamma() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        dx, dgamma, dbeta = OPS["layer_norm"].backward(dout, cache)
        leading = tuple(range(dout.ndim - cache.normalized_dims))
        wrong = (dout * cache.xhat / cache.inv_std).sum(axis=leading)
        return dx, None if dgamma is None else wrong, dbeta

    (one,) = told("layer_norm", backward)
    assert one.text == (
        "dgamma is what comes of dout times x less its mean, not divided by the standard deviation."
    )


def test_another_product_is_told_of_an_activation() -> None:
    (one,) = told("relu", lambda dout, x: dout * x)
    assert one.text == "dx is dout times x."


@pytest.mark.parametrize(
    ("mode", "text"),
    [("edge", "the edge of x repeated"), ("reflect", "x mirrored, its edge not repeated")],
)
def test_another_border_is_told(mode: Any, text: str) -> None:
    def forward(x: Any, w: Any, b: Any = None, *, padding: Any = 0, **named: Any) -> Any:
        out, cache = OPS["conv2d"].forward(x, w, b, padding=padding, **named)
        (top, bottom), (left, right) = cache.windows.padding
        try:
            wide = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), mode=mode)
        except ValueError:
            return out, cache
        return OPS["conv2d"].forward(wide, w, b, padding=0, **named)[0], cache

    found = diagnoses(in_style(forward, OPS["conv2d"].backward, "vectorised"), "own", "conv2d")
    assert found is not None
    (one,) = [each for each in found if not each.is_condition]
    assert one.text == f"out equals what the layer gives with a border of {text}."
