"""Homework files with named mistakes planted in them: in the course's signatures, or an op's own.

A file holds the sources of the reference layer and of the mistakes under other names, so that it
runs in a sandbox which has neither. `vectorised` computes in NumPy's arrays as they come; `loops`
in Python numbers one by one, in float64 and in another order, and rounds once at the end, as the
loops of a homework do.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path

import layercheck.mistakes
import ref_layers
from layercheck.diagnosis.compose import around
from layercheck.mistakes import Mistake, same_layer
from ref_layers import OPS

from .forms import FORMS

STYLES = ("vectorised", "loops")
KEPT = {
    "ref_layers": Path(ref_layers.__file__),
    "layercheck.mistakes": Path(layercheck.mistakes.__file__),
}

LOADER = """
from __future__ import annotations

import sys, types
from types import FunctionType
import numpy as np

def _load(name, text):
    module = types.ModuleType(name)
    module.__package__ = name.rpartition(".")[0] or name
    module.__path__ = []
    sys.modules[name] = module
    exec(compile(text, name, "exec"), module.__dict__)
    return module

for _name in ("_lib", "_lib.own", "_lib.slips"):
    _load(_name, "")
"""

LOOPS = '''
class _Number(float):
    """One number that computes by itself, in float64."""
    __slots__ = ()

def _by(function, swapped=False):
    def method(self, *other):
        if other and not np.isscalar(other[0]):
            return NotImplemented
        wide = [np.float64(self), *map(np.float64, other)]
        return _Number(function(*(wide[::-1] if swapped else wide)))
    return method

for _name, _function in {"add": np.add, "sub": np.subtract, "mul": np.multiply,
                         "truediv": np.divide, "pow": np.power}.items():
    setattr(_Number, f"__{_name}__", _by(_function))
    setattr(_Number, f"__r{_name}__", _by(_function, swapped=True))
_Number.__neg__, _Number.__abs__ = _by(np.negative), _by(np.abs)
for _function in (np.sqrt, np.exp, np.expm1, np.log, np.log1p, np.tanh):
    setattr(_Number, _function.__name__, _by(_function))

_number = np.frompyfunc(_Number, 1, 1)

def _given(x):
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return np.asarray(_number(x.astype(float)), object).reshape(x.shape)
    return x

def _back(x, dtype):
    if isinstance(x, tuple):
        return tuple(_back(one, dtype) for one in x)
    if isinstance(x, (_Number, float)):
        return np.asarray(x).astype(dtype)
    if isinstance(x, np.ndarray) and (x.dtype == object or (x.ndim == 0 and x.dtype == float)):
        return x.astype(dtype)
    return x

def _forward(*arrays, **named):
    every = [v for v in (*arrays, *named.values()) if isinstance(v, np.ndarray)]
    dtype = next(v.dtype for v in every if v.dtype.kind == "f")
    given = [_given(a) for a in arrays]
    asked = {n: _given(v) for n, v in named.items()}
    with np.errstate(all="ignore"):
        out, cache = _wrong_forward(*given, **asked)
    for old, new in [*zip(arrays, given), *((v, asked[n]) for n, v in named.items())]:
        if isinstance(old, np.ndarray) and new is not old:
            if not np.array_equal(old, new.astype(old.dtype), equal_nan=True):
                old[...] = new.astype(old.dtype)
    return _back(out, dtype), (cache, dtype)

def _backward(dout, kept):
    cache, dtype = kept
    with np.errstate(all="ignore"):
        return _back(_wrong_backward(_given(dout), cache), dtype)
'''

VECTORISED = """
_forward, _backward = _wrong_forward, _wrong_backward
"""


def planted(mistake: Mistake, style: str, form: str = "course") -> str:
    """The text of a file in which one op is made with this mistake."""
    return planted_layer(mistake.op, [mistake], style, form)


def planted_layer(op: str, mistakes: Sequence[Mistake], style: str, form: str = "course") -> str:
    """The same with several: of a forward and a backward, or each around the one before."""
    parts = [LOADER, *sources(op, mistakes), chosen(op, mistakes)]
    parts.append(VECTORISED if style == "vectorised" else LOOPS)
    parts.append(FORMS[form](op))
    return "\n".join(parts)


def sources(op: str, mistakes: Sequence[Mistake]) -> Iterator[str]:
    """What loads the modules that the layer and its mistakes are made of."""
    wanted = [inspect.getmodule(OPS[op].forward)]
    wanted += [inspect.getmodule(f) for m in mistakes for f in (m.forward, m.backward)]
    loaded: dict[str, str] = {}
    for module in wanted:
        assert module is not None
        load(module.__name__, loaded)
    for name, text in loaded.items():
        yield f"_load({renamed(name)!r}, {text!r})"


def load(name: str, loaded: dict[str, str]) -> None:
    """A module's text, after those of the modules that it needs."""
    if name in loaded:
        return
    package, _, stem = name.rpartition(".")
    text = (KEPT[package].parent / f"{stem}.py").read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module not in (None, "__future__"):
            inner = f"{package}.{node.module}" if node.level else str(node.module)
            if inner.rpartition(".")[0] in KEPT:
                load(inner, loaded)
    loaded[name] = text.replace("ref_layers", "_lib.own").replace(
        "layercheck.mistakes", "_lib.slips"
    )


def renamed(name: str) -> str:
    """A module's name in the file."""
    return name.replace("ref_layers", "_lib.own").replace("layercheck.mistakes", "_lib.slips")


def chosen(op: str, mistakes: Sequence[Mistake]) -> str:
    """The wrong functions by name; a second one of a kind finds the first where it looks for the
    reference."""
    lines = [inspect.getsource(around)]
    related = [OPS[name] for name in same_layer(op)]
    for kind in ("forward", "backward"):
        name = getattr(OPS[op], kind).__name__
        names = [getattr(one, kind).__name__ for one in related]
        home = renamed(OPS[op].forward.__module__)
        lines.append(f"_wrong_{kind} = sys.modules[{home!r}].{name}")
        for mistake in mistakes:
            function = getattr(mistake, kind)
            if function is not getattr(OPS[op], kind):
                place = renamed(function.__module__)
                lines.append(
                    f"_wrong_{kind} = around({place!r}, {function.__name__!r}, {names!r}, "
                    f"_wrong_{kind})"
                )
    return "\n".join(lines)
