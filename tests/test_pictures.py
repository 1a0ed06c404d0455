"""Pictures of failing cases: what they show, in the terminal and on the page, held by kept files."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from sample_reports import SMALL, bad, check, printed, report_of

from layercheck.cases.parse import parse
from layercheck.diagnosis.depends import depends
from layercheck.diagnosis.failing import failed_at
from layercheck.diagnosis.picture import MOST_CELLS, picture_of
from layercheck.implementations.mistaken import Mistaken
from layercheck.implementations.protocol import PARTS, Answer
from layercheck.judging.facts import near_facts
from layercheck.mistakes import of_op
from layercheck.reporting.formats import html, json
from layercheck.reporting.page.picture import fragment
from layercheck.reporting.picture.layout import matrices
from layercheck.reporting.picture.record import Panel, Picture
from layercheck.reporting.picture.terminal import print_picture
from layercheck.upkeep.pictures import files
from ref_layers import OPS


def picture(op: str, name: str, case: str) -> Picture:
    subject, asked = Mistaken(next(m for m in of_op(op) if m.name == name)), parse(f"{op} {case}")
    failed = failed_at(subject, PARTS, asked, subject.answer(asked))
    assert failed is not None
    made = picture_of(failed.facts, failed.answer, failed.kind.array)
    assert made is not None
    return made


def text_of(made: Picture, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_picture(made, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def panels(made: Picture) -> dict[tuple[str, str], Panel]:
    return {(panel.role, panel.name): panel for panel in made.panels}


CONV = ("conv2d", "dx_assigned", "x=1x1x4x4 w=1x1x2x2 dtype=float64 fill=whole_numbers")
LARGE = ("conv2d", "dx_assigned", "x=2x3x30x40 w=4x3x3x3 stride=2")


@pytest.mark.parametrize("op", OPS)
def test_one_mistake_of_each_op_looks_as_it_is_kept(op: str) -> None:
    """Written by `python -m layercheck.upkeep.pictures`; look at what it changes."""
    for path, text in files(op).items():
        assert path.read_text(encoding="utf-8") == text


# ---------------------------------------------------------------------- what an element depends on


def where(mask: Any) -> list[tuple[int, ...]]:
    return [tuple(map(int, index)) for index in np.argwhere(mask)]


def test_an_output_of_a_convolution_depends_on_its_window_and_its_kernel() -> None:
    case = parse("conv2d x=1x2x4x4 w=2x1x2x2 b=2 groups=2 stride=2 padding=1 fill=whole_numbers")
    masks = depends(case.question, "out", (0, 1, 1, 2))
    assert where(masks["x"]) == [(0, 1, 1, 3), (0, 1, 2, 3)]
    kernel = [(1, 0, i, j) for i in range(2) for j in range(2)]
    assert where(masks["w"]) == kernel  # what meets the border of zeros, too: NaN times 0 is NaN
    assert where(masks["b"]) == [(1,)]


def test_a_gradient_of_a_pooling_depends_on_the_windows_it_could_win() -> None:
    case = parse("max_pool x=1x1x3x3 kernel_size=2 stride=1 fill=whole_numbers")
    masks = depends(case.question, "dx", (0, 0, 0, 0))
    assert where(masks["x"]) == [(0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0), (0, 0, 1, 1)]
    assert where(masks["dout"]) == [(0, 0, 0, 0)]


def test_a_gate_that_is_shut_hides_no_dependency() -> None:
    case = parse("relu x=1x4 fill=negative")
    masks = depends(case.question, "dx", (0, 2))
    assert where(masks["dout"]) == where(masks["x"]) == [(0, 2)]


def test_a_loss_depends_on_its_label_and_not_on_other_samples() -> None:
    case = parse("softmax_cross_entropy x=3x2 y=3 reduction=none fill=whole_numbers")
    masks = depends(case.question, "out", (1,))
    assert where(masks["x"]) == [(1, 0), (1, 1)]
    assert where(masks["y"]) == [(1,)]


@pytest.mark.parametrize("op", OPS)
def test_a_number_outside_the_mask_moves_nothing(op: str) -> None:
    """The reference layer, with all of the others drawn anew at once."""
    spec = OPS[op]
    linear = min((c for c in quick_of(op) if spec.linear), key=lambda c: c.elements, default=None)
    if linear is None:  # elsewhere the mask is of this case's own values
        return
    question = linear.question
    index = tuple(n // 2 for n in linear.out_shape)
    masks = depends(question, "out", index)
    other = parse(str(linear.with_seed(linear.seed + 1))).question
    mixed = {n: np.where(masks[n], v, other.inputs[n]) for n, v in question.inputs.items()}
    before = spec.run(question.inputs, question.attributes, question.dout)["out"][index]
    after = spec.run(mixed, question.attributes, question.dout)["out"][index]
    assert after == pytest.approx(before, rel=1e-5)


def quick_of(op: str) -> Any:
    from layercheck.cases.quick import quick

    return [case for case in quick(op) if case.fill in ("normal", "integers")]


# ---------------------------------------------------------------------- the record


def test_the_first_wrong_element_is_marked_in_got_expected_and_difference() -> None:
    made = picture(*CONV)
    found = panels(made)
    got, expected = found["got", "dx"], found["expected", "dx"]
    pairs = enumerate(zip(got.numbers, expected.numbers, strict=True))
    place = next(i for i, (mine, right) in pairs if mine != right)
    assert got.first == expected.first == found["difference", "dx"].first == place
    assert made.first == [int(n) for n in np.unravel_index(place, got.shape)]
    assert got.marked == [i for i, g in enumerate(got.numbers) if g != expected.numbers[i]]
    assert made.wrong == len(got.marked)
    assert ("input", "x") not in found  # dx of a convolution does not depend on it
    assert found["input", "dout"].marked


def test_a_right_answer_has_no_picture() -> None:
    case = parse("conv2d x=1x1x3x3 w=1x1x2x2 fill=whole_numbers")
    known = near_facts(case, case.question)
    right = OPS["conv2d"].run(case.question.inputs, case.question.attributes, case.question.dout)
    assert picture_of(known, Answer(right), "out") is None
    assert picture_of(known, Answer({}), "out") is None
    assert picture_of(known, Answer({"x": case.inputs["x"]}), "x") is None


def test_another_shape_is_shown_beside_the_right_one() -> None:
    case = parse("conv2d x=1x1x3x3 w=1x1x2x2 fill=whole_numbers")
    made = picture_of(
        near_facts(case, case.question), Answer({"out": np.zeros((1, 1, 3, 3))}), "out"
    )
    assert made is not None
    assert made.first is None
    assert panels(made)["got", "out"].shape == [1, 1, 3, 3]
    assert "out has another shape" in text_of(made)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_wrong_and_shown(value: float) -> None:
    case = parse("relu x=1x3 dtype=float64 fill=whole_numbers")
    out = np.maximum(case.inputs["x"], 0)
    out[0, 1] = value
    made = picture_of(near_facts(case, case.question), Answer({"out": out}), "out")
    assert made is not None
    assert (made.first, made.wrong) == ([0, 1], 1)
    assert f"[{value}]" in text_of(made)
    assert str(value) in fragment(made)


# ---------------------------------------------------------------------- the terminal


def test_signs_tell_what_colours_tell() -> None:
    told = text_of(picture(*CONV))
    assert told.count("[") - told.count("[0, 0]") - 2 == 3  # the sentence's and the legend's aside
    assert "depends on 2 of w and 2 of dout" in told
    assert all(len(line) <= 100 for line in told.splitlines())


@pytest.mark.parametrize("width", [40, 60, 200])
def test_matrices_stand_side_by_side_as_far_as_they_fit(width: int) -> None:
    lines = text_of(picture(*CONV), width).splitlines()
    drawn = [line for line in lines if line.startswith("  ") and "  " in line.strip()]
    assert max(map(len, drawn[:-1])) <= width


def test_digits_are_as_many_as_tell_got_from_expected() -> None:
    near = Picture(
        "case", "out", [0],
        [Panel("out", "expected", [1], [0.1234567], [0], 0), Panel("out", "got", [1], [0.1234568], [0], 0)],
    )  # fmt: skip
    texts = [cell.text for matrix in matrices(near) for row in matrix.rows for cell in row]
    assert texts == ["0.1234567", "0.1234568"]


def test_a_large_array_is_a_map_of_decades() -> None:
    made = picture(*LARGE)
    assert not made.panels
    first = made.maps[0]
    assert first.first is not None
    assert len(first.shares) // first.columns <= MOST_CELLS >= first.columns
    told = text_of(made)
    assert "dx[0, 0], a cell is 2x2 elements" in told
    assert any(
        set(line.strip()) <= set(".123456789! ") and line.strip() for line in told.splitlines()
    )


# ---------------------------------------------------------------------- reports


@pytest.mark.parametrize("of", [CONV, LARGE])
def test_the_page_shows_it_as_drawings_without_script_or_style(of: Any) -> None:
    made = picture(*of)
    markup = fragment(made)
    root = ET.fromstring(markup.replace("<wbr>", ""))
    drawings = root.findall(".//svg")
    assert drawings
    for drawing in drawings:
        assert drawing.get("role") == "img"
        assert drawing.get("aria-label")
    assert "style=" not in markup
    assert "<script" not in markup
    assert fragment(None).strip() == ""


def test_every_form_of_a_report_takes_a_picture(tmp_path: Path) -> None:
    made = picture(*CONV)
    failing = replace(check("conv2d_backward", "wrong", 1, 1, first_wrong=bad(SMALL)), picture=made)
    report = report_of([bad(SMALL)], [failing])
    assert fragment(made).splitlines()[3] in html.render(report)
    assert "difference dx[0, 0]" in printed(report)
    json.write(report, tmp_path / "r.json")
    told = json.read(tmp_path / "r.json")["checks"][-1]["picture"]
    assert told["panels"][0]["numbers"] == made.panels[0].numbers
