"""Functions and classes of a trusted module that are called as layers are, and are not asked."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isclass, isfunction
from types import ModuleType

from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import known_profiles, names
from layercheck.submissions.profiles.due import OF_A_MODULE
from ref_layers import OPS


def leftover(module: ModuleType) -> dict[str, str]:
    """By name what looks like a layer and is none of the functions that are asked, and why."""
    names.install(op_table())
    known = {names.plain(n) for profile in known_profiles().values() for n in profile.names()}
    asked = {name for op in OPS for name in (op, f"{op}_backward") if is_asked(module, op)}
    return {
        name: reason(name)
        for name in public(module)
        if name not in asked and (names.plain(name) in known or names.op_meant(name))
    }


def is_asked(module: ModuleType, op: str) -> bool:
    """Whether an op's functions are asked: not a backward whose forward has another name."""
    return hasattr(module, op) or not hasattr(module, f"{op}_forward")


def public(module: ModuleType) -> Iterator[str]:
    """The public functions and classes that a module defines itself, or a part of it."""
    own = module.__name__
    for name, value in vars(module).items():
        place = getattr(value, "__module__", "") or ""
        is_own = place == own or place.startswith(f"{own}.")
        if not name.startswith("_") and is_own and (isfunction(value) or isclass(value)):
            yield name


def reason(name: str) -> str:
    """Why a function or class is not asked, and what would be."""
    op = names.op_meant(name)
    what = (
        f"{op} and {op}_backward" if op else "an op's own name, such as conv2d and conv2d_backward"
    )
    return f"{OF_A_MODULE}; expected {what}"
