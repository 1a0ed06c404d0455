"""3x3 conv of 8 filters - 2x2 max pool - softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ref_layers.affine import affine, affine_backward
from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.max_pool import max_pool, max_pool_backward
from ref_layers.op import Array

from .net import Net, Parameters


class SmallCNN(Net):
    """W1 (filters, C, 3, 3), b1, W2 (filters*OH*OW, classes), b2; no padding and no relu.

    Source: Zhou, CNNs from scratch, 2019.
    """

    example: ClassVar[Mapping[str, Any]] = {"input_shape": (1, 9, 7), "classes": 4}

    def __init__(
        self, input_shape: Sequence[int], classes: int, *, filters: int = 8, **settings: Any
    ) -> None:
        super().__init__(input_shape, classes, **settings)
        channels, height, width = input_shape
        self.add_weights(1, filters, channels, 3, 3)
        self.add_weights(2, filters * ((height - 2) // 2) * ((width - 2) // 2), classes)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        p = self.parameters
        features, conv = conv2d(x, p["W1"], p["b1"])  # (N, filters, H-2, W-2)
        h, pool = max_pool(features, kernel_size=2)
        scores, last = affine(h, p["W2"], p["b2"])
        return scores, (conv, pool, last)

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        conv, pool, last = cache
        g: dict[str, Any] = {}
        dh, g["W2"], g["b2"] = affine_backward(dscores, last)
        _, g["W1"], g["b1"] = conv2d_backward(max_pool_backward(dh, pool), conv)
        return g


NET = SmallCNN
