"""Whatever comes in at a door is taken, or refused in one line: no input ends in a traceback.

`LAYERCHECK_FUZZ=10000 pytest tests/test_fuzz.py` tries so many at each door.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_reports import failing, passing

from layercheck.cases.parse import parse
from layercheck.cases.quick import quick
from layercheck.cases.where import condition
from layercheck.cli import baseline
from layercheck.errors import UsageError
from layercheck.implementations.told import Told, performed
from layercheck.processes import wire
from layercheck.processes.death import ChildDied
from layercheck.reporting.compare import text
from layercheck.reporting.compare.changes import changes
from layercheck.reporting.formats.json import COMPARED, plain_report
from layercheck.submissions.profiles import notebooks, reading

COUNT = int(os.environ.get("LAYERCHECK_FUZZ", "150"))
SECONDS = 5.0
CASES = [c for op in ("conv2d", "softmax_cross_entropy", "pad", "relu") for c in quick(op)[:2]]
REFUSED = (ValueError, SyntaxError)
"""What the reader of files in the child refuses one with."""

fuzzed = settings(
    max_examples=COUNT,
    deadline=SECONDS * 1000,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

WORDS = """
stride padding N C H W b x op dtype fill seed kernel_size and or not in is None True < > == + - * /
// ** % ( ) [ ] , . : 0 1 2 3 1e9 99999999 'a' "b" if else lambda for { } ~ & | ^ << >> @ !=
spread exp_range __class__ dilation_h '%999999999d' .ljust(9**9) f'{1:99999999}' [1] * 9999
""".split()  # noqa: SIM905 (as it is typed)
VALUES = """
2x3x4x4 4x3x3x3 3 1 0 -1 1,2 0:1,1:0 same valid none true false float32 float64 normal near:5
near:nan near: wide 1e400 -inf nan 99999999999999999999 2x x 2x-3 1x1x1x1x1x1x1x1 65536x65536x65536 999999999999 1x1x1000x1000
1x1x500x500
""".split()  # noqa: SIM905
NAMES = """
x w b y gamma beta stride padding dilation groups kernel_size dtype fill seed mode value
running_mean num_groups eps mask p training dim start_dim normalized_dims
""".split()  # noqa: SIM905
KEYS = """
cells cell_type source code markdown metadata nbformat outputs answered failed lacking misfits notes
called forward backward kind message ran performed times arrays turn 0 1
""".split()  # noqa: SIM905
LINES = """
def conv2d(x, w, b=None, stride=1):
  return x
    return x
class A:
  def forward(self, x):
    self.x = x
import numpy as np
@layercheck.implements('relu')
@implements()
@implements(1)
@implements('conv2d', fixed=3)
def relu(*a):
def relu_backward(d, c):
    return d * (c > 0)
relu_backward = 3
from . import a
from .. import b
import a.b.c
    yield
def max_pool_forward_naive(x, pool_param):
    if x.shape[1] > 64:
    else:
