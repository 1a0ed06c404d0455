"""Profiles: what a file is recognised as, and that its functions are called as they are meant."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layercheck
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.errors import UsageError
from layercheck.implementations.protocol import Answer
from layercheck.implementations.submission import SubmittedFile
from layercheck.judging.explain import second_chance
from layercheck.judging.facts import facts
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import PASSING
from layercheck.submissions.child.serving import plain_target
from layercheck.submissions.expressible import expressible
from layercheck.submissions.profiles import (
    classes,
    cs231n,
    declared,
    known_profiles,
    names,
    notebooks,
    running,
    syntax,
)
from layercheck.submissions.profiles import reading as profile_reading
from layercheck.submissions.profiles.call import Call, NotImplementedYet, NotUnderstood
from layercheck.submissions.profiles.inventory import File
from layercheck.submissions.profiles.reading import Found, Reading
from layercheck.submissions.profiles.target import Takes, Target, kind_of
from layercheck.submissions.reading import target_of
from ref_layers import OPS
from ref_layers.op import REQUIRED

ROOT = Path(__file__).parents[1]
HOMEWORK = ROOT / "examples" / "homework" / "layers.py"
MISTAKES = ROOT / "examples" / "homework" / "layers_with_mistakes.py"
REWRITES = sorted(
    path for path in (ROOT / "tests" / "rewrites").glob("*.*") if path.suffix in (".py", ".ipynb")
)


class Submission:
    """A source with what its profiles find in it, loaded in this process."""

    def __init__(self, source: str, name: str = "layers.py", profile: str = "", **table: Any):
        self.reading: Reading = profile_reading.read(source, name, profile, table)
        self.namespace: Mapping[str, Any] = running.load(source, name)

    @property
    def targets(self) -> list[Target]:
        return [found.target for found in self.reading.found]

    def target(self, name: str) -> Target:
        return next(t for t in self.targets if name in (t.forward, t.backward))

    def ask(self, target: Target, case: Case) -> tuple[dict[str, Any], Call]:
        """What comes back of a forward and perhaps a backward, and the call as it is afterwards."""
        inputs = {name: value.copy() for name, value in case.inputs.items()}
        dout = case.question.dout.copy() if has_gradient(target, case) else None
        call = Call(case.op, inputs, case.all_attributes, None if dout is None else dout.shape)
        profile = next(f.profile for f in self.reading.found if f.target is target)
        with np.errstate(all="ignore"):
            session = profile.open_session(self.namespace, call, target)
            answer = dict(session.forward())
            if dout is not None:
                answer |= session.backward(dout)
        session.call.settle()
        return answer, session.call

    def compare(self, target: Target, case: Case) -> list[Comparison]:
        answer, call = self.ask(target, case)
        for name, value in case.inputs.items():
            np.testing.assert_array_equal(call.inputs[name], value, f"{name} was changed")
        told = Answer(answer, misfits=call.misfits)
        known = facts(case)
        comparisons = [second_chance(known, c, told) for c in known.compare_all("submission", told)]
        return [c for c in comparisons if has_gradient(target, case) or c.part == "forward"]


def has_gradient(target: Target, case: Case) -> bool:
    return bool(target.backward) and target.takes.has_gradient(case.all_attributes)


def read(path: Path) -> Submission:
    source = notebooks.source_of(path) if path.suffix == ".ipynb" else path.read_text()
    return Submission(source, path.name)


def failures(submission: Submission, target: Target, count: int) -> dict[str, Comparison]:
    """The functions that fail, with one comparison that shows it."""
    cases = expressible(target.op, target.takes, count)
    assert cases, f"no case for {target.forward}"
    found = {}
    for case in cases:
        for comparison in submission.compare(target, case):
            if comparison.verdict not in PASSING:
                of_gradient = comparison.part == "backward"
                found[target.backward if of_gradient else target.forward] = comparison
    return found


# ---------------------------------------------------------------------- right and wrong files


@pytest.mark.parametrize("path", REWRITES, ids=lambda path: path.stem)
def test_a_correct_rewrite_passes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    submission = read(path)
    assert submission.targets
    assert not submission.reading.problem
    for target in submission.targets:
        assert not failures(submission, target, 6)


def test_there_are_at_least_forty_rewrites() -> None:
    assert len(REWRITES) >= 40


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


def test_the_rest_of_a_part_is_a_target_and_other_parts_are_not() -> None:
    submission = Submission("def conv_forward_naive(x, w, b, conv_param):\n    return None, None")
    assert [t.forward for t in submission.targets] == [
        "conv_forward_naive",
        "max_pool_forward_naive",
    ]


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
    return replace(found.target, options=None, takes=Takes(**{**takes, "kinds": kinds}))


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
    with pytest.raises(NotUnderstood, match="nothing is known for the argument magic of relu;"):
        submission.ask(submission.targets[0], parse("relu x=2x3x1x2"))


# ---------------------------------------------------------------------- not implemented


@pytest.mark.parametrize(
    ("body", "lacking"),
    [
        ("def relu_forward(x):\n    out = None\n    return out, x", "relu_forward"),
        ("def relu_forward(x):\n    pass", "relu_forward"),
        ("def relu_forward(x):\n    raise NotImplementedError", "relu_forward"),
        ("def relu_backward(dout, cache):\n    return dout", "relu_forward"),
        ("def relu_forward(x):\n    return x, x", "relu_backward"),
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


# ---------------------------------------------------------------------- leftovers


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\nprint x", r"Python 2 print statement, line 2; in Python 3 write print\(...\)"),
        (
            "try:\n    pass\nexcept ValueError, e:\n    pass",
            "Python 2 except clause, line 3; in Python 3 write except Error as error:",
        ),
        ("if 1 <> 2:\n    pass", "Python 2 operator <>, line 1; in Python 3 write !="),
        ("def f(:\n    pass", "invalid syntax|was never closed|line 1"),
    ],
)
def test_leftovers_of_python_2_in_the_syntax_are_named(source: str, told: str) -> None:
    with pytest.raises(SyntaxError, match=told):
        running.load(source, "layers.py")
    with pytest.raises(SyntaxError, match=told):
        syntax.parse(source, "layers.py")


@pytest.mark.parametrize(
    ("body", "error", "told"),
    [
        ("np.zeros((4 / 2, 3))", TypeError, "in Python 3 `/` gives a float"),
        ("[0 for _ in range(4 / 2)]", TypeError, "in Python 3 `/` gives a float"),
        ("x[: 4 / 2]", TypeError, "in Python 3 `/` gives a float"),
        ("x[4 / 2]", IndexError, "in Python 3 `/` gives a float"),
        ("xrange(3)", NameError, "xrange is Python 2; in Python 3 it is range"),
        ("np.zeros(3, dtype=np.int)", AttributeError, "np.int is gone from NumPy; use int"),
        ("{}.iteritems()", AttributeError, "iteritems is Python 2"),
    ],
)
def test_leftovers_in_a_function_are_explained(
    body: str, error: type[Exception], told: str
) -> None:
    source = f"import numpy as np\ndef relu_forward(x):\n    return {body}, x"
    submission = Submission(source)
    with pytest.raises(error, match=told):
        submission.ask(submission.target("relu_forward"), parse("relu x=2x3x1x2"))


def test_the_courses_own_imports_are_stubbed_until_they_are_used() -> None:
    submission = read(ROOT / "tests" / "rewrites" / "course_imports.py")
    with pytest.raises(ImportError, match=r"layer_utils\.affine_relu_forward is not available"):
        submission.namespace["fast_version"](np.zeros(3))


@pytest.mark.parametrize(
    ("line", "use", "told"),
    [
        ("import torch.nn as nn", "nn.functional.conv2d(1)", "with Python and NumPy alone"),
        ("from .fast_layers import *", "conv_forward_fast(1)", "no such file beside this one"),
        ("import cPickle as pickle", "pickle.load(1)", "in Python 3 it is pickle"),
        (
            "from scipy.signal import convolve2d",
            "convolve2d(1)",
            "only this file and those beside it",
        ),
    ],
)
def test_a_stub_says_what_is_missing(line: str, use: str, told: str) -> None:
    namespace = running.load(f"{line}\ndef f():\n    return {use}", "layers.py")
    with pytest.raises((ImportError, NameError), match=told):
        running.invoke(namespace["f"])


def test_a_guarded_import_fails_as_it_would() -> None:
    source = "try:\n    import no_such_module\nexcept ImportError:\n    no_such_module = None"
    assert running.load(source, "layers.py")["no_such_module"] is None


def test_classes_of_a_framework_that_is_not_here_can_be_defined() -> None:
    source = "import torch.nn as nn\nclass Net(nn.Module):\n    size = 3"
    assert running.load(source, "layers.py")["Net"].size == 3


# ---------------------------------------------------------------------- notebooks


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4})


def test_a_notebook_keeps_definitions_and_runs_nothing_else() -> None:
    source = notebooks.source_of_text(
        notebook(
            "%matplotlib inline\nimport numpy as np\n!rm -rf data\nEPS, K = 1e-5, (3, 3)\ntrain()",
            "%%bash\necho def f(): pass",
            "a = 1; open('x', 'w')\n@decorate\ndef f(x):\n    %time pass\n    return x\nf(3)",
            "g = lambda x: x\nh = g\nmodel = build()\nC.forward = f",
        )
    )
    assert "train" not in source
    assert "open" not in source
    assert "build" not in source
    assert "bash" not in source
    for kept in ("import numpy", "EPS, K", "a = 1", "@decorate", "h = g"):
        assert kept in source
    assert source.splitlines().index("def f(x):") - source.splitlines().index("# cell 3") == 3


def test_a_cell_with_a_broken_definition_is_named() -> None:
    with pytest.raises(SyntaxError, match="cell 2: Python 2 print statement, line 2"):
        notebooks.source_of_text(notebook("x = 1", "def f(x):\n    print x"))


def test_what_is_no_notebook_is_told() -> None:
    with pytest.raises(ValueError, match="not a notebook"):
        notebooks.source_of_text("def f(): pass")


# ---------------------------------------------------------------------- conventions


def dropout_case() -> Case:
    return parse("dropout x=3x4x5x6 mask=3x4x5x6 p=0.3 mask_seed=1 dtype=float64")


@pytest.mark.parametrize(
    ("docstring", "keep", "noted"),
    [
        ("We keep each neuron output with probability p.", True, False),
        ("We drop each neuron output with probability p.", False, False),
        ("We drop each neuron output with probability p.", True, True),
        ("Dropout.", False, True),
    ],
)
def test_the_meaning_of_p_is_a_convention(docstring: str, keep: bool, noted: bool) -> None:
    share = "p" if keep else "(1 - p)"
    submission = Submission(f'''
import numpy as np
def dropout_forward(x, dropout_param):
    """{docstring}"""
    p = dropout_param["p"]
    mask = (np.random.rand(*x.shape) < {share}) / {share}
    return x * mask, mask
def dropout_backward(dout, cache):
    return dout * cache
''')
    answer, call = submission.ask(submission.targets[0], dropout_case())
    judged = facts(dropout_case()).compare_all("", Answer(answer))
    assert {c.array for c in judged} == {"out", "dx"}
    assert all(c.verdict in PASSING for c in judged)
    assert any(note.startswith("convention: ") for note in call.notes) is noted


@pytest.mark.parametrize(
    "mask",
    [
        "(np.random.rand(*x.shape) < p) / (1 - p)",  # scaled by the wrong share
        "(np.random.rand(*x.shape) < 1 - p) / p",  # the wrong threshold
        "(np.random.rand(*x.shape) >= p) / p",
    ],
)
def test_a_wrong_mask_fits_no_convention(mask: str) -> None:
    submission = Submission(f"""
