"""How foreign layers are called: one file a profile, found by itself.

A profile file runs on both sides of the sandbox: the parent reads which functions map to which op,
the child calls them. It therefore imports nothing but the standard library, NumPy and its
neighbours here. A file that has a `NAME` is a profile; the others are what profiles share.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

ORDER = ("declared", "cs231n", "classes", "functional")
"""Who is asked first among profiles that find as much: the more explicit ones."""


def profiles() -> dict[str, ModuleType]:
    """Every profile by name, in the order in which ties are broken."""
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    found = {module.NAME: module for module in modules if hasattr(module, "NAME")}
    places = {name: place for place, name in enumerate(ORDER)}
    return dict(sorted(found.items(), key=lambda pair: (places.get(pair[0], len(ORDER)), pair[0])))


def recognise(source: str, name: str) -> str:
    """The profile that finds most of its names in the source; a tie goes by ORDER.

    A source that does not parse is recognised by its lines. Raises UsageError if none fits.
    """
    from ..errors import UsageError
    from .sources import outline, parse

    try:
        tree = parse(source, name)
    except SyntaxError:
        tree = outline(source)
    known = profiles()
    try:
        scores = {own: module.recognise(tree) for own, module in known.items()}
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    best = max(scores, key=lambda own: scores[own])
    if scores[best] == 0:
        raise UsageError(f"{name}: {defined_text(tree)}; expected any of:\n" + "\n".join(
            f"  {own}: {module.DESCRIPTION}" for own, module in known.items()
        ))  # fmt: skip
    return best


def defined_text(tree: object) -> str:
    """What a file defines, for people."""
    found = [node.name for node in getattr(tree, "body", ()) if hasattr(node, "name")]
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return f"defines {', '.join(found[:8])}{more}" if found else "defines no function or class"
