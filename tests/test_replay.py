"""`layercheck replay`: what stands first, and what it leaves: a script that runs without us, arrays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from submitted import ROOT, layercheck

from layercheck.cases.parse import parse
from layercheck.errors import UsageError
from layercheck.implementations.trace import trace_of
from layercheck.pipeline.many import check_file
from layercheck.pipeline.one import ask_one
from layercheck.pipeline.options import Options
from layercheck.reporting.hints import HINTS
from layercheck.reporting.replay import failing_texts
from layercheck.reporting.words import why

HOMEWORK = ROOT / "examples" / "homework" / "layers_with_mistakes.py"
POOL = "max_pool x=1x1x3x3 kernel_size=2 stride=1 dtype=float64 fill=whole_numbers"
HEAD = "import numpy as np\n\n"

AFFINE = """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    flat = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(0)
"""
AFFINE_CASE = "affine x=2x3 w=3x4 b=4 fill=whole_numbers"

BATCH_NORM = """
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = x.mean(0), x.var(0)
    if bn_param["mode"] == "train":
        bn_param["running_mean"] = (1 - momentum) * bn_param["running_mean"] + momentum * mean
        bn_param["running_var"] = momentum * bn_param["running_var"] + (1 - momentum) * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
"""
NORM_CASE = "batch_norm_1d x=4x3 gamma=3 beta=3 running_mean=3 running_var=3 unbiased_running_var=false fill=whole_numbers"

SOFTMAX = """
def softmax_loss(x, y):
    shares = np.exp(x - x.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    loss = -np.log(shares[np.arange(len(x)), y]).{loss}()
    shares[np.arange(len(x)), y] -= 1
    return loss, shares{divided}
"""
SOFTMAX_CASE = "softmax_cross_entropy x=3x4 y=3 dtype=float64 fill=whole_numbers"

CONV_CLASS = """
class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.stride, self.padding = stride, padding
        self.W = np.random.randn(out_channels, in_channels, kernel_size, kernel_size)
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.x, p, s = x, self.padding, self.stride
        k = self.W.shape[2]
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        h, w = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
        out = np.zeros((len(x), len(self.W), h, w), x.dtype)
        for i in range(h):
            for j in range(w):
                window = x[:, :, i * s : i * s + k, j * s : j * s + k]
                out[:, :, i, j] = np.tensordot(window, self.W[:, :, ::-1], ((1, 2, 3), (1, 2, 3)))
        return out + self.b.reshape(1, -1, 1, 1)
"""
CONV_CASE = "conv2d x=1x1x3x3 w=1x1x2x2 b=1 fill=whole_numbers"

DROPOUT = """
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "train":
        np.random.seed(dropout_param["seed"])
        mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
        return x * mask, (dropout_param, mask)
    return x * 0, (dropout_param, None)

def dropout_backward(dout, cache):
    return dout if cache[1] is None else dout * cache[1]
"""
DROPOUT_CASE = "dropout x=1x1 p=0.8 training=false dtype=float32 fill=whole_numbers seed=0"

SUBJECTS = {
    "a backward": (AFFINE.replace("flat.T @ dout", "2 * flat.T @ dout"), AFFINE_CASE, "dw[0, 0]: got"),
    "a shape": (AFFINE.replace("dout.sum(0)", "dout.sum(0, keepdims=True)"), AFFINE_CASE, "db: got shape (1, 4), expected (4,)"),
    "a dtype": (AFFINE.replace("return x.reshape(len(x), -1) @ w + b", "return (x.reshape(len(x), -1) @ w + b).astype(int)"), AFFINE_CASE, "out: got dtype int64, expected float32"),
    "numbers in a wider dtype": (AFFINE.replace("return x.reshape(len(x), -1) @ w + b", "return (x.reshape(len(x), -1) @ w - b).astype(float)"), AFFINE_CASE, "out[0, 0]: got"),
    "a zero among settings that are zero": (DROPOUT, DROPOUT_CASE, "out[0, 0]: got -0.0"),
    "an exception": (AFFINE.replace("x, w, b = cache", "x, w = cache"), AFFINE_CASE, "ValueError: too many values"),
    "an input": (AFFINE.replace("    return x.reshape", "    x -= 1\n    return (x + 1).reshape"), AFFINE_CASE, "x was changed"),
    "what a dictionary keeps": (BATCH_NORM, NORM_CASE, "running_mean[0]: got"),
    "a number": (SOFTMAX.format(loss="sum", divided=" / len(x)"), SOFTMAX_CASE, "out[]: got"),
    "a gradient beside a loss": (SOFTMAX.format(loss="mean", divided=""), SOFTMAX_CASE, "dx[0, 0]: got"),
    "an object": (CONV_CLASS, CONV_CASE, "out[0, 0, 0, 0]: got"),
}  # fmt: skip


def run_alone(script: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A script with NumPy and the file beside it: ours is nowhere on the path."""
    blocked = folder / "blocked"
    blocked.mkdir(exist_ok=True)
    for name in ("layercheck", "ref_layers", "oracles"):
        (blocked / f"{name}.py").write_text("raise ImportError('this script stands alone')\n")
    return subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(blocked)},
    )


