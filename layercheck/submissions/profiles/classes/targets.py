"""What a class's text says: how it is constructed, trained and asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import names
from ..defaults import declared, differing
from ..drawing import generator_argument
from ..factors import factors_taken
from ..halves import halves_of, in_halves, kinds_of_halves
from ..handed_on import hands_on, with_cache
from ..inventory import File
from ..labels import is_one_hot
from ..meaning_of_p import docstrings_of, settled_p
from ..members import members_of
from ..packed import attributes_in, packs_of
from ..sides import forms_of, undecided_sides, with_sides
from ..signatures import WORDS, Argument, kinds, match, only_integers, word_as_written
from ..target import Takes, Target
from ..unsettled import unsettled
from .called import entry_of
from .given import arrays_of
from .habits import habits
from .kept import (
    PARAMETERS,
    constant_of,
    kept_output,
    number_for_eps,
    own_eps,
    parameter_paths,
    running_names,
)
from .layers import Layer, trains_only, undecided_pool
from .layouts import layout_of, settled_shapes
from .options import Options
from .others import others
from .roles import backward_roles, context_of, forward_arguments
from .words import CONSTRUCTOR, MODES

CLIPPED = ("spread > 11 or C == 1",)
"""Where a loss of probabilities that are clipped, as 1e-7 has it, is none of scores."""

AXES = ("dim", "normalized_dims")
"""What says which axes of an array are meant, however many it has."""

KEEPS_OLD = re.compile(r"momentum \* (self\.)?(running|moving|run)_")
"""What a momentum is multiplied by that is the share of the old statistics."""


def make_target(file: File, layer: Layer) -> Target:
    """The target of one class."""
    given, text = layer.arguments("__init__"), file.reach(*layer.text.body)
    options = with_either(layer, options_of(file, layer, text))
    clips = ast.unparse(text)
    init, known = options.init, {*options.init.values(), *options.arrays.values()}
    extra = {a.name: a.default for a in given if a.optional and a.name not in known}
    takes = takes_of(layer, options, text)
    return Target(
        layer.op,
        f"{layer.name}.{layer.forward}",
        f"{layer.name}.{layer.backward}" if layer.backward else "",
        takes,
        unknown=tuple(extra),
        lost=undecided_pool(layer)
        or undecided_sides(options.forms, init)
        or layer.lost("__init__", {*known, *options.packs})
        or layer.lost(layer.forward, known_to(options))
        or unsettled(layer.op, takes, extra),
        lost_backward=lost_backward(layer, options),
        defaults=(*differing(layer.op, init, options.defaults, options), *own_eps(options.epsilon)),
        others=dict(others(layer)),
        options=options,
        habits=tuple(habits(file, layer, options)),
        beyond=CLIPPED if "kept" in options.gradient.values() and "clip(" in clips else (),
    )


def options_of(file: File, layer: Layer, text: ast.Module) -> Options:
    """How the class is made and asked. text: the class, and all that it mentions."""
    arrays = arrays_of(layer.op, layer.arguments("__init__"), layer.text)
    taken = {*arrays.values()}
    init = constructor(layer.op, [a for a in layer.arguments("__init__") if a.name not in taken])
    inputs = forward_arguments(layer)
    parameters = {n: [own] for n, own in arrays.items() if n in PARAMETERS} | parameter_paths(layer)
    return Options(
        layer.name,
        init,
        set=setters(layer, init),
        forward=layer.forward,
        entry=entry_of(layer.methods, layer.forward),
        backward=layer.backward,
        order=layer.order(layer.forward),
        backward_order=layer.order(layer.backward),
        inputs=inputs,
        parameters=parameters,
        running=running_names(layer),
        layout=layout_of(file.tree, layer, parameters),
        gradient=backward_roles(layer),
        training=training_of(layer, init, inputs),
        generator=generator_argument(layer.arguments(layer.forward), ast.unparse(layer.text)),
        packs=packs_of(layer.op, layer.arguments("__init__"), layer.text),
        one_hot="y" in inputs and is_one_hot(inputs["y"], layer.node, layer.methods[layer.forward]),
        context=context_of(layer),
        words={w: word_as_written(text, w) for w in WORDS[:2]},
        defaults=declared(layer.arguments("__init__")),
        arrays=arrays,
        kept=kept_output(layer),
        epsilon=number_for_eps(layer, init),
        forms=forms_of(layer.op, text, init, layer.arguments("__init__")),
        members=members_of(text, init, layer.arguments("__init__")),
        **dict(rules(layer, init)),
    )


def needed(layer: Layer, options: Options) -> Iterator[str]:
    """The arrays that an argument of the constructor or of forward cannot do without."""
    for method, arrays in (("__init__", options.arrays), (layer.forward, options.inputs)):
        by_name = {a.name: a for a in layer.arguments(method)}
        own = (n for n in arrays if n in names.OPS[layer.op].optional)
        yield from (n for n in own if arrays[n] in by_name and not by_name[arrays[n]].optional)


def takes_of(layer: Layer, options: Options, text: ast.Module) -> Takes:
    """The cases that the constructor and forward can express."""
    op, init, facts = layer.op, options.init, names.OPS[layer.op]
    by_name = {a.name: a for a in layer.arguments("__init__")}
    held = attributes_in(options.packs)
    known = {*init, *in_halves(init), *options.set, *options.inputs, *held}
    known |= {"training"} if options.training else set()
    lacking = {n: v for n, v in facts.attributes.items() if n not in known and n != "mask_seed"}
    spatial = [n for n in init if n in names.SPATIAL and n in facts.attributes]
    own = {name: by_name[init[name]] for name in spatial}
    taken = {name: kinds(text, one) for name, one in own.items()}
    return Takes(
        fixed={n: 2 if v == names.REQUIRED else v for n, v in lacking.items()}
        | ({} if options.epsilon is None else {"eps": options.epsilon}),
        integer=only_integers(text, own, taken),
        absent=tuple(absent(layer, options)),
        required=tuple(needed(layer, options)),
        kinds=with_sides(taken, options.forms)
        | {name: ["int"] for name in held & set(names.SPATIAL)}
        | kinds_of_halves(init, options.defaults),
        factors=factors_taken(taken, options.forms),
        square=("w",) if only_square(layer, init, by_name) else (),
        shapes=settled_shapes(op, options.layout),
        forward_only={"training": False} if trains_only(layer) else {},
    )


def known_to(options: Options) -> set[str]:
    """The arguments of forward that something is known of."""
    more = (options.generator[0], options.context)
    return {*options.inputs.values(), *options.training[1:], *more}


def lost_backward(layer: Layer, options: Options) -> str:
    """Why the backward cannot be called; empty if it can, or if there is none."""
    known = [name for name, role in options.gradient.items() if role != "unknown"]
    return layer.lost(layer.backward, known) if layer.backward else ""


def constructor(op: str, given: Sequence[Argument]) -> dict[str, str]:
    """Sizes and attributes with the constructor's names for them."""
    found: dict[str, str] = {}
    for size in sizes_of(op):
        free = {a.name.lower(): a.name for a in given if a.name not in found.values()}
        alias = next((n for n in CONSTRUCTOR[size] if n in free), None)
        if alias is not None:
            found[size] = free[alias]
        elif size == "kernel_size":
            found |= halves_of([size], [*free.values()])
    marked = [Argument("", True), *given]  # nothing here is x
    matched = match(op, marked, {**found, "x": ""})
    inputs = names.OPS[op].inputs
    return {n: own for n, own in matched.items() if own and n not in inputs}


