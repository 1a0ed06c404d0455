"""One layer object: its parameters set, asked forward and backward, its gradients collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..call import (
    Answer,
    Call,
    Namespace,
    NotImplementedYet,
    NotUnderstood,
    as_number,
    is_missing,
)
from ..randomness import GENERATORS, Stream
from ..running import invoke
from ..signatures import placed
from ..target import Target
from ..views import Array, shape_like
from .gradients import kept_dx, kept_gradient, not_found, returned
from .layouts import data_view, guessed_view
from .objects import Place, construct, constructor_sizes, vars_of
from .others import unseen_of
from .parameters import set_parameters
from .words import KEPT_RATES

STEP = float(2**20)
"""A learning rate so large that the weight itself vanishes beside the step taken."""


class OneObject:
    """One object, one forward, one backward."""

    def __init__(self, namespace: Namespace, call: Call, target: Target, layout: str) -> None:
        self.namespace, self.call, self.target, self.layout = namespace, call, target, layout

    def forward(self) -> Answer:
        """Construct, set parameters, ask; the output and the running statistics."""
        call, x = self.call, self.call.inputs["x"]
        self.view = data_view(call, self.target, self.layout, x.shape)
        sizes = constructor_sizes(call, x.shape, self.layout)
        self.thing = construct(self.namespace, call, self.target, sizes)
        given = call.give("x", self.view)
        train(self.thing, call, self.target)
        self.views = set_parameters(self, given)
        with_stream(self.thing)
        out = self.output(given)
        view = guessed_view(self.view, self.layout, out)
        if call.out_shape is not None:
            view = data_view(call, self.target, self.layout, call.out_shape)
        unseen = unseen_of(self.thing, self.target)
        if unseen:
            call.note(unseen)
        return {"out": view.take(out), **self.running()}

    def output(self, given: Array) -> Any:
        """Call forward; the output alone of `out` or `(out, cache)`."""
        call, options = self.call, self.target.options
        training = bool(call.attributes.get("training", True))
        values: dict[str, Any] = {**call.inputs, "training": training, "x": given}
        arguments = {own: values[n] for n, own in options.inputs.items() if n in values}
        if options.training[:1] == ("mode",):
            arguments["mode"] = "train" if training else "test"
        places, rest = placed(options.order, arguments)
        out = invoke(getattr(self.thing, options.forward), *places, **rest)
        out = out[0] if isinstance(out, (tuple, list)) and out else out
        if is_missing(out):
            raise NotImplementedYet(self.target.forward)
        return as_number(out, given.dtype)

    def running(self) -> Answer:
        """Running statistics as the object holds them after training."""
        call = self.call
        if not call.attributes.get("training"):
            return {}
        own = {n: at for n, at in self.target.options.running.items() if n in call.inputs}
        values = {name: getattr(self.thing, at, None) for name, at in own.items()}
        return {n: shape_like(v, call.inputs[n].shape) for n, v in values.items() if v is not None}

    def backward(self, dout: Array) -> Answer:
        """Call backward; gradients by name, returned or kept by the object."""
        roles: Mapping[str, str] = self.target.options.gradient
        view = data_view(self.call, self.target, self.layout, dout.shape)
        own_dout = self.call.lend(dout, view)
        values = {**self.call.inputs, "dout": own_dout, "rate": STEP}
        method = getattr(self.thing, self.target.options.backward)
        given = {name: values[role] for name, role in roles.items()}
        places, rest = placed(self.target.options.backward_order, given)
        self.rated = self.set_rate()
        result = invoke(method, *places, **rest)
        found = self.found(result)
        if not found:
            raise NotImplementedYet(self.target.backward)
        if not isinstance(found["dx"], NotUnderstood):
            scale = own_dout if "dout" not in roles.values() else None
            found["dx"] = self.view.take(found["dx"] if scale is None else found["dx"] * scale)
        return found

    def found(self, result: Any) -> Answer:
        """The gradients that backward returned, then those that the object keeps; of one that is
        not found, where it was looked for."""
        paths = {n: p for n, p in self.target.options.parameters.items() if n in self.call.inputs}
        found = returned(self.call, self.target, result)
        if "dx" not in found:
            found.update(kept_dx(self.thing, self.call.op))
        for name, path in paths.items():
            value = self.parameter_gradient(name, path, found.get(f"d{name}"))
            if value is not None:
                found[f"d{name}"] = self.views[name].take(value)
        lacking = {"x": ["x"], **paths}.items() if found else ()
        return {f"d{n}": not_found(n, path[-1]) for n, path in lacking} | found

    def parameter_gradient(self, name: str, path: Any, value: Any) -> Any:
        """A parameter's gradient: returned, kept, or told by the step that was taken with it."""
        if value is None:
            value = kept_gradient(self.thing, self.call.op, self.target, name)
        if value is None and self.rated:
            before = self.views[name].give(self.call.inputs[name])
            after = Place(self.thing, path).value
            if "rate" in self.target.options.gradient.values() or not np.array_equal(before, after):
                value = ((before - after) / STEP).astype(before.dtype)
        return value

    def set_rate(self) -> bool:
        """Make the step large that backward may take, where the object keeps a rate; whether one is
        known."""
        if "rate" in self.target.options.gradient.values():
            return True
        kept = [n for n, v in vars_of(self.thing).items() if n in KEPT_RATES and type(v) is float]
        for name in kept if self.target.options.parameters else ():
            setattr(self.thing, name, STEP)
        return bool(kept)


def with_stream(thing: Any) -> None:
    """Generators that the object keeps are drawn from the same stream as NumPy's own."""
    stream = getattr(np.random.random, "__self__", None)
    if isinstance(stream, Stream):
        for name, value in vars_of(thing).items():
            if isinstance(value, GENERATORS):
                setattr(thing, name, stream)


def train(thing: Any, call: Call, target: Target) -> None:
    """Tell the object whether it trains."""
    how = target.options.training
    training = bool(call.attributes.get("training", True))
    if how[:1] == ("attribute",):
        old = getattr(thing, how[1], None)
        word = "train" if training else "test"
        setattr(thing, how[1], word if isinstance(old, str) else training)
    elif how[:1] == ("methods",):
        method = getattr(thing, how[1] if training else how[2], None)
        if callable(method):
            method()
