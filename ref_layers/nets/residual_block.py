"""A residual block with a linear classifier on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ref_layers.add import add, add_backward
from ref_layers.affine import affine, affine_backward
from ref_layers.batch_norm import batch_norm, batch_norm_backward
from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.global_avg_pool import global_avg_pool, global_avg_pool_backward
from ref_layers.op import Array
from ref_layers.relu import relu, relu_backward

from .net import Net, Parameters


class ResidualBlock(Net):
    """relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)) - global average pool - affine - softmax.

    W1 (F, C, 3, 3) and W2 (F, F, 3, 3) without bias, each followed by gamma and beta; the shortcut
    is W3 (F, C, 1, 1) with gamma3 and beta3; W4 (F, classes), b4. stride: of the first convolution
    and the shortcut.
    Source: He et al., Deep Residual Learning for Image Recognition, 2016, figure 2, option B.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "input_shape": (2, 8, 6),
        "classes": 4,
        "filters": 5,
        "stride": 2,
    }

    def __init__(
        self,
        input_shape: Sequence[int],
        classes: int,
        *,
        filters: int = 16,
        stride: int = 1,
        **settings: Any,
    ) -> None:
        super().__init__(input_shape, classes, **settings)
        channels, self.stride = input_shape[0], stride
        shapes = [(filters, channels, 3, 3), (filters, filters, 3, 3), (filters, channels, 1, 1)]
        for number, shape in enumerate(shapes, 1):
            self.add_weights(number, *shape, bias=False)
            self.add_scale(number, filters, running=True)
        self.add_weights(4, filters, classes)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        h, conv1 = self.conv_norm(x, 1, training, stride=self.stride, padding=1)
        h, relu1 = relu(h)
        h, conv2 = self.conv_norm(h, 2, training, padding=1)
        direct, conv3 = self.conv_norm(x, 3, training, stride=self.stride)
        h, added = add(h, direct)
        h, relu2 = relu(h)
        h, pool = global_avg_pool(h)
        scores, last = affine(h, self.parameters["W4"], self.parameters["b4"])
        return scores, (conv1, relu1, conv2, conv3, added, relu2, pool, last)

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        conv1, relu1, conv2, conv3, added, relu2, pool, last = cache
        g: dict[str, Any] = {}
        dh, g["W4"], g["b4"] = affine_backward(dscores, last)
        dh = relu_backward(global_avg_pool_backward(dh, pool), relu2)
        dh, ddirect = add_backward(dh, added)
        _, g["W3"], g["gamma3"], g["beta3"] = conv_norm_backward(ddirect, conv3)
        dh, g["W2"], g["gamma2"], g["beta2"] = conv_norm_backward(dh, conv2)
        dh = relu_backward(dh, relu1)
        _, g["W1"], g["gamma1"], g["beta1"] = conv_norm_backward(dh, conv1)
        return g

    def conv_norm(self, x: Array, number: int, training: bool, **window: Any) -> tuple[Array, Any]:
        """Convolution and batch norm with the parameters of this number."""
        p, names = self.parameters, (f"running_mean{number}", f"running_var{number}")
        features, conv = conv2d(x, p[f"W{number}"], **window)
        running = [self.state[name] for name in names]
        out, norm = batch_norm(
            features, p[f"gamma{number}"], p[f"beta{number}"], *running, training=training
        )
        if training:
            out, *new = out
            self.state.update(zip(names, new, strict=True))
        return out, (conv, norm)


def conv_norm_backward(dout: Array, cache: Any) -> tuple[Array, Array, Any, Any]:
    """dout: as out -> dx, dw, dgamma, dbeta."""
    conv, norm = cache
    dfeatures, dgamma, dbeta = batch_norm_backward(dout, norm)
    dx, dw, _ = conv2d_backward(dfeatures, conv)
    return dx, dw, dgamma, dbeta


NET = ResidualBlock
