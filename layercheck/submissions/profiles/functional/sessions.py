"""How two functions are called: their arguments by name, what they return by place or by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import names
from ..call import (
    Answer,
    Call,
    Namespace,
    NotImplementedYet,
    NotUnderstood,
    as_number,
    is_missing,
)
from ..defaults import as_pairs, leave_away
from ..drawing import generator
from ..halves import with_halves
from ..labels import one_hot
from ..members import as_members
from ..packed import filled
from ..running import find, invoke
from ..sides import in_form
from ..signatures import placed
from ..target import Target
from ..views import Array, View, of
from .layouts import Views, fits, layouts, of_unlike_sizes
from .returned import NoCache, gradients, split


class InLayouts:
    """The first layout of the arrays in which the forward answers in the right shape."""

    def __init__(self, namespace: Namespace, call: Call, target: Target) -> None:
        self.namespace, self.call, self.target = namespace, call, target

    def forward(self) -> Answer:
        """The outputs in the first layout that fits; what the first one raised if none does."""
        answered: list[Views] = []
        failed: list[Exception] = []
        for views in self.layouts():
            session = self.in_views(views)
            try:
                answer = session.forward()
            except NotImplementedYet:
                raise
            except Exception as error:
                failed.append(error)
                continue
            if fits(session.call, answer):
                return self.chosen(session, answer)
            answered.append(views)
        if not answered:
            raise failed[0]
        session = self.in_views(answered[0])  # anew: the other ways had its arrays
        return self.chosen(session, session.forward())

    def in_views(self, views: Views) -> Functions:
        """A session of its own for a layout."""
        return Functions(self.namespace, self.call.with_copies(), self.target, views)

    def layouts(self) -> list[Views]:
        """The layouts, the likeliest first. A square weight fits in either order: it has the one
        in which weights of unlike sizes are taken."""
        found, w = list(layouts(self.call, self.target)), self.call.inputs.get("w")
        if len(found) < 2 or w is None or w.shape[0] != w.shape[1]:
            return found
        probe = of_unlike_sizes(self.call)
        answers = [self.answers(probe, views) for views in layouts(probe, self.target)]
        return [views for _, views in sorted(zip(answers, found, strict=True), key=is_refused)]

    def answers(self, call: Call, views: Views) -> bool:
        """Whether the forward answers in a layout, in the right shape."""
        try:
            session = Functions(self.namespace, call.apart(), self.target, views)
            return fits(session.call, session.forward())
        except Exception:  # a submission raises what it likes
            return False

    def chosen(self, session: Functions, answer: Answer) -> Answer:
        """Go on in this layout."""
        self.session, self.call = session, session.call
        return answer

    def backward(self, dout: Array) -> Answer:
        """The gradients in the layout of the forward."""
        return self.session.backward(dout)

    def state(self) -> Answer:
        """The running statistics that were given, as they are now."""
        given = self.session.given
        return {name: value for name, value in given.items() if name.startswith("running")}


def is_refused(answered: tuple[bool, Views]) -> bool:
    """Whether a layout is one that a forward does not answer in."""
    return not answered[0]


UNASKED = (
    "what it returns beside its value is not checked: nothing says whether it is the gradient; "
    "return it as dx or grad, or write {name}_backward"
)
"""What is told of a loss that returns more, and has no backward."""


class Functions:
    """A forward and a backward, with arrays in given views."""

    def __init__(self, namespace: Namespace, call: Call, target: Target, views: Views) -> None:
        self.namespace, self.call, self.target, self.views = namespace, call, target, views
        self.matched: Mapping[str, str] = target.options.arguments
        own = own_attributes(call, target)
        self.attributes = as_members(own, target.options.members, namespace)
        self.caches: list[Any] = [None]

    def forward(self) -> Answer:
        """The outputs; running statistics that were returned, or changed in place."""
        self.given = {n: self.lent(n) for n in self.call.inputs}
        places, rest = placed(self.target.options.order, self.forward_arguments())
        result = invoke(find(self.namespace, self.target.forward), *places, **rest)
        if is_missing(result):
            raise NotImplementedYet(self.target.forward)
        self.outputs, self.caches = split(self.call, result, self.given)
        if is_missing(self.outputs.get("out")):
            raise NotImplementedYet(self.target.forward)
        self.tell_unasked()
        self.views = {**self.views, **self.out_view()}
        return {name: self.taken(name, value) for name, value in self.outputs.items()}

    def tell_unasked(self) -> None:
        """Of a loss without a backward that what it returns beside its value may be a gradient."""
        is_loss = bool(names.OPS[self.call.op].targets) and not self.target.backward
        if is_loss and not all(isinstance(cache, NoCache) for cache in self.caches):
            self.call.note(UNASKED.format(name=self.target.forward))

    def backward(self, dout: Array) -> Answer:
        """The gradients by name."""
        own_dout = self.call.lend(dout, of(self.views, "out", dout))
        known = {
            **dict.fromkeys(names.OPS[self.call.op].inputs),
            **self.attributes,
            **self.given,
            "dout": own_dout,
            "out": self.outputs["out"],
        }
        own = self.target.backward == self.target.forward
        result = self.given_gradient(own_dout) if own else self.asked_backward(known)
        if is_missing(result):
            raise NotImplementedYet(self.target.backward)
        found = gradients(self.call, self.target, result)
        if (
            "dout" not in self.target.options.backward.values()
        ):  # of a loss: its gradient for dout = 1
            found = {name: value * own_dout for name, value in found.items()}
        return {name: self.as_sum(name, self.taken(name, value)) for name, value in found.items()}

    def given_gradient(self, dout: Array) -> Any:
        """What the forward gave beside its output: the gradient, or a function that gives it."""
        given = self.caches[0]
        return invoke(given, dout) if callable(given) else given

    def asked_backward(self, known: Mapping[str, Any]) -> Any:
        """What the backward returns, given the cache in the form that it takes."""
        options, failed = self.target.options, None
        roles = self.roles()
        for cache in self.caches:
            values = {**known, "cache": cache}
            given = {name: values[what] for name, what in roles.items()}
            places, rest = placed(
                options.backward_order, {**given, **self.constants(backward=True)}
            )
            try:
                return invoke(find(self.namespace, self.target.backward), *places, **rest)
            except (TypeError, ValueError, AttributeError, LookupError) as error:
                failed = failed or error
        assert failed is not None
        raise failed

    def roles(self) -> dict[str, str]:
        """What each argument of the backward gets; of a forward without a cache, what they are
        called must say. Raises NotUnderstood where it does not."""
        roles = dict(self.target.options.backward)
        if any(not isinstance(cache, NoCache) for cache in self.caches):
            return roles
        for name in (name for name, what in roles.items() if what == "cache"):
            if not names.says_out(name):
                raise NotUnderstood(
                    f"its forward returns no cache, and nothing is known of its argument {name}"
                )
            roles[name] = "out"
        return roles

    def constants(self, backward: bool = False) -> dict[str, Any]:
        """Arguments that get one value, where the function takes them."""
        options = self.target.options
        order = options.backward_order if backward else options.order
        return {name: value for name, value in options.constants.items() if name in order}

    def as_sum(self, name: str, value: Any) -> Any:
        """A gradient of a parameter that is the mean over the samples as the sum that it is."""
        if not self.target.options.means or name == "dx" or not isinstance(value, np.ndarray):
            return value
        self.call.note("convention: gradients of W and b are means over the samples")
        return value * value.dtype.type(len(self.call.inputs["x"]))

    def lent(self, name: str) -> Array:
        """An input as the forward gets it; running statistics may be changed in place."""
        value = self.call.inputs[name]
        if name.startswith("running"):
            return np.array(value)
        if name == "y" and self.target.options.one_hot:
            return one_hot(self.call)
        return self.call.lend(value, of(self.views, name, value))

    def forward_arguments(self) -> dict[str, Any]:
        """What the forward gets, by the names of its own arguments."""
        values = {**self.attributes, **self.given}
        optional = names.OPS[self.call.op].optional
        lacking = {own: None for n, own in self.matched.items() if n in optional}
        name, kind = self.target.options.generator
        drawing = {name: generator(kind)} if name else {}
        known = {own: values[n] for n, own in self.matched.items() if n in values}
        options = self.target.options
        given = lacking | drawing | filled(options.packs, values) | self.constants() | known
        given = as_pairs(given, options.defaults)
        return leave_away(self.call, given, options.defaults, options.order)

    def out_view(self) -> Views:
        """The view of out by its own shape, where options give the order of its axes."""
        axes, out = self.target.options.axes.get("out"), self.outputs["out"]
        x = self.call.inputs["x"]
        if "keepdims" not in self.matched and self.call.lacks_keepdims(np.shape(out)):
            return {"out": View((*x.shape[:2], 1, 1), inner=x.shape[:2])}
        if axes is None or np.ndim(out) != len(axes):
            return {}
        sizes = dict(zip(axes, np.shape(out), strict=True))
        return {"out": View(tuple(sizes[axis] for axis in range(len(axes))), tuple(axes))}

    def taken(self, name: str, value: Any) -> Any:
        """What came back, as the op has it."""
        gradient = self.views.get(name[1:]) if name.startswith("d") else None
        view = self.views.get(name) or gradient
        value = as_number(value, self.call.inputs["x"].dtype)
        value = np.asarray(value) if isinstance(value, np.generic) else value
        return value if view is None else view.take(value)


def own_attributes(call: Call, target: Target) -> dict[str, Any]:
    """The case's attributes in the function's own meaning."""
    values, options = dict(call.attributes), target.options
    if options.momentum == "decay" and "momentum" in values:
        values["momentum"] = 1 - values["momentum"]
        if call.attributes.get("training"):
            call.as_counted("momentum", values["momentum"], call.attributes["momentum"])
    if options.arguments.get("normalized_dims") == "normalized_shape":
        values["normalized_dims"] = call.inputs["x"].shape[-values["normalized_dims"] :]
    if options.p == "keep" and "p" in values:
        values["p"] = 1 - values["p"]
        call.as_counted("p", values["p"], call.attributes["p"])
    if isinstance(values.get("padding"), str):
        values["padding"] = options.words.get(values["padding"], values["padding"])
    return with_halves(in_form(call, values, options.forms), options.arguments)
