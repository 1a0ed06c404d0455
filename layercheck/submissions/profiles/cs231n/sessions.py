"""How the course's functions are called, each with the parameters that its template has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..by_names import by_name as gradients_by_name
from ..by_names import in_place
from ..call import (
    Answer,
    Call,
    Namespace,
    NotImplementedYet,
    WrongReturn,
    as_number,
    described,
    is_missing,
)
from ..defaults import leave_away
from ..labels import one_hot
from ..running import find, invoke
from ..target import Target
from ..views import Array, View, rows
from .arguments import ARGUMENTS, BACKWARD, beside, called, order_of

DEFAULTS = {"eps": 1e-5, "momentum": 0.9}
"""What the templates take where bn_param, ln_param or gn_param lacks it."""


class Functions:
    """out, cache = forward(*arguments); gradients = backward(dout, cache)."""

    gradients: tuple[str, ...] = ("dx", "dgamma", "dbeta")

    def __init__(self, namespace: Namespace, call: Call, target: Target) -> None:
        self.namespace, self.call, self.target = namespace, call, target
        self.cache: Any = None

    def arguments(self) -> tuple[Any, ...]:
        """What the forward is given."""
        return tuple(self.call.inputs.values())

    def forward(self) -> Answer:
        """The output of the forward."""
        own, template = self.target.options.forward, ARGUMENTS[self.call.op]
        by_place, by_name = called(own, template, self.arguments())
        more = by_name | beside(self.call, self.target.options)
        result = invoke(find(self.namespace, self.target.forward), *by_place, **more)
        self.call.hold_to_settings()
        if is_missing(result):
            raise NotImplementedYet(self.target.forward)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise WrongReturn(f"returned {described(result)}; expected (out, cache)")
        out, self.cache = result
        if is_missing(out):
            raise NotImplementedYet(self.target.forward)
        return self.settled({"out": out})

    def backward(self, dout: Array) -> Answer:
        """The gradients of the backward, with the cache of this forward."""
        by_place, by_name = called(self.target.options.backward, BACKWARD, (dout, self.cache))
        returned = invoke(find(self.namespace, self.target.backward), *by_place, **by_name)
        self.call.hold_to_settings()
        result = self.named(returned)
        single = len(self.gradients) == 1 and not isinstance(result, (tuple, list))
        values = (result,) if single or is_missing(result) else result
        if isinstance(values, (tuple, list)) and all(is_missing(value) for value in values):
            raise NotImplementedYet(self.target.backward)
        if not isinstance(values, (tuple, list)) or len(values) != len(self.gradients):
            expected = ", ".join(self.gradients)
            raise WrongReturn(f"returned {described(returned)}; expected ({expected})")
        named = zip(self.order(values), values, strict=True)
        return self.settled({name: value for name, value in named if not is_missing(value)})

    def named(self, returned: Any) -> Any:
        """Gradients by their names (a dict, what has fields) as a tuple; anything else as it is."""
        expected = [name[1:] for name in self.gradients]
        result = in_place(self.call, returned, expected)
        if not isinstance(result, Mapping):
            return result
        found = gradients_by_name(self.call, result, expected)
        whole = len(found) == len(self.gradients)
        return tuple(found[name] for name in self.gradients) if whole else returned

    def order(self, values: Sequence[Any]) -> tuple[str, ...]:
        """The gradients as they come; told where that is not the template's order."""
        found = order_of(self.gradients, self.target.options.forward, values, self.call.inputs)
        if found != self.gradients:
            self.call.note(f"gives ({', '.join(found)}), in the order of its forward's arguments")
        return found

    def settled(self, answer: Answer) -> Answer:
        """Plain numbers as arrays."""
        dtype = self.call.inputs["x"].dtype
        return {name: as_number(value, dtype) for name, value in answer.items()}


class Affine(Functions):
    """affine_forward(x, w, b), w: (D, M)."""

    gradients = ("dx", "dw", "db")


class Relu(Functions):
    """relu_forward(x)."""

    gradients = ("dx",)


class Loss(Functions):
    """softmax_loss(x, y) -> (loss, dx): the gradient for dout = 1, which dout then scales."""

    def arguments(self) -> tuple[Any, ...]:
        """Scores and labels."""
        x, y = super().arguments()
        return x, one_hot(self.call) if self.target.options.one_hot else y

    def backward(self, dout: Array) -> Answer:
        """What the forward returned beside the loss."""
        if is_missing(self.cache):
            raise NotImplementedYet(self.target.forward)
        dx = self.cache * dout if isinstance(self.cache, np.ndarray) else self.cache
        return self.settled({"dx": dx})


