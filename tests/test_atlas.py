"""The atlas: rows, what is seen of an answer, the order of `differ`, and when the run fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from layercheck.atlas import machine, run
from layercheck.atlas.differ import pairs
from layercheck.atlas.doubts import doubts
from layercheck.atlas.observe import seen, seen_of_call, shortened
from layercheck.atlas.report import pages
from layercheck.atlas.row import KINDS, Row, checked, rows
from layercheck.atlas.update import rewritten
from layercheck.cli.commands.atlas import command as atlas
from layercheck.cli.commands.differ import command as differ
from layercheck.errors import UsageError
from layercheck.implementations.protocol import Answer, Failure, Refusal
from layercheck.implementations.route import Routed
from layercheck.implementations.route_child import telling_line
from oracles import routes
from oracles.routes import Asked, Lacking
from oracles.routes.route import function_for
from ref_layers import OPS
from ref_layers.leaky_relu import leaky_relu, leaky_relu_backward

ROOT = Path(__file__).parents[1]
CASE = "leaky_relu x=3x7 dtype=float32 fill=normal seed=1"
ROW = Row("slope", "Which slope?", CASE, "default", meanings=("negative_slope=0.25",))
WITHOUT_DIFFERENCE = ("agreed", "refuted")
TOLD_ALL_THE_SAME = ("layout", "accuracy")
"""Kinds of which all may agree: the order of numbers is not seen, and rounding is allowed for."""


# ---------------------------------------------------------------------- rows


def test_there_are_rows_of_every_op() -> None:
    assert len(rows()) >= 180
    assert {row.op for row in rows()} == {*OPS}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.op} {row.id}")
def test_a_row_says_what_was_seen_and_where_it_is_written(row: Row) -> None:
    assert row.answers
    assert row.title
    assert row.see.startswith("https://")
    alike = {*row.answers.values()} == {"agrees"}
    if alike:
        assert row.kind in (*WITHOUT_DIFFERENCE, *TOLD_ALL_THE_SAME)
    if row.kind in ("convention", "default", "accepted", "edge", "defect"):
        assert not alike


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "opinion"},
        {"answers": {"torch/upside_down": "agrees"}},
        {"recipe": {"torch/strided": "out = x"}},
        {"call": {"matlab": "out = x"}},
        {"remark": "none"},
        {"case": "relu x=3"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_row_is_refused(wrong: dict[str, Any]) -> None:
    right = {"id": "a", "title": "b", "case": CASE, "kind": "edge"}
    assert [row.id for row in checked("leaky_relu", [dict(right)])] == ["a"]
    with pytest.raises(UsageError):
        list(checked("leaky_relu", [{**right, **wrong}]))


def test_two_rows_of_one_name_are_refused() -> None:
    right = {"id": "a", "title": "b", "case": CASE, "kind": "edge"}
    with pytest.raises(UsageError):
        list(checked("leaky_relu", [dict(right), dict(right)]))


def test_answers_replace_answers_and_nothing_else() -> None:
    text = '# head\n\n[[row]]\nid = "a"\nnote = "[x]"\n\n[row.answers]\ntorch = "old"\n\n[[row]]\nid = "b"\n'
    made = rewritten(text, {"a": {"torch": 'says "no"', "torch/strided": "agrees"}}, "avx2")
    assert made == (
        '# head\n\ncpu = "avx2"\n\n[[row]]\nid = "a"\nnote = "[x]"\n\n[row.answers]\ntorch = "says \\"no\\""\n'
        '"torch/strided" = "agrees"\n\n[[row]]\nid = "b"\n'
    )
    assert rewritten(made, {}, "avx2") == made


# ---------------------------------------------------------------------- what is seen


def answer(slope: float = 0.01, **changed: Any) -> Answer:
    """What a framework with this slope answers."""
    question = ROW.question.question
    out, cache = leaky_relu(question.inputs["x"], negative_slope=slope)
    arrays = {"out": out, "dx": leaky_relu_backward(question.dout, cache), **changed}
    return Answer({name: value for name, value in arrays.items() if value is not None})


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer(), "agrees"),
        (answer(dx=None), "agrees, without dx"),
        (answer(0.25), "as negative_slope=0.25"),
        (answer(0.25, dx=None), "as negative_slope=0.25, without dx"),
        (answer(0.5), "differs: out dx"),
        (answer(out=np.zeros((3, 7), np.float32)), "differs: out"),
        (answer(out=np.zeros((7, 3), np.float32)), "differs: out"),
        (Refusal("ValueError: no"), "refuses: ValueError: no"),
        (Failure("crashed", "SIGFPE"), "crashes: SIGFPE"),
        (Failure("crashed", "SIGSEGV"), "crashes: SIGABRT or SIGSEGV"),
        (Failure("crashed", "SIGABRT"), "crashes: SIGABRT or SIGSEGV"),
        (Failure("timed out", "after 60 s"), "timed out: after 60 s"),
        ("torch.nn has no leaky_relu", "has none"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_answer_in_words(reply: Routed, words: str) -> None:
    assert seen(ROW, reply).words == words


def test_of_code_only_the_output_is_asked() -> None:
    assert seen_of_call(ROW, answer(dx=None)).words == "agrees"
    assert seen_of_call(ROW, answer(0.25, dx=None)).words == "as negative_slope=0.25"


def test_where_the_definition_refuses_the_shape_is_told() -> None:
    row = Row("a", "b", "conv2d x=1x1x2x2 w=1x1x3x3 dtype=float32 fill=normal seed=1", "edge")
    assert seen(row, Answer({"out": np.zeros((1, 1, 0, 0))})).words == "answers 1x1x0x0"


@pytest.mark.parametrize("shape", [(0, 3), (0, 4), (3, 0)])
def test_an_empty_array_is_right_in_one_shape(shape: tuple[int, ...]) -> None:
    row = Row("a", "b", "relu x=0x3 dtype=float32 fill=normal seed=1", "edge")
    words = seen(
        row, Answer({"out": np.zeros(shape, np.float32), "dx": np.zeros((0, 3), "f")})
    ).words
    assert words == ("agrees" if shape == (0, 3) else "differs: out")


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("E: {{function_node f}} no  {{node a}} way [Op:Conv2D] name: x", "E: no way"),
        ("E: at 0x7f12", "E: at 0x…"),
        ("E: layer 'dense_12' is", "E: layer 'dense' is"),
        ("E: one of {'valid', 'same'}", "E: one of {'same', 'valid'}"),
        ("E: Value for attr 'U' of double", "E: Value for attr of double"),
        ("word " * 40, "word " * 18 + "…"),
    ],
)
def test_a_message_is_that_of_any_machine_and_any_call(message: str, kept: str) -> None:
    assert shortened(message) == kept


# ---------------------------------------------------------------------- which comes first


def told(name: str, kind: str, other: str = "differs: out", *tags: str) -> Row:
    return Row(name, name, CASE, kind, {"torch": "agrees", "tensorflow": other}, tags=tags)


def test_what_people_ask_most_stands_first() -> None:
    given = [
        told("same", "agreed", "agrees"),
        told("rounding", "accuracy"),
        told("crash", "defect"),
        told("words", "convention"),
        told("asked", "defect", "differs: out", "often"),
        told("order", "layout", "agrees"),
    ]
    found = pairs(given, "torch", "tensorflow")
    assert [one.row.id for one in found] == ["asked", "words", "order", "rounding", "crash", "same"]
    assert [one.differs for one in found] == [True] * 5 + [False]


def test_a_row_that_only_one_side_answers_is_left_out() -> None:
    assert pairs([Row("a", "a", CASE, "edge", {"torch": "agrees"})], "torch", "tensorflow") == []


def test_a_framework_whose_functions_and_layers_differ_says_both() -> None:
    answers = {"torch": "as training=false", "torch_modules": "agrees", "keras": "agrees"}
    (pair,) = pairs([Row("a", "a", CASE, "default", answers)], "torch", "tensorflow")
    assert pair.one == "as training=false (torch), agrees (torch_modules)"
    assert pair.other == "agrees"


def asked(*arguments: str) -> list[str]:
    """The lines of `layercheck differ torch tensorflow`."""
    run = CliRunner().invoke(differ, ["torch", "tensorflow", *arguments], standalone_mode=False)
    assert run.return_value == 0
    return run.output.splitlines()


def test_differ_answers_what_people_ask_of_conv2d_first() -> None:
    titles = [line for line in asked("--op", "conv2d") if line.startswith("conv2d: ")]
    often = [f"conv2d: {row.title}" for row in rows("conv2d") if "often" in row.tags]
    assert {*titles[: len(often)]} == {*often}
    for words in ("SAME at stride 2", "axes of a filter", "not identical"):
        assert any(words in title for title in titles[: len(often)]), words


def test_differ_tells_what_is_asked_as_often_of_other_layers() -> None:
    lines = asked("--op", "conv2d")
    start = next(n for n, line in enumerate(lines) if line.startswith("asked as often"))
    beside = "\n".join(lines[start : lines.index("", start)])
    for words in (
        "flattened",
        "Which eps",
        "momentum",
        "running variance",
        "divide by",
        "transposed convolution",
    ):
        assert words in beside, words
    often = {row.title for row in rows() if "often" in row.tags and row.op != "conv2d"}
    assert all(any(title in line for title in often) for line in beside.splitlines()[1:])
    assert len(beside.splitlines()) > 20
    assert not any(line.startswith("asked as often") for line in asked())


# ---------------------------------------------------------------------- the run


class Played:
    """Routes that answer what they are given to answer."""

    def __init__(self, cooked: Answer) -> None:
        self.cooked = cooked

    def __enter__(self) -> Played:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, route: str, case: object, said: object) -> Routed:
        return answer() if route == "torch" else Refusal("ValueError: no")

    def cook(self, family: str, case: object, code: str) -> Routed:
        return self.cooked if "leaky" in code else answer(0.25, dx=None)


@pytest.fixture
def execute(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`layercheck atlas` of one row."""

    def of(row: Row, cooked: Answer | None = None) -> Any:
        told = answer(dx=None) if cooked is None else cooked
        monkeypatch.setattr(run, "Routes", lambda: Played(told))
        monkeypatch.setattr("layercheck.atlas.row.rows", lambda op="": [row])
        monkeypatch.setattr(run, "routes", SimpleNamespace(**{**vars(run.routes), "is_here": bool}))
        return CliRunner().invoke(atlas, [], standalone_mode=False)

    return of