def sizes_of(op: str) -> tuple[str, ...]:
    """What constructors of an op may ask for beyond its attributes."""
    facts = names.OPS[op]
    if "w" in facts.inputs and facts.layout:
        return ("channels", "filters", "kernel_size", "bias", "input_shape")
    if "w" in facts.inputs:
        return ("features", "filters", "bias")
    if "gamma" in facts.inputs:
        return ("features",)
    return ("kernel_size", "input_shape") if "kernel_size" in facts.attributes else ()


def setters(layer: Layer, init: Mapping[str, str]) -> dict[str, str]:
    """Attributes of the op that the constructor does not take and the object has."""
    return {
        name: own
        for name in ("eps", "momentum", "p", "negative_slope")
        if name not in init and name in names.OPS[layer.op].attributes
        for own in names.names_of(layer.op, name)
        if own in layer.attributes
    }


def only_square(layer: Layer, init: Mapping[str, str], by_name: Mapping[str, Argument]) -> bool:
    """Whether kernels are given by one number."""
    if not layer.op.startswith("conv2d") or "kernel_size" not in init:
        return False
    return "pair" not in kinds(layer.text, by_name[init["kernel_size"]])


def absent(layer: Layer, options: Options) -> Iterator[str]:
    """Optional inputs that a layer has no place for; where a case lacks one, it is neutral."""
    places = {*options.parameters, *options.inputs, *options.running, *options.arrays}
    return (name for name in names.OPS[layer.op].optional if name not in places)


def training_of(
    layer: Layer, init: Mapping[str, str], inputs: Mapping[str, str]
) -> tuple[str, ...]:
    """How the layer learns whether it trains: an attribute, train() and eval(), an argument."""
    if "training" not in names.OPS[layer.op].attributes or "training" in {*inputs, *init}:
        return ()
    own = [n for n in MODES if n in layer.attributes and n not in layer.methods]
    if own:
        return ("attribute", own[0])
    if "eval" in layer.methods:
        return ("methods", "train", "eval")
    modes = [a for a in layer.arguments(layer.forward) if a.name == "mode"]
    return ("mode", "mode") if modes else ()


def rules(layer: Layer, init: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Options for arrays that are made of fewer axes, and for momentum and p."""
    of_rows = layer.op in ("softmax", "log_softmax") or names.OPS[layer.op].of_last_axes
    if of_rows and not {*init} & {*AXES}:
        yield "rows", 1
    own = init.get("momentum")
    defaults = [a.default for a in layer.arguments("__init__") if a.name == own]
    default = defaults[0] if defaults else constant_of(layer.text, "momentum")
    said = isinstance(default, float)
    if default >= 0.5 if said else own and KEEPS_OLD.search(ast.unparse(layer.text)):
        yield "momentum", "decay"
    if layer.op == "dropout":
        nodes = (layer.node, layer.methods.get("__init__"), layer.methods.get(layer.forward))
        yield "p", settled_p(init.get("p", "p"), docstrings_of(*nodes))


def with_either(layer: Layer, options: Options) -> Options:
    """The options of a backward that gets what forward handed on, whatever its argument is called;
    or else, by `settled`, what the name says."""
    forward = layer.methods.get(layer.forward)
    named = options.gradient
    roles = with_cache(named) if forward and hands_on(layer.op, forward) else named
    if roles == named:
        return options
    said = None if "unknown" in named.values() else options
    return replace(options, gradient=roles, otherwise=said)
