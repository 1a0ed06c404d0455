"""Conditions on cases: `stride > 1 and groups == 1`, for --where and the list of defects.

Names: every attribute, every symbol of a shape (N, C, H, W, F, KH, KW, ...), every array (None
where the case lacks it, as in `not gamma` or `b is not None`), and op, dtype, fill, seed. A pair
such as stride=1,2 compares with a number component by component: `stride > 1` holds if both are;
`stride_h` and `stride_w` name one of them. `axes` is how many x has: `axes == 2` asks a function of
matrices no more than it takes. `spread` is the largest difference within a row of a loss's scores,
`exp_range` how far exp reaches in the dtype (87 in float32, 708 in float64). `D` is how many
numbers a row of an affine layer has, or a norm over the last axes. Where a comparison makes no
sense (`padding > 0` at padding=same) the case does not match. No Python is evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Set
from functools import cache
from math import prod
from typing import Any

import numpy as np

from layercheck.errors import UsageError
from ref_layers import OPS

from .case import Case

ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)
UNDERSTOOD = (
    *(ast.Expression, ast.BoolOp, ast.boolop, ast.Compare, ast.cmpop, ast.UnaryOp, ast.unaryop),
    *(ast.BinOp, *ARITHMETIC, ast.Name, ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Load),
)
"""The pieces of a condition, as Python's own parser calls them."""

EXPECTED = "expected comparisons of names, numbers and words, with and, or, not, in, + - * / // %"

NONSENSE = (TypeError, ValueError, ArithmeticError)
"""What a comparison raises of a case for which it makes no sense."""


class Lacking(ValueError):
    """A case has not the names of a condition."""


WORDS = {"true": True, "false": False}
"""As reports write them."""

COMMON = ("op", "dtype", "fill", "seed", "C", "D", "F", "OH", "OW", "spread", "exp_range", "axes")


class Pair(tuple):  # type: ignore[type-arg]
    """Two sizes that compare with a number if both do."""

    __slots__ = ()

    def _all(self, other: Any, test: Callable[[Any, Any], bool]) -> bool:
        others = other if isinstance(other, tuple) else (other,) * len(self)
        return all(test(a, b) for a, b in zip(self, others, strict=True))

    def __lt__(self, other: Any) -> bool:
        return self._all(other, lambda a, b: a < b)

    def __le__(self, other: Any) -> bool:
        return self._all(other, lambda a, b: a <= b)

    def __gt__(self, other: Any) -> bool:
        return self._all(other, lambda a, b: a > b)

    def __ge__(self, other: Any) -> bool:
        return self._all(other, lambda a, b: a >= b)

    def __eq__(self, other: Any) -> bool:
        return self._all(other, lambda a, b: a == b)

    def __ne__(self, other: Any) -> bool:
        return not self == other

    __hash__ = tuple.__hash__


IMAGES = frozenset(("C", "F", "OH", "OW"))
RANGES = frozenset(("spread", "exp_range"))


def names_of(case: Case, used: Set[str] = IMAGES | RANGES) -> dict[str, Any]:
    """What a condition can ask about a case; what has to be computed if it is used."""
    names: dict[str, Any] = {
        "op": case.op,
        "dtype": case.dtype,
        "fill": case.fill,
        "seed": case.seed,
        "axes": len(next(iter(case.shapes.values()), ())),
    }
    names.update((name, True if name in case.shapes else None) for name in case.spec.inputs)
    names.update(case.sizes)
    names.update({name: comparable(value) for name, value in case.all_attributes.items()})
    for name, value in case.all_attributes.items():
        if is_pair(value) or (isinstance(value, int) and not isinstance(value, bool)):
            h, w = value if is_pair(value) else (value, value)
            names.update({f"{name}_h": h, f"{name}_w": w})
    names.update(features(case))
    names.update(image_sizes(case) if used & IMAGES else {})
    names.update(ranges(case) if used & RANGES else {})
    return names


def features(case: Case) -> dict[str, int]:
    """D: how many numbers of x a row of an affine layer's has, or a norm's over the last axes."""
    shape = case.shapes.get("x", ())
    if "normalized_dims" in case.spec.attributes:
        return {"D": prod(shape[-case.all_attributes["normalized_dims"] :])}
    rows = any("C*H*W" in tensor.symbols for tensor in case.spec.inputs.values())
    return {"D": prod(shape[1:])} if rows else {}


def image_sizes(case: Case) -> dict[str, int]:
    """C, F and the output's OH, OW, where the case has images."""
    sizes = {}
    if len(case.shapes.get("x", ())) > 1:
        sizes["C"] = case.shapes["x"][1]
    try:
        shape = case.out_shape
    except ValueError:
        return sizes
    if len(shape) == 4:
        sizes.update(F=shape[1], OH=shape[2], OW=shape[3])
    return sizes