def row_of(answers: dict[str, str], **more: Any) -> Row:
    return Row("slope", "Which?", CASE, "default", answers, **more)


def test_a_row_that_holds_passes(execute: Callable[..., Any]) -> None:
    found = execute(row_of({"torch": "agrees", "keras": "refuses: ValueError: no"}))
    assert (found.return_value, found.output) == (0, "1 rows executed, 0 changed\n")


def test_a_row_that_no_longer_holds_fails_and_says_what_changed(
    execute: Callable[..., Any],
) -> None:
    found = execute(row_of({"torch": "as negative_slope=0.25"}))
    assert found.return_value == 1
    assert (
        "slope: torch: the row says 'as negative_slope=0.25', it answers 'agrees'" in found.output
    )


@pytest.mark.parametrize(("here", "status"), [("avx2", 1), ("avx512f", 0), ("", 0)])
def test_a_row_of_another_processor_is_told_and_does_not_count(
    execute: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, here: str, status: int
) -> None:
    for module in (run, machine):
        monkeypatch.setattr(module, "widest", lambda: here)
    found = execute(row_of({"torch": "as negative_slope=0.25"}, cpu="avx2"))
    assert found.return_value == status
    assert ("(seen with avx2; this processor has" in found.output) is (status == 0)


def test_answers_are_written_with_the_processor_that_gave_them() -> None:
    text = rewritten('cpu = "avx2"\n\n[[row]]\nid = "a"\n', {"a": {"torch": "agrees"}}, "asimd")
    assert text == 'cpu = "asimd"\n\n[[row]]\nid = "a"\n\n[row.answers]\ntorch = "agrees"\n'


