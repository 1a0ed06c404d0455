"""Cases for anybody's tests: what to put in, what should come out, how far it may be off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.grids import GRIDS
from layercheck.cases.parse import parse
from layercheck.cases.where import condition
from layercheck.errors import UsageError, unknown
from layercheck.implementations.functions import plain_value
from layercheck.implementations.protocol import Answer, Failure
from layercheck.judging.compare import compared
from layercheck.judging.facts import EXACT, Facts
from layercheck.judging.measure import Operand, Together
from layercheck.pipeline.answers import known_facts
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import all_pass
from layercheck.reporting.words import error_there, values_at_worst
from oracles.oracle import Array
from ref_layers import OPS

from .told import OP, one_of, text_of


@dataclass(frozen=True)
class Example:
    """One case with its numbers. As text it is the case's line.

    >>> import layercheck
    >>> example = next(layercheck.cases("affine", where="N > 1"))
    >>> sorted(example.inputs), sorted(example.expected)
    (['b', 'w', 'x'], ['db', 'dw', 'dx', 'out'])
    """

    case: Case

    def __str__(self) -> str:
        return str(self.case)

    def __repr__(self) -> str:
        return f"<{self}>"

    @property
    def op(self) -> str:
        """The op's name."""
        return self.case.op

    @property
    def inputs(self) -> dict[str, Array]:
        """The arrays to put in, by the op's names; copies."""
        return {name: value.copy() for name, value in self.case.inputs.items()}

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes that are not at their default."""
        return dict(self.case.attributes)

    @property
    def dout(self) -> Array:
        """The cotangent of `out`: what a backward is given; a copy."""
        return np.array(self.case.question.dout)

    @cached_property
    def facts(self) -> Facts:
        """What it is judged by."""
        return known_facts(self.case)

    @property
    def expected(self) -> dict[str, Array]:
        """The exact result by name (out, dx, dw, ...), in more digits than the case's dtype has;
        copies."""
        return {name: value.copy() for name, value in self.facts.truth.arrays.items()}

    @property
    def limits(self) -> dict[str, Array]:
        """By name how far each element may be off: what rounding explains, and no more."""
        return {name: value.copy() for name, value in self._limits.items()}

    @cached_property
    def _limits(self) -> dict[str, Array]:
        return {name: limits_of(self.facts, name) for name in self.facts.truth.arrays}

    def comparisons(self, got: Any) -> list[Comparison]:
        """Arrays held against the exact result: one array (`out`), or several by name."""
        arrays = got if isinstance(got, Mapping) else {"out": got}
        unknown = arrays.keys() - self.facts.truth.arrays.keys()
        if unknown or not arrays:
            known = ", ".join(self.facts.truth.arrays)
            raise UsageError(f"got {', '.join(unknown) or 'no array'}; expected any of: {known}")
        answer = Answer({name: plain_value(value) for name, value in arrays.items()})
        pairing = self.facts.pairing("got", EXACT)
        own = self.facts.truth.arrays
        return compared([self.facts.pair(pairing, n, answer, own[n]) for n in arrays])


def limits_of(facts: Facts, name: str) -> Array:
    """The pass limit of each element of an array."""
    expected, dtype = facts.truth.arrays[name], facts.case.dtype
    if not expected.size:
        return np.zeros(expected.shape)
    as_got = expected.astype(dtype) if expected.dtype.kind == "f" else expected
    operand = Operand(as_got, expected, facts.bounds[name], 1.0, dtype, facts.truth_error)
    return np.asarray(Together([operand]).limit, np.float64).reshape(expected.shape)


def cases(op: str, *, where: str = "", dtype: str = "", grid: str = "quick") -> Iterator[Example]:
    """The cases of an op as examples; raises UsageError where there is none.

    op: its name, or one case as its line of text · where, dtype, grid: as on the command line.

    >>> import layercheck
    >>> for example in layercheck.cases("relu", dtype="float64"):
    ...     out = np.maximum(example.inputs["x"], 0)
    ...     assert layercheck.allclose(out, example)
    """
    return iter([Example(case) for case in chosen(op, where, dtype, grid)])


def chosen(op: str, where: str, dtype: str, grid: str) -> Sequence[Case]:
    """The cases that are meant."""
    name, _, line = text_of("op", op, OP).partition(" ")
    text_of("where", where, "a condition, such as 'stride > 1'")
    one_of("dtype", dtype, ("", *DTYPES))
    one_of("grid", grid, tuple(GRIDS))
    if line:
        return [named(op, where, dtype)]
    if name not in OPS:
        raise unknown("op", name, OPS)
    holds = condition(where) if where else lambda case: True
    every = list(GRIDS[grid]([name]))
    found = [case for case in every if dtype in ("", case.dtype) and holds(case)]
    if not found:
        there = ", ".join(sorted({case.dtype for case in every}))
        raise UsageError(
            f"no case of {name} in the {grid} grid fits; its dtypes are: {there or 'none'}; loosen "
            "where or dtype"
        )
    return found


def named(line: str, where: str, dtype: str) -> Case:
    """The case of a line; raises UsageError where it is none of those that are asked for."""
    case = parse(line)
    if dtype not in ("", case.dtype):
        raise UsageError(f"got the case {case} and dtype={dtype!r}; expected one or the other")
    if where and not condition(where)(case):
        raise UsageError(f"got the case {case} and where={where!r}, which it is not; leave one")
    return case


def one_case(case: Any) -> Example:
    """The one case that arrays are held against; raises UsageError where that is not said."""
    if isinstance(case, Example):
        return case
    told = text_of("case", case, "an example of layercheck.cases, or one case as its line of text")
    if " " not in told.strip():
        line = next(cases(told))
        raise UsageError(
            f"got {told!r}, an op of many cases; expected one of layercheck.cases({told!r}), or a "
            f"whole line such as {str(line)!r}"
        )
    return next(cases(told))


def allclose(got: Any, case: str | Example) -> bool:
    """Whether arrays are within the case's limits: one array (`out`), or several by name; raises
    TypeError for what is no array.

    >>> import layercheck
    >>> x = next(layercheck.cases("relu x=2x3 seed=3")).inputs["x"]
    >>> layercheck.allclose(np.maximum(x, 0), "relu x=2x3 seed=3")
    True
    >>> layercheck.allclose({"out": np.maximum(x, 0), "dx": x}, "relu x=2x3 seed=3")
    False
    """
    made = one_case(case).comparisons(got)
    for name, value in (got if isinstance(got, Mapping) else {"out": got}).items():
        plain = plain_value(value)
        if isinstance(plain, Failure):
            raise TypeError(
                f"{name}: {plain.message}: out alone, without a cache, or a dict of arrays by name"
            )
    return all_pass(comparison.verdict for comparison in made)


def assert_close(got: Any, case: str | Example) -> None:
    """Raise AssertionError, with the array, the place and both numbers, where they are not."""
    example = one_case(case)
    made = example.comparisons(got)
    if all_pass(comparison.verdict for comparison in made):
        return
    wrong = next((c for c in made if not c.verdict.passes), made[0])
    told = (values_at_worst(wrong) or wrong.reason, error_there(wrong))
    raise AssertionError(f"{wrong.array}: {'; '.join(filter(None, told))}\n{example}")