# ---------------------------------------------------------------------- what stands first


def test_replay_begins_with_the_verdict_then_what_differs_and_a_picture() -> None:
    run = layercheck("replay", POOL, str(HOMEWORK))
    lines = run.stdout.splitlines()
    assert run.returncode == 1
    assert lines[0] == f"verdict of {HOMEWORK}: wrong"
    assert [line.partition(":")[0] for line in lines[1:4]] == ["where", "why", "look"]
    assert "'=' in place of '+=' on dx" in lines[2]
    assert lines[5] == "  dx: 1 of 9 elements differ"
    assert lines[6].startswith("    [0, 0, 1, 1]  got 6, expected 11, ")
    assert "expected dx[0, 0]" in run.stdout
    assert "comparisons\n" not in run.stdout
    assert "input x" not in run.stdout
    full = layercheck("replay", POOL, str(HOMEWORK), "--full").stdout
    assert full.splitlines()[: len(lines) - 1] == lines[:-1]
    assert "input x (1, 1, 3, 3) float64" in full


@pytest.mark.parametrize("hints", HINTS)
def test_a_replay_tells_no_more_than_the_teacher_wants(hints: str) -> None:
    run = layercheck("replay", POOL, str(HOMEWORK), "--hints", hints)
    heads = [line.partition(":")[0] for line in run.stdout.splitlines()[1:4]]
    told = [head for head in heads if head in ("where", "why", "look")]
    assert told == ["where", "why", "look"][: HINTS.index(hints)]


def test_a_replay_of_a_case_of_the_grid_tells_what_the_check_tells() -> None:
    report = check_file(HOMEWORK, Options(ops=("conv_backward_naive",)))
    (check,) = report.checks
    assert check.first_wrong is not None
    replay = ask_one(str(HOMEWORK), parse(check.first_wrong.case), Options(ops=(check.target,)))
    assert replay.why == [f"{head}: {text}" for head, text in why(check)]


def test_a_replay_starts_no_framework_to_tell_why() -> None:
    code = (
        "import sys; from layercheck.pipeline.one import ask_one; "
        "from layercheck.pipeline.options import Options; from layercheck.cases.parse import parse; "
        f"replay = ask_one({str(HOMEWORK)!r}, parse({POOL!r}), Options()); assert replay.why; "
        "print([n for n in sys.modules if n in ('torch', 'tensorflow')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_is_skipped_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text(AFFINE)
    replay = ask_one(str(tmp_path / "hw.py"), parse("affine x=2x3 w=3x4"), Options())
    told = list(failing_texts(replay))
    assert told[0] == "forward: skipped: affine_forward: b has to be given"


def test_a_case_that_passes_is_told_in_three_lines() -> None:
    run = layercheck("replay", POOL)
    assert len(run.stdout.splitlines()) == 3
    assert run.returncode == 0


# ---------------------------------------------------------------------- the script


@pytest.mark.parametrize("what", SUBJECTS)
def test_a_script_shows_the_failure_alone_and_passes_once_it_is_mended(
    what: str, tmp_path: Path
) -> None:
    source, case, told = SUBJECTS[what]
    file, script = tmp_path / "mine.py", tmp_path / "shows.py"
    file.write_text(HEAD + source)
    run = layercheck("replay", case, str(file), "--script", str(script))
    assert run.returncode == 1, run.stdout + run.stderr
    shown = run_alone(script, tmp_path)
    assert shown.returncode == 1, script.read_text() + shown.stderr
    assert told in shown.stdout + shown.stderr
    assert "layercheck" not in script.read_text().partition('"""\n')[2]


def test_a_script_of_a_file_that_is_mended_passes(tmp_path: Path) -> None:
    file, script = tmp_path / "mine.py", tmp_path / "shows.py"
    file.write_text(HEAD + AFFINE.replace("flat.T @ dout", "2 * flat.T @ dout"))
    layercheck("replay", AFFINE_CASE, str(file), "--script", str(script))
    assert run_alone(script, tmp_path).returncode == 1
    file.write_text(HEAD + AFFINE)
    mended = run_alone(script, tmp_path)
    assert mended.returncode == 0, mended.stdout + mended.stderr


def test_a_script_calls_a_module_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own_layers.py").write_text(
        HEAD + "def relu(x):\n    return np.maximum(x, 0), x\n\n"
        "def relu_backward(dout, cache):\n    return dout\n"
    )
    case = "relu x=2x3 fill=whole_numbers"
    run = layercheck("replay", case, "own_layers", "--script", "s.py", cwd=tmp_path)
    assert run.returncode == 1, run.stdout + run.stderr
    shown = run_alone(tmp_path / "s.py", tmp_path)
    assert shown.returncode == 1, shown.stderr
    assert "elements of dx are wrong" in shown.stdout


