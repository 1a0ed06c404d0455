"""What is known of an object's state, by its class's text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..inventory import File
from ..target import CLEARS, MADE, MATRICES, OBJECT, SINGLE, SIZED, STEPS, TOLD_ONCE
from .adding import set_anew
from .layers import Layer
from .options import Options
from .words import CLEARING


def habits(file: File, layer: Layer, options: Options) -> Iterator[str]:
    """What is known of the object's state: a backward may take a step by itself, and what is kept
    in a box of its own (`self.weight.grad += dw`) is somebody else's to clear."""
    yield OBJECT
    if options.rows:
        yield MATRICES
    text = "" if layer.backward not in layer.methods else ast.unparse(layer.methods[layer.backward])
    if "rate" in options.gradient.values() or re.search(r"self\.\w+(\.data|\[.*?\])? -=", text):
        yield STEPS
    methods = {n.name.lower() for n in ast.walk(file.tree) if isinstance(n, ast.FunctionDef)}
    anew = methods & CLEARING or set_anew(layer)
    if anew or re.search(r"self\.\w+\.grad \+=", text):
        yield CLEARS
    if "input_shape" in options.init:
        yield SIZED
    if options.arrays:
        yield MADE
    if options.layout in ("auto", "CHW", "HWC", "HW"):
        yield SINGLE
    if "training" in {*options.init, *options.init.values()}:
        yield TOLD_ONCE
