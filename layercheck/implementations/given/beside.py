"""What an object's constructor was told that its op has no attribute for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from layercheck.errors import UsageError
from layercheck.submissions.profiles.names import names_of
from ref_layers import Op


def beside(thing: Any, op: Op, home: str) -> Iterator[tuple[str, Any, Any]]:
    """What a constructor takes, where a library wrote it, that is no attribute and no array of the
    op: its name, its default (`inspect.Parameter.empty` where there is none), and the object's own
    value. home: how the names of the library's modules begin."""
    kinds = type(thing).__mro__
    own = next((kind for kind in kinds if kind.__module__.startswith(home)), kinds[0])
    known = {word for name in (*op.attributes, *op.inputs) for word in names_of(op.name, name)}
    for name, told in inspect.signature(own).parameters.items():
        if name not in known:
            yield name, told.default, getattr(thing, name, told.default)


def refuse_beside(thing: Any, op: Op, name: str, default: Any, shown: str) -> None:
    """Raise UsageError for a setting that does more than the op. shown: its value, in words."""
    kind = type(thing).__name__
    raise UsageError(
        f"got {kind}({name}={shown}), which {op.name} has no attribute for; expected "
        f"{kind}({name}={default!r}), and what {name} does checked by itself"
    )
