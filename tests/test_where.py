"""Conditions on cases."""

from __future__ import annotations

import pytest

from layercheck.cases.parse import parse
from layercheck.cases.where import condition
from layercheck.errors import UsageError

CASE = parse("conv2d x=2x6x9x7 w=4x3x3x2 stride=2,3 padding=same groups=2 seed=5")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stride > 1 and groups == 1", False),
        ("stride > 1 and groups == 2", True),
        ("stride > 2", False),
        ("stride_w > 2", True),
        ("stride == (2, 3)", True),
        ("stride != 2", True),
        ("padding == 'same'", True),
        ("padding > 0", False),
        ("not b", True),
        ("H == 9 and W == 7 and KH == 3 and C == 6 and F == 4", True),
        ("OH == 5 and OW == 3", True),
        ("kernel_size == 2", False),
        ("op in ['conv2d', 'max_pool']", True),
        ("dtype == 'float32' and fill == 'normal' and seed == 5", True),
        ("c == 3 and f == 2", False),
        ("c == 3", True),
        ("'%999999999d' % 1 == 'x'", False),
        ("'a' * 999999999 == 'a'", False),
        ("[[1] * 9999] * 9999 == 1", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert condition(text)(CASE) is expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("strides > 1", "unknown name 'strides'; expected any of: "),
        ("stride >", "cannot be read"),
        ("__import__('os').system('true')", "Call is not known; expected"),
        ("stride.__class__", "condition 'stride.__class__'"),
        ("(lambda: 1)()", "condition"),
        ("open('/etc/passwd')", "Call is not known; expected"),
        ("9**9**9**9", "Pow is not known"),
        ("dtype.ljust(10**9) == 'x'", "is not known"),
        ("f'{1:1000000000}' == 'x'", "JoinedStr is not known"),
    ],
)
def test_what_is_no_condition_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        condition(text)(CASE)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