async def relu(x): pass
def relu(x, /, y, *, z=1): return x
""".splitlines()

conditions = st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
pairs = st.builds(
    lambda name, value: f"{name}={value}",
    st.sampled_from(NAMES),
    st.sampled_from([*VALUES, "9" * 400]) | st.text(max_size=8) | st.integers().map(str),
)
cases = st.builds(
    lambda op, given: " ".join([op, *given]),
    st.sampled_from(["conv2d", "max_pool", "batch_norm", "pad", "dropout", "concat", "nope", ""]),
    st.lists(pairs, max_size=7),
)
trees = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)
tables = st.dictionaries(
    st.sampled_from(["conv2d", "relu", "pad", "nope"]),
    trees
    | st.dictionaries(
        st.sampled_from(
            "forward backward arguments layout weights fixed required absent kinds p x".split()  # noqa: SIM905
        ),
        trees,
        max_size=4,
    ),
    max_size=2,
)


@fuzzed
@given(conditions)
def test_conditions(text: str) -> None:
    with suppress(UsageError):
        holds = condition(text)
        for case in CASES:
            holds(case)


@fuzzed
@given(cases | st.text(max_size=60))
def test_case_texts(line: str) -> None:
    with suppress(UsageError, ValueError):
        case = parse(line)
        assert parse(str(case)) == case
        case.question  # noqa: B018 (drawing the values is the check)


@fuzzed
@given(trees, st.binary(max_size=40))
def test_frames(header: Any, body: bytes) -> None:
    head = json.dumps(header).encode()
    with suppress(wire.WireError):
        wire.unpack(wire.LENGTH.pack(len(head)) + head + body)
    with suppress(wire.WireError):
        wire.unpack(head + body)


@fuzzed
@given(trees)
def test_what_a_child_says(told: Any) -> None:
    with suppress(KeyError, TypeError, AttributeError):  # which its reader takes for no reply
        Told.read(told)
    with suppress(ChildDied):
        performed(told if isinstance(told, dict) else {"performed": told}, {}, 2)


@fuzzed
@given(st.just({}) | trees, trees)
def test_what_a_child_says_of_steps(failed: Any, times: Any) -> None:
    with suppress(ChildDied):
        performed({"performed": {"failed": failed, "times": times}}, {}, 3)


@fuzzed
@given(trees.map(json.dumps) | st.text(max_size=80) | trees.map(lambda t: json.dumps({"cells": t})))
def test_notebooks(text: str) -> None:
    with suppress(*REFUSED):
        notebooks.read(text)


@fuzzed
@given(tables)
def test_tables(table: Any) -> None:
    with suppress(*REFUSED):
        source = "def f(x, w=None, b=None, stride=1):\n    return x\n"
        reading.read(source, "f.py", "", table, {})


@fuzzed
@given(st.lists(st.sampled_from(LINES), max_size=10).map("\n".join) | st.text(max_size=60))
def test_sources(text: str) -> None:
    with suppress(*REFUSED):
        reading.read(text, "f.py", "", {}, {})


GOOD = [plain_report(passing()), plain_report(failing())]


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a report; of long lists the first few."""
    if above:
        yield above
    inner = list(value.items()) if isinstance(value, dict) else []
    inner += list(enumerate(value[:3])) if isinstance(value, list) else []
    for key, one in inner:
        yield from places(one, (*above, key))


PLACES = [
    (number, place)
    for number, report in enumerate(GOOD)
    for place in places({name: report[name] for name in COMPARED})
]


@fuzzed
@given(st.sampled_from(PLACES), trees)
def test_reports(found: tuple[int, tuple[Any, ...]], odd: Any) -> None:
    hold(*found, odd)


@pytest.mark.parametrize("odd", [None, 1, [], {}], ids=repr)
def test_a_field_of_another_form(odd: Any) -> None:
    """Wherever it stands in the functions and defects that were found."""
    for number, place in PLACES:
        if place[0] in ("checks", "defects"):
            hold(number, place, odd)


def hold(number: int, place: Sequence[Any], odd: Any) -> None:
    """Put something odd at a place of a report, read it, and hold it against one that is whole."""
    spoilt = copy.deepcopy(GOOD[number])
    inner = spoilt
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = odd
    with tempfile.TemporaryDirectory() as folder, suppress(UsageError):
        file = Path(folder) / "report.json"
        file.write_text(json.dumps(spoilt))
        read = baseline.read(file)
        for one, other in itertools.product([read], GOOD):
            for made in (changes(one, other), changes(other, one)):
                text.render(made)
                text.markdown(made)
                text.html(made)


@pytest.mark.parametrize("depth", [100, 10_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), ["()", "[]", ("-", ""), ("not ", ""), ("f(", ")")])
def test_deep_syntax(opening: str, closing: str, depth: int) -> None:
    """Where Python's own parser gives up, it says so."""
    text = f"x = {opening * depth}1{closing * depth}\n"
    began = time.monotonic()
    with suppress(*REFUSED, RecursionError, MemoryError):  # `Server._read` runs in a child
        reading.read(text, "f.py", "", {}, {})
    with suppress(UsageError):
        condition(text.removeprefix("x = "))
    assert time.monotonic() - began < 4 * SECONDS