import numpy as np
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    mask = {mask}
    return x * mask, mask
def dropout_backward(dout, cache):
    return dout * cache
""")
    answer, _ = submission.ask(submission.targets[0], dropout_case())
    judged = facts(dropout_case()).compare_all("", Answer(answer))
    assert any(c.verdict == "wrong" for c in judged)


def test_a_new_mask_in_backward_is_wrong() -> None:
    submission = Submission('''
import numpy as np
def dropout_forward(x, dropout_param):
    """Keep with probability p."""
    p = dropout_param["p"]
    return x * (np.random.rand(*x.shape) < p) / p, p
def dropout_backward(dout, p):
    return dout * (np.random.rand(*dout.shape) < p) / p
''')
    verdicts = {
        c.array: c.verdict for c in submission.compare(submission.targets[0], dropout_case())
    }
    assert verdicts["out"] in PASSING
    assert verdicts["dx"] == "wrong"


def test_random_numbers_are_put_back() -> None:
    before = {n: getattr(np.random, n) for n in ("rand", "seed", "RandomState", "default_rng")}
    submission = read(ROOT / "tests" / "rewrites" / "dropout_binomial.py")
    submission.ask(submission.targets[0], dropout_case())
    assert before == {name: getattr(np.random, name) for name in before}
    assert isinstance(submission.namespace["rng"], np.random.Generator)


def test_running_statistics_are_read_from_bn_param() -> None:
    case = parse(
        "batch_norm_1d x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.01 "
        "unbiased_running_var=false dtype=float64"
    )
    submission = read(HOMEWORK)
    answer, call = submission.ask(submission.target("batchnorm_forward"), case)
    assert {"running_mean", "running_var"} <= answer.keys()
    assert call.called == ["momentum 0.99 (as this file counts it; 0.01 in torch)"]
    swapped = Submission(
        HOMEWORK.read_text().replace(
            "momentum * running_mean + (1 - momentum) * mean",
            "(1 - momentum) * running_mean + momentum * mean",
        )
    )
    verdicts = {
        c.array: c.verdict for c in swapped.compare(swapped.target("batchnorm_forward"), case)
    }
    assert verdicts["running_mean"] == "wrong"
    assert verdicts["running_var"] in PASSING


def test_test_mode_has_no_gradient_and_training_has() -> None:
    takes = read(HOMEWORK).target("batchnorm_forward").takes
    assert takes.has_gradient({"training": True})
    assert not takes.has_gradient({"training": False})


GROUP_NORM = parse("group_norm x=2x6x3x4 gamma=6 beta=6 num_groups=2 dtype=float64")


def test_group_norm_gradients_have_the_shape_of_gamma() -> None:
    """Another shape is an error that says whether the values are right."""
    flat = HOMEWORK.read_text().replace(
        "sum(axis=others, keepdims=True)\n    return", "sum(axis=others)\n    return"
    )
    submission = Submission(flat)
    target = submission.target("spatial_groupnorm_forward")
    told = {c.array: (c.verdict, c.reason) for c in submission.compare(target, GROUP_NORM)}
    off = "shape: got (6,), expected (1, 6, 1, 1) as gamma has; its values are right"
    assert told["dgamma"] == ("error", off)
    assert told["dx"][0] in PASSING
    assert told["out"][0] in PASSING


def test_float64_of_float32_is_cast_back_and_told_in_the_course_only() -> None:
    case = parse("relu x=2x3x4x5 dtype=float32")
    body = "import numpy as np\ndef {}(x):\n    return np.maximum(x, 0).astype(float), x\n"
    course = Submission(
        body.format("relu_forward") + "def relu_backward(d, c):\n    return d * (c > 0)"
    )
    answer, call = course.ask(course.target("relu_forward"), case)
    assert answer["out"].dtype == np.float32
    assert "float64 comes out of float32" in call.notes[0]
    other = Submission(body.format("relu"))
    assert other.ask(other.targets[0], case)[0]["out"].dtype == np.float64


# ---------------------------------------------------------------------- classes


def file_of(text: str, table: Mapping[str, Any] | None = None) -> File:
    return File(ast.parse(text), text, table or {})


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("class Conv2D:\n    data_format = 'NHWC'\n    def forward(self, x): ...", "NHWC"),
        ("LAYOUT = 'channels_last'\nclass Conv2D:\n    def forward(self, x): ...", "NHWC"),
        ("class Conv2D:\n    '''x: (N, C, H, W)'''\n    def forward(self, x): ...", "NCHW"),
        ("class Conv2D:\n    def forward(self, x):\n        m, h, w, c = x.shape", "NHWC"),
        ("class Conv2D:\n    def forward(self, im):\n        h, w = im.shape", "HW"),
        ("class Conv2D:\n    def forward(self, x):\n        self.x = x", "auto"),
    ],
)
def test_a_layout_is_read_from_the_text(text: str, layout: str) -> None:
    (target,) = classes.find(file_of(text))
    assert target.options.layout == layout


def test_inherited_methods_and_attributes_count() -> None:
    text = """
