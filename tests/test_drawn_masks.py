"""Dropouts that draw their own masks: right ones by any generator pass, wrong ones fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from loaded_files import Submission
from submitted import check_of

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.protocol import Answer
from layercheck.judging.chance import findings, unlikely
from layercheck.judging.drawn import oddities, oddities_of_calls
from layercheck.pipeline.drawn_cases import LARGE, REPEATED
from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.reporting.verdict import PASSING
from layercheck.submissions.profiles.call import Call
from layercheck.submissions.profiles.drawing import REPEATS
from layercheck.submissions.profiles.meaning_of_p import meaning_of_p

TEST_MODE = "dropout x=4x6 p=0.4 training=false dtype=float64 fill=normal seed=6"
EVEN = "dropout x=2x3x4x4 p=0.25 dtype=float64 fill=normal seed=7"

RIGHT = {
    "rand": "np.random.rand(*x.shape) >= p",
    "uniform": "np.random.uniform(size=x.shape) > p",
    "binomial": "np.random.binomial(1, 1 - p, size=x.shape) == 1",
    "beta": "np.random.beta(1, 1, size=x.shape) >= p",
    "choice": "np.random.choice([False, True], size=x.shape, p=[p, 1 - p])",
    "permutation": "np.random.permutation(np.arange(x.size) >= round(p * x.size)).reshape(x.shape)",
    "default_rng": "np.random.default_rng().random(x.shape) >= p",
    "RandomState": "np.random.RandomState().exponential(size=x.shape) < -np.log(max(p, 1e-300))",
    "random": "np.array([random.random() for _ in range(x.size)]).reshape(x.shape) >= p",
    "secrets": "np.array([secrets.randbits(53) for _ in range(x.size)]).reshape(x.shape)"
    " >= p * 2.0**53",
    "normal": "np.vectorize(NormalDist().cdf)(np.random.randn(*x.shape)) >= p",
}

WRONG = {
    "randn for rand": "np.random.randn(*x.shape) >= p",
    "rate 0.03 off": "np.random.rand(*x.shape) >= p + 0.03",
    "the same mask in every call": "np.random.RandomState(3).rand(*x.shape) >= p",
    "one mask for all samples": "np.broadcast_to(np.random.rand(*x.shape[1:]) >= p, x.shape)",
    "whole columns": "np.broadcast_to(np.random.rand(*x.shape[:-1], 1) >= p, x.shape)",
    "the first element is never dropped": "first_kept(np.random.rand(*x.shape) >= p)",
    "the first row is never dropped": "first_row_kept(np.random.rand(*x.shape) >= p)",
    "nothing is dropped": "np.ones(x.shape, bool)",
    "p does not count": "np.random.rand(*x.shape) >= 0.5",
    "the second half has the mask of the first": "halved(np.random.rand(*x.shape) >= p)",
}


def source(mask: str = RIGHT["rand"], out: str = "x * kept / (1 - p)", **parts: str) -> str:
    doc = parts.get("doc", "p: the probability to drop an element.")
    return f'''
import random, secrets
from statistics import NormalDist
import numpy as np

def first_kept(kept):
    kept.flat[0] = True
    return kept

def first_row_kept(kept):
    kept[0] = True
    return kept

def halved(kept):
    half = len(kept) // 2
    kept[half:2 * half] = kept[:half]
    return kept

def dropout(x, p=0.5, training=True):
    """{doc}"""
    if not training:
        return {parts.get("test", "x.copy()")}, None
    kept = {mask}
    return {out}, (kept, p, x)

def dropout_backward(dout, cache):
    if cache is None:
        return dout.copy()
    kept, p, x = cache
    return {parts.get("dx", "dout * kept / (1 - p)")}
'''


def problems(text: str) -> list[str]:
    """What is wrong with a dropout: arrays, and what is odd about its masks."""
    submission = Submission(text)
    found: list[str] = []
    for case in map(parse, (*LARGE, TEST_MODE, EVEN)):
        wrong = submission.compare(submission.targets[0], case)
        found += [c.array for c in wrong if c.verdict not in PASSING]
        if case.all_attributes["training"]:
            found += mask_problems(submission, case)
    return found + list(call_problems(submission))


def mask_problems(submission: Submission, case: Case) -> list[str]:
    answer, _ = submission.ask(submission.targets[0], case)
    return [told for _, told in oddities(case, Answer(answer))]


def call_problems(submission: Submission, repeats: int = 64) -> Iterator[str]:
    case = parse(REPEATED)
    call = Call("dropout", dict(case.inputs), {**case.all_attributes, REPEATS: repeats})
    found = submission.reading.found[0]
    session = found.profile.open_session(submission.namespace, call, found.target)
    yield from oddities_of_calls(case, session.forward()["again"])


@pytest.mark.parametrize("mask", RIGHT.values(), ids=RIGHT)
def test_a_right_dropout_passes_whatever_draws_its_mask(mask: str) -> None:
    assert not problems(source(mask))


@pytest.mark.parametrize("mask", WRONG.values(), ids=WRONG)
def test_a_mask_that_is_not_drawn_as_it_should_be_is_told(mask: str) -> None:
    assert any("expected" in told for told in problems(source(mask)))


@pytest.mark.parametrize(
    ("parts", "array"),
    [
        ({"out": "x * kept"}, "out"),
        ({"out": "x * kept / (1 - p) ** 2"}, "out"),
        ({"out": "x * kept / p"}, "out"),
        ({"test": "x * (1 - p)"}, "out"),
        ({"dx": "dout * kept / p"}, "dx"),
        ({"dx": "dout * kept"}, "dx"),
        ({"dx": "dout / (1 - p)"}, "dx"),
        ({"dx": "dout * (np.random.rand(*dout.shape) >= p) / (1 - p)"}, "dx"),
    ],
    ids=lambda part: part if isinstance(part, str) else str(next(iter(part.items()))),
)
def test_a_wrong_scale_is_told_by_its_array(parts: dict[str, str], array: str) -> None:
    assert array in problems(source(**parts))


def test_a_mask_taken_from_the_output_drops_what_was_zero() -> None:
    dx = "dout * (x * kept != 0) / (1 - p)"
    assert any("where x is 0" in told for told in problems(source(dx=dx)))


# ---------------------------------------------------------------------- the tests themselves


def test_the_significance_is_what_it_says() -> None:
    """64 coins that all show one side: 2 ** -64 is unlikely, 2 ** -28 is not."""
    assert unlikely(64, 64, 0.5)
    assert not unlikely(28, 28, 0.5)
    assert unlikely(31, 31, 0.5)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.95])
def test_right_masks_of_many_seeds_are_never_odd(p: float) -> None:
    for seed in range(200):
        mask = np.random.RandomState(seed).random_sample((12, 10, 4)) >= p
        assert not list(findings(mask, 1 - p))


@pytest.mark.parametrize("off", [-0.03, 0.03])
def test_a_rate_three_hundredths_off_is_seen_by_the_largest_case(off: float) -> None:
    case = parse(LARGE[0])
    shape, share = case.shapes["x"], 1 - case.all_attributes["p"]
    masks = (np.random.RandomState(s).random_sample(shape) < share + off for s in range(50))
    assert all(any(told.startswith("keeps") for told in findings(m, share)) for m in masks)


def test_a_row_that_is_always_kept_is_named() -> None:
    mask = np.random.RandomState(1).random_sample((160, 160)) >= 0.5
    mask[7] = True
    assert any("at index 7 of axis 0" in told for told in findings(mask, 0.5))


def test_one_draw_for_a_whole_row_is_named() -> None:
    rows = np.random.RandomState(1).random_sample((40, 1)) >= 0.5
    first = next(findings(np.broadcast_to(rows, (40, 6)), 0.5))
    assert first.startswith("is the same all along axis 1: each element has its own draw")
    few = np.broadcast_to(np.array([[True], [False]]), (2, 24))
    assert next(findings(few, 0.9)).endswith("; it is the same all along axis 1")


def test_a_mask_that_keeps_nearly_all_is_not_said_to_repeat_itself() -> None:
    assert not list(findings(np.ones((2, 6), bool), 0.9))
    assert not list(findings(np.ones((4, 6), bool), 1.0))


def test_calls_that_share_a_mask_by_twos_are_told() -> None:
    case = parse(REPEATED)
    outs = np.random.RandomState(1).random_sample((64, *case.shapes["x"])) >= 0.5
    assert not list(oddities_of_calls(case, outs.astype(float)))
    outs[1::2] = outs[::2]
    told = list(oddities_of_calls(case, outs.astype(float)))
    assert any("neighbours along the calls" in one for one in told)


# ---------------------------------------------------------------------- what p is


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Inverted dropout; p is the probability to drop.", "drop"),
        ("p: the probability of an element to be zeroed", "drop"),
        ("Each number is dropped with probability p, the others divided by 1 - p", "drop"),
        ("we drop each neuron with probability p, and keep it with 1 - p.", "drop"),
        ("Inverted dropout. p: we keep each neuron with probability p; mode: train", "keep"),
        ("p is the probability of **keep**; contrary to sources that drop with p", "keep"),
        ("Elements are kept with probability 1 - p", "drop"),
        ("p: dropout rate", ""),
        ("Keep each with probability p. Drop each with probability p.", ""),
        ("Do not keep with probability p", ""),
    ],
)
def test_only_clear_sentences_say_what_p_is(text: str, said: str) -> None:
    assert meaning_of_p(text) == said


# ---------------------------------------------------------------------- whole files


def checked(tmp_path: Path, text: str) -> dict[str, tuple[str, str, bool]]:
    path = tmp_path / "layers.py"
    path.write_text(text)
    report = check_file(path, Options())
    found = (check_of(report, name) for name in ("dropout", "dropout_backward"))
    return {
        c.target: (str(c.verdict), c.first_wrong.reason if c.first_wrong else "", c.passed)
        for c in found
    }


def test_a_file_by_the_operating_systems_numbers_passes(tmp_path: Path) -> None:
    assert all(passed for _, _, passed in checked(tmp_path, source(RIGHT["secrets"])).values())


def test_a_docstring_that_says_the_opposite_is_no_pass(tmp_path: Path) -> None:
    found = checked(tmp_path, source(doc="p: the probability to keep an element."))
    verdict, reason, _ = found["dropout"]
    assert verdict == "wrong"
    assert "its p is the probability to drop, though it is said to be that to keep" in reason


def test_one_mask_for_every_call_is_wrong(tmp_path: Path) -> None:
    found = checked(tmp_path, source(WRONG["the same mask in every call"]))
    assert "the mask is the same each time" in found["dropout"][1]
    assert found["dropout_backward"][2]


def test_a_gradient_of_a_wrong_scale_is_right_for_its_own_forward(tmp_path: Path) -> None:
    found = checked(tmp_path, source(out="x * kept", dx="dout * kept"))
    assert found["dropout"][0] == "wrong"
    assert found["dropout_backward"][0] == "consistent"


def test_a_case_is_asked_many_times_whatever_its_seed() -> None:
    from layercheck.pipeline.drawn_cases import is_repeated

    assert is_repeated(replace(parse(REPEATED), seed=99))
    assert not is_repeated(parse(EVEN))
