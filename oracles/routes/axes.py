"""Questions about images put to what has one axis, or three: a row, or images a pixel deep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oracles.geometry import two

from .route import Lacking, named

NEUTRAL = {
    "kernel_size": 1,
    "stride": 1,
    "dilation": 1,
    "padding": 0,
    "output_padding": 0,
    "output_size": 1,
}
"""Attributes that have a number for each axis, and what they are along one that keeps as it is."""

SAME = ("same", "same_lower")
WORDS = (*SAME, "valid")
OF_KERNELS = ("stride", "dilation")
"""What does nothing to a row that a kernel of one row looks at."""


def check_row(x: Any, w: Any, said: Mapping[str, Any], enlarges: bool = False) -> None:
    """Raise Lacking unless all that happens to the images happens along their one row. enlarges:
    whether a stride makes more rows, as that of a transposed convolution does with SAME."""
    if x.shape[2] != 1 or (w is not None and w.shape[2] != 1):
        raise Lacking("images of several rows have two axes")
    for name, value in said.items():
        first = value[0] if isinstance(value, tuple) else value
        own = NEUTRAL.get(name)
        if name in NEUTRAL.keys() - OF_KERNELS and first not in (own, None, (own, own), *WORDS):
            raise Lacking(f"{name}={value} changes the number of rows")
    if enlarges and said.get("padding") in SAME and two(said.get("stride", 1))[0] != 1:
        raise Lacking(f"stride={said['stride']} changes the number of rows")


def along_the_row(said: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as they are for one axis."""
    return {n: v[1] if n in NEUTRAL and isinstance(v, tuple) else v for n, v in said.items()}


def with_a_depth(said: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as they are for three axes, along the first of which nothing happens."""
    return {n: deeper(n, v) if n in NEUTRAL else v for n, v in said.items()}


def deeper(name: str, value: Any) -> Any:
    """A number, or one for each axis, with that of the depth before it."""
    if value is None or isinstance(value, str):
        return value
    height, width = value if isinstance(value, tuple) else (value, value)
    own = NEUTRAL[name]
    return ((own, own) if isinstance(height, tuple) else own, height, width)


Writer = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Makes the arguments of one axis, or of three, of those about images."""


def of_rows(
    function: Callable[..., Any], write: Writer = along_the_row, enlarges: bool = False
) -> Callable[..., Any]:
    """A function of (N, C, W) arrays, asked about images of one row."""

    def asked(x: Any, w: Any = None, b: Any = None, **said: Any) -> Any:
        check_row(x, w, said, enlarges)
        given = [one if one is None or one is b else one[:, :, 0] for one in (x, w, b)]
        made = named(function(*given[: 1 if w is None else 3], **write(said)))
        return {name: one[:, :, None] for name, one in made.items()}

    return asked


def of_volumes(function: Callable[..., Any], write: Writer = with_a_depth) -> Callable[..., Any]:
    """A function of (N, C, D, H, W) arrays, asked about images as volumes that are a pixel deep."""

    def asked(x: Any, w: Any = None, b: Any = None, **said: Any) -> Any:
        given = [one if one is None or one is b else one[:, :, None] for one in (x, w, b)]
        made = named(function(*given[: 1 if w is None else 3], **write(said)))
        return {name: one[:, :, 0] for name, one in made.items()}

    return asked
