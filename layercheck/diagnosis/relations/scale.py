"""A constant ratio, or a constant added, and what it equals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, permutations
from math import log, pi, prod, sqrt

import numpy as np

from .shown import Shown

RANK = 10
SYMBOLS = ("N", "C", "D", "M", "H", "W", "L", "F", "KH", "KW", "OH", "OW", "groups", "num_groups")
WINDOW = ("stride_h", "kernel_size_h", "kernel_size_w")
NUMBERS = ("p", "momentum", "margin", "alpha", "beta", "negative_slope", *WINDOW)
PLAIN = {str(n): float(n) for n in (*range(2, 11), 100, 1000)}
PLAIN |= {"log(2)": log(2.0), "log(10)": log(10.0), "pi": pi}
MOST_FACTORS = 3
GUARDED = ", with a small number where that would be a division by 0"
ENLARGED = 10
"""How many times larger what such a number divides is, at least."""

QUOTIENT = re.compile(r"^(?:what it should be divided by )?\((\w+) / (\w+)\)")
"""One size over another."""


def true(shown: Shown) -> Iterator[str]:
    """`dx is N times what it should be`, `dw is the negative of what it should be`."""
    if not shown.fits or shown.got.dtype.kind != "f":
        return
    if not np.isfinite(shown.got).all():
        yield from (f"{shown.name} is {text}" for text in infinite_ratios(shown))
        return
    if not shown.got.any() and shown.right.any():
        yield f"{shown.name} is 0 everywhere: nothing was computed, or nothing was added"
        return
    guarded = infinite_at(0.0) | infinite_at(1.0)
    for text, ratio in ratios(shown):
        if shown.equals(ratio * shown.right, scale=ratio):
            weighted = "w" in shown.seen.case.spec.inputs  # which sums, and never divides
            yield f"{shown.name} is {text}{'' if weighted else as_of_sizes(text)}"
            yield from (f"{shown.name} is {text}{GUARDED}" for _ in guarded & {text})
    if is_enlarged(shown):
        at = infinite_at(float(shown.names.get("p", 0.5)))
        yield from (f"{shown.name} is {text}{GUARDED}" for text in sorted(at))


def as_of_sizes(text: str) -> str:
    """What one size over another says: which of them it seems to be divided by.

    >>> as_of_sizes("(N / C) times what it should be")
    ', as if it were divided by C in place of N'
    >>> as_of_sizes("what it should be divided by (N / C)")
    ', as if it were divided by N in place of C'
    """
    found = QUOTIENT.search(text)
    if found is None or text.startswith("-"):
        return ""
    right, wrong = found.groups() if text.startswith("(") else found.groups()[::-1]
    return f", as if it were divided by {wrong} in place of {right}"


def would_differ(shown: Shown, text: str) -> bool:
    """Whether an array of a case would be another one, were it as a sentence says."""
    told = text.removeprefix(f"{shown.name} is ").partition(", ")[0]
    ratio = next((value for said, value in named_ratios(shown) if said == told), 1.0)
    return bool(ratio != 1 and shown.would_fail_as(ratio * shown.right))


def infinite_ratios(shown: Shown) -> Iterator[str]:
    """Those that divide by p or by 1 - p where that is 0: no number is left that should be one."""
    needed = shown.right != 0
    if needed.any() and not np.isfinite(shown.got[needed]).any():
        yield from sorted(infinite_at(float(shown.names.get("p", 0.5))))


def infinite_at(p: float) -> frozenset[str]:
    """Ratios that have no value at a share."""
    if p == 0:
        return frozenset(
            {"((1 - p) / p) times what it should be", "what it should be divided by p"}
        )
    if p == 1:
        by = ("(1 - p)", "((1 - p) / p)")
        return frozenset(f"what it should be divided by {quantity}" for quantity in by)
    return frozenset()


def is_enlarged(shown: Shown) -> bool:
    """Whether the array is some large number times what it should be."""
    place = np.unravel_index(np.argmax(np.abs(shown.right)), shown.right.shape)
    if not shown.right[place]:
        return False
    times = float(shown.got[place] / shown.right[place])
    return times >= ENLARGED and shown.equals(times * shown.right, scale=times)


def ratios(shown: Shown) -> Iterator[tuple[str, float]]:
    """Ratios with a name that are near the one that is seen."""
    place = np.unravel_index(np.argmax(np.abs(shown.right)), shown.right.shape)
    if not shown.right[place]:
        return
    seen = float(shown.got[place] / shown.right[place])
    room = 3 * float(shown.limit[place] / abs(shown.right[place]))  # of what cancels
    for text, ratio in named_ratios(shown):
        if abs(ratio - seen) <= room * max(1.0, abs(ratio)) + 1e-3 * abs(seen):
            yield text, ratio


def named_ratios(shown: Shown) -> Iterator[tuple[str, float]]:
    """Every ratio that has a name."""
    yield "the negative of what it should be", -1.0
    for text, value in named_factors(shown).items():
        yield f"{text} times what it should be", value
        yield f"what it should be divided by {text}", 1 / value
        yield f"-{text} times what it should be", -value
        yield f"what it should be divided by -{text}", -1 / value


def ratio_told(text: str, shown: Shown) -> float | None:
    """What the quantity comes to that a sentence says an array is multiplied or divided by; None of
    a number, which is always one, and of a sentence that says no such thing."""
    told = text.removeprefix(f"{shown.name} is ").partition(", ")[0]
    plain = {f"{name} times what it should be" for name in PLAIN}
    plain |= {f"what it should be divided by {name}" for name in PLAIN}
    if told.replace("-", "") in plain or told == "the negative of what it should be":
        return None
    return next((value for ratio, value in named_ratios(shown) if ratio == told), None)


def found_sum(shown: Shown) -> float:
    """How many values of x there are for each number of the array."""
    return float(shown.seen.question.inputs["x"].size / shown.right.size)


def named_factors(shown: Shown) -> dict[str, float]:
    """Those of the quantities that make a difference, and can be divided by."""
    return {text: value for text, value in quantities(shown).items() if value not in (0.0, 1.0)}


def quantities(shown: Shown) -> dict[str, float]:
    """Numbers that a formula may hold too often, or not at all."""
    names, sizes = shown.names, sizes_of(shown)
    found: dict[str, float] = {}
    for count in range(1, MOST_FACTORS + 1):
        for chosen in combinations(sizes, count):
            found.setdefault("*".join(chosen), prod(sizes[n] for n in chosen))
    found["the number of elements of out"] = float(shown.seen.question.dout.size)
    found["the size of the last axis of x"] = float((shown.seen.case.shapes["x"] or (1,))[-1])
    if shown.right.size:
        found.setdefault("the number of values summed for each", found_sum(shown))
    for name in NUMBERS:
        value = names.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found.setdefault(name, float(value))
            if 0 < value < 1:
                found.setdefault(f"(1 - {name})", 1 - float(value))
                found.setdefault(f"(1 - {name})^2", (1 - float(value)) ** 2)
                found.setdefault(f"((1 - {name}) / {name})", (1 - float(value)) / float(value))
    height, width = (names.get(f"kernel_size_{side}") for side in "hw")
    if isinstance(height, int) and isinstance(width, int):
        found["kernel_size_h*kernel_size_w"] = float(height * width)
        found |= quotients({"kernel_size_h": float(height), "kernel_size_w": float(width)})
    pixels = {"H*W": sizes["H"] * sizes["W"]} if {"H", "W"} <= sizes.keys() else {}
    for n, value in {**sizes, **pixels}.items():
        if value > 1:
            found[f"({n} / ({n} - 1))"] = value / (value - 1)
            found[f"sqrt({n})"] = sqrt(value)
    return {**found, **PLAIN, **quotients(sizes)}


def sizes_of(shown: Shown) -> dict[str, float]:
    """The case's sizes by their letters; D: how many numbers a layer norm normalizes together."""
    names = shown.names
    sizes = {n: float(names[n]) for n in SYMBOLS if isinstance(names.get(n), int)}
    normalized = names.get("normalized_dims")
    if isinstance(normalized, int):
        sizes["D"] = float(prod(shown.seen.question.inputs["x"].shape[-normalized:]))
    return sizes


def quotients(sizes: Mapping[str, float]) -> dict[str, float]:
    """One size over another: a mean over the wrong one."""
    pairs = permutations(sizes.items(), 2)
    return {f"({n} / {m})": one / other for (n, one), (m, other) in pairs if other}
