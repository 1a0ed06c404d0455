"""An inception block with a linear classifier on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ref_layers.affine import affine, affine_backward
from ref_layers.concat import concat, concat_backward
from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.global_avg_pool import global_avg_pool, global_avg_pool_backward
from ref_layers.max_pool import max_pool
from ref_layers.op import Array
from ref_layers.relu import relu, relu_backward

from .net import Net, Parameters


class InceptionBlock(Net):
    """Four branches side by side - global average pool - affine - softmax.

    1x1 (W1); 1x1 then 3x3 (W2, W3); 1x1 then 5x5 (W4, W5); 3x3 max pool then 1x1 (W6); each
    convolution has a bias and a relu; their channels are put one after the other; W7, b7 classify.
    widths: how many filters W1 to W6 have.
    Source: Szegedy et al., Going Deeper with Convolutions, 2015, figure 2b.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "input_shape": (3, 7, 5),
        "classes": 4,
        "widths": (2, 4, 5, 2, 3, 1),
    }

    def __init__(
        self,
        input_shape: Sequence[int],
        classes: int,
        *,
        widths: Sequence[int] = (16, 24, 32, 4, 8, 8),
        **settings: Any,
    ) -> None:
        super().__init__(input_shape, classes, **settings)
        c, (a, b1, b2, c1, c2, d) = input_shape[0], widths
        shapes = [(a, c, 1), (b1, c, 1), (b2, b1, 3), (c1, c, 1), (c2, c1, 5), (d, c, 1)]
        for number, (filters, channels, kernel) in enumerate(shapes, 1):
            self.add_weights(number, filters, channels, kernel, kernel)
        self.add_weights(7, a + b2 + c2 + d, classes)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        convs: dict[int, Any] = {}
        small, convs[1] = self.conv_relu(x, 1)
        h, convs[2] = self.conv_relu(x, 2)
        middle, convs[3] = self.conv_relu(h, 3)
        h, convs[4] = self.conv_relu(x, 4)
        large, convs[5] = self.conv_relu(h, 5)
        h, _ = max_pool(x, kernel_size=3, stride=1, padding=1)
        pooled, convs[6] = self.conv_relu(h, 6)
        three, first = concat(small, middle, large)
        h, second = concat(three, pooled)
        h, mean = global_avg_pool(h)
        scores, last = affine(h, self.parameters["W7"], self.parameters["b7"])
        return scores, (convs, mean, first, second, last)

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        convs, mean, first, second, last = cache
        g: dict[str, Any] = {}
        dh, g["W7"], g["b7"] = affine_backward(dscores, last)
        dthree, dpooled, *_ = concat_backward(global_avg_pool_backward(dh, mean), second)
        dsmall, dmiddle, dlarge = concat_backward(dthree, first)
        _, g["W6"], g["b6"] = conv_relu_backward(dpooled, convs[6])
        dh, g["W5"], g["b5"] = conv_relu_backward(dlarge, convs[5])
        _, g["W4"], g["b4"] = conv_relu_backward(dh, convs[4])
        dh, g["W3"], g["b3"] = conv_relu_backward(dmiddle, convs[3])
        _, g["W2"], g["b2"] = conv_relu_backward(dh, convs[2])
        _, g["W1"], g["b1"] = conv_relu_backward(dsmall, convs[1])
        return g

    def conv_relu(self, x: Array, number: int) -> tuple[Array, Any]:
        """A convolution that keeps the image's size, then relu."""
        w, b = self.parameters[f"W{number}"], self.parameters[f"b{number}"]
        features, conv = conv2d(x, w, b, padding=w.shape[2] // 2)
        out, rectified = relu(features)
        return out, (conv, rectified)


def conv_relu_backward(dout: Any, cache: Any) -> tuple[Array, Array, Any]:
    """dout: as out -> dx, dw, db."""
    conv, rectified = cache
    return conv2d_backward(relu_backward(dout, rectified), conv)


NET = InceptionBlock
