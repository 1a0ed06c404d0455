"""How two functions are called: their arguments by name, what they return by place or by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import names
from ..call import (
    Answer,
    Call,
    Namespace,
    NotImplementedYet,
    as_number,
    is_missing,
)
from ..running import find, invoke
from ..signatures import placed
from ..target import Target
from ..views import Array, View, of, rows

Views = Mapping[str, View]


class InLayouts:
    """The first layout of the arrays in which the forward answers in the right shape."""

    def __init__(self, namespace: Namespace, call: Call, target: Target) -> None:
        self.namespace, self.call, self.target = namespace, call, target

    def forward(self) -> Answer:
        """The outputs in the first layout that fits; what the first one raised if none does."""
        tried: list[tuple[Functions, Answer] | Exception] = []
        for views in layouts(self.call, self.target):
            session = Functions(self.namespace, self.call.with_copies(), self.target, views)
            try:
                answer = session.forward()
            except NotImplementedYet:
                raise
            except Exception as error:
                tried.append(error)
                continue
            if fits(session.call, answer):
                return self.chosen(session, answer)
            tried.append((session, answer))
        answered = [one for one in tried if not isinstance(one, Exception)]
        if not answered:
            raise tried[0]  # type: ignore[misc]
        return self.chosen(*answered[0])

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


def layouts(call: Call, target: Target) -> Iterator[Views]:
    """How the arrays may have to be turned, the likeliest first."""
    x, options = call.inputs["x"], target.options
    if options.rows:
        view = rows(x.shape, options.rows)
        yield {"x": view, "out": view}
    elif call.op == "affine":
        flat = {"x": View(x.shape, inner=(x.shape[0], int(np.prod(x.shape[1:]))))}
        turned = {**flat, "w": View(call.inputs["w"].shape, (1, 0))}
        yield from (turned, flat) if options.weights == "MD" else (flat, turned)
    else:
        shapes = {name: value.shape for name, value in call.inputs.items()}
        if call.out_shape is not None:
            shapes["out"] = call.out_shape
        axes = options.axes
        yield {n: View(shapes[n], tuple(axes[n])) for n in shapes if n in axes}


def fits(call: Call, answer: Answer) -> bool:
    """Whether out has its shape: an affine layer may take its weight for the other one."""
    if call.op != "affine":
        return True
    return bool(np.shape(answer["out"]) == (len(call.inputs["x"]), call.inputs["w"].shape[1]))


class Functions:
    """A forward and a backward, with arrays in given views."""

    def __init__(self, namespace: Namespace, call: Call, target: Target, views: Views) -> None:
        self.namespace, self.call, self.target, self.views = namespace, call, target, views
        self.matched: Mapping[str, str] = target.options.arguments
        self.attributes = own_attributes(call, target)
        self.cache: Any = None

    def forward(self) -> Answer:
        """The outputs; running statistics that were returned, or changed in place."""
        self.given = {n: self.lent(n) for n in self.call.inputs}
        places, rest = placed(self.target.options.order, self.forward_arguments())
        result = invoke(find(self.namespace, self.target.forward), *places, **rest)
        if is_missing(result):
            raise NotImplementedYet(self.target.forward)
        self.outputs, self.cache = split(self.call, result, self.given)
        if is_missing(self.outputs.get("out")):
            raise NotImplementedYet(self.target.forward)
        self.views = {**self.views, **self.out_view()}
        return {name: self.taken(name, value) for name, value in self.outputs.items()}

    def backward(self, dout: Array) -> Answer:
        """The gradients by name."""
        own_dout = self.call.lend(dout, of(self.views, "out", dout))
        known = {
            **dict.fromkeys(names.OPS[self.call.op].inputs),
            **self.attributes,
            **self.given,
            "dout": own_dout,
            "cache": self.cache,
            "out": self.outputs["out"],
        }
        roles = self.target.options.backward
        given = {name: known[what] for name, what in roles.items()}
        places, rest = placed(self.target.options.backward_order, given)
        result = invoke(find(self.namespace, self.target.backward), *places, **rest)
        if is_missing(result):
            raise NotImplementedYet(self.target.backward)
        found = gradients(self.call, self.target, result)
        if "dout" not in roles.values():  # of a loss: its gradient for dout = 1
            found = {name: value * own_dout for name, value in found.items()}
        return {name: self.taken(name, value) for name, value in found.items()}

    def lent(self, name: str) -> Array:
        """An input as the forward gets it; running statistics may be changed in place."""
        value = self.call.inputs[name]
        if name.startswith("running"):
            return np.array(value)
        return self.call.lend(value, of(self.views, name, value))

    def forward_arguments(self) -> dict[str, Any]:
        """What the forward gets, by the names of its own arguments."""
        values = {**self.attributes, **self.given}
        optional = names.OPS[self.call.op].optional
        lacking = {own: None for n, own in self.matched.items() if n in optional}
        return lacking | {own: values[n] for n, own in self.matched.items() if n in values}

    def out_view(self) -> Views:
        """The view of out by its own shape, where options give the order of its axes."""
        axes, out = self.target.options.axes.get("out"), self.outputs["out"]
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
    return values


# ---------------------------------------------------------------------- what was returned


def split(call: Call, result: Any, given: Mapping[str, Array]) -> tuple[Answer, Any]:
    """Outputs by name and the cache, of `out`, `(out, cache)` or `((out, more), cache)`."""
    outputs_of_op = names.OPS[call.op].outputs
    if isinstance(result, (tuple, list)) and result and isinstance(result[0], (tuple, list)):
        outputs = dict(zip(outputs_of_op, result[0], strict=False))
        return outputs, result[1] if len(result) == 2 else tuple(result[1:])
    values = list(result) if isinstance(result, (tuple, list)) else [result]
    outputs = {"out": values.pop(0) if values else None}
    running = [n for n in ("running_mean", "running_var") if n in given]
    if running and call.attributes.get("training"):
        outputs.update(running_of(values, running, given))
    elif call.attributes.get("return_indices") and values:
        outputs["indices"] = values.pop(0)
    return outputs, values[0] if len(values) == 1 else tuple(values)


def running_of(values: list[Any], running: Sequence[str], given: Mapping[str, Array]) -> Answer:
    """Running statistics that were returned, taken out of values; else those changed in place."""
    fits = [v for v in values if isinstance(v, np.ndarray) and v.shape == given[running[0]].shape]
    if len(fits) != len(running):
        return {name: given[name] for name in running}
    values[:] = [v for v in values if not any(v is own for own in fits)]
    return dict(zip(running, fits, strict=True))


def gradients(call: Call, target: Target, result: Any) -> Answer:
    """Gradients by name, from one array, a tuple in the order of the inputs, or a dict."""
    order = target.options.gradients or tuple(target.options.arguments)
    expected = [n for n in order if n in names.OPS[call.op].differentiable]
    if isinstance(result, Mapping):
        return by_name(call, result, expected)
    values = list(result) if isinstance(result, (tuple, list)) else [result]
    here = [n for n in expected if n in call.inputs]
    wanted = expected if len(values) >= len(expected) else here
    pairs = dict(zip(wanted, values, strict=False))
    if all(is_missing(value) for value in pairs.values()):
        raise NotImplementedYet(target.backward)
    return {f"d{n}": v for n, v in pairs.items() if n in call.inputs and not is_missing(v)}


def by_name(call: Call, result: Mapping[str, Any], expected: Sequence[str]) -> Answer:
    """Gradients from a dict: its keys are `dx`, `x`, `weight`, `dweight`, `grad_weight`, ..."""
    lower = {str(key).lower(): value for key, value in result.items()}
    found: Answer = {}
    for name in expected:
        for alias in names.names_of(call.op, name):
            for key in (f"d{alias}", alias, f"grad_{alias}", f"d_{alias}", f"{alias}_grad"):
                if name in call.inputs and key in lower:
                    found.setdefault(f"d{name}", lower[key])
    return found