def test_a_recipe_that_no_longer_gives_the_definition_fails(execute: Callable[..., Any]) -> None:
    row = row_of({"torch": "agrees"}, recipe={"torch": "out = F.leaky_relu(x)"})
    assert execute(row).return_value == 0
    found = execute(row, answer(0.25, dx=None))
    assert found.return_value == 1
    assert "slope: the recipe for torch differs: out" in found.output or "as neg" in found.output


def test_code_is_asked_in_the_place_of_its_route(execute: Callable[..., Any]) -> None:
    row = row_of(
        {"torch": "as negative_slope=0.25"},
        call={"torch": "out = x"},
        meanings=("negative_slope=0.25",),
    )
    assert execute(row).return_value == 0


def test_routes_that_have_come_are_asked_anew_and_slow_ones_where_they_are_named() -> None:
    assert "torch/compile" not in run.wanted(row_of({}), anew=True)
    assert "torch/compile" in run.wanted(row_of({"torch/compile": "agrees"}), anew=True)
    assert run.wanted(row_of({"torch": "agrees"}), anew=False) == ["torch"]
    assert "torch/jvp" in run.wanted(row_of({"torch": "agrees"}), anew=True)
    assert run.wanted(row_of({}, call={"torch": "out = x"}), anew=True) == ["torch"]


