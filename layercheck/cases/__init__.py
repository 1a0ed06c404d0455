"""Cases: text, fills, spaces and grids.

The package can be called: `layercheck.cases("conv2d")` yields examples, see api/examples.py.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class Cases(ModuleType):
    """This package, which is a function of the public interface, too."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Examples of an op."""
        return importlib.import_module("layercheck.api.examples").cases(*given, **named)


sys.modules[__name__].__class__ = Cases
