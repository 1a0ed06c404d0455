"""What somebody hands over, sorted: functions, an object of a framework, a class, a module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from layercheck.errors import UsageError, unknown
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names
from layercheck.submissions.profiles.target import FRAMEWORK, HAS_MODES, Takes
from ref_layers import OPS

from ..arrays import library_of_array
from ..layer import Layer
from ..module import Module
from .hints import Hints, hints_of
from .settings import op_of
from .wrapped import speaking

if TYPE_CHECKING:
    from .assigned import Assigned

BACKWARD = "_backward"
OPTIONS = ("ops", "oracles", "grid", "where", "dtype", "hints", "strict", "allow")
"""What `layercheck.check` takes beside functions by the names of ops."""

NO_SUBJECTS = (int, float, bytes, list, tuple, np.ndarray, np.generic)


WRITTEN = 1 << 9
"""The flag of a class that a `class` statement made (Py_TPFLAGS_HEAPTYPE)."""


@dataclass(frozen=True)
class Given:
    """name: what the report calls it · layers: what is asked, and the module that it is asked of,
    made when it is opened. strict: as of Module · not_checked: what is not asked, and why."""

    name: str
    layers: Callable[[bool], tuple[list[Layer], Module | None]]
    not_checked: Mapping[str, str] = field(default_factory=dict)


def given(
    thing: Any, own: Mapping[str, Callable[..., Any]], ops: Sequence[str], hints: Mapping[str, Any]
) -> str | Given:
    """The subject that a thing, or functions by the op's names, are; raises UsageError.

    A text is a module's name, a file or `oracle:NAME`, as on the command line.
    """
    if own:
        check_functions(own)
        if thing is not None:
            raise UsageError("got a subject and functions by name; expected one or the other")
        return of_functions(own, hints)
    if isinstance(thing, (ModuleType, dict)):
        return of_namespace(thing) if isinstance(thing, dict) else of_module(thing)
    if isinstance(thing, type):
        return of_class(thing, ops)
    is_array = not callable(thing) and library_of_array(thing)
    if is_array or thing is None or isinstance(thing, NO_SUBJECTS) or is_nobodys(thing):
        raise UsageError(
            f"got {type(thing).__name__}; expected a module's name, a file's path, a module, a "
            "class, an object, or functions such as conv2d=my_conv"
        )
    for module, kind in (("torch.nn", "Module"), ("keras", "Layer")):
        framework = sys.modules.get(module)
        if framework is not None and isinstance(thing, getattr(framework, kind, ())):
            return of_object(thing, module.partition(".")[0], tuple(ops), hints)
    if is_function(thing):
        op = said_op(ops) or op_of_function(thing)
        return of_functions({op: thing}, hints)
    return of_class(type(thing), ops, thing)


def said_op(ops: Sequence[str], beside: Collection[str] = ()) -> str:
    """What somebody says that a thing is; empty where he says nothing, or names several. beside:
    functions of its own that may be named, too. Raises UsageError for no op's name."""
    for name in ops:
        if name not in (*OPS, *beside):
            raise unknown("op", name, OPS, beside)
    return ops[0] if len(ops) == 1 and ops[0] in OPS else ""


def is_nobodys(thing: Any) -> bool:
    """Whether it is an object of no class that somebody wrote: `object()`, a generator, a
    namespace."""
    return not callable(thing) and not type(thing).__flags__ & WRITTEN


def is_function(thing: Any) -> bool:
    """Whether it is to be called, and no object that has a forward, or a backward beside."""
    return callable(thing) and not (hasattr(thing, "forward") or hasattr(thing, "backward"))


def op_of_function(function: Any) -> str:
    """The op of a function: of one that an assignment names what it asks for, else by its name."""
    from .assigned import assigned

    found = assigned(function)
    name = getattr(function, "__name__", type(function).__name__)
    return found[0].target.op if found else op_named(name)


