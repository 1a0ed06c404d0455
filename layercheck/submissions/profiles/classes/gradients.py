"""The gradients of a layer object: returned by backward, or kept in attributes, dicts, lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import names
from ..call import Answer, Call, NotUnderstood, gathered, is_missing
from ..target import Target
from .objects import Place, vars_of

HOLDERS = ("grads", "gradients", "grad", "dparams", "param_grads", "params_grad", "_grads", "dW_db")
BEFORE = "d d_ grad_ grad gradient_ gradient g g_ grads_ delta_ nabla_ nabla dl_d dld dl de_d dj_d"
AFTER = "_grad grad _gradient gradient _gradients _grads grads _delta"
FORMS = [f"{word}{{0}}" for word in BEFORE.split()] + [f"{{0}}{word}" for word in AFTER.split()]
"""What attributes and keys with a gradient are called, in lower case, the likeliest first."""


def gradient_keys(op: str, name: str, own: str) -> list[str]:
    """What a gradient may be called whose parameter the object calls `own`, in lower case."""
    stems = dict.fromkeys([own.lower(), *names.names_of(op, name)])
    return [form.format(stem) for stem in stems for form in FORMS]


def by_name(values: Mapping[Any, Any], keys: Sequence[str]) -> Any:
    """The array under the first of these keys that has one; None if none has."""
    lower = {str(key).lower().lstrip("_"): value for key, value in values.items()}
    return next((lower[key] for key in keys if is_array(lower.get(key))), None)


def is_array(value: Any) -> bool:
    """Whether a value may be a gradient."""
    return isinstance(value, (np.ndarray, np.generic, float)) and not is_missing(value)


# ---------------------------------------------------------------------- returned


def returned(call: Call, target: Target, result: Any) -> Answer:
    """Gradients that backward returned: one array, a tuple in the order of the inputs, a dict or
    what has fields, or dx with a tuple or such names of the others."""
    paths = target.options.parameters
    every = ["x", *paths] if call.op not in ("add", "concat") else list(call.inputs)
    values, named = flat(result)
    pairs = zip(every, values, strict=False)
    found = {f"d{n}": value for n, value in pairs if not is_missing(value) and n in call.inputs}
    for name in call.inputs if named else ():
        own = paths.get(name, [name])[-1]
        keys = [own.lower(), *names.names_of(call.op, name), *gradient_keys(call.op, name, own)]
        value = by_name(named, keys)
        found.update({} if value is None else {f"d{name}": value})
    wanted = [name for name in every if name in call.inputs]
    has_order = getattr(gathered(result), "in_order", False)
    if has_order and len(found) < min(len(named), len(wanted)):
        return returned(call, target, tuple(named.values()))
    return found


def flat(result: Any) -> tuple[list[Any], dict[Any, Any]]:
    """What was returned as values in their order, and as values by name."""
    result = gathered(result)
    if isinstance(result, Mapping):
        return [], dict(result)
    if not isinstance(result, (tuple, list)):
        return [result], {}
    values: list[Any] = []
    named: dict[Any, Any] = {}
    for part in map(gathered, result):
        if isinstance(part, Mapping):
            named.update(part)
        elif isinstance(part, (tuple, list)):
            values += part
        else:
            values.append(part)
    return values, named


# ---------------------------------------------------------------------- kept


def kept_dx(thing: Any, op: str) -> Answer:
    """The gradient of x that an object keeps, where it returns none."""
    value = by_name(vars_of(thing), gradient_keys(op, "x", "x"))
    return {} if value is None else {"dx": value}


def kept_gradient(thing: Any, op: str, target: Target, name: str) -> Any:
    """A parameter's gradient as the object keeps it; None if it is not found."""
    path = target.options.parameters[name]
    keys = gradient_keys(op, name, path[-1])
    found = by_name(vars_of(thing), keys)
    plain = [*keys, path[-1].lower(), *names.names_of(op, name)]
    for held in holders(thing):
        if found is None and isinstance(held, Mapping):
            found = by_name(held, plain)
        elif found is None:
            found = in_order(thing, target, name, held)
    box = Place(thing, path).box
    if found is None and not isinstance(box, np.ndarray):
        found = getattr(box, "grad", None)
    return found


def holders(thing: Any) -> Iterator[Any]:
    """The dicts and lists of gradients that an object keeps."""
    for name in HOLDERS:
        value = gathered(getattr(thing, name, None))
        if isinstance(value, (Mapping, list, tuple)):
            yield value


def in_order(thing: Any, target: Target, name: str, held: Sequence[Any]) -> Any:
    """A parameter's gradient in a list that has one for each, in their order; else None.

    Where the shapes say another order, that is meant.
    """
    paths = target.options.parameters
    if len(held) != len(paths) or not all(map(is_array, held)):
        return None
    own = np.shape(Place(thing, paths[name]).value)
    first = held[list(paths).index(name)]
    fitting = [value for value in held if np.shape(value) == own]
    return fitting[0] if np.shape(first) != own and len(fitting) == 1 else first


def not_found(name: str, own: str) -> NotUnderstood:
    """Where a gradient was looked for."""
    if name == "x":
        places = "backward to return it, alone or first in a tuple, or self.dx, self.grad_input"
    else:
        places = (
            f"one of self.d{own}, self.grad_{own}, self.g{own}, self.grads['{own}'], or in the "
        )
        places += "tuple or dict that backward returns"
    declare = "write functions and say how they are called with @layercheck.implements"
    return NotUnderstood(f"its gradient of {own} was not found; expected {places}; or {declare}")