def ranges(case: Case) -> dict[str, float]:
    """How far the scores of a loss lie apart, and how far exp reaches."""
    roles = {tensor.draw.partition(":")[0] for tensor in case.spec.inputs.values()}
    if not roles & {"labels", "shares"}:
        return {}
    x = case.inputs["x"].astype(np.float64)
    spread = np.ptp(x, axis=1).max(initial=0.0) if x.ndim == 2 else 0.0
    reach = -np.log(float(np.finfo(case.dtype).tiny))
    return {"spread": float(spread), "exp_range": float(reach)}


def is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(v, int) for v in value)


def comparable(value: Any) -> Any:
    return Pair(value) if is_pair(value) else value


@cache
def known_names() -> frozenset[str]:
    """Every name that some op has."""
    names = {*COMMON, *WORDS}
    for op in OPS.values():
        names.update(op.inputs, op.attributes, *(f"{n}_h {n}_w".split() for n in op.attributes))
        names.update(s for t in op.inputs.values() for s in t.symbols if s.isidentifier())
    return frozenset(names)


def of_numbers(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operator that takes numbers alone: of texts and tuples it could make longer ones."""

    def checked(a: Any, b: Any) -> Any:
        if not (isinstance(a, (int, float)) and isinstance(b, (int, float))):
            raise TypeError("no numbers")
        return operator(a, b)

    return checked


def is_by_zero(node: ast.AST) -> bool:
    """Whether something is divided by the number 0, which no case can answer."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod)):
        return False
    return isinstance(node.right, ast.Constant) and node.right.value == 0


def condition(text: str) -> Callable[[Case], bool]:
    """Compile a condition, which does not hold where a comparison makes no sense; raises UsageError
    if it cannot be read or names what no op has."""
    evaluate = compiled(text)

    def holds(case: Case) -> bool:
        try:
            return bool(evaluate(case))
        except NONSENSE:
            return False

    return holds


FITS, NO_SENSE = "fits the options", "makes no sense for any case"
"""What is said of options that leave no case."""


def none_fits(grid: str, where: str, cases: Iterable[Case]) -> UsageError:
    """What is told where no case is left; of a condition that makes no sense for any, why not."""
    evaluate = compiled(where) if where else None
    found = [nonsense(evaluate, case) for case in cases] if evaluate else []
    problems = [one for one in found if one is not None]
    if problems and all(problems):
        told = f"condition {where!r} {NO_SENSE}: {problems[0]}"
        return UsageError(f"{told}; try: stride > 1 and groups == 1")
    return UsageError(f"no case of the {grid} grid {FITS}; loosen where, op or dtype")


def nonsense(evaluate: Callable[[Case], Any], case: Case) -> str | None:
    """Why a condition makes no sense for a case; empty if it does, None where its names are not
    those of the case."""
    try:
        evaluate(case)
    except Lacking:
        return None
    except NONSENSE as error:
        return str(error) or type(error).__name__
    return ""


def compiled(text: str) -> Callable[[Case], Any]:
    """What a condition comes to. Raises UsageError if it cannot be read, and for a case one of
    NONSENSE: Lacking for one that has not its names."""
    from simpleeval import DEFAULT_OPERATORS, EvalWithCompoundTypes, InvalidExpression

    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UsageError(
            f"condition {text!r}: cannot be read; try: stride > 1 and groups == 1"
        ) from None
    odd = [node for node in ast.walk(tree) if not isinstance(node, UNDERSTOOD)]
    if odd:
        raise UsageError(f"condition {text!r}: {type(odd[0]).__name__} is not known; {EXPECTED}")
    if any(is_by_zero(node) for node in ast.walk(tree)):
        raise UsageError(f"condition {text!r}: divides by 0; expected another number there")
    numeric = {kind: of_numbers(DEFAULT_OPERATORS[kind]) for kind in ARITHMETIC}
    operators = {**DEFAULT_OPERATORS, **numeric}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    unknown = used - known_names()
    if unknown:
        raise UsageError(
            f"condition {text!r}: unknown name {min(unknown)!r}; "
            f"expected any of: {', '.join(sorted(known_names()))}"
        )

    def evaluate(case: Case) -> Any:
        names = {**WORDS, **names_of(case, used)}
        if not used <= names.keys():
            raise Lacking
        try:
            return EvalWithCompoundTypes(operators, {}, names).eval(text.strip(), tree.body)
        except InvalidExpression as error:
            raise UsageError(f"condition {text!r}: {error}") from None

    return evaluate
