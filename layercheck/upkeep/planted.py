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
    if isinstance(x, np.ndarray) and x.dtype == object:
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

COURSE = {
    "affine": """
def affine_forward(x, w, b):
    return _forward(x, w=w, b=b)

def affine_backward(dout, cache):
    return _backward(dout, cache)
""",
    "relu": """
def relu_forward(x):
    return _forward(x)

def relu_backward(dout, cache):
    return _backward(dout, cache)
""",
    "softmax_cross_entropy": """
def softmax_loss(x, y):
    loss, cache = _forward(x, y)
    return loss, _backward(np.ones((), x.dtype), cache)
""",
    "svm_loss": """
def svm_loss(x, y):
    loss, cache = _forward(x, y)
    return loss, _backward(np.ones((), x.dtype), cache)
""",
    "batch_norm_1d": """
def batchnorm_forward(x, gamma, beta, bn_param):
    return _batch_norm(x, gamma, beta, bn_param)

def batchnorm_backward(dout, cache):
    return _backward(dout, cache)
""",
    "batch_norm": """
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    return _batch_norm(x, gamma, beta, bn_param)

def spatial_batchnorm_backward(dout, cache):
    return _backward(dout, cache)
""",
    "layer_norm": """
def layernorm_forward(x, gamma, beta, ln_param):
    return _forward(x, gamma=gamma, beta=beta, eps=ln_param.get("eps", 1e-5))

def layernorm_backward(dout, cache):
    return _backward(dout, cache)
""",
    "group_norm": """
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    gamma, beta = gamma.reshape(-1), beta.reshape(-1)
    return _forward(x, gamma=gamma, beta=beta, num_groups=G, eps=gn_param.get("eps", 1e-5))

def spatial_groupnorm_backward(dout, cache):
    dx, dgamma, dbeta = _backward(dout, cache)
    return dx, dgamma.reshape(1, -1, 1, 1), dbeta.reshape(1, -1, 1, 1)
""",
    "dropout": '''
def dropout_forward(x, dropout_param):
    """p: the probability to keep a number."""
    p, training = dropout_param["p"], dropout_param["mode"] == "train"
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < p).astype(x.dtype) if training else None
    return _forward(x, mask=mask, p=1 - p, training=training)

def dropout_backward(dout, cache):
    return _backward(dout, cache)
''',
    "conv2d": """
def conv_forward_naive(x, w, b, conv_param):
    return _forward(x, w=w, b=b, stride=conv_param["stride"], padding=conv_param["pad"])

def conv_backward_naive(dout, cache):
    return _backward(dout, cache)
""",
    "max_pool": """
def max_pool_forward_naive(x, pool_param):
    size = pool_param["pool_height"], pool_param["pool_width"]
    return _forward(x, kernel_size=size, stride=pool_param["stride"])

def max_pool_backward_naive(dout, cache):
    return _backward(dout, cache)
""",
}
"""The course's functions, by the op that they are."""

BATCH_NORM = """
def _batch_norm(x, gamma, beta, bn_param):
    training = bn_param["mode"] == "train"
    size = x.shape[1]
    old = [bn_param.get(n, np.zeros(size, x.dtype)) for n in ("running_mean", "running_var")]
    named = {"eps": bn_param.get("eps", 1e-5), "training": training}
    if training:
        named |= {"momentum": 1 - bn_param.get("momentum", 0.9), "unbiased_running_var": False}
    named |= {"running_mean": old[0], "running_var": old[1]}
    out, cache = _forward(x, gamma=gamma, beta=beta, **named)
    if isinstance(out, tuple):
        out, bn_param["running_mean"], bn_param["running_var"] = out
    return out, cache
"""


def planted(mistake: Mistake, style: str, course: bool = True) -> str:
    """The text of a file in which one op is made with this mistake."""
    return planted_layer(mistake.op, [mistake], style, course)


def planted_layer(op: str, mistakes: Sequence[Mistake], style: str, course: bool = True) -> str:
    """The same with several: of a forward and a backward, or each around the one before."""
    parts = [LOADER, *sources(op, mistakes), chosen(op, mistakes)]
    parts.append(VECTORISED if style == "vectorised" else LOOPS)
    if course:
        parts += [BATCH_NORM, COURSE[op]]
    else:
        parts.append(own_signature(op))
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


def own_signature(op: str) -> str:
    """The op under its own name, with the reference layer's signature."""
    spec = OPS[op]
    node = ast.parse(inspect.getsource(spec.forward)).body[0]
    assert isinstance(node, ast.FunctionDef)
    arguments = node.args
    for argument in [*arguments.args, *arguments.kwonlyargs]:
        argument.annotation = None
    first, *others = [*arguments.args, *arguments.kwonlyargs]
    names = ", ".join(f"{a.arg}={a.arg}" for a in others)
    call = ", ".join(filter(None, [first.arg, names]))
    return (
        f"def {op}({ast.unparse(arguments)}):\n    return _forward({call})\n\n"
        f"def {op}_backward(dout, cache):\n    return _backward(dout, cache)\n"
    )
