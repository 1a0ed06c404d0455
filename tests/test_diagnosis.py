"""What is told of why a function fails: named only where it is proved, and the same everywhere."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from submitted import HOMEWORK, ROOT, check_of

from layercheck.cases.parse import parse
from layercheck.diagnosis import all_steps
from layercheck.diagnosis.compose import pairs
from layercheck.diagnosis.relations import relations
from layercheck.implementations.protocol import Answer
from layercheck.implementations.submission import SubmittedFile
from layercheck.mistakes import Mistake, mistakes
from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.reporting.formats.html import render as page
from layercheck.reporting.formats.json import plain_report
from layercheck.reporting.hints import HINTS
from layercheck.reporting.records import Diagnosis
from layercheck.reporting.terminal.functions import details
from layercheck.reporting.words import why
from layercheck.upkeep.diagnosed import every_pair, in_style, layer_with, outcome, tell
from layercheck.upkeep.forms import FORMS
from layercheck.upkeep.planted import STYLES, planted

WRONG = HOMEWORK / "layers_with_mistakes.py"
FIVE = {
    "batchnorm_backward": "path_through_the_variance_missing",
    "layernorm_backward": "dx_divided_by_the_batch",
    "conv_forward_naive": "bias_in_the_sum",
    "conv_backward_naive": "dx_cropped_with_minus_p",
    "max_pool_backward_naive": "dx_assigned",
}
SAMPLE = 24
"""So many pairs of a mistake and a form are drawn here; `python benchmarks/diagnosis.py` has all."""


def named(op: str, name: str) -> Mistake:
    return next(one for one in mistakes([op]) if one.name == name)


def test_the_five_mistakes_of_the_homework_are_named() -> None:
    report = check_file(WRONG, Options(ops=tuple(FIVE)))
    for function, name in FIVE.items():
        (cause,) = (d for d in check_of(report, function).diagnoses if not d.is_condition)
        assert cause.names == [name]
        assert cause.hint


def test_every_output_tells_the_same() -> None:
    report = check_file(WRONG, Options(ops=("conv_backward_naive",)))
    (check,) = report.checks
    told = why(check)
    assert [head for head, _ in told] == ["where", "why", "look"]
    lines, text = details(check), page(report)
    records = json.dumps(plain_report(report))
    for head, sentence in told:
        assert f"{head}: {sentence}" in lines
        assert sentence in text.replace("&#39;", "'")
        assert json.dumps(sentence)[1:-1] in records


@pytest.mark.parametrize("hints", HINTS)
def test_no_more_is_told_than_the_teacher_wants(hints: str) -> None:
    report = check_file(WRONG, Options(ops=("conv_backward_naive",), hints=hints))
    heads = [head for head, _ in why(report.checks[0])]
    assert heads == ["where", "why", "look"][: HINTS.index(hints)]


def test_a_condition_has_its_counts_and_is_confirmed() -> None:
    report = check_file(WRONG, Options(ops=("conv_backward_naive",), hints="condition"))
    (check,) = report.checks
    (where,) = check.diagnoses
    assert where.text == "fails in all 20 cases where padding == 0, passes in the other 23"
    shows_nothing = 1  # where every weight is 0, so that dx is
    assert (where.failing, where.passing + shows_nothing) == (
        check.failed,
        check.cases - check.failed,
    )
    assert where.drawn > 0


def test_nothing_of_it_is_imported_while_everything_passes() -> None:
    code = (
        "import sys; from pathlib import Path; from layercheck.pipeline.run import check; "
        "from layercheck.pipeline.options import Options; "
        f"report = check({str(HOMEWORK / 'layers.py')!r}, Options(ops=('relu',))); "
        "assert report.passed; "
        "print([n for n in sys.modules if 'diagnosis' in n or 'layercheck.mistakes' in n])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_steps_and_relations_are_found() -> None:
    folder = ROOT / "layercheck" / "diagnosis"
    assert len(all_steps()) == len(list((folder / "steps").glob("[!_]*.py")))
    ranks = [step.RANK for step in all_steps()]
    assert ranks == sorted(set(ranks))
    assert relations()


PLANTED = random.Random(12).sample(every_pair(), SAMPLE)


@pytest.mark.parametrize(
    ("mistake", "style", "form"), PLANTED, ids=[f"{m.op} {m.name}, {s}, {f}" for m, s, f in PLANTED]
)
def test_a_planted_mistake_is_named_and_no_other(mistake: Mistake, style: str, form: str) -> None:
    told = tell(mistake, style, form)
    assert told.came_to in ("named", "in a group", "passes", "not written"), told.diagnoses


@pytest.mark.parametrize("form", FORMS)
def test_what_nearby_answers_is_what_the_sandbox_answers(tmp_path: Path, form: str) -> None:
    mistake = named("affine", "dw_averaged")
    path = tmp_path / "layers.py"
    path.write_text(planted(mistake, "vectorised", form), encoding="utf-8")
    near = layer_with(mistake, "vectorised", form)
    case = parse("affine x=3x4 w=4x5 b=5 dtype=float64 fill=normal seed=1")
    with SubmittedFile(path) as file:
        (layer,) = file.layers()
        far, here = layer.implementation.answer(case), near.implementation.answer(case)
    assert isinstance(far, Answer)
    assert isinstance(here, Answer)
    assert far.arrays.keys() == here.arrays.keys()
    for name, array in far.arrays.items():
        assert isinstance(array, np.ndarray)
        assert array.tobytes() == np.asarray(here.arrays[name]).tobytes()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("style", STYLES)
def test_a_file_comes_to_the_same(tmp_path: Path, style: str, form: str) -> None:
    mistake = named("affine", "dw_averaged")
    path = tmp_path / "layers.py"
    path.write_text(planted(mistake, style, form), encoding="utf-8")
    report = check_file(path, Options())
    found = [one for check in report.failing_checks for one in check.diagnoses]
    assert outcome(found, mistake.name) == "named"


def test_an_outcome_with_another_name_is_a_wrong_one() -> None:
    assert outcome([Diagnosis("mistake", "", names=["b"])], "a") == "wrong name"
    assert outcome([Diagnosis("mistake", "", names=["a"])], "a") == "named"
    assert outcome([Diagnosis("mistake", "", names=["b", "a"])], "a") == "in a group"
    assert outcome([Diagnosis("relation", "")], "a") == "described"
    assert outcome([Diagnosis("condition", "")], "a") == "condition"
    assert outcome([], "a") == "silent"


def test_two_mistakes_at_once_are_both_made() -> None:
    both = [named("affine", "dw_averaged"), named("affine", "db_as_a_row")]
    made = next(pairs(both))
    question = parse("affine x=3x4 w=4x5 b=5 dtype=float64 fill=normal seed=1").question
    arrays = made.answer_question(question).arrays
    for one, array in zip(both, ("dw", "db"), strict=True):
        alone = in_style(one.forward, one.backward, "vectorised").answer_question(question)
        assert arrays[array].tobytes() == alone.arrays[array].tobytes()
