"""A submission's source made ready: its syntax explained, its imports stubbed, its module run.

Only the file itself is under check. What it imports beyond Python and NumPy is replaced by stubs
that raise a clear error when they are used.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.util
import linecache
import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .profile import NotImplementedYet

STUB = "__layercheck_stub__"
STARS = "__layercheck_stars__"

FRAMEWORKS = frozenset(["torch", "torchvision", "tensorflow", "keras", "jax", "flax", "mxnet",
                        "cupy", "tinygrad", "ref_layers", "oracles"])  # fmt: skip
PYTHON_2_MODULES = {"cPickle": "pickle", "__builtin__": "builtins", "Queue": "queue",
                    "StringIO": "io", "urllib2": "urllib.request"}  # fmt: skip
SHIMS = frozenset(["past", "future", "six"])
QUIET = frozenset(["matplotlib", "seaborn", "IPython", "pylab", "plotly"])
SHIM_NAMES = {"xrange": range, "unicode": str, "basestring": str, "long": int, "raw_input": input,
              "reduce": functools.reduce}  # fmt: skip

PYTHON_2_NAMES = {"xrange": "range", "raw_input": "input", "unicode": "str", "basestring": "str",
                  "long": "int", "reduce": "functools.reduce", "unichr": "chr"}  # fmt: skip
NUMPY_NAMES = {"int": "int", "float": "float", "bool": "bool", "object": "object",
               "complex": "complex", "str": "str", "product": "np.prod",
               "float_": "np.float64", "infty": "np.inf", "Inf": "np.inf",
               "NaN": "np.nan"}  # fmt: skip


# ---------------------------------------------------------------------- syntax


def parse(source: str, name: str) -> ast.Module:
    """The syntax tree; raises SyntaxError that says what is wrong and where, in one line."""
    try:
        return ast.parse(source, name)
    except SyntaxError as error:
        raise SyntaxError(syntax_text(error, source)) from None
    except ValueError as error:  # null bytes
        raise SyntaxError(f"not Python: {error}") from None


def outline(source: str) -> ast.Module:
    """Of a source that does not parse: the functions and classes that it seems to define."""
    found = re.findall(r"^(def|class)\s+([A-Za-z_]\w*)", source, re.MULTILINE)
    lines = (f"{kind} {name}{'()' if kind == 'def' else ''}: pass" for kind, name in found)
    return ast.parse("\n".join(lines))


def syntax_text(error: SyntaxError, source: str) -> str:
    """
    >>> parse("print 'hello'", "layers.py")
    Traceback (most recent call last):
    SyntaxError: Python 2 print statement, line 1
    """
    lines = source.splitlines()
    number = error.lineno or 1
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    for pattern, what in PYTHON_2_SYNTAX:
        if re.search(pattern, line):
            return f"Python 2 {what}, line {number}"
    if isinstance(error, TabError):
        return f"tabs and spaces mixed, which Python 2 allowed, line {number}"
    return f"{error.msg}, line {number}: {line[:60]}"


PYTHON_2_SYNTAX = (
    (r"(^|[;:]\s*)print(\s+[^\s(=]|\s*>>|$|\s+\()", "print statement"),
    (r"^except\s+.+,\s*\w+\s*:", "except clause"),
    (r"^raise\s+\w+\s*,", "raise statement"),
    (r"^exec\s+['\"\w]", "exec statement"),
    (r"<>", "operator <>"),
    (r"`[^`]+`", "backticks"),
    (r"\b0[0-7]+\b", "octal number"),
    (r"\bur['\"]", "string prefix ur"),
)


# ---------------------------------------------------------------------- imports


class Stub:
    """Something imported that is not here: a clear error once it is used."""

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

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


def missing_text(name: str) -> str:
    top = root(name)
    if top in FRAMEWORKS:
        return f"{name} is not available: the layer is to be written with Python and NumPy alone"
    if top in PYTHON_2_MODULES:
        return f"{name} is Python 2; in Python 3 it is {PYTHON_2_MODULES[top]}"
    return f"{name} is not available: only this file is checked, with Python and NumPy"


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
    if top == "numba" and name in ("jit", "njit", "vectorize", "prange"):
        return range if name == "prange" else same_function
    refused = refusal(top) if top in FRAMEWORKS else None
    return Stub(module if name is None else f"{module}.{name}", refused)


def refusal(module: str) -> ImportError | None:
    """Let the sandbox notice that a framework is wanted; its error, if it has one."""
    try:
        importlib.util.find_spec(module)
    except ImportError as error:
        return error
    return None


def same_function(*functions: Any, **_: Any) -> Any:
    """A decorator, with arguments or without, that changes nothing."""
    bare = len(functions) == 1 and callable(functions[0])
    return functions[0] if bare else lambda function: function


def implements(op: str, **_: Any) -> Callable[[Any], Any]:
    """The decorator of `layercheck`: it is read from the source, and changes nothing here."""
    return lambda function: function


def stand_in() -> ModuleType:
    module = ModuleType("layercheck")
    module.implements = implements  # type: ignore[attr-defined]
    return module


def is_available(module: str) -> bool:
    """Whether a submission may really import it: the standard library, and NumPy."""
    top = root(module)
    return top == "numpy" or top in sys.stdlib_module_names


class Imports(ast.NodeTransformer):
    """Replaces imports of what is not here by stubs; those that a `try` guards are left alone."""

    def __init__(self) -> None:
        self.stars: list[str] = []

    def visit_Try(self, node: ast.Try) -> ast.AST:
        if not any(catches_import_error(handler) for handler in node.handlers):
            return self.generic_visit(node)
        for part in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(part)
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        kept = [alias for alias in node.names if is_available(alias.name)]
        lost = [alias for alias in node.names if not is_available(alias.name)]
        first: list[ast.stmt] = [ast.copy_location(ast.Import(kept), node)] if kept else []
        return first + [
            bound(node, alias.asname or root(alias.name),
                  alias.name if alias.asname else root(alias.name))
            for alias in lost
        ]  # fmt: skip

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        module = node.module or ""
        if not node.level and is_available(module):
            return node
        named = [alias for alias in node.names if alias.name != "*"]
        if len(named) < len(node.names):
            self.stars.append("." * node.level + module)
        full = module or "this package"
        made = [bound(node, a.asname or a.name, full, a.name) for a in named]
        return made or ast.copy_location(ast.Pass(), node)


def root(module: str) -> str:
    return module.partition(".")[0]


def bound(node: ast.stmt, name: str, *arguments: str) -> ast.stmt:
    """`name = stub(*arguments)`, in the place of an import."""
    call = ast.Call(ast.Name(STUB, ast.Load()), [ast.Constant(a) for a in arguments], [])
    made = ast.Assign([ast.Name(name, ast.Store())], call)
    return ast.fix_missing_locations(ast.copy_location(made, node))


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = "BaseException" if handler.type is None else ast.unparse(handler.type)
    return bool(re.search(r"ImportError|ModuleNotFoundError|\b(Base)?Exception\b", caught))


# ---------------------------------------------------------------------- running


def load(source: str, name: str) -> dict[str, Any]:
    """Run a submission's module; its namespace. Whatever it raises comes out, explained."""
    imports = Imports()
    tree = ast.fix_missing_locations(imports.visit(parse(source, name)))
    module = ModuleType("submission")
    module.__file__ = name
    namespace = vars(module)
    namespace.update({STUB: stub, STARS: imports.stars})
    sys.modules["submission"] = module  # dataclasses look their module up
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    code = compile(tree, name, "exec", dont_inherit=True)
    explained(exec, code, namespace)
    return namespace