def test_a_framework_is_asked() -> None:
    row = next(row for row in rows("leaky_relu") if row.id == "slope-default")
    (found,) = run.execute([row], ["torch", "torch/jvp", "torch_modules"])
    assert {one.words for one in found.found.values()} == {"agrees"}
    assert (found.changed, found.cooked["torch"].words) == ({}, "agrees")


# ---------------------------------------------------------------------- the routes


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("no\nmore", "ValueError: no"),
        ("f() got these:\n * one\n * two", "ValueError: f() got these:"),
        ("in user code:\n\n  File x\n\n    TypeError: no\n", "TypeError: no"),
        ("Graph execution error:\n\nDetected at\nno\n\t [[{{node a}}]]", "ValueError: no"),
        ("Exception encountered when calling A.call().\n\n\x1b[1mno\x1b[0m\nB", "ValueError: no"),
        ("", "ValueError: "),
    ],
)
def test_of_a_message_the_line_that_tells_is_kept(message: str, told: str) -> None:
    assert telling_line(ValueError(message)) == told


def taking_all(x: object, **said: object) -> object:
    return x


def test_an_argument_that_nothing_takes_is_refused_before_the_call() -> None:
    question = Asked("relu", {}, {"slope": 1}, np.zeros(0), ())
    with pytest.raises(TypeError, match="tf.nn has no argument slope here"):
        function_for({"relu": lambda x: x}, question, "tf.nn")
    assert function_for({"relu": taking_all}, question, "tf.nn") is taking_all
    weighted = Asked("relu", {"x": np.zeros(1), "weight": np.zeros(1)}, {}, np.zeros(0), ())
    with pytest.raises(TypeError, match="tf.nn has no argument weight here"):
        function_for({"relu": lambda x: x}, weighted, "tf.nn")
    with pytest.raises(Lacking, match="tf.nn has no relu"):
        function_for({}, question, "tf.nn")


def test_what_is_set_for_a_family_is_set_for_its_variants() -> None:
    whole = routes.environment("tensorflow")
    assert whole["TF_ENABLE_ONEDNN_OPTS"] == "1"
    assert routes.environment("tensorflow/xla") == whole == routes.environment("keras")
    assert routes.environment("tensorflow/no_onednn")["TF_ENABLE_ONEDNN_OPTS"] == "0"


# ---------------------------------------------------------------------- the pages


