"""Conditions on several sizes together, by what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .predicate import Names, Predicate
from .sizes import has_square_rows
from .windows import (
    gaps,
    is_higher,
    is_oblong,
    is_wider,
    kernel,
    overlaps,
    padded,
    remainder,
    strides,
    uneven,
    uneven_at,
)

WINDOWS = ("stride", "padding", "KH", "KW", "kernel_size", "H", "W")
"""What decides where windows lie."""


def on(text: str, holds: Callable[[Names], bool], of: Sequence[str], rank: int = 1) -> Predicate:
    """A condition on these names."""
    return Predicate(text, holds, rank, of=tuple(of))


def geometry() -> list[Predicate]:
    """Conditions on several sizes together, by what they mean."""
    rest = "(size + 2 * padding - kernel) % stride != 0, in height or width"
    return [
        on(
            "stride < kernel and there are several windows, so that they overlap",
            overlaps,
            WINDOWS,
        ),
        on("stride > kernel, so that windows leave gaps", gaps, WINDOWS),
        *(
            on(f"stride {sign} kernel {side}", beside(place, sign), WINDOWS)
            for place, side in enumerate(("height", "width"))
            for sign in "<>"
        ),
        on(rest, remainder, WINDOWS),
        *kernels(),
        on("x has as many rows as columns", has_square_rows, ("N", "D", "C"), 3),
        on("x is a single number", lambda n: n["case"].inputs["x"].size == 1, ("N", "C", "D"), 2),
        on("images have more than one pixel", lambda n: n["H"] * n["W"] > 1, ("H", "W"), 2),
        *(
            on(f"{name} is not the same in height and width", unlike(name), (name,))
            for name in ("stride", "padding", "dilation", "output_padding")
        ),
        *paddings(),
    ]


def kernels() -> list[Predicate]:
    """Conditions on the two sizes of a kernel."""
    sizes = WINDOWS[2:5]
    return [
        on("kernel height != kernel width", is_oblong, sizes),
        on("kernel height == kernel width", lambda n: not is_oblong(n), sizes, 2),
        on("kernel height > kernel width", is_higher, sizes, 2),
        on("kernel height < kernel width", is_wider, sizes, 2),
        on("the kernel is larger than 1x1", lambda n: max(kernel(n)) > 1, sizes, 2),
        on("the kernel is 1x1", lambda n: max(kernel(n)) == 1, sizes, 2),
    ]


def paddings() -> list[Predicate]:
    """Conditions on the sides of a padding."""
    unequal = "padding is not the same at"
    return [
        on("padding > H", lambda n: n["padding_h"] > n["H"], ("padding", "H"), 2),
        on("padding > W", lambda n: n["padding_w"] > n["W"], ("padding", "W"), 2),
        on(f"{unequal} both ends of an axis", uneven, ("padding",)),
        on(f"{unequal} left and right", lambda n: uneven_at(n, -1), ("padding",)),
        on(f"{unequal} top and bottom", lambda n: uneven_at(n, 0), ("padding",)),
        on("padding is not 0", lambda n: padded(n) is True, ("padding",)),
        on("padding is 0", lambda n: padded(n) is False, ("padding",)),
        on("padding is not 1", lambda n: n["padding"] != 1, ("padding",), 2),
    ]


def beside(place: int, sign: str) -> Callable[[Names], bool]:
    """Whether the step along one side is smaller, or larger, than the kernel's."""

    def holds(names: Names) -> bool:
        step, side = strides(names)[place], kernel(names)[place]
        return step > side if sign == ">" else step < side

    return holds


def unlike(name: str) -> Callable[[Names], bool]:
    """Whether an attribute's two sides differ; raises KeyError where it has none."""
    return lambda names: names[f"{name}_h"] != names[f"{name}_w"]
