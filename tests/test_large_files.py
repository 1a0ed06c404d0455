"""Files with very many definitions are read by work that grows as they do."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

import pytest

from layercheck.submissions.child.serving import code_of
from layercheck.submissions.coverage.uses import MOST_NAMES, uses_of
from layercheck.submissions.profiles import reading

CLASS = """
class Part{n}{base}:
    def forward(self, x):
        self.x = x
        return x
    def backward(self, dout):
        return dout
"""


def classes(many: int) -> str:
    return "".join(CLASS.format(n=n, base="") for n in range(many))


def chained(many: int) -> str:
    return "".join(CLASS.format(n=n, base=f"(Part{n - 1})" if n else "") for n in range(many))


def calls(work: Callable[[], Any]) -> int:
    """How many calls of Python's and C's functions a piece of work makes."""
    made = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made


@pytest.mark.parametrize("read", [lambda text: reading.read(text, "x"), lambda t: code_of(t, "x")])
def test_four_times_the_classes_take_little_more_than_four_times_the_calls(
    read: Callable[[str], Any],
) -> None:
    read(classes(1))  # what is made once
    assert calls(lambda: read(classes(400))) < 5 * calls(lambda: read(classes(100)))


def test_what_is_inherited_goes_by_the_name_of_the_class() -> None:
    uses = uses_of(ast.parse(chained(3) + "class Last(Part2):\n    def forward(self, x): pass"))
    assert uses["Last.backward"] == ["Part2.backward"]
    assert uses["Last.forward"] == []


def test_a_file_that_inherits_without_end_is_not_followed() -> None:
    many = "".join(f"class C{n}(C{n - 1}):\n    def f{n}(self): pass\n" for n in range(1, 250))
    with pytest.raises(ValueError, match=f"more than {MOST_NAMES}"):
        uses_of(ast.parse("class C0: pass\n" + many))
    assert code_of("class C0: pass\n" + many, "x").places == ()
