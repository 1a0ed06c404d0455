"""Whether a call changed its inputs is read in memory that both sides see."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import lacking
from submitted import HONEST

from layercheck.cases.quick import quick
from layercheck.cases.standard import standard
from layercheck.implementations.changed import changed_by
from layercheck.pipeline.answers import AHEAD
from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.submissions.child import given as child
from layercheck.submissions.profiles.call import Call
from layercheck.submissions.profiles.views import View
from layercheck.submissions.sandbox.given import COPIES, SIZE, Memory, Placed
from layercheck.submissions.sandbox.sandbox import Sandbox
from oracles.oracle import Array


@pytest.fixture
def memory() -> Iterator[Memory]:
    made = Memory()
    if made.number is None:
        lacking("this system has no memory that can be sealed")
    yield made
    made.close()


@pytest.fixture
def theirs(memory: Memory) -> child.Memory:
    assert memory.number is not None
    return child.Memory(os.dup(memory.number))


def test_what_is_done_to_an_input_is_seen(memory: Memory, theirs: child.Memory) -> None:
    given = {"x": np.arange(6.0).reshape(2, 3), "w": np.float32([1, 2]), "b": np.array(7)}
    placed = memory.put(given)
    assert placed is not None
    arrays = theirs.arrays(placed.listed)
    for name, value in given.items():
        np.testing.assert_array_equal(arrays[name], value)
        assert arrays[name].dtype == value.dtype
    assert placed.changed() == []
    arrays["w"][1] = 3
    assert placed.changed() == ["w"]
    arrays["w"][1] = 2
    arrays["b"][...] = -7
    assert placed.changed() == ["b"]


def test_a_copy_in_another_order_is_seen_too(memory: Memory, theirs: child.Memory) -> None:
    """NHWC: the layer never gets the input itself."""
    x = np.arange(24.0).reshape(1, 2, 3, 4)
    placed = memory.put({"x": x})
    assert placed is not None
    call = Call("relu", theirs.arrays(placed.listed), {}, beside=theirs.beside)
    lent = call.give("x", View(x.shape, (0, 2, 3, 1)))
    np.testing.assert_array_equal(lent, x.transpose(0, 2, 3, 1))
    assert placed.changed() == []
    lent[0, 0, 0, 0] = np.nan  # and nobody tells: `settle` was replaced
    assert placed.changed() == ["x"]


def asked(memory: Memory, theirs: child.Memory, x: Array) -> tuple[Placed, Call]:
    """A question with one input."""
    placed = memory.put({"x": x})
    assert placed is not None
    return placed, Call("relu", theirs.arrays(placed.listed), {}, beside=theirs.beside)


IMAGES = np.arange(48.0).reshape(2, 2, 3, 4)
NHWC = (0, 2, 3, 1)
VIEWS = (
    View(IMAGES.shape),
    View(IMAGES.shape, inner=(2, 24)),
    View(IMAGES.shape, NHWC),
    View(IMAGES.shape, NHWC, (6, 8)),
)


@pytest.mark.parametrize("copies", [0, 1, 2])
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_nor_does_a_copy_of_the_question_hide_it(
    memory: Memory, theirs: child.Memory, view: View, copies: int
) -> None:
    """In every way in which a profile asks: a dropout that draws its mask is copied twice."""
    placed, call = asked(memory, theirs, IMAGES)
    for _ in range(copies):
        call = call.with_copies()
    lent = call.give("x", view)
    np.testing.assert_array_equal(lent, view.give(IMAGES))
    assert placed.changed() == []
    lent[-1, -1] = -1.0
    assert placed.changed() == ["x"]


def test_each_image_by_itself_is_seen(memory: Memory, theirs: child.Memory) -> None:
    """As a layer of single images gets them, one turned and the next not yet."""
    placed, call = asked(memory, theirs, IMAGES)
    call = call.with_copies()
    for number in range(2):
        part = call.inputs["x"][number : number + 1]
        lent = call.lend(part, View(part.shape, NHWC, (3, 4, 2)))
        np.testing.assert_array_equal(lent, IMAGES[number].transpose(1, 2, 0))
        assert placed.changed() == []
    lent[0, 0] = -1.0
    assert placed.changed() == ["x"]


def test_a_way_that_was_given_up_leaves_nothing(memory: Memory, theirs: child.Memory) -> None:
    placed, call = asked(memory, theirs, IMAGES)
    for _ in range(2):
        call.with_copies().give("x", View(IMAGES.shape, NHWC))[...] = 0
    np.testing.assert_array_equal(call.with_copies().give("x", View(IMAGES.shape)), IMAGES)
    assert placed.changed() == []


def test_what_is_asked_apart_does_not_touch_what_a_layer_has(
    memory: Memory, theirs: child.Memory
) -> None:
    placed, call = asked(memory, theirs, IMAGES)
    lent = call.give("x", View(IMAGES.shape, NHWC))
    call.apart().give("x", View(IMAGES.shape))[...] = 0
    np.testing.assert_array_equal(lent, IMAGES.transpose(NHWC))
    assert placed.changed() == []


CLASS = """
class MaxPool:
    \"\"\"x: {layout}\"\"\"

    def __init__(self, kernel_size=1, stride=1):
        pass

    def forward(self, x):
        {forward}
        return x + 0

    def backward(self, dout):
        {backward}
        return dout + 0
