"""What every net shares: parameters by name, the loss with its gradients, a change of dtype."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ref_layers.initializers import Initializer, he_normal
from ref_layers.op import Array
from ref_layers.softmax_cross_entropy import softmax_cross_entropy, softmax_cross_entropy_backward

Parameters = dict[str, Array]
Loss = Callable[..., tuple[Array, Any]]
LossBackward = Callable[..., Array]


class Net:
    """A classifier: `net.loss(x)` gives scores, `net.loss(x, y)` the loss and its gradients.

    parameters: by the names that CS231n gives them: W1, b1, gamma1, beta1, ... · state: what
    training changes besides: running statistics, the number of the next dropout mask · reg: the
    factor of 0.5 * sum(W^2), over every W, that is added to the loss.

    A subclass makes its parameters in __init__, and has `forward` and `backward`; its file ends
    with `NET`. example: arguments of a small net, for checks.
    """

    example: ClassVar[Mapping[str, Any]] = {}
    loss_function: Loss = staticmethod(softmax_cross_entropy)
    loss_backward: LossBackward = staticmethod(softmax_cross_entropy_backward)

    def __init__(
        self,
        input_shape: Sequence[int],
        classes: int,
        *,
        reg: float = 0.0,
        seed: int,
        dtype: npt.DTypeLike,
        initializer: Initializer = he_normal,
    ) -> None:
        """input_shape: of one sample, (C, H, W) or (D,) · seed, dtype: of the parameters."""
        self.input_shape, self.classes, self.reg = tuple(input_shape), classes, reg
        self.parameters: Parameters = {}
        self.state: dict[str, Array] = {}
        self._rs, self._dtype, self._initializer = np.random.RandomState(seed), dtype, initializer

    def add_weights(self, number: int, *shape: int, bias: bool = True) -> None:
        """W<number> of this shape, drawn, and b<number> of zeros: (M,) for (D, M), else (F,)."""
        w = self._initializer(self._rs, shape, dtype=self._dtype)
        self.parameters[f"W{number}"] = w
        if bias:
            outputs = shape[1] if len(shape) == 2 else shape[0]
            self.parameters[f"b{number}"] = np.zeros_like(w, shape=(outputs,))

    def add_scale(self, number: int, size: int, running: bool) -> None:
        """gamma<number> of ones and beta<number> of zeros; running: statistics beside them."""
        ones = np.ones(size, self._dtype)
        self.parameters[f"gamma{number}"] = ones
        self.parameters[f"beta{number}"] = np.zeros_like(ones)
        if running:
            self.state[f"running_mean{number}"] = np.zeros_like(ones)
            self.state[f"running_var{number}"] = ones.copy()

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """x: (N, *input_shape) -> scores: (N, classes), cache."""
        raise NotImplementedError

    def backward(self, dscores: Array, cache: Any) -> Parameters:
        """dscores: (N, classes) -> the gradient of every parameter, by its name."""
        raise NotImplementedError

    def masks(self, samples: int) -> dict[str, Array]:
        """The dropout masks of the next training step, by name; none unless a net has dropout."""
        return {}

    def loss(self, x: Array, y: Array | None = None) -> Any:
        """x: (N, *input_shape), y: (N,) -> loss: (), gradients; without y scores: (N, classes).

        Without y the net is in test mode; with y running statistics are updated.
        """
        scores, cache = self.forward(x, training=y is not None)
        if y is None:
            return scores
        loss, loss_cache = type(self).loss_function(scores, y)
        dscores = type(self).loss_backward(np.ones_like(loss), loss_cache)
        gradients = self.backward(dscores, cache)
        return self.regularized(loss, {name: gradients[name] for name in self.parameters})

    def regularized(self, loss: Array, gradients: Parameters) -> tuple[Array, Parameters]:
        """Loss and gradients with those of 0.5 * reg * sum(W^2)."""
        if self.reg == 0:
            return loss, gradients
        for name, w in self.parameters.items():
            if name.startswith("W"):
                loss = loss + 0.5 * self.reg * np.sum(w * w)
                gradients[name] = gradients[name] + self.reg * w
        return loss, gradients

    def converted(self, convert: Callable[[Array], Any]) -> Net:
        """A copy whose floating parameters and state went through `convert`."""
        other = copy.copy(self)
        other.parameters = {n: convert(v) for n, v in self.parameters.items()}
        other.state = {
            n: convert(v) if v.dtype.kind == "f" else v.copy() for n, v in self.state.items()
        }
        return other

    def astype(self, dtype: npt.DTypeLike) -> Net:
        """A copy in another floating dtype."""
        return self.converted(lambda value: value.astype(dtype))
