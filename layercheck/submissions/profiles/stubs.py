"""What stands in the place of an import that is not here: a clear error once it is used."""

from __future__ import annotations

import builtins
import dis
import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any

from .explanations import not_there

FRAMEWORKS = frozenset(
    [
        "torch",
        "torchvision",
        "tensorflow",
        "keras",
        "jax",
        "flax",
        "mxnet",
        "cupy",
        "tinygrad",
        "ref_layers",
        "oracles",
    ]
)
PYTHON_2_MODULES = {
    "cPickle": "pickle",
    "__builtin__": "builtins",
    "Queue": "queue",
    "StringIO": "io",
    "urllib2": "urllib.request",
}
SHIMS = frozenset(["past", "future", "six"])
SHIM_NAMES: dict[str, Any] = {
    "xrange": range,
    "unicode": str,
    "basestring": str,
    "long": int,
    "raw_input": input,
    "reduce": functools.reduce,
}
QUIET = frozenset(["matplotlib", "seaborn", "IPython", "pylab", "plotly"])


broken: dict[str, str] = {}
"""Why a module beside the file cannot be imported, by its name."""


class Stub:
    """Something imported that is not here."""

    def __init__(self, name: str, refused: ImportError | None = None) -> None:
        self.__name__ = name
        self._refused = refused

    def __getattr__(self, attribute: str) -> Stub:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return Stub(f"{self.__name__}.{attribute}", self._refused)

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()  # `class Conv(nn.Module)` is a class of its own

    def _used(self, *_: Any, **__: Any) -> Any:
        raise self._refused or ImportError(missing_text(self.__name__))

    __call__ = __getitem__ = __iter__ = __len__ = __bool__ = __enter__ = _used
    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = _used
    __truediv__ = __rtruediv__ = __matmul__ = __array__ = _used


class Quiet:
    """A plotting module: settings at the top of a file do nothing."""

    def __getattr__(self, attribute: str) -> Quiet:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return self

    def __call__(self, *_: Any, **__: Any) -> Quiet:
        return self

    __getitem__ = __call__

    def __iter__(self) -> Iterator[Quiet]:
        return iter([self] * unpacked(sys._getframe(1)))

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


def unpacked(frame: FrameType) -> int:
    """Into how many names a line unpacks what it iterates over; 0 where it loops."""
    later = (i for i in dis.get_instructions(frame.f_code) if i.offset >= frame.f_lasti)
    found = next((i for i in later if i.opname == "UNPACK_SEQUENCE"), None)
    near = found is not None and found.offset - frame.f_lasti <= 4
    return int(found.arg or 0) if found is not None and near else 0


def missing_text(name: str) -> str:
    """Why an import brings nothing, and what to do."""
    top = root(name)
    if top in broken:
        return broken[top]
    if top in FRAMEWORKS:
        return f"{name} is not available: the layer is to be written with Python and NumPy alone"
    if top in PYTHON_2_MODULES:
        return f"{name} is Python 2; in Python 3 it is {PYTHON_2_MODULES[top]}"
    if is_available(name):
        return not_there(name)
    if top in sys.modules and getattr(sys.modules[top], "__file__", "") == f"{top}.py":
        return f"{top}.py beside it has no {name.partition('.')[2]}"
    return f"{name} is not available: only this file and those beside it, with Python and NumPy"


def stub(module: str, name: str | None = None) -> Any:
    """What `import module` or `from module import name` gives in place of the real thing."""
    top = root(module)
    if top == "layercheck":
        return implements if name == "implements" else stand_in()
    if top in SHIMS and name is not None:
        return SHIM_NAMES.get(name, getattr(builtins, name, Stub(f"{module}.{name}")))
    if top in QUIET:
        return Quiet()
    if top == "tqdm":
        return lambda things, *_, **__: things
    if top == "numba":
        return Numba() if name is None else getattr(Numba(), name)
    refused = refusal(top) if top in FRAMEWORKS else None
    return Stub(module if name is None else f"{module}.{name}", refused)


def refusal(module: str) -> ImportError | None:
    """Let the sandbox notice that a framework is wanted; its error, if it has one."""
    try:
        importlib.util.find_spec(module)
    except ImportError as error:
        return error
    return None


class Numba:
    """numba without compilation: its decorators change nothing."""

    prange = range

    def __getattr__(self, name: str) -> Any:
        if name in ("jit", "njit", "vectorize", "guvectorize", "stencil"):
            return same_function
        return Stub(f"numba.{name}")


def same_function(*functions: Any, **_: Any) -> Any:
    """A decorator, with arguments or without, that changes nothing."""
    bare = len(functions) == 1 and callable(functions[0])
    return functions[0] if bare else lambda function: function


def implements(op: str, **_: Any) -> Callable[[Any], Any]:
    """The decorator of `layercheck`: it is read from the source, and changes nothing here."""
    return lambda function: function


def stand_in() -> ModuleType:
    """What `import layercheck` gives."""
    module = ModuleType("layercheck")
    module.implements = implements  # type: ignore[attr-defined]
    return module


def is_available(module: str) -> bool:
    """Whether a submission may really import it: the standard library, and NumPy."""
    top = root(module)
    return top == "numpy" or top in sys.stdlib_module_names


def root(module: str) -> str:
    """`numpy` of `numpy.lib.stride_tricks`."""
    return module.partition(".")[0]