@pytest.mark.parametrize(
    ("case", "subject", "option", "place", "told"),
    [
        (POOL, "ref_layers", "--script", "s.py", "nothing fails here"),
        (POOL, "oracle:torch", "--script", "s.txt", "expected a name that ends in .py"),
        (POOL, str(HOMEWORK), "--save", "s.npy", "expected a name that ends in .npz"),
        (POOL, str(HOMEWORK), "--script", "mine.py", "is there and was not written by it"),
        (POOL, str(HOMEWORK), "--save", "kept.npz", "is there and was not written by it"),
        (POOL, str(HOMEWORK), "--save", "none/kept.npz", "cannot write"),
    ],
)
def test_what_cannot_be_left_is_refused_and_nothing_is_lost(
    case: str, subject: str, option: str, place: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("precious = 1\n")
    np.savez(tmp_path / "kept.npz", precious=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    run = layercheck("replay", case, subject, option, place, cwd=tmp_path)
    assert run.returncode == 2, run.stdout + run.stderr
    assert told in run.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def reply(*calls: dict[str, Any]) -> dict[str, Any]:
    usual = {"name": "f", "owner": None, "set": [], "args": [], "named": {}, "raised": False}
    return {"answered": {"calls": [{**usual, **call} for call in calls]}}


@pytest.mark.parametrize(
    "call",
    [
        {"name": "__import__('os').system"},
        {"name": "None"},
        {"owner": 0},
        {"named": {"a=1, b": {"value": 1}}},
        {"args": [{"of": 1, "way": []}]},
        {"args": [{"of": 0, "way": [["attribute", "x; y"]]}]},
        {"args": [{"other": "Thing"}]},
        {"args": [{"value": {"code": "1"}}]},
        {"args": [{"plain": "__import__('os')"}]},
        {"set": [[[["item", ["x"]]], {"value": 1}]]},
        {"name": 3},
    ],
)
def test_what_a_file_says_of_its_calls_never_becomes_code(call: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="cannot be written down"):
        trace_of(reply(call), {})


# ---------------------------------------------------------------------- the arrays


def test_saved_arrays_are_read_back_without_pickle(tmp_path: Path) -> None:
    path = tmp_path / "case.npz"
    for _ in range(2):  # the second time over the first
        run = layercheck("replay", POOL, str(HOMEWORK), "--save", str(path))
        assert run.returncode == 1, run.stderr
        assert f"wrote {path}" in run.stdout
    kept = np.load(path, allow_pickle=False)
    assert set(kept) == {"case", "x", "dout", "got_out", "expected_out", "got_dx", "expected_dx"}
    assert str(kept["case"]) == f"{POOL} seed=0"
    assert kept["expected_dx"].dtype == kept["got_dx"].dtype == np.float64
    assert (kept["got_dx"] != kept["expected_dx"]).sum() == 1
    np.testing.assert_array_equal(kept["got_out"], kept["expected_out"])