def invoke(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a submission's function; NotImplementedError becomes NotImplementedYet."""
    try:
        return explained(function, *args, **kwargs)
    except NotImplementedError:
        raise NotImplementedYet(getattr(function, "__name__", "function")) from None


def explained(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call it; an error that a leftover of Python 2 or of old NumPy explains says so."""
    try:
        return function(*args, **kwargs)
    except (TypeError, NameError, AttributeError, IndexError) as error:
        text = explanation(error)
        if not text or type(error) not in (TypeError, NameError, AttributeError, IndexError):
            raise
        first = next(iter(str(error).splitlines()), "")
        raise type(error)(f"{first}: {text}").with_traceback(error.__traceback__) from None


FLOAT_SIZE = "a size is not a whole number; in Python 3 `/` gives a float, `//` a whole number"


def explanation(error: Exception) -> str:
    """Why it failed, if a leftover of Python 2 or of old NumPy is the reason; else empty."""
    text = str(error)
    if re.search(r"'(numpy\.)?float\d*' object cannot be interpreted as an integer", text) or (
        re.search(r"slice indices must be integers|only integers, slices", text)
    ):
        return FLOAT_SIZE
    found = re.search(r"(?:has no attribute|name) '(\w+)'", text)
    name = found[1] if found else ""
    if isinstance(error, NameError):
        return missing_name(name, error)
    if isinstance(error, AttributeError) and "module 'numpy'" in text and name in NUMPY_NAMES:
        return f"np.{name} is gone from NumPy; use {NUMPY_NAMES[name]}"
    if isinstance(error, AttributeError) and name in ("iteritems", "itervalues", "has_key"):
        return f"{name} is Python 2"
    return ""


def missing_name(name: str, error: BaseException) -> str:
    if name in PYTHON_2_NAMES:
        return f"{name} is Python 2; in Python 3 it is {PYTHON_2_NAMES[name]}"
    stars = star_imports(error)
    if stars:
        return f"`from {stars[0]} import *` brings nothing: only this file is checked"
    return ""


def star_imports(error: BaseException) -> list[str]:
    """Which `import *` the module that raised it has lost."""
    trace = error.__traceback__
    found: list[str] = []
    while trace is not None:
        found = trace.tb_frame.f_globals.get(STARS, found)
        trace = trace.tb_next
    return found
