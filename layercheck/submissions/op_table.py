"""The facts of every op, as the child gets them: it has no reference layers."""

from __future__ import annotations

from functools import cache
from typing import Any

from ref_layers import OPS, Op
from ref_layers.op import REQUIRED

from .profiles import names

OF_IMAGES = {*names.SPATIAL, "keepdims"}


@cache
def op_table() -> dict[str, dict[str, Any]]:
    """By op what `names.OpFacts` holds, as JSON values."""
    return {op.name: facts(op) for op in OPS.values()}


def facts(op: Op) -> dict[str, Any]:
    """One op."""
    return {
        "inputs": list(op.inputs),
        "optional": list(op.optional),
        "fixed": [name for name in op.inputs if name not in op.differentiable],
        "targets": list(op.targets),
        "labels": drawn_as(op, "labels"),
        "of_last_axes": op.of_last_axes,
        "layout": has_layout(op),
        "attributes": {n: names.REQUIRED if v is REQUIRED else v for n, v in op.attributes.items()},
        "outputs": list(op.outputs),
    }


def drawn_as(op: Op, *roles: str) -> list[str]:
    """The inputs whose values have one of these roles."""
    return [n for n, tensor in op.inputs.items() if tensor.draw.partition(":")[0] in roles]


def has_layout(op: Op) -> bool:
    """Whether it has windows over images, or a parameter for each of their channels."""
    first = next(iter(op.inputs.values())).symbols
    channels = any(t.draw == "weight" and t.symbols == first[1:2] for t in op.inputs.values())
    return len(first) == 4 and (channels or bool(OF_IMAGES & op.attributes.keys()))
