"""Every grid by the name that --grid takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from ref_layers import OPS

from .architectures import architectures
from .case import Case
from .quick import quick
from .standard import standard

STEP = 8

Grid = Callable[[Sequence[str] | None], Iterator[Case]]
"""The cases of some ops, or of all."""


def of_each_op(grid: Callable[[str], tuple[Case, ...]]) -> Grid:
    """A grid that is made op by op."""

    def cases(op_names: Sequence[str] | None = None) -> Iterator[Case]:
        for name in op_names if op_names is not None else OPS:
            yield from grid(name)

    return cases


def network_cases(op_names: Sequence[str] | None = None) -> Iterator[Case]:
    """The layers of well-known networks that are these ops."""
    return (case for case in architectures() if op_names is None or case.op in op_names)


def sample(op_names: Sequence[str] | None = None) -> Iterator[Case]:
    """Every STEP-th case of the standard grid, counted in each op and dtype, so that none lacks."""
    for name in op_names if op_names is not None else OPS:
        seen: Counter[str] = Counter()
        for case in standard(name):
            if seen[case.dtype] % STEP == 0:
                yield case
            seen[case.dtype] += 1


GRIDS: Mapping[str, Grid] = {
    "standard": of_each_op(standard),
    "sample": sample,
    "quick": of_each_op(quick),
    "architectures": network_cases,
}
