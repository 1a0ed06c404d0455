"""conv - relu - 2x2 max pool - affine - relu - affine - softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ref_layers.affine import affine, affine_backward
from ref_layers.op import Array

from .affine_relu import affine_relu, affine_relu_backward
from .conv_relu_pool import conv_relu_pool, conv_relu_pool_backward
from .net import Net, Parameters


class ThreeLayerConvNet(Net):
    """W1 (filters, C, K, K), b1, W2 (filters*H/2*W/2, hidden), b2, W3 (hidden, classes), b3.

    The convolution keeps the size of the image (K is odd). Source: Stanford CS231n, assignment 2.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "input_shape": (2, 8, 6),
        "classes": 4,
        "filters": 3,
        "kernel": 3,
        "hidden": 7,
        "reg": 0.01,
    }

    def __init__(
        self,
        input_shape: Sequence[int],
        classes: int,
        *,
        filters: int = 32,
        kernel: int = 7,
        hidden: int = 100,
        **settings: Any,
    ) -> None:
        super().__init__(input_shape, classes, **settings)
        channels, height, width = input_shape
        self.padding = kernel // 2
        self.add_weights(1, filters, channels, kernel, kernel)
        self.add_weights(2, filters * (height // 2) * (width // 2), hidden)
        self.add_weights(3, hidden, classes)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        p = self.parameters
        h, conv = conv_relu_pool(
            x, p["W1"], p["b1"], padding=self.padding
        )  # (N, filters, H/2, W/2)
        h, hidden = affine_relu(h, p["W2"], p["b2"])
        scores, last = affine(h, p["W3"], p["b3"])
        return scores, (conv, hidden, last)

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        conv, hidden, last = cache
        g: dict[str, Any] = {}
        dh, g["W3"], g["b3"] = affine_backward(dscores, last)
        dh, g["W2"], g["b2"] = affine_relu_backward(dh, hidden)
        _, g["W1"], g["b1"] = conv_relu_pool_backward(dh, conv)
        return g


NET = ThreeLayerConvNet
