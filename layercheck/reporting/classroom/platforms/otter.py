"""otter-grader's test files, in its exception-based format: one a function."""

from __future__ import annotations

from ..records import Required
from .calls import BESIDE, Calls, check_name

HEAD = '"""Made by `layercheck otter make`:'
"""How a file of ours begins."""

SUFFIX = ".py"

TEST = """\
{head} the points of {function}.

{beside}
\"""

import layercheck
from otter.test_files import test_case

OK_FORMAT = False

name = "{function}"
all_or_nothing = True


@test_case(points={points!r})
def test_function(env):
    mark = {call}
    assert mark.passed, mark.text
"""


def tests_of(required: Required, calls: Calls) -> dict[str, str]:
    """The files by name; raises UsageError for what is no function's name."""
    return {f"{name}{SUFFIX}": test_of(name, p, calls) for name, p in required.points.items()}


def test_of(function: str, points: float, calls: Calls) -> str:
    """The test of one function."""
    check_name(function)
    call = calls.text("env", function, points)
    return TEST.format(head=HEAD, function=function, beside=BESIDE, points=points, call=call)