"""
ONE_BY_ONE = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "ceil_mode": False}


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "(C, H, W)", "(H, W, C)", "any"])
@pytest.mark.parametrize("name", ["", "x", "dout"])
def test_a_class_is_seen_in_each_layout(layout: str, name: str) -> None:
    """And that every copy is looked at changes nothing for one that leaves its inputs alone."""
    forward, backward = (f"{n}[..., 1] += {n == name:d}" for n in ("x", "dout"))
    with Sandbox() as sandbox:
        text = CLASS.format(layout=layout, forward=forward, backward=backward)
        sandbox.read("hw.py", hidden(text).encode())
        assert "loaded" in sandbox.load()
        given = {"x": IMAGES, "dout": IMAGES + 1}
        reply, arrays = sandbox.call(0, "max_pool", ONE_BY_ONE, given)
        assert reply["answered"]["failed"] == {}
        assert reply["changed"] == ([name] if name else [])
        if not name:
            np.testing.assert_array_equal(arrays["out"], IMAGES)
            np.testing.assert_array_equal(arrays["dx"], given["dout"])


def hidden(text: str) -> str:
    """The same, with what the child says of changes replaced."""
    views = "sys.modules['layercheck.submissions.profiles.views']"
    return f"import sys\n{text}\n{views}.View.give_back = lambda *_: None\n"


def test_a_report_says_where_nobody_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def none(self: Memory) -> None:
        raise OSError("no memory that can be sealed")

    (tmp_path / "hw.py").write_text(HONEST)
    options = Options(ops=("relu",))
    assert "," not in check_file(tmp_path / "hw.py", options).manifest.isolation
    monkeypatch.setattr(Memory, "_open", none)
    report = check_file(tmp_path / "hw.py", options)
    assert report.manifest.isolation.endswith(", changed inputs as the file tells")
    assert report.passed


def test_what_nobody_told_of_is_laid_to_the_forward() -> None:
    question = next(case.question for case in quick("relu"))
    assert changed_by(question, {}, ["x", "dout"]) == {"forward": ("x",), "backward": ("dout",)}
    after = {"backward x": question.inputs["x"] + 1}
    assert changed_by(question, after, ["x"]) == {"backward": ("x",)}


def test_a_question_has_its_place_until_its_answer_was_taken(memory: Memory) -> None:
    x = np.zeros(SIZE // 128, np.uint8)
    held = [memory.put({"x": x}) for _ in range(31)]
    assert all(one is not None for one in held)
    assert memory.put({"x": np.zeros(SIZE // 3, np.uint8)}) is None
    for number in range(100):
        held.pop(0)
        held.append(memory.put({"x": np.full(SIZE // 128, number, np.uint8)}))
        assert all(one is not None and one.changed() == [] for one in held)


def test_whatever_is_asked_ahead_of_the_standard_grid_finds_room() -> None:
    questions = (case.question for case in standard("conv2d_transpose"))  # the largest
    largest = max(sum(v.nbytes for v in q.inputs.values()) + q.dout.nbytes for q in questions)
    assert COPIES * largest * AHEAD < SIZE


def test_a_child_cannot_make_it_smaller(memory: Memory) -> None:
    """Or this process would end where it reads there."""
    for size in (0, 2 * SIZE):
        with pytest.raises(PermissionError):
            os.truncate(f"/proc/self/fd/{memory.number}", size)
