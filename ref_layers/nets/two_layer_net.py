"""affine - relu - affine - softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, ClassVar

from ref_layers.affine import affine, affine_backward
from ref_layers.op import Array

from .affine_relu import affine_relu, affine_relu_backward
from .net import Net, Parameters


class TwoLayerNet(Net):
    """One hidden layer: W1 (D, hidden), b1, W2 (hidden, classes), b2."""

    example: ClassVar[Mapping[str, Any]] = {
        "input_shape": (7,),
        "classes": 4,
        "hidden": 9,
        "reg": 0.01,
    }

    def __init__(
        self, input_shape: Sequence[int], classes: int, *, hidden: int = 100, **settings: Any
    ) -> None:
        super().__init__(input_shape, classes, **settings)
        self.add_weights(1, prod(input_shape), hidden)
        self.add_weights(2, hidden, classes)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        p = self.parameters
        h, hidden = affine_relu(x, p["W1"], p["b1"])
        scores, last = affine(h, p["W2"], p["b2"])
        return scores, (hidden, last)

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        hidden, last = cache
        g: dict[str, Any] = {}
        dh, g["W2"], g["b2"] = affine_backward(dscores, last)
        _, g["W1"], g["b1"] = affine_relu_backward(dh, hidden)
        return g


NET = TwoLayerNet