def test_the_pages_are_those_that_the_rows_make() -> None:
    folder, told = ROOT / "docs" / "atlas", json.loads((ROOT / "reports/atlas.json").read_text())
    made = pages(rows(), told["versions"])
    assert {path.name for path in folder.iterdir()} == {*made, "half.md"}
    for name, text in made.items():
        assert (folder / name).read_text(encoding="utf-8") == text, name


def test_the_first_page_counts_the_rows() -> None:
    text = (ROOT / "docs" / "atlas" / "README.md").read_text(encoding="utf-8")
    assert f"{len(rows())} questions" in text
    assert all(f"| {kind} " in text for kind in KINDS if any(r.kind == kind for r in rows()))


# ---------------------------------------------------------------------- what answers bear out


def test_no_row_says_what_its_answers_do_not() -> None:
    assert list(doubts(rows())) == []


GELU = "gelu x=3x7 dtype=float32 fill=normal seed=1"
DEFAULT = Row("a", "a", GELU, "default", {"jax": "as approximate=tanh", "torch": "agrees"})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (replace(DEFAULT, kind="agreed"), "its kind is agreed, but jax answers otherwise"),
        (replace(DEFAULT, kind="refuted"), "its kind is refuted, but jax answers otherwise"),
        (replace(DEFAULT, note="Exact in all."), "its note says 'in all', but not all"),
        (
            replace(DEFAULT, kind="edge", answers={"jax": "differs: out"}),
            "its case leaves approximate to jax, whose default is another",
        ),
    ],
    ids=["agreed", "refuted", "a note of all", "another default"],
)
def test_what_answers_do_not_bear_out_is_told(row: Row, told: str) -> None:
    (line,) = doubts([DEFAULT, row])
    assert told in line


@pytest.mark.parametrize(
    "row",
    [
        DEFAULT,
        replace(DEFAULT, kind="agreed", answers={"jax": "refuses: no", "torch": "agrees"}),
        replace(DEFAULT, note="All refuse.", answers={"jax": "refuses: a", "torch": "refuses: b"}),
        replace(
            DEFAULT,
            kind="edge",
            case=GELU.replace(" dtype", " approximate=none dtype"),
            answers={"jax": "differs: out"},
        ),
    ],
    ids=["a default", "refused by one", "refused by all", "said"],
)
def test_what_answers_bear_out_is_not_doubted(row: Row) -> None:
    assert list(doubts([DEFAULT, row])) == []


def test_a_row_that_is_doubted_fails(execute: Callable[..., Any]) -> None:
    row = replace(row_of({"torch": "agrees", "keras": "refuses: ValueError: no"}), note="In all.")
    found = execute(row)
    assert found.return_value == 1
    assert "leaky_relu slope: its note says 'In all'" in found.output


def test_the_rows_that_hang_on_one_dnn_are_named() -> None:
    text = (ROOT / "docs" / "atlas.md").read_text(encoding="utf-8")
    told = text.partition("## What hangs on the machine")[2].partition("\n## ")[0]
    assert "TF_ENABLE_ONEDNN_OPTS=1" in told
    named = {*re.findall(r"`(\w+ [\w-]+)`", told)}
    assert named == {f"{row.op} {row.id}" for row in rows() if is_of_one_dnn(row)}


def is_of_one_dnn(row: Row) -> bool:
    """Whether an answer is another without oneDNN, or the note says so."""
    pairs = (
        (row.answers.get(n), row.answers.get(f"{n}/no_onednn")) for n in ("torch", "tensorflow")
    )
    differs = any(other is not None and one != other for one, other in pairs)
    return differs or "oneDNN" in row.note


# ---------------------------------------------------------------------- what cannot be asked


@pytest.mark.parametrize("sides", [("torch", "torch"), ("keras", "keras"), ("a.json", "./a.json")])
def test_nothing_is_held_against_itself(sides: tuple[str, str]) -> None:
    found = CliRunner().invoke(differ, list(sides), standalone_mode=False)
    assert isinstance(found.exception, UsageError)
    assert "itself" in str(found.exception)
