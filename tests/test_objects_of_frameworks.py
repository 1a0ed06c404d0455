"""Objects of frameworks that do otherwise than their op, or are made otherwise than usual."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import required

import layercheck
from layercheck.errors import UsageError

SCRIPTS = pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")


@SCRIPTS
@pytest.mark.parametrize(
    ("make", "op", "told"),
    [
        (
            lambda nn: nn.Conv2d(6, 4, 3, padding=1, padding_mode="reflect"),
            "conv2d",
            r"padding_mode='reflect'\), which conv2d has no attribute for; expected Conv2d\(paddi",
        ),
        (
            lambda nn: nn.CrossEntropyLoss(weight=required("torch").ones(3)),
            "softmax_cross_entropy",
            r"got CrossEntropyLoss\(weight=\.\.\.\), which softmax_cross_entropy has no",
        ),
        (
            lambda nn: nn.utils.parametrizations.weight_norm(nn.Linear(5, 7)),
            "affine",
            "weight is computed from other arrays .*; expected the module without: torch",
        ),
        (
            lambda nn: required("torch").jit.script(nn.Linear(5, 7)),
            "affine",
            "cannot give way to a case's; expected the module that was scripted",
        ),
    ],
)
def test_what_does_otherwise_is_refused_with_what_to_give(make: Any, op: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        layercheck.check(make(required("torch").nn), ops=op)


def test_an_array_is_advised_that_may_be_meant() -> None:
    torch = required("torch")
    vector, matrix = (torch.nn.Parameter(torch.ones(*size)) for size in ((7,), (5, 7)))

    class Mine(torch.nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self, **own: Any) -> None:
            super().__init__()
            for name, value in own.items():
                setattr(self, name, value)

        def forward(self, x: Any) -> Any:
            return x @ self.alpha + self.bias

    made = Mine(bias=vector, alpha=matrix)
    with pytest.raises(UsageError, match=r"an array of 2 axes; expected .* hints=\{'w': 'alpha'}"):
        layercheck.check(made, ops="affine")
    with pytest.raises(UsageError, match="as w of affine, .*; expected one that has it"):
        layercheck.check(Mine(bias=vector), ops="affine")


def test_a_loss_with_class_weights_is_one_of_shares() -> None:
    torch = required("torch")
    weight = torch.tensor([0.5, 2.0, 1.0])
    smoothed = {"reduction": "sum", "label_smoothing": 0.1}
    for made in (torch.nn.CrossEntropyLoss(weight), torch.nn.CrossEntropyLoss(weight, **smoothed)):
        report = layercheck.check(made, ops="soft_cross_entropy")
        assert report.passed, report.text()


@SCRIPTS
def test_a_scripted_function_is_asked() -> None:
    torch = required("torch")
    layercheck.assert_agrees(torch.jit.script(torch.nn.ReLU()), "relu x=2x3 seed=3")


def test_what_a_text_has_settled_is_to_be_said() -> None:
    torch = required("torch")

    class Conv2d(torch.nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(4, 6, 3, 3))

        def forward(self, x: Any) -> Any:
            return torch.nn.functional.conv2d(x, self.weight, stride=2)

    failed = layercheck.check(Conv2d(), dtype="float64", where="N == 1")
    assert not failed.passed
    assert 'hints={"fixed": {"stride": ...}}' in " ".join(failed.text().split())
    said = {"fixed": {"stride": 2}}
    right = layercheck.check(Conv2d(), dtype="float64", where="N == 1", hints=said)
    assert right.passed, right.text()


def test_a_frozen_parameter_is_told() -> None:
    made = required("torch").nn.Linear(5, 7)
    made.weight.requires_grad_(False)
    report = layercheck.check(made, where="N == 1")
    assert report.passed
    assert "frozen, and asked for its gradient all the same: weight" in report.text()


def keras_layers() -> dict[str, Any]:
    keras, tf = required("keras"), required("tensorflow")

    class Closed(keras.layers.Layer):  # type: ignore[name-defined,misc]
        """Takes what it needs and nothing else."""

        def __init__(self, units: int) -> None:
            super().__init__()
            self.inner = keras.layers.Dense(units)

        def build(self, shape: Any) -> None:
            self.inner.build(shape)

        def call(self, x: Any) -> Any:
            return self.inner(x)

    return {
        "affine": [Closed(4), keras.Sequential([keras.layers.Dense(4)])],
        "relu": [keras.layers.Lambda(lambda x: tf.nn.relu(x))],  # noqa: PLW0108
    }


@pytest.mark.parametrize("op", ["affine", "relu"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layers_of_keras_are_made_anew(op: str, dtype: str) -> None:
    """A constructor without **kwargs, inner layers, and a lambda."""
    for layer in keras_layers()[op]:
        report = layercheck.check(layer, ops=op, dtype=dtype)
        assert report.passed, report.text()


def test_a_layer_that_cannot_be_made_anew_is_refused() -> None:
    keras = required("keras")

    class Odd(keras.layers.Layer):  # type: ignore[name-defined,misc]
        def __init__(self, function: Any) -> None:
            super().__init__()
            self.function = function

        def get_config(self) -> dict[str, Any]:
            return {"other": 3}

    with pytest.raises(UsageError, match="Odd cannot be made anew in float32 .*; expected a layer"):
        layercheck.check(Odd(abs), ops="relu")
