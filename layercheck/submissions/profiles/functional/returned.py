"""What two functions returned, by name: outputs and caches, gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import names
from ..by_names import by_name, in_place
from ..call import Answer, Call, NotImplementedYet, is_missing
from ..target import Target
from ..views import Array


class NoCache(tuple[()]):
    """What stands for a cache where a forward returned nothing beside its outputs."""


def split(call: Call, result: Any, given: Mapping[str, Array]) -> tuple[Answer, list[Any]]:
    """Outputs by name and the caches, of `out`, `(out, cache)` or `((out, more), cache)`."""
    outputs_of_op = names.OPS[call.op].outputs
    if isinstance(result, (tuple, list)) and result and isinstance(result[0], (tuple, list)):
        outputs = dict(zip(outputs_of_op, result[0], strict=False))
        return outputs, caches_of(result[1:])
    values = list(result) if isinstance(result, (tuple, list)) else [result]
    outputs = {"out": values.pop(0) if values else None}
    running = [n for n in ("running_mean", "running_var") if n in given]
    if running:  # outside training they may come back all the same
        kept = running_of(values, running, given)
        outputs.update(kept if call.attributes.get("training") else {})
    elif call.attributes.get("return_indices") and values:
        outputs["indices"] = values.pop(0)
    return outputs, caches_of(values)


def caches_of(values: Sequence[Any]) -> list[Any]:
    """What backward may want of all that came back beside the outputs, the likeliest first.

    Where the last is a cache by its form and the others are arrays or numbers, those may be there
    to be looked at: then it is that one, or else all of them.
    """
    if len(values) == 1:
        return [values[0]]
    extra = all(isinstance(v, (np.ndarray, np.generic, float, int)) for v in values[:-1])
    last = [values[-1]] if values and extra and isinstance(values[-1], (tuple, dict)) else []
    return [*last, tuple(values) if values else NoCache()]


def running_of(values: list[Any], running: Sequence[str], given: Mapping[str, Array]) -> Answer:
    """Running statistics that were returned, taken out of values; else those changed in place."""
    fits = [v for v in values if isinstance(v, np.ndarray) and v.shape == given[running[0]].shape]
    if len(fits) != len(running):
        return {name: given[name] for name in running}
    values[:] = [v for v in values if not any(v is own for own in fits)]
    return dict(zip(running, fits, strict=True))


def gradients(call: Call, target: Target, result: Any) -> Answer:
    """Gradients by name, from one array, a tuple in the order of the inputs, a dict, or what has
    fields."""
    order = target.options.gradients or tuple(target.options.arguments)
    expected = [n for n in order if n in names.OPS[call.op].differentiable]
    result = in_place(call, result, expected)
    if isinstance(result, Mapping):
        return by_name(call, result, expected)
    values = list(result) if isinstance(result, (tuple, list)) else [result]
    here = [n for n in expected if n in call.inputs]
    wanted = expected if len(values) >= len(expected) else here
    pairs = dict(zip(wanted, values, strict=False))
    if all(is_missing(value) for value in pairs.values()):
        raise NotImplementedYet(target.backward)
    return {f"d{n}": v for n, v in pairs.items() if n in call.inputs and not is_missing(v)}
