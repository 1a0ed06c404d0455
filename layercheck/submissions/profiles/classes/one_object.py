"""One layer object: its parameters set, asked forward and backward, its gradients collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..call import (
    Answer,
    Call,
    Namespace,
    NotAsked,
    NotImplementedYet,
    NotUnderstood,
    as_number,
    is_missing,
)
from ..drawing import generator
from ..halves import in_halves
from ..labels import one_hot
from ..running import invoke
from ..signatures import placed
from ..target import Target
from ..views import Array, View, shape_like
from .given import array_views, given_arrays
from .gradients import kept_dx, kept_gradient, not_found, returned
from .layouts import data_view, guessed_view
from .objects import Place, construct, constructor_sizes, vars_of
from .others import unseen_of
from .parameters import set_parameters
from .words import KEPT_RATES

STEP = float(2**20)
"""A learning rate so large that the weight itself vanishes beside the step taken."""


class Context:
    """What torch's functions keep things in between forward and backward."""

    def save_for_backward(self, *saved: Any) -> None:
        """Keep these as `saved_tensors`."""
        self.saved_tensors = saved


class OneObject:
    """One object, one forward, one backward."""

    def __init__(self, namespace: Namespace, call: Call, target: Target, layout: str) -> None:
        self.namespace, self.call, self.target, self.layout = namespace, call, target, layout
        self.cache: Any = None
        self.context: Context | None = None

    @property
    def inputs(self) -> dict[str, Any]:
        """The arrays of the question as the layer counts them."""
        given: dict[str, Any] = dict(self.call.inputs)
        return {**given, "y": one_hot(self.call)} if self.target.options.one_hot else given

    def forward(self) -> Answer:
        """Construct, set parameters, ask; the output and the running statistics."""
        call, x = self.call, self.call.inputs["x"]
        self.view = data_view(call, self.target, self.layout, x.shape)
        sizes = constructor_sizes(call, x.shape, self.layout)
        views = array_views(self) if self.target.options.arrays else {}
        arrays = given_arrays(self, views)
        self.thing = construct(self.namespace, call, self.target, sizes, arrays)
        given = call.give("x", self.view)
        train(self.thing, call, self.target)
        self.views = {**views, **set_parameters(self, given)}
        return self.outputs(given)

    def again(self, call: Call, renew: bool = False) -> Answer:
        """Ask the same object once more; its parameters and statistics are as they are now, or
        those of the question."""
        init = self.target.options.init
        if renew and self.target.options.arrays:
            raise NotAsked("its constructor takes the parameters")
        if {*init, *in_halves(init)} & changed(self.call, call):
            raise NotAsked("what its constructor was told cannot be changed")
        self.call = call
        self.view = data_view(call, self.target, self.layout, call.inputs["x"].shape)
        given = call.give("x", self.view)
        train(self.thing, call, self.target)
        if renew:
            self.views = set_parameters(self, given)
        return self.outputs(given)

    def build(self, given: Array) -> None:
        """One forward for its sizes alone: in training, in which every layer begins; as it is asked
        where it cannot train on them."""
        asked = self.call
        self.call = replace(asked.apart(), attributes={**asked.attributes, "training": True})
        train(self.thing, self.call, self.target)
        try:
            self.output(given.copy())
        except NotImplementedYet:
            raise
        except Exception:
            self.call = asked.apart()
            train(self.thing, asked, self.target)
            self.output(given.copy())
        self.call = asked
        train(self.thing, asked, self.target)

    def outputs(self, given: Array) -> Answer:
        """The output and the running statistics, by the op's names."""
        call, x, self.given = self.call, self.call.inputs["x"], given
        out = self.output(given)
        view = guessed_view(self.view, self.layout, out)
        if call.out_shape is not None:
            view = data_view(call, self.target, self.layout, call.out_shape)
        if "keepdims" not in self.target.options.init and call.lacks_keepdims(np.shape(out)):
            view = View((*x.shape[:2], 1, 1), inner=x.shape[:2])
        self.out_view = view
        unseen = unseen_of(self.thing, self.target)
        if unseen:
            call.note(unseen)
        return {"out": view.take(out), **self.running()}

    def output(self, given: Array) -> Any:
        """Call forward; the output alone of `out` or `(out, cache)`."""
        call, options = self.call, self.target.options
        training = bool(call.attributes.get("training", True))
        values = {**self.inputs, "training": training, "x": given}
        arguments = {own: values[n] for n, own in options.inputs.items() if n in values}
        if options.context:
            self.context = arguments[options.context] = Context()
        if options.generator[0]:
            arguments[options.generator[0]] = generator(options.generator[1])
        if options.training[:1] == ("mode",):
            arguments["mode"] = "train" if training else "test"
        places, rest = placed(options.order, arguments)
        out = invoke(getattr(self.thing, options.entry), *places, **rest)
        if out is None and options.kept:
            out = getattr(self.thing, options.kept, None)
        if isinstance(out, (tuple, list)) and out:
            self.cache = out[1] if len(out) == 2 else tuple(out[1:])
            out = out[0]
        if is_missing(out):
            raise NotImplementedYet(self.target.forward)
        return as_number(out, given.dtype)

    def running(self) -> Answer:
        """Running statistics as the object holds them after training."""
        if not self.call.attributes.get("training"):
            return {}
        return self.state()

    def state(self) -> Answer:
        """Running statistics as the object holds them now."""
        call = self.call
        own = {n: at for n, at in self.target.options.running.items() if n in call.inputs}
        values = {name: getattr(self.thing, at, None) for name, at in own.items()}
        return {n: shape_like(v, call.inputs[n].shape) for n, v in values.items() if v is not None}

    def backward(self, dout: Array) -> Answer:
        """Call backward; gradients by name, returned or kept by the object."""
        roles: Mapping[str, str] = self.target.options.gradient
        view = data_view(self.call, self.target, self.layout, dout.shape)
        flat = self.out_view.shape == dout.shape and len(self.out_view.given_shape) == 2
        own_dout = self.call.lend(dout, self.out_view if flat else view)
        left = getattr(self.thing, self.target.options.kept or "output", None)
        kept = {"cache": self.cache, "context": self.context, "kept": left}
        values = {**self.inputs, "x": self.given, **kept, "dout": own_dout, "rate": STEP}
        method = getattr(self.thing, self.target.options.backward)
        given = {name: values[role] for name, role in roles.items()}
        places, rest = placed(self.target.options.backward_order, given)
        self.rated = self.set_rate()
        self.result = invoke(method, *places, **rest)
        found = self.found(self.result)
        if not found:
            raise NotImplementedYet(self.target.backward)
        if not isinstance(found["dx"], NotUnderstood):
            scale = own_dout if "dout" not in roles.values() else None
            found["dx"] = self.view.take(found["dx"] if scale is None else found["dx"] * scale)
        return found

    def kept(self) -> Answer:
        """The gradients of its parameters, as it holds them now."""
        found = self.found(self.result)
        return {n: v for n, v in found.items() if n != "dx" and not isinstance(v, NotUnderstood)}

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


def changed(before: Call, after: Call) -> set[str]:
    """The attributes that differ between two questions."""
    return {n for n, value in after.attributes.items() if before.attributes.get(n) != value}


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