def op_named(name: str) -> str:
    """The op that a function's name means; raises UsageError where it means none."""
    names.install(op_table())
    found = names.op_named(name.removesuffix("_forward"))
    if not found and name in (assignment := assignments()):
        op = assignment[name]
        raise UsageError(
            f"got {name} alone, a backward of {op}; expected its forward, too: "
            f"check({op}=..., {op}{BACKWARD}={name})"
        )
    if not found:
        raise UsageError(
            f"got function {name!r}, whose name says no op; name it: check(conv2d={name})"
        )
    return found


def assignments() -> dict[str, str]:
    """The op of each function that an assignment names."""
    from layercheck.submissions.profiles import known_profiles

    profiles = known_profiles().values()
    told = [one.assignment() for one in profiles if hasattr(one, "assignment")]
    return {name: op for one in told for name, (op, _) in one.items()}


def of_functions(own: Mapping[str, Callable[..., Any]], hints: Mapping[str, Any]) -> Given:
    """Functions by the names that a module of layers gives them: conv2d, conv2d_backward."""
    called = dict.fromkeys(getattr(f, "__name__", type(f).__name__) for f in own.values())
    read = [] if hints else of_an_assignment(own)
    if read:
        from .assigned import layers_of_functions

        return Given(", ".join(called), lambda strict: (layers_of_functions(read, strict), None))
    told = {op: hints_of(op, hints) for op in ops_of(own)}
    own = {name: speaking(function) for name, function in own.items()}
    return Given(", ".join(called), lambda strict: asked(", ".join(called), own, told, strict))


def check_functions(own: Mapping[str, Any]) -> None:
    """Raise UsageError for what is no op's function, or no function."""
    for name, function in own.items():
        if name.removesuffix(BACKWARD) not in OPS:
            alike = get_close_matches(name, [*OPTIONS, *OPS], 1)
            hint = f"; did you mean {alike[0]}?" if alike else ""
            raise UsageError(
                f"got {name}=...{hint}; expected an option ({', '.join(OPTIONS)}), an op's name, "
                f"or it with {BACKWARD}: {', '.join(OPS)}"
            )
        if not callable(function):
            raise UsageError(f"got {name}={function!r}; expected a function")


def of_an_assignment(own: Mapping[str, Callable[..., Any]]) -> list[Assigned]:
    """What an assignment says of functions, if it does of all of them."""
    from .assigned import assigned_to

    ops = ops_of(own)
    if any(op not in own for op in ops):
        return []
    found = [assigned_to(op, own[op], own.get(f"{op}{BACKWARD}")) for op in ops]
    told = [one for one in found if one is not None]
    return told if len(told) == len(found) else []


def ops_of(own: Mapping[str, Any]) -> list[str]:
    """The ops that functions by name are of."""
    return list(dict.fromkeys(name.removesuffix(BACKWARD) for name in own))


def asked(
    name: str, own: Mapping[str, Callable[..., Any]], hints: Mapping[str, Hints], strict: bool
) -> tuple[list[Layer], Module]:
    """The layers of functions, and the module that holds them."""
    from . import functions  # of nobody who checks a file

    module, takes, known = ModuleType(name), dict[str, Takes](), dict[str, Hints]()
    for op, said in hints.items():
        if op not in own:
            raise UsageError(f"got {op}{BACKWARD} alone; expected {op} too, whose cache it reads")
        gradient = own.get(f"{op}{BACKWARD}")
        told = known[op] = functions.settled(op, own[op], gradient, said)
        forward, backward = functions.pair_of(op, own[op], gradient, told)
        vars(module)[op] = forward
        if backward is not None:
            vars(module)[f"{op}{BACKWARD}"] = backward
        takes[op] = functions.takes_of_function(op, own[op], forward, told)
    of = {op: (FRAMEWORK,) if is_differentiated(vars(module), op, own) else () for op in known}
    made = Module(module, strict, takes, rounds_anew=any(of.values()))
    told_of = {
        op: (*functions.notes_of(op, own[op], told), *functions.failed_forms(op, made, told))
        for op, told in known.items()
    }
    more = {op: functions.unknown_of(op, own[op], told) for op, told in known.items()}
    usual = {op: functions.defaults_of(op, own[op], told) for op, told in known.items()}
    layers = []
    for one in made.layers():
        asked = replace(one, notes=told_of[one.op], habits=of[one.op])
        layers.append(replace(asked, unknown=more[one.op], defaults=usual[one.op]))
    return [named(layer, own) for layer in layers], made


