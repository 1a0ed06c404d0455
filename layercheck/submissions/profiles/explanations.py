"""Errors that a leftover of Python 2 or of old NumPy explains: what to write instead."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

PYTHON_2_NAMES = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "long": "int",
    "reduce": "functools.reduce",
    "unichr": "chr",
}
PYTHON_2_METHODS = {
    "iteritems": "items()",
    "itervalues": "values()",
    "iterkeys": "keys()",
    "has_key": "`key in ...`",
}
NUMPY_NAMES = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "object": "object",
    "complex": "complex",
    "str": "str",
    "long": "int",
    "unicode": "str",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "infty": "np.inf",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
    "row_stack": "np.vstack",
    "asscalar": "array.item()",
    "round_": "np.round",
    "mat": "np.asmatrix",
    "alen": "len",
    "rank": "np.ndim",
    "typeDict": "np.sctypeDict",
    "msort": "np.sort(a, axis=0)",
    "inner1d": "np.einsum('ij,ij->i', a, b)",
    "arraypad": "np.pad",
    "pad": "np.pad",
}
ARRAY_METHODS = {
    "ptp": "np.ptp(a)",
    "itemset": "a[index] = value",
    "tostring": "a.tobytes()",
    "newbyteorder": "a.view(a.dtype.newbyteorder())",
}
ARGUMENTS = {"newshape": "shape=", "rowvar_": "rowvar="}
FLOAT_SIZE = "a size is not a whole number; in Python 3 `/` gives a float, `//` a whole number"
FLOAT_SIZES = (
    r"'(numpy\.)?float\d*' object cannot be interpreted as an integer",
    r"slice indices must be integers|only integers, slices",
    r"expected a sequence of integers or a single integer, got '[\d.]+'",
)
EXPLAINED = (TypeError, NameError, AttributeError, IndexError)
STARS, DROPPED = "__layercheck_stars__", "__layercheck_dropped__"
"""What a module's names hold: which `import *` brought nothing, and in which cell of a notebook a
name is assigned by a statement that is not run."""


def explained(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call it; an error that a leftover of Python 2 or of old NumPy explains says so."""
    try:
        return function(*args, **kwargs)
    except EXPLAINED as error:
        text = explanation(error)
        if not text or type(error) not in EXPLAINED:
            raise
        first = next(iter(str(error).splitlines()), "")
        raise type(error)(f"{first}: {text}").with_traceback(error.__traceback__) from None


def explanation(error: Exception) -> str:
    """Why it failed, if a leftover is the reason; else empty."""
    text = str(error)
    if any(re.search(pattern, text) for pattern in FLOAT_SIZES):
        return FLOAT_SIZE
    found = re.search(r"(?:has no attribute|name|keyword argument) '(\w+)'", text)
    name = found[1] if found else ""
    if isinstance(error, NameError):
        return missing_name(name, error)
    module = re.search(r"module 'numpy([\w.]*)'", text)
    if isinstance(error, AttributeError):
        return gone_from_numpy(f"np{module[1]}.{name}", name) if module else gone_method(text, name)
    if isinstance(error, TypeError) and name in ARGUMENTS:
        return f"{name}= is gone from NumPy; write {ARGUMENTS[name]}"
    return ""


def gone_method(text: str, name: str) -> str:
    """What to write in the place of a method that Python or NumPy no longer has."""
    if name in PYTHON_2_METHODS:
        return f"{name} is Python 2; in Python 3 it is {PYTHON_2_METHODS[name]}"
    if "ndarray" in text and name in ARRAY_METHODS:
        return f"arrays have no {name} any more; write {ARRAY_METHODS[name]}"
    return ""


def gone_from_numpy(told: str, name: str) -> str:
    """What to write in the place of a name that NumPy no longer has; empty if nothing is known."""
    instead = NUMPY_NAMES.get(name) or (f"np.{name}" if hasattr(np, name) else "")
    return f"{told} is gone from NumPy; use {instead}" if instead else ""


def missing_name(name: str, error: BaseException) -> str:
    """Why a name is not defined, if that is known."""
    if name in PYTHON_2_NAMES:
        return f"{name} is Python 2; in Python 3 it is {PYTHON_2_NAMES[name]}"
    cell = of_module(error, DROPPED, {}).get(name)
    if cell is not None:
        return f"cell {cell} assigns it; of a notebook only definitions and constants are run"
    stars = of_module(error, STARS, [])
    if stars:
        told = "there is no such file beside this one, or it fails"
        return f"`from {stars[0]} import *` brings nothing: {told}"
    return ""


def of_module(error: BaseException, name: str, otherwise: Any) -> Any:
    """What the module that raised it holds under this name."""
    trace, found = error.__traceback__, otherwise
    while trace is not None:
        found = trace.tb_frame.f_globals.get(name, found)
        trace = trace.tb_next
    return found


def not_there(name: str) -> str:
    """Why an import of Python's library or of NumPy brings nothing."""
    top, _, rest = name.partition(".")
    if top == "numpy":
        parts = rest.split(".")
        known = (gone_from_numpy(name, part) for part in reversed(parts))
        return next(filter(None, known), f"{name} is not in NumPy {np.__version__}")
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{name} is not in Python {version}"