class Layer:
    def __init__(self): self.W = None
    def forward(self, x): ...
class Dense(Layer):
    def backward(self, dout): ...
"""
    (target,) = classes.find(file_of(text))
    assert (target.forward, target.backward) == ("Dense.forward", "Dense.backward")
    assert target.options.parameters == {"w": ["W"]}


# ---------------------------------------------------------------------- declared


def test_the_decorator_changes_nothing() -> None:
    def function() -> int:
        return 3

    decorate: Callable[[Any], Any] = layercheck.implements("conv2d", backward="other", x="image")
    assert decorate(function) is function


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("implements('convolution')", "expected one of: add, "),
        ("implements('relu', y='x')", "relu has no 'y'"),
    ],
)
def test_a_wrong_declaration_is_told(mark: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        [*declared.find(file_of(f"@{mark}\ndef f(x): ..."))]


def test_a_table_maps_names_and_arguments() -> None:
    source = """
import numpy as np
def rect(t, unused=None):
    return np.maximum(t, 0)
def rect_slope(up, t):
    return up * (t > 0)
"""
    relu = {"forward": "rect", "backward": "rect_slope", "arguments": {"x": "t"}}
    submission = Submission(source, relu=relu)
    (target,) = submission.targets
    assert submission.reading.profiles == ["declared"]
    call = Call("relu", {"x": np.array([-1.0, 2.0])}, {}, (2,))
    session = declared.open_session(submission.namespace, call, target)
    session.forward()
    np.testing.assert_array_equal(session.backward(np.array([3.0, 4.0]))["dx"], [0.0, 4.0])
    with pytest.raises(ValueError, match=r"\[tool\.layercheck\.relu\]: expected forward"):
        Submission(source, relu={})
    with pytest.raises(ValueError, match=r"\[tool\.layercheck\.blur\]: expected one of"):
        Submission(source, blur={"forward": "f"})


def test_gradients_may_come_as_a_dict() -> None:
    source = "def add(x, y):\n    return x + y\ndef add_backward(dout):\n    return {'y': dout, 'dx': 2 * dout}"
    submission = Submission(source)
    assert submission.reading.profiles == ["functional"]
    answer, _ = submission.ask(submission.targets[0], parse("add x=1x2x1x1 y=1x2x1x1"))
    np.testing.assert_array_equal(answer["dx"], 2 * answer["dy"])