def is_differentiated(module: Mapping[str, Any], op: str, own: Mapping[str, Any]) -> bool:
    """Whether an op's gradient is its framework's."""
    return f"{op}{BACKWARD}" in module and f"{op}{BACKWARD}" not in own


def named(layer: Layer, own: Mapping[str, Any]) -> Layer:
    """A layer whose gradient is its framework's is one function; without a backward it has none."""
    if layer.backward in own:
        return layer
    _, backward = layer.implementation.functions(layer.op)  # type: ignore[attr-defined]
    return replace(layer, backward="" if backward is None else layer.forward)


def of_object(thing: Any, framework: str, ops: tuple[str, ...], hints: Mapping[str, Any]) -> Given:
    """A layer object of a framework."""
    op = said_op(ops) or op_of(thing)
    told, name = hints_of(op, hints), type(thing).__name__

    def layers(strict: bool) -> tuple[list[Layer], Module]:
        from . import objects

        if framework == "torch":
            from .torch_module import Held
        else:
            from .keras_layer import Held  # type: ignore[assignment]
        held = Held(thing, OPS[op])
        forward, backward, takes = objects.pair_of(op, held, told)
        notes = tuple(objects.notes_of(op, held, takes, told.narrowed.get("fixed", {})))
        module = ModuleType(name)
        vars(module).update({op: forward, f"{op}{BACKWARD}": backward})
        made = Module(module, strict, {op: takes}, rounds_anew=True)
        found = made.layers()
        habits = (FRAMEWORK, HAS_MODES)
        alike = [replace(one, notes=notes, habits=habits) for one in found]
        return [one.called(name) for one in alike], made

    return Given(name, layers)


def of_class(kind: type, ops: Sequence[str] = (), thing: Any = None) -> Given:
    """A class with a forward and a backward, or an object of it."""
    module = sys.modules.get("torch.nn")
    if module is not None and issubclass(kind, module.Module):
        raise UsageError(
            f"got the class {kind.__name__} of torch.nn.Module; expected an object of it, such as "
            f"{kind.__name__}(...)"
        )
    from .read_here import layers_of_class

    name = kind.__name__
    own = [f"{name}.{part}" for part in dir(kind) if not part.startswith("_")]
    op = said_op(ops, [name, f"{name}()", *own])
    return Given(name, lambda strict: (layers_of_class(kind, strict, op, thing), None))


def of_namespace(namespace: Mapping[str, Any]) -> Given:
    """What a namespace defines, such as a notebook's `globals()`; raises UsageError for nothing."""
    from .namespace import NAME, defining

    read = defining(namespace)
    return Given(NAME, lambda strict: (read.layers(strict), None), read.not_checked)


def of_module(module: ModuleType) -> str | Given:
    """A module: by its name where that can be imported."""
    if sys.modules.get(module.__name__) is module:
        return module.__name__

    def layers(strict: bool) -> tuple[list[Layer], Module | None]:
        from .read_here import read_module

        read = read_module(module)
        if read is not None:
            return read.layers(strict), None
        made = Module(module, strict)
        found = list(made.layers())
        if not found:
            raise UsageError(
                f"got module {module.__name__!r}, which has no function named as an op; expected "
                f"one or more of: {', '.join(OPS)}, each with its backward, or functions: "
                "check(conv2d=..., conv2d_backward=...)"
            )
        return found, made

    return Given(module.__name__, layers)
