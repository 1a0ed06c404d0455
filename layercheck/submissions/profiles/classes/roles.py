"""What the arguments of a class's methods are: arrays of its op, dout, what forward kept."""

from __future__ import annotations

from collections.abc import Mapping

from .. import names
from ..labels import of_loss
from ..signatures import Argument, match
from .kept import PARAMETERS, own_output
from .layers import Layer
from .words import CACHE, CONTEXTS, LABELS, RATES, SCORES


def forward_arguments(layer: Layer) -> dict[str, str]:
    """The arguments of forward: inputs that are no parameters of the layer."""
    arguments = layer.arguments(layer.forward)
    given = of_loss(layer.op, arguments, layer.methods[layer.forward])
    matched = match(layer.op, [a for a in arguments if a.name not in CONTEXTS], given)
    held = {*PARAMETERS, *(n for n in names.OPS[layer.op].inputs if n.startswith("running_"))}
    wanted = {*names.OPS[layer.op].inputs, "training"} - held
    return {name: own for name, own in matched.items() if name in wanted}


def context_of(layer: Layer) -> str:
    """The argument in which forward keeps what backward needs, as torch's functions have it."""
    first = [a.name for a in layer.arguments(layer.forward)][:1]
    return first[0] if first and first[0] in CONTEXTS else ""


def backward_roles(layer: Layer) -> dict[str, str]:
    """What each argument of backward gets: dout, rate, cache, or an input's name; `unknown` if
    nothing is known. The first is dout unless another one is named as it is."""
    own = [a for a in layer.arguments(layer.backward) if a.name not in CONTEXTS]
    inputs = inputs_by_name(layer)
    kept = own_output(layer)
    named = [n for a in own if (n := a.name).lower() in names.DOUT and n not in (*inputs, kept)]
    dout = named[:1] or [a.name for a in own[:1] if a.name != kept]
    found = {
        a.name: "dout" if [a.name] == dout else role_of(layer, a, inputs)
        for a in layer.arguments(layer.backward)
    }
    return {name: role for name, role in found.items() if role}


def role_of(layer: Layer, argument: Argument, inputs: Mapping[str, str]) -> str:
    """What an argument of backward gets that is not dout; empty where it may be left away."""
    name, targets = argument.name.lower(), names.OPS[layer.op].targets
    by_name = {
        **dict.fromkeys(SCORES if targets else (), "x"),
        **dict.fromkeys(LABELS if targets else (), *targets[:1]),
        **dict.fromkeys(RATES, "rate"),
    }
    if argument.name in CONTEXTS and argument.name == context_of(layer):
        return "context"
    if name in by_name:
        return by_name[name]
    if argument.name == own_output(layer):
        return "kept"
    needed = "cache" if name in CACHE else inputs.get(argument.name, "unknown")
    return "" if argument.optional else needed


def inputs_by_name(layer: Layer) -> dict[str, str]:
    """The inputs of the op by what forward calls them, and x by what others call it, too."""
    others = dict.fromkeys(names.names_of(layer.op, "x"), "x")
    return {**others, **{own: name for name, own in forward_arguments(layer).items()}}