class BatchNorm(Functions):
    """batchnorm_forward(x, gamma, beta, bn_param), and the same for images.

    Running statistics are put into bn_param and read from there; momentum is the share that the old
    ones keep.
    """

    param: dict[str, Any] | None = None

    def arguments(self) -> tuple[Any, ...]:
        """x, gamma, beta and bn_param."""
        call = self.call
        self.running = [name for name in call.inputs if name.startswith("running")]
        momentum = call.attributes["momentum"]
        own = leave_away(call, {"eps": call.attributes["eps"], "momentum": 1 - momentum}, DEFAULTS)
        if self.param is None:
            self.param = own | {name: call.inputs[name].copy() for name in self.running}
        self.param["mode"] = "train" if call.attributes["training"] else "test"
        if self.running and call.attributes["training"]:
            call.as_counted("momentum", 1 - momentum, momentum)
        call.settings = self.param, dict(self.param)
        return (*(call.inputs[name] for name in ("x", "gamma", "beta")), self.param)

    def forward(self) -> Answer:
        """The output, and what a new bn_param holds afterwards."""
        self.param = None
        return self.step()

    def again(self, call: Call, renew: bool = False) -> Answer:
        """A further step with the same bn_param."""
        self.call = call
        return self.step()

    def step(self) -> Answer:
        """The output, and what bn_param holds afterwards."""
        answer = super().forward()
        given = self.running and self.call.attributes["training"]
        return answer | self.state() if given else answer

    def state(self) -> Answer:
        """The running statistics that bn_param holds now: those that it was given, else those that
        the forward put there."""
        names = self.running or ("running_mean", "running_var")
        kept = {name: (self.param or {}).get(name) for name in names}
        return self.settled({name: v for name, v in kept.items() if not is_missing(v)})


class LayerNorm(Functions):
    """layernorm_forward(x, gamma, beta, ln_param), x: (N, D): more axes are made two."""

    def arguments(self) -> tuple[Any, ...]:
        """x, gamma, beta and ln_param."""
        call = self.call
        self.view = rows(call.inputs["x"].shape, call.attributes["normalized_dims"])
        gamma = call.inputs["gamma"]
        self.vector = View(gamma.shape, inner=(gamma.size,))
        given = [call.give(n, self.vector) for n in ("gamma", "beta")]
        param = leave_away(call, {"eps": call.attributes["eps"]}, DEFAULTS)
        return (call.give("x", self.view), *given, call.dictionary(param))

    def forward(self) -> Answer:
        """The output in the shape of x."""
        return {name: self.view.take(value) for name, value in super().forward().items()}

    def backward(self, dout: Array) -> Answer:
        """The gradients in the shapes of x, gamma and beta."""
        answer = super().backward(self.call.lend(dout, self.view))
        views = {"dx": self.view, "dgamma": self.vector, "dbeta": self.vector}
        return {name: views[name].take(value) for name, value in answer.items()}


class Conv(Functions):
    """conv_forward_naive(x, w, b, conv_param)."""

    gradients = ("dx", "dw", "db")

    def arguments(self) -> tuple[Any, ...]:
        """x, w, b and conv_param."""
        attributes = self.call.attributes
        entries = {"stride": attributes["stride"], "pad": attributes["padding"]}
        return (*map(self.call.inputs.get, ("x", "w", "b")), self.call.dictionary(entries))


class MaxPool(Functions):
    """max_pool_forward_naive(x, pool_param)."""

    gradients = ("dx",)

    def arguments(self) -> tuple[Any, ...]:
        """x and pool_param."""
        attributes, size = self.call.attributes, self.call.attributes["kernel_size"]
        height, width = (size, size) if isinstance(size, int) else size
        entries = {"pool_height": height, "pool_width": width, "stride": attributes["stride"]}
        return self.call.inputs["x"], self.call.dictionary(entries)


class GroupNorm(Functions):
    """spatial_groupnorm_forward(x, gamma, beta, G, gn_param), gamma: (1, C, 1, 1) or (C,).

    The docstring's form is tried first; the other one if that raises or gives another shape.
    Gradients have the shape of gamma.
    """

    def arguments(self) -> tuple[Any, ...]:
        """x, gamma, beta, G and gn_param."""
        call, view = self.call, self.view
        given = [call.give(name, view) for name in ("gamma", "beta")]
        attributes = call.attributes
        param = leave_away(call, {"eps": attributes["eps"]}, DEFAULTS)
        return (call.inputs["x"], *given, attributes["num_groups"], call.dictionary(param))

    def forward(self) -> Answer:
        """The output with gamma in the first form that fits."""
        channels = self.call.inputs["x"].shape[1]
        forms = {"1C11": (1, channels, 1, 1), "C": (channels,)}
        first = self.target.options.gamma or "1C11"
        tried = [self.with_form(forms.pop(first))]
        if not self.fits(tried[0]):
            tried += [self.with_form(form) for form in forms.values()]
        answered = [one for one in tried if not isinstance(one, Exception)]
        if not answered:
            raise tried[0]  # type: ignore[misc]
        return next((one for one in answered if self.fits(one)), answered[0])

    def with_form(self, shape: tuple[int, ...]) -> Answer | Exception:
        """The output with gamma of this shape, or what was raised."""
        self.view = View((int(np.prod(shape)),), inner=shape)
        try:
            return super().forward()
        except NotImplementedYet:
            raise
        except Exception as error:
            return error

    def fits(self, answer: Answer | Exception) -> bool:
        """Whether out has the shape of x."""
        right = self.call.inputs["x"].shape
        return not isinstance(answer, Exception) and np.shape(answer["out"]) == right

    def backward(self, dout: Array) -> Answer:
        """The gradients; those of gamma and beta in the op's own shape."""
        answer = super().backward(dout)
        for name in {"dgamma", "dbeta"} & answer.keys():
            answer[name] = self.as_gamma(name, answer[name])
        return answer

    def as_gamma(self, name: str, gradient: Any) -> Any:
        """A gradient as the op's vector; where it is not shaped as gamma was, that is told."""
        got, wanted = np.shape(gradient), self.view.given_shape
        if got != wanted and np.size(gradient) == np.prod(wanted):
            self.call.misfits[name] = f"shape: got {got}, expected {wanted} as gamma has"
            return np.reshape(gradient, self.view.shape)
        return self.view.take(gradient)
