"""Whole networks made of the layers: one file each, forward and backward chained by hand.

>>> from ref_layers.nets import NETS
>>> net = NETS["two_layer_net"](input_shape=(4,), classes=3, hidden=5, seed=0, dtype="float64")
>>> sorted(net.parameters)
['W1', 'W2', 'b1', 'b2']
"""

from __future__ import annotations

import importlib
import pkgutil

from .net import Net


def _find_nets() -> dict[str, type[Net]]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module.NET for name, module in modules.items() if hasattr(module, "NET")}


NETS: dict[str, type[Net]] = _find_nets()
"""Every net by its file's name, found by the `NET` that its file ends with."""

__all__ = ["NETS", "Net"]
