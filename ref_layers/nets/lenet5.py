"""LeNet-5: two convolutions with pooling, three affine layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ref_layers.affine import affine, affine_backward
from ref_layers.op import Array

from .affine_relu import affine_relu, affine_relu_backward
from .conv_relu_pool import conv_relu_pool, conv_relu_pool_backward
from .net import Net, Parameters


class LeNet5(Net):
    """W1 (6, C, 5, 5), W2 (16, 6, 5, 5), W3 (D, 120), W4 (120, 84), W5 (84, classes), and b1 to b5.

    As it is built today: relu and max pooling, where the paper has tanh, average pooling with
    weights, and some channels unconnected. paddings: of the two convolutions; (2, 0) is for 28x28
    images, (2, 2) for 8x8.
    Source: LeCun et al., Gradient-based learning applied to document recognition, 1998, section II.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "input_shape": (1, 12, 16),
        "classes": 4,
        "widths": (3, 5, 11, 9),
    }

    def __init__(
        self,
        input_shape: Sequence[int],
        classes: int,
        *,
        paddings: Sequence[int] = (2, 0),
        widths: Sequence[int] = (6, 16, 120, 84),
        **settings: Any,
    ) -> None:
        super().__init__(input_shape, classes, **settings)
        channels, *size = input_shape
        self.paddings = tuple(paddings)
        for padding in self.paddings:
            size = [(n + 2 * padding - 4) // 2 for n in size]
        self.add_weights(1, widths[0], channels, 5, 5)
        self.add_weights(2, widths[1], widths[0], 5, 5)
        self.add_weights(3, widths[1] * size[0] * size[1], widths[2])
        self.add_weights(4, widths[2], widths[3])
        self.add_weights(5, widths[3], classes)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        p, (first, second) = self.parameters, self.paddings
        h, conv1 = conv_relu_pool(x, p["W1"], p["b1"], padding=first)
        h, conv2 = conv_relu_pool(h, p["W2"], p["b2"], padding=second)
        h, hidden3 = affine_relu(h, p["W3"], p["b3"])
        h, hidden4 = affine_relu(h, p["W4"], p["b4"])
        scores, last = affine(h, p["W5"], p["b5"])
        return scores, (conv1, conv2, hidden3, hidden4, last)

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        conv1, conv2, hidden3, hidden4, last = cache
        g: dict[str, Any] = {}
        dh, g["W5"], g["b5"] = affine_backward(dscores, last)
        dh, g["W4"], g["b4"] = affine_relu_backward(dh, hidden4)
        dh, g["W3"], g["b3"] = affine_relu_backward(dh, hidden3)
        dh, g["W2"], g["b2"] = conv_relu_pool_backward(dh, conv2)
        _, g["W1"], g["b1"] = conv_relu_pool_backward(dh, conv1)
        return g


NET = LeNet5
