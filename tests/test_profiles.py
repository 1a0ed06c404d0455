"""Profiles: what a file is recognised as, and that its functions are called as they are meant."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from loaded_files import HOMEWORK, MISTAKES, ROOT, Submission, failures, read
from submitted import REWRITES, check_text

from layercheck.cases.parse import parse
from layercheck.errors import UsageError
from layercheck.implementations.submission import SubmittedFile
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.child.serving import plain_target
from layercheck.submissions.profiles import (
    cs231n,
    known_profiles,
    names,
)
from layercheck.submissions.profiles import reading as profile_reading
from layercheck.submissions.profiles.call import NotImplementedYet
from layercheck.submissions.profiles.reading import Found
from layercheck.submissions.profiles.target import Takes, Target, kind_of
from layercheck.submissions.reading import target_of
from ref_layers import OPS
from ref_layers.op import REQUIRED

# ---------------------------------------------------------------------- right and wrong files


def test_the_correct_homework_passes() -> None:
    submission = read(HOMEWORK)
    found = {name for t in submission.targets for name in (t.forward, t.backward)}
    assert found == {*cs231n.names()}
    for target in submission.targets:
        assert not failures(submission, target, 10)


def test_the_five_mistakes_fail_in_the_function_that_has_them() -> None:
    submission = read(MISTAKES)
    failing = {name for t in submission.targets for name in failures(submission, t, 12)}
    assert failing == {
        "batchnorm_backward",
        "layernorm_backward",
        "conv_forward_naive",
        "conv_backward_naive",
        "max_pool_backward_naive",
    }


# ---------------------------------------------------------------------- recognition and targets


@pytest.mark.parametrize(
    ("source", "profile"),
    [
        ("def conv_forward_naive(x, w, b, conv_param): ...", "cs231n"),
        ("def affine_forward(x, w, b): ...\ndef affine_backward(dout, cache): ...", "cs231n"),
        ("def conv2d(x, w): ...\ndef conv2d_grad(dout, x, w): ...", "functional"),
        ("class Conv2D:\n    def forward(self, x): ...", "classes"),
        ("@implements('relu')\ndef f(x): ...", "declared"),
        ("@layercheck.implements('relu')\ndef relu(x): ...\ndef relu_grad(d, x): ...", "declared"),
        ("from layercheck import implements as of\n@of('relu')\ndef f(x): ...", "declared"),
        (
            "of = layercheck.implements\n@of('relu')\nclass F:\n    def forward(self, x): ...",
            "classes",
        ),
        ("print 'one'\ndef relu_forward(x):\n    print x", "cs231n"),
    ],
)
def test_a_file_is_recognised(source: str, profile: str) -> None:
    assert profile_reading.read(source, "layers.py").profiles == [profile]


def test_each_function_is_asked_by_the_profile_that_knows_it() -> None:
    source = (
        "def softmax_loss(x, y): ...\n"
        "class Conv2D:\n    def forward(self, x): ...\n    def backward(self, dout): ...\n"
        "def gelu(x): ...\ndef helper(): ...\n"
        "@implements('tanh')\ndef squash(x): return helper()\n"
    )
    found = profile_reading.read(source, "layers.py")
    asked = {one.target.forward: one.profile.NAME for one in found.found}
    assert asked == {
        "softmax_loss": "cs231n",
        "Conv2D.forward": "classes",
        "gelu": "functional",
        "squash": "declared",
    }
    assert found.not_checked == {"helper": "a helper of squash"}


def test_an_unknown_file_is_told_what_was_found_and_expected(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("def train(): ...\nclass Trainer: ...")
    with pytest.raises(
        UsageError, match=r"defines train, Trainer; expected any of:(.|\n)*cs231n: "
    ):
        SubmittedFile(tmp_path / "main.py")


def test_profiles_are_found_by_themselves_in_the_documented_order() -> None:
    page = (ROOT / "docs" / "profiles.md").read_text()
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert [*known_profiles()] == rows
    ranks = [module.RANK for module in known_profiles().values()]
    assert len({*ranks}) == len(ranks)
    for module in known_profiles().values():
        assert "\n" not in module.DESCRIPTION
        assert module.DESCRIPTION in "\n".join(profile_reading.expected())


def test_targets_come_in_the_order_of_the_file() -> None:
    lines = HOMEWORK.read_text().splitlines()
    placed = [
        lines.index(next(line for line in lines if line.startswith(f"def {t.backward}(")))
        for t in read(HOMEWORK).targets
    ]
    assert placed == sorted(placed)


def test_what_a_part_has_and_the_file_lacks_is_told_and_not_asked() -> None:
    submission = Submission("def conv_forward_naive(x, w, b, conv_param):\n    return None, None")
    (target,) = submission.targets
    assert (target.forward, target.backward) == ("conv_forward_naive", "")
    told = submission.reading.not_checked
    assert told.keys() == {"conv_backward_naive", "max_pool_forward_naive"}
    assert all("not in this file" in reason for reason in told.values())


def test_targets_reach_the_parent_as_plain_json_without_their_options() -> None:
    for path in (HOMEWORK, *REWRITES):
        for found in read(path).reading.found:
            told = json.loads(json.dumps(plain_target(found)))
            assert told["profile"] == found.profile.NAME
            assert told["options"] is None
            assert target_of(told) == as_told(found)


def as_told(found: Found) -> Target:
    """The target with every sequence as a tuple, as it is after a journey as JSON."""
    takes = vars(found.target.takes)
    kinds = {name: tuple(forms) for name, forms in takes["kinds"].items()}
    words = {
        name: {key: tuple(own) for key, own in of_each.items()}
        for name, of_each in takes["words"].items()
    }
    told = Takes(**{**takes, "kinds": kinds, "words": words})
    return replace(found.target, options=None, takes=told)


def test_the_table_of_ops_is_that_of_the_layers() -> None:
    assert [*names.OPS] == [*OPS]
    for name, known in names.OPS.items():
        op = OPS[name]
        defaults = {n: names.REQUIRED if v is REQUIRED else v for n, v in op.attributes.items()}
        assert known.inputs == tuple(op.inputs), name
        assert known.optional == tuple(n for n, t in op.inputs.items() if t.optional), name
        assert known.differentiable == op.differentiable, name
        assert (dict(known.attributes), known.outputs) == (defaults, op.outputs), name


def test_refusals_say_what_a_signature_lacks() -> None:
    takes = Takes(
        fixed={"groups": 1},
        integer=("stride",),
        required=("b",),
        kinds={"padding": ("int", "same")},
        shapes={"x": (None, 1, None, None)},
        square=("w",),
    )

    def refusal(text: str) -> str:
        case = parse(text)
        return takes.refuses(case.shapes, case.all_attributes)

    good = "conv2d x=1x1x5x5 w=2x1x3x3 b=2"
    assert refusal(good) == ""
    assert refusal(good + " padding=same") == ""
    assert refusal(good + " padding=1,2") == "padding is given as int or same"
    assert refusal(good + " stride=1,2") == "stride is one integer"
    assert refusal("conv2d x=1x1x5x5 w=2x1x3x3") == "b has to be given"
    assert refusal("conv2d x=1x2x5x5 w=2x2x3x3 b=2") == "x has the sizes (any, 1, any, any)"
    assert refusal("conv2d x=1x1x5x5 w=2x1x3x2 b=2") == "w is square"
    assert refusal("conv2d x=1x2x5x5 w=2x1x3x3 b=2 groups=2") == "there is no groups=2"
    assert kind_of(((1, 0), (0, 2))) == "sides"


def test_a_signature_settles_what_is_asked() -> None:
    source = "def conv2d(x, w, stride=1): ...\ndef batch_norm(x, gamma, beta): ..."
    conv, norm = (target.takes for target in Submission(source).targets)
    assert conv.fixed == {"padding": 0, "dilation": 1, "groups": 1}
    assert (conv.absent, conv.kinds) == (("b",), {"stride": ["int"]})
    assert norm.required == ("gamma", "beta")
    assert norm.absent == ("running_mean", "running_var")


def test_an_unknown_argument_is_told() -> None:
    submission = Submission("def relu(x, magic):\n    return x")
    assert submission.targets == []
    told = submission.reading.not_checked["relu"]
    assert told.startswith("nothing is known of its argument magic; say what it is")


# ---------------------------------------------------------------------- not implemented


@pytest.mark.parametrize(
    ("body", "lacking"),
    [
        ("def relu_forward(x):\n    out = None\n    return out, x", "relu_forward"),
        ("def relu_forward(x):\n    pass", "relu_forward"),
        ("def relu_forward(x):\n    raise NotImplementedError", "relu_forward"),
        (
            "def relu_forward(x):\n    return x, x\ndef relu_backward(d, c):\n    dx = None\n    return dx",
            "relu_backward",
        ),
    ],
)
def test_what_is_not_implemented_is_said(body: str, lacking: str) -> None:
    submission = Submission(body)
    with pytest.raises(NotImplementedYet, match=lacking):
        submission.ask(submission.target("relu_forward"), parse("relu x=2x3x1x2"))


def test_a_backward_of_nothing_is_not_implemented_in_any_profile() -> None:
    for source in (
        "def relu(x):\n    return x\ndef relu_grad(dout, x):\n    return None",
        "class ReLU:\n    def forward(self, x):\n        return x\n    def backward(self, dout):\n        pass",
    ):
        submission = Submission(source)
        with pytest.raises(NotImplementedYet):
            submission.ask(submission.targets[0], parse("relu x=2x3x1x2"))


CLAMP = """
import numpy as np
from layercheck import implements

@implements("{op}")
class Clamp:
    def forward(self, x):
        self.x = x
        return np.maximum(x, {low})
    def backward(self, dout):
        return dout * (self.x > 0)
"""


def test_a_class_may_say_which_op_it_is(tmp_path: Path) -> None:
    right = check_text(CLAMP.format(op="relu", low=0), tmp_path)
    assert [check.target for check in right.checks if check.passed] == [
        "Clamp.forward",
        "Clamp.backward",
    ]
    assert not check_text(CLAMP.format(op="relu", low=1), tmp_path).passed
    (check,) = check_text(CLAMP.format(op="rellu", low=0), tmp_path).checks
    assert check.verdict is Verdict.ERROR
    assert check.note.startswith("Clamp: implements('rellu'); expected one of: ")
