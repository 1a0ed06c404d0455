"""Cases handed to a test of somebody's own, by pytest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .examples import cases

Test = Callable[..., Any]


def parametrize(
    op: str, *, where: str = "", dtype: str = "", grid: str = "quick", name: str = "example"
) -> Callable[[Test], Test]:
    """`@layercheck.parametrize("conv2d", where="stride > 1")`: the test gets an `example` for each
    case, as of `layercheck.cases`. name: of the argument.
    """
    import pytest

    examples = list(cases(op, where=where, dtype=dtype, grid=grid))
    return pytest.mark.parametrize(name, examples, ids=str)
