"""In a notebook: `%%check` above a cell, executed by a kernel as Jupyter starts it."""

from __future__ import annotations

import json
import os
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from conftest import required

from layercheck.submissions.profiles import notebooks

nbformat = required("nbformat")
nbclient = required("nbclient")

LOAD = "import numpy as np\nimport helping\n%load_ext layercheck"

RIGHT = """def relu_forward(x):
    return helping.larger(x, ZERO), x
"""

FORWARD = f"%%check\n{RIGHT}"

BACKWARD = """%%check
def relu_backward(dout, cache):
    return dout * (helping.larger(cache, -1) > -1)
"""

CLASS = """%%check
class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.x > 0)
"""

CELLS = {
    "load": LOAD,
    "constant": "ZERO = 0",
    "forward": FORWARD,
    "backward": BACKWARD,
    "class": CLASS,
    "one": "%check relu_forward --where 'N > 1' --hints none",
    "text": "print(_.text())",
    "raises": "%%check\ndef relu_forward(x):\n    return x, x\n1 / 0",
    "no layer": "%%check\ndef mine(x):\n    return x",
    "async": "%%check\nasync def relu(x):\n    return x",
    "nothing named": "%check",
    "unknown": "%check nothing_like_it",
    "half a quote": "%check 'a",
    "no such grid": "%check --grid small",
    "broken": "def relu_forward(x:\n",
    "again": "%check relu",
    "elsewhere": "import os; os.makedirs('sub'); os.chdir('sub')",
    "beside": "%check relu_backward",
    "back": "os.chdir('..')",
    "under a condition": f"%%check\nif ZERO == 0:\n{textwrap.indent(RIGHT, '    ')}",
    "not come to": f"1 / 0\n{RIGHT.replace('x, ZERO', '-x, ZERO')}",
    "another": "%check relu_forward",
    "deleted": "del relu_forward",
    "gone": "%check relu_forward",
    "left": "import os; print([f for f in os.listdir() if 'layercheck' in f])",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The outputs of every cell, in one kernel, and its folder."""
    folder = tmp_path_factory.mktemp("notebook")
    source = "import numpy as np\n\ndef larger(a, b):\n    return np.maximum(a, b)\n"
    (folder / "helping.py").write_text(source)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS.values()])
    book.metadata.kernelspec = {"name": "python3", "display_name": "", "language": "python"}
    paths = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    client = nbclient.NotebookClient(
        book, allow_errors=True, resources={"metadata": {"path": str(folder)}}, timeout=300
    )
    client.execute(env={**os.environ, "PYTHONPATH": paths, "PYTHONWARNINGS": "ignore"})
    return dict(zip(CELLS, (cell.outputs for cell in book.cells), strict=True)), folder


def shown(outputs: list[Any]) -> str:
    """What stands below a cell, as text."""
    return "\n".join(
        one.get("text") or one.get("evalue") or one["data"]["text/plain"] for one in outputs
    )


def test_a_cell_that_is_right_passes(ran: Any) -> None:
    text = shown(ran[0]["forward"])
    assert re.search(r"ok +relu_forward +exact in \d+ cases", text)
    assert "passed: " in text


def test_a_cell_that_is_wrong_is_told_with_reason_and_picture(ran: Any) -> None:
    (output,) = ran[0]["backward"]
    text, page = output["data"]["text/plain"], output["data"]["text/html"]
    assert re.search(r"WRONG +relu_backward", text)
    assert "relu_forward" not in text.splitlines()[1]  # another cell's
    assert "why: dx is not 0 where it is wrong" in text
    assert "expected dx" in text  # the smallest case
    assert page.startswith("<iframe srcdoc=")
    assert "&lt;svg" in page


def test_a_class_is_asked_and_no_function_of_its_op(ran: Any) -> None:
    text = shown(ran[0]["class"])
    assert re.search(r"ok +ReLU.forward", text)
    assert "relu_backward" not in text


def test_a_line_asks_what_was_defined_above(ran: Any) -> None:
    text = shown(ran[0]["one"])
    assert re.search(r"ok +relu_forward", text)
    assert "exact in 17 cases" in text  # of 19


def test_a_report_is_one_text_in_a_notebook_too(ran: Any) -> None:
    (output,) = ran[0]["text"]
    assert output["output_type"] == "stream"
    assert "\x1b" not in output["text"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("no layer", "mine: no op is called like this"),
        ("async", "relu: it is async: a layer is called and returns"),
        ("nothing named", "got no name; expected an op or a function"),
        ("unknown", "unknown op 'nothing_like_it'"),
        ("half a quote", "expected quotes in pairs"),
        ("no such grid", "invalid choice: 'small'"),
        ("another", "is not the one that the cells define last: a cell raised before it"),
        ("gone", "got relu_forward, which is not defined now; run its cell again"),
    ],
)
def test_what_cannot_be_asked_is_told_without_a_traceback(
    ran: Any, cell: str, expected: str
) -> None:
    (output,) = ran[0][cell]
    assert output["output_type"] == "stream"
    assert output["text"].startswith("UsageError: ")
    assert expected in output["text"]


def test_a_cell_that_raises_is_not_checked(ran: Any) -> None:
    (output,) = ran[0]["raises"]
    assert output["ename"] == "ZeroDivisionError"


def test_a_cell_that_does_not_parse_does_not_stop_the_next(ran: Any) -> None:
    text = shown(ran[0]["again"])
    assert re.search(r"WRONG +relu_forward", text)  # as the cell that raised left it


def test_the_folder_of_the_notebook_stays_its_own(ran: Any) -> None:
    text = shown(ran[0]["beside"])
    assert re.search(r"WRONG +relu_backward", text)  # which needs a module of that folder
    assert re.search(r'replay ".*" /.*/\.layercheck-\d+\.ipynb', text)


def test_a_layer_under_a_condition_is_one(ran: Any) -> None:
    assert re.search(r"ok +relu_forward", shown(ran[0]["under a condition"]))


def test_one_file_beside_the_notebook_while_the_kernel_lives(ran: Any) -> None:
    assert shown(ran[0]["left"]).count(".ipynb") == 1
    assert sorted(p.name for p in ran[1].iterdir() if p.suffix == ".ipynb") == []


def test_a_notebook_with_such_cells_is_read_like_any() -> None:
    cell = {"cell_type": "code", "source": BACKWARD}
    source = notebooks.read(json.dumps({"cells": [cell]})).source
    assert "def relu_backward" in source
    other = {"cell_type": "code", "source": BACKWARD.replace("%%check", "%%checkpoint")}
    assert notebooks.read(json.dumps({"cells": [other]})).source == ""
