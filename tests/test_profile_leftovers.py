"""Profiles and what a file brings along: Python 2, imports that are not here, notebook cells."""

from __future__ import annotations

import json

import numpy as np
import pytest
from loaded_files import ROOT, Submission, read

from layercheck.cases.parse import parse
from layercheck.submissions.profiles import (
    notebooks,
    running,
    syntax,
)

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
    source = notebooks.read(
        notebook(
            "%matplotlib inline\nimport numpy as np\n!rm -rf data\nEPS, K = 1e-5, (3, 3)\ntrain()",
            "%%bash\necho def f(): pass",
            "a = 1; open('x', 'w')\n@decorate\ndef f(x):\n    %time pass\n    return x\nf(3)",
            "g = lambda x: x\nh = g\nmodel = build()\nC.forward = f",
        )
    ).source
    assert "train" not in source
    assert "open" not in source
    assert "build" not in source
    assert "bash" not in source
    for kept in ("import numpy", "EPS, K", "a = 1", "@decorate", "h = g"):
        assert kept in source
    assert source.splitlines().index("def f(x):") - source.splitlines().index("# cell 3") == 3


def test_a_cell_with_a_broken_definition_is_named() -> None:
    book = notebooks.read(notebook("x = 1", "def f(x):\n    print x"))
    assert book.broken["cell 2"].startswith("Python 2 print statement, line 2")
    assert book.lost == {"f": "cell 2"}


def test_magics_in_strings_and_on_lines_that_go_on_stay() -> None:
    cell = 'TEXT = """\n%time\n"""\nX = (7\n  % 4)\nfiles = !ls\ndef f(x):\n    return x'
    source = notebooks.read(notebook(cell)).source
    assert "%time" in source
    assert "% 4" in source
    assert "!ls" not in source
    assert "def f(x)" in source


def test_constants_that_are_made_by_a_call_stay_and_what_is_left_out_is_known() -> None:
    book = notebooks.read(
        notebook(
            'import numpy as np\nEPS = float("1e-5")\nrng = np.random.RandomState(0)',
            "data = np.load('x.npy')\nif True:\n    def f(x):\n        return x",
        )
    )
    assert 'float("1e-5")' in book.source
    assert "RandomState(0)" in book.source
    assert "def f(x)" in book.source
    assert "np.load" not in book.source
    assert book.dropped == {"data": 2}


def test_what_wraps_a_function_is_kept_and_what_changes_one_otherwise_is_told() -> None:
    book = notebooks.read(
        notebook(
            "def f(x):\n    return x\ndef g(x):\n    return x\nclass A:\n    pass\nEPS = 1",
            "def wrap(f):\n    return f\nf = wrap(f)\nEPS += 1",
            "for name in 'ab':\n    setattr(A, name, g)",
            "g.__code__ = (lambda x: 1).__code__\nx = wrap(3)\ndel x",
        )
    )
    assert "f = wrap(f)" in book.source
    assert "EPS += 1" in book.source
    assert book.changed == {"A": 3, "g": 4}
    told = notebooks.told_of(book, {"f", "g", "A"})
    assert told.keys() == {"A (cell 3)", "g (cell 4)"}
    again = notebooks.read(notebook("def g(x): pass", "del g", "def g(x): pass"))
    assert again.changed == {}


def test_what_is_no_notebook_is_told() -> None:
    with pytest.raises(ValueError, match="not a notebook"):
        notebooks.read("def f(): pass")


@pytest.mark.parametrize("source", [5, [1, "x"], {"a": 1}, True])
def test_a_cell_whose_source_is_no_text_makes_no_notebook(source: object) -> None:
    cell = {"cell_type": "code", "source": source}
    with pytest.raises(ValueError, match="a code cell is .*; expected text, or a list of lines"):
        notebooks.read(json.dumps({"cells": [cell]}))
