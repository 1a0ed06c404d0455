"""From-scratch NumPy layers: one file an op, forward and backward.

>>> from ref_layers.conv2d import conv2d, conv2d_backward
>>> from ref_layers import OPS
>>> OPS["conv2d"].outputs
('out',)
"""

from __future__ import annotations

import importlib
import pkgutil

from .op import Op, Tensor


def _find_ops() -> dict[str, Op]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {module.OP.name: module.OP for module in modules if hasattr(module, "OP")}


OPS: dict[str, Op] = _find_ops()
"""Every op by name, found by the `OP` that its file ends with."""

__all__ = ["OPS", "Op", "Tensor"]
