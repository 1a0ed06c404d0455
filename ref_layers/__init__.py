"""From-scratch NumPy layers: one file an op, forward and backward.

>>> import numpy as np
>>> from ref_layers import relu, relu_backward
>>> out, cache = relu(np.array([[-1.0, 2.0]]))
>>> relu_backward(np.ones((1, 2)), cache)
array([[0., 1.]])

`OPS` holds what each layer is:

>>> from ref_layers import OPS
>>> OPS["conv2d"].outputs
('out',)

A layer's file is imported when the layer is first asked for.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .op import Op, Tensor

if TYPE_CHECKING:  # written by `tox run -e generate`
    from ._functions import *  # noqa: F403

    OPS: dict[str, Op]

__all__ = ["OPS", "Op", "Tensor"]


def _find_ops() -> dict[str, Op]:
    """Every op by name, found by the `OP` that its file ends with."""
    found = pkgutil.iter_modules(globals()["__path__"])
    names = sorted(module.name for module in found if not module.ispkg)
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {module.OP.name: module.OP for module in modules if hasattr(module, "OP")}


def __getattr__(name: str) -> Any:
    """`OPS`, or a layer's forward or backward: its file is imported now."""
    if name == "OPS":
        globals()[name] = _find_ops()
        return globals()[name]
    file = f"{__name__}.{name.removesuffix('_backward')}"
    try:
        module = importlib.import_module(file)
    except ModuleNotFoundError as error:
        if error.name != file:
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(module, name) if hasattr(module, "OP") else module


class _Layers(ModuleType):
    """`ref_layers.conv2d` is the function, also once the file of that name was imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and hasattr(value, "OP"):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Layers
