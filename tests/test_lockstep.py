"""Training in lockstep: right nets stay, and a wrong gradient is named with its step and array."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import REQUIRED, lacking

import oracles.nets
from layercheck.cli import main
from layercheck.errors import UsageError
from layercheck.reporting.lockstep import html, text
from layercheck.reporting.lockstep import json as json_form
from layercheck.training.framework import TrainingFramework
from layercheck.training.lockstep import Plan, run
from oracles import ESTABLISHED
from ref_layers.nets import NETS
from ref_layers.nets.net import Net
from ref_layers.optimizers import momentum, sgd

INSTALLED = [name for name in ESTABLISHED if importlib.util.find_spec(name) is not None]
MISSING = [name for name in ESTABLISHED if name not in INSTALLED]
NET = "three_layer_conv_net"


@pytest.fixture
def frameworks() -> list[str]:
    """Those that are installed: at least one, and all where all have to be there."""
    if not INSTALLED or (MISSING and os.environ.get(REQUIRED)):
        lacking(f"not installed: {', '.join(MISSING)}")
    return INSTALLED


class Kept(TrainingFramework):
    """One process for all tests: to import a framework takes longer than to train."""

    def stop(self) -> None:
        """At the end of the module, by `_end`."""


WARM: dict[str, Kept] = {}


def warm(name: str) -> Kept:
    return WARM.setdefault(name, Kept(name))


@pytest.fixture(scope="module", autouse=True)
def _end() -> Iterator[None]:
    yield
    while WARM:
        TrainingFramework.stop(WARM.popitem()[1])


@pytest.fixture
def _torch() -> None:
    if "torch" in MISSING:
        lacking("torch is not installed")


needs_torch = pytest.mark.usefixtures("_torch")

# A bias before batch norm has no effect, so its gradient is 0 but for rounding.
WITHOUT_EFFECT = {"fully_connected_net": {"b1", "db1", "b2", "db2"}}


@pytest.mark.parametrize("name", NETS)
def test_stays_in_lockstep(name: str, frameworks: list[str]) -> None:
    report = run(Plan(name, steps=100 if name == NET else 20), frameworks, worker=warm)
    assert report.passed, text.render(report)
    assert set(report.departures) == {"numpy", *frameworks}
    assert set(report.silent) == WITHOUT_EFFECT.get(name, set())


def test_layer_norm_without_dropout_stays_in_lockstep(frameworks: list[str]) -> None:
    config = {**NETS["fully_connected_net"].example, "normalization": "layer_norm", "dropout": 0.0}
    report = run(Plan("fully_connected_net", config, steps=20), frameworks, worker=warm)
    assert report.passed, text.render(report)


def wrong(change: Any) -> Net:
    """The net with a mistake: change(gradients) after every backward."""

    class Wrong(NETS[NET]):  # type: ignore[name-defined, misc]
        def backward(self, dscores: Any, cache: Any) -> Any:
            gradients = super().backward(dscores, cache)
            change(gradients)
            return gradients

    return Wrong(**NETS[NET].example, seed=0, dtype="float64")


def drop_bias(g: Any) -> None:
    g["b1"] = np.zeros_like(g["b1"])


def flip_kernel(g: Any) -> None:
    g["W1"] = g["W1"][:, :, ::-1, ::-1]


def average_bias(g: Any) -> None:
    g["b3"] = g["b3"] / 8


def nudge(g: Any) -> None:
    """A relative error of 1e-9, which no fixed tolerance of a suite would see."""
    g["W2"] = g["W2"] * (1 + 1e-9)


@needs_torch
@pytest.mark.parametrize(
    ("change", "tensor"),
    [(drop_bias, "db1"), (flip_kernel, "dW1"), (average_bias, "db3"), (nudge, "dW2")],
)
def test_a_wrong_gradient_is_named_with_its_first_step(change: Any, tensor: str) -> None:
    report = run(Plan(NET, steps=3), ["torch"], subject=wrong(change), worker=warm)
    departure = report.departures["torch"]
    assert departure is not None
    assert (departure.step, departure.tensor) == (0, tensor)
    assert set(departure.also) == {tensor[1:]}
    assert "torch contradicts the NumPy net" in report.conclusion
    assert not report.passed


def without_momentum(w: Any, dw: Any, state: Any, *, learning_rate: float, momentum: float) -> Any:
    return sgd(w, dw, state, learning_rate=learning_rate)


def with_old_velocity(w: Any, dw: Any, state: Any, **options: Any) -> Any:
    """The step is made before the velocity is brought up to date."""
    new, after = momentum(w, dw, state, **options)
    velocity = np.zeros_like(w) if state is None else state["velocity"]
    return (new if state is None else w - options["learning_rate"] * velocity), after


@needs_torch
@pytest.mark.parametrize("optimizer", [without_momentum, with_old_velocity])
def test_a_wrong_update_is_named_at_the_second_step(optimizer: Any) -> None:
    report = run(Plan(NET, steps=3), ["torch"], optimizer=optimizer, worker=warm)
    departure = report.departures["torch"]
    assert departure is not None
    assert (departure.step, departure.tensor) == (1, "W1")
    assert set(departure.also) == {"b1", "W2", "b2", "W3", "b3"}


@needs_torch
def test_a_forgotten_statistic_is_named() -> None:
    class Biased(NETS["residual_block"]):  # type: ignore[name-defined, misc]
        def forward(self, x: Any, training: bool) -> Any:
            old = self.state["running_var2"]
            answer = super().forward(x, training)
            self.state["running_var2"] = old if training else self.state["running_var2"]
            return answer

    net = Biased(**NETS["residual_block"].example, seed=0, dtype="float64")
    departure = run(
        Plan("residual_block", steps=2), ["torch"], subject=net, worker=warm
    ).departures["torch"]
    assert departure is not None
    assert (departure.step, departure.tensor, departure.also) == (0, "running_var2", ())


def test_float32_arithmetic_inside_leaves_the_limit() -> None:
    """The NumPy side is judged as well, and needs no framework for it."""

    def coarse(g: Any) -> None:
        if g["W2"].dtype == np.float64:
            g["W2"] = g["W2"].astype(np.float32).astype(np.float64)

    report = run(Plan(NET, steps=2), [], subject=wrong(coarse))
    departure = report.departures["numpy"]
    assert departure is not None
    assert (departure.step, departure.tensor) == (0, "dW2")


def test_limits_never_shrink_and_stay_far_below_what_is_compared() -> None:
    report = run(Plan(NET, steps=30), [])
    for name, limits in report.limits.items():
        assert limits == sorted(limits)
        assert 0 < limits[-1] < 1e-9 * report.largest[name]


def test_same_plan_same_figures() -> None:
    one, other = run(Plan(NET, steps=3), []), run(Plan(NET, steps=3), [])
    assert one.limits == other.limits
    assert one.divergences == other.divergences


@needs_torch
def test_report_as_json_and_as_a_page() -> None:
    report = run(Plan(NET, steps=3), ["torch"], subject=wrong(drop_bias), worker=warm)
    told = json.loads(json_form.render(report))
    assert told["departures"]["torch"]["tensor"] == "db1"
    assert not told["passed"]
    assert len(told["limits"]["loss"]) == 3
    page = html.render(report)
    assert page.count("<figure>") == len(report.limits)
    assert "torch left first at step 0, db1" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_exit_status_and_messages(capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["lockstep", "no_net"])
    assert ended.value.code == 2
    assert "expected one of: fully_connected_net" in capsys.readouterr().err
    with pytest.raises(UsageError, match="unknown oracle 'jax'"):
        run(Plan(NET), ["jax"])


@needs_torch
def test_command_passes_and_writes_its_files(tmp_path: Path, capsys: Any) -> None:
    page, data = tmp_path / "r.html", tmp_path / "r.json"
    with pytest.raises(SystemExit) as ended:
        main(["lockstep", NET, "--oracle", "torch", "--steps", "2", "--html", str(page),
              "--json", str(data)])  # fmt: skip
    assert ended.value.code == 0
    assert "numpy and torch stayed in lockstep for 2 steps" in capsys.readouterr().out
    assert page.stat().st_size > 1000
    assert json.loads(data.read_text())["passed"]


def test_a_missing_framework_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = "raise ModuleNotFoundError('No module named torch', name='torch')"
    (tmp_path / "torch.py").write_text(missing)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match=r"install it with: .*layercheck\[torch\]"):
        run(Plan(NET, steps=1), ["torch"])


def test_importing_the_check_loads_no_framework() -> None:
    code = (
        "import sys, layercheck.training.lockstep, oracles.nets; "
        "print({'torch', 'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_every_net_has_its_framework_side_which_never_imports_ours(framework: str) -> None:
    path = Path(oracles.nets.__path__[0]) / f"{framework}_nets.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert set(NETS) <= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not any(str(name).startswith(("ref_layers", "layercheck")) for name in imported)
