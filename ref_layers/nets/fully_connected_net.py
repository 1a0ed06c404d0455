"""(affine - batch or layer norm - relu - dropout) as often as wanted - affine - softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any, ClassVar

import numpy as np

from ref_layers.affine import affine, affine_backward
from ref_layers.arrays import require
from ref_layers.batch_norm import batch_norm, batch_norm_backward
from ref_layers.dropout import dropout, dropout_backward
from ref_layers.layer_norm import layer_norm, layer_norm_backward
from ref_layers.op import Array
from ref_layers.relu import relu, relu_backward

from .net import Net, Parameters


class FullyConnectedNet(Net):
    """W1, b1, gamma1, beta1, ... for each hidden layer, then W and b of the last one.

    hidden: the size of each hidden layer. normalization: None, "batch_norm" or "layer_norm".
    dropout: the probability to drop a number (CS231n's keep ratio is 1 minus this).
    Source: Stanford CS231n, assignment 2.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "input_shape": (7,),
        "classes": 4,
        "hidden": (9, 6),
        "normalization": "batch_norm",
        "dropout": 0.25,
        "reg": 0.01,
    }

    def __init__(
        self,
        input_shape: Sequence[int],
        classes: int,
        *,
        hidden: Sequence[int] = (100, 100),
        normalization: str | None = None,
        dropout: float = 0.0,
        seed: int,
        **settings: Any,
    ) -> None:
        super().__init__(input_shape, classes, seed=seed, **settings)
        require(
            "FullyConnectedNet normalization",
            normalization in (None, *NORMS),
            normalization,
            f"None or one of {tuple(NORMS)}",
        )
        self.hidden, self.normalization = tuple(hidden), normalization
        self.dropout, self.seed = dropout, seed
        sizes = (prod(input_shape), *hidden, classes)
        for number, (before, after) in enumerate(pairwise(sizes), 1):
            self.add_weights(number, before, after)
            if normalization is not None and number <= len(hidden):
                self.add_scale(number, after, running=normalization == "batch_norm")
        if dropout > 0:
            self.state["step"] = np.asarray(0)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        p, caches = self.parameters, []
        masks = self.masks(len(x)) if training else {}
        for number in range(1, len(self.hidden) + 1):
            x, cache = self.hidden_layer(x, number, training, masks.get(f"mask{number}"))
            caches.append(cache)
        scores, last = affine(x, p[f"W{number + 1}"], p[f"b{number + 1}"])
        if masks:
            self.state["step"] = self.state["step"] + 1
        return scores, (caches, last)

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        caches, last = cache
        g: dict[str, Any] = {}
        number = len(caches) + 1
        dh, g[f"W{number}"], g[f"b{number}"] = affine_backward(dscores, last)
        for number, one in reversed(list(enumerate(caches, 1))):
            dh = self.hidden_layer_backward(dh, one, number, g)
        return g

    def hidden_layer(
        self, x: Array, number: int, training: bool, mask: Array | None
    ) -> tuple[Array, Any]:
        """affine - norm - relu - dropout with the parameters of this number."""
        sums, linear = affine(x, self.parameters[f"W{number}"], self.parameters[f"b{number}"])
        normalized, norm = self.normalize(sums, number, training)
        out, rectified = relu(normalized)
        if mask is None:
            return out, (linear, norm, rectified, None)
        out, dropped = dropout(out, mask.astype(out.dtype), p=self.dropout)
        return out, (linear, norm, rectified, dropped)

    def hidden_layer_backward(
        self, dout: Array, cache: Any, number: int, g: dict[str, Any]
    ) -> Array:
        """Put the gradients of the layer's parameters into g; return that of its input."""
        linear, norm, rectified, dropped = cache
        dh = dout if dropped is None else dropout_backward(dout, dropped)
        dh = relu_backward(dh, rectified)
        if self.normalization is not None:
            backward = NORMS[self.normalization]
            dh, g[f"gamma{number}"], g[f"beta{number}"] = backward(dh, norm)
        dx, g[f"W{number}"], g[f"b{number}"] = affine_backward(dh, linear)
        return dx

    def normalize(self, x: Array, number: int, training: bool) -> tuple[Array, Any]:
        """The normalization that was asked for, or x itself."""
        if self.normalization is None:
            return x, None
        scale = (self.parameters[f"gamma{number}"], self.parameters[f"beta{number}"])
        if self.normalization == "layer_norm":
            return layer_norm(x, *scale)
        names = (f"running_mean{number}", f"running_var{number}")
        running = [self.state[name] for name in names]
        out, norm = batch_norm(x, *scale, *running, training=training)
        if training:
            out, *new = out
            self.state.update(zip(names, new, strict=True))
        return out, norm

    def masks(self, samples: int) -> dict[str, Array]:
        """mask1, ... (N, size), drawn by the seed and the number of the training step."""
        if self.dropout == 0:
            return {}
        rs = np.random.RandomState([self.seed, int(self.state["step"])])
        keep = (rs.random_sample((samples, size)) >= self.dropout for size in self.hidden)
        return {f"mask{number}": mask.astype(float) for number, mask in enumerate(keep, 1)}


NORMS: dict[str, Any] = {"batch_norm": batch_norm_backward, "layer_norm": layer_norm_backward}
NET = FullyConnectedNet
