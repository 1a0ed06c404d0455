"""Every optimizer against torch.optim and tf.keras.optimizers over 50 steps, by a derived bound.

The truth is the optimizer's own lines in longdouble; the limit is SLACK times the rounding error
that they gather in `Bounded` arithmetic over all steps. Every attribute on which the frameworks
differ is also shown to be needed: the other value leaves the bound.
"""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import lacking

from layercheck.judging.bounds import Bounded, bound_of
from ref_layers import optimizers
from ref_layers.optimizers import cosine_decay, exponential_decay, inverse_time_decay

STEPS = 50
SHAPE = (3, 4)
FLOAT64 = np.dtype("float64")


@dataclass
class Job:
    """An optimizer with what it is called in a framework.

    opposite: attributes that the framework does not have, and that the bound has to reject.
    """

    name: str
    function: str
    ours: dict[str, Any]
    framework: str
    theirs: str
    arguments: dict[str, Any] = field(default_factory=dict)
    opposite: dict[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        told = {"name": self.name, "rates": RATES, **asdict(self)}
        return {**told, self.framework: self.theirs, f"{self.framework}_arguments": self.arguments}


RATES = [exponential_decay(s, learning_rate=0.05, factor=0.5, every=20) for s in range(STEPS)]
EPS, BETAS = 2.0**-10, (0.875, 1 - 2.0**-10)  # Keras rounds what it casts to float32: exact there
ROUNDED = float(np.float32(0.8))
DECAYED = {"weight_decay": 0.25}
JOBS = [
    Job("sgd as torch", "sgd", DECAYED, "torch", "SGD", DECAYED, {"weight_decay": 0.0}),
    Job("sgd as Keras", "sgd", {**DECAYED, "decoupled": True}, "keras", "SGD", DECAYED,
        {"weight_decay": 0.0}),
    Job("momentum as torch", "momentum", {"momentum": 0.75, "dampening": 0.25}, "torch", "SGD",
        {"momentum": 0.75, "dampening": 0.25}, {"rate_in_velocity": True}),
    Job("momentum as Keras", "momentum", {"momentum": 0.75, "rate_in_velocity": True}, "keras",
        "SGD", {"momentum": 0.75}, {"rate_in_velocity": False}),
    Job("momentum 0.8 as Keras rounds it", "momentum",
        {"momentum": ROUNDED, "rate_in_velocity": True}, "keras", "SGD", {"momentum": 0.8},
        {"momentum": 0.8}),
    Job("nesterov as torch", "nesterov", {"momentum": 0.75}, "torch", "SGD",
        {"momentum": 0.75, "nesterov": True}, {"rate_in_velocity": True}),
    Job("nesterov as Keras", "nesterov", {"momentum": 0.75, "rate_in_velocity": True}, "keras",
        "SGD", {"momentum": 0.75, "nesterov": True}, {"rate_in_velocity": False}),
    Job("rmsprop as torch", "rmsprop", {"alpha": 0.9, "eps": EPS, **DECAYED}, "torch", "RMSprop",
        {"alpha": 0.9, "eps": EPS, **DECAYED}, {"eps_inside_root": True}),
    Job("rmsprop as Keras", "rmsprop", {"alpha": 0.9, "eps": EPS, "eps_inside_root": True},
        "keras", "RMSprop", {"rho": 0.9, "epsilon": EPS}, {"eps_inside_root": False}),
    Job("adagrad as torch", "adagrad", {"eps": EPS}, "torch", "Adagrad", {"eps": EPS},
        {"initial_accumulator": 0.125}),
    Job("adagrad as Keras", "adagrad",
        {"eps": EPS, "eps_inside_root": True, "initial_accumulator": 0.125}, "keras", "Adagrad",
        {"epsilon": EPS, "initial_accumulator_value": 0.125},
        {"eps_inside_root": False}),
    Job("adam as torch", "adam", {"eps": EPS, **DECAYED}, "torch", "Adam",
        {"betas": BETAS, "eps": EPS, **DECAYED}, {"eps_before_correction": True}),
    Job("adam as Keras", "adam", {"eps": EPS, "eps_before_correction": True}, "keras", "Adam",
        {"beta_1": BETAS[0], "beta_2": BETAS[1], "epsilon": EPS}, {"eps_before_correction": False}),
    Job("adamw as torch", "adamw", DECAYED, "torch", "AdamW", {"betas": BETAS, **DECAYED},
        {"weight_decay": 0.0}),
    Job("adamw as Keras", "adamw", {"eps": EPS, "eps_before_correction": True, **DECAYED},
        "keras", "AdamW", {"beta_1": BETAS[0], "beta_2": BETAS[1], "epsilon": EPS, **DECAYED},
        {"eps_before_correction": False}),
]  # fmt: skip


def inputs(job: Job) -> tuple[Any, Any]:
    rs = np.random.RandomState(len(job.name))
    return rs.standard_normal(SHAPE), rs.standard_normal((STEPS, *SHAPE))


def path(job: Job, convert: Any, **changed: Any) -> list[Any]:
    """The parameter after every step, all numbers converted."""
    w, gradients = inputs(job)
    attributes = {"betas": BETAS} if job.function.startswith("adam") else {}
    attributes |= job.ours | changed
    numbers = {n: as_numbers(v, convert) for n, v in attributes.items()}
    w, state, after = convert(w), None, []
    for rate, dw in zip(RATES, gradients, strict=True):
        step = getattr(optimizers, job.function)
        w, state = step(w, convert(dw), state, learning_rate=convert(np.array(rate)), **numbers)
        after.append(w)
    return after


def as_numbers(value: Any, convert: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(as_numbers(v, convert) for v in value)
    return value if isinstance(value, bool) else convert(np.array(value))


def truth(job: Job) -> list[Any]:
    return path(job, lambda v: v.astype(np.longdouble)[()])


def limits(job: Job) -> list[Any]:
    bounded = path(job, lambda v: Bounded.exact(v, FLOAT64))
    return [bound_of(w).limit for w in bounded]


def share(after: Any, exact: Any, limit: Any) -> float:
    """The largest error over its limit, over all steps and elements."""
    shares = [np.max(np.abs(a - e) / b) for a, e, b in zip(after, exact, limit, strict=True)]
    return float(np.max(shares))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What each installed framework answers, by job."""
    folder = tmp_path_factory.mktemp("optimizers")
    (folder / "jobs.json").write_text(json.dumps([job.told() for job in JOBS]))
    arrays = {}
    for job in JOBS:
        arrays[f"{job.name} w"], arrays[f"{job.name} dw"] = inputs(job)
    np.savez(folder / "inputs.npz", **arrays)
    found: dict[str, Any] = {}
    for framework, module in (("torch", "torch"), ("keras", "tensorflow")):
        if importlib.util.find_spec(module) is not None:
            found |= ask(framework, folder)
    return found


def ask(framework: str, folder: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("framework_optimizers.py")
    files = [str(folder / n) for n in ("jobs.json", "inputs.npz", f"{framework}.npz")]
    done = subprocess.run(
        [sys.executable, str(script), framework, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(files[-1], allow_pickle=False) as loaded:
        return dict(loaded)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_agrees_with_the_framework_over_50_steps(job: Job, answers: Any) -> None:
    if job.name not in answers:
        lacking(f"{job.framework} is not installed")
    assert share(answers[job.name], truth(job), limits(job)) <= 1


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_float64_stays_within_the_bound(job: Job) -> None:
    assert share(path(job, lambda v: v[()]), truth(job), limits(job)) <= 1


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_the_other_convention_leaves_the_bound(job: Job) -> None:
    other = path(job, lambda v: v.astype(np.longdouble)[()], **job.opposite)
    assert share(other, truth(job), limits(job)) > 1e6


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_the_bound_is_far_below_the_way_that_was_gone(job: Job) -> None:
    w, _ = inputs(job)
    assert np.max(limits(job)[-1]) < 1e-9 * np.max(np.abs(truth(job)[-1] - w))


@pytest.mark.parametrize("name", sorted({job.function for job in JOBS}))
def test_keeps_float32_and_changes_nothing_in_place(name: str) -> None:
    w, dw = np.ones(3, np.float32), np.full(3, 0.5, np.float32)
    state = None
    for _ in range(3):
        w_before, dw_before = w.copy(), dw.copy()
        new, state = getattr(optimizers, name)(w, dw, state, learning_rate=0.1)
        assert new.dtype == np.float32
        assert all(v.dtype == np.float32 for n, v in state.items() if n != "step")
        assert np.array_equal(w, w_before)
        assert np.array_equal(dw, dw_before)
        w = new


@pytest.mark.parametrize("step", [0, 1, 7, 20, 33])
def test_decays_follow_their_formulas(step: int) -> None:
    """A handful of operations with python floats: gamma_n of n = 12 (Higham, 2002, lemma 3.1)."""
    limit = 12 * 2.0**-53 / (1 - 12 * 2.0**-53)
    tens = np.longdouble(step) / 10
    fell = 0.75 * np.longdouble(0.5) ** np.array([tens, step // 10])
    wave = np.longdouble((1 + math.cos(math.pi * min(step, 20) / 20)) / 2)
    halving = {"learning_rate": 0.75, "factor": 0.5, "every": 10}
    pairs = [
        (exponential_decay(step, **halving), fell[0]),
        (exponential_decay(step, **halving, staircase=True), fell[1]),
        (inverse_time_decay(step, **halving), 0.75 / (1 + tens / 2)),
        (cosine_decay(step, learning_rate=0.75, steps=20, least=0.25), 0.25 + 0.5 * wave),
    ]
    for got, expected in pairs:
        assert abs(got - expected) <= limit * abs(expected)
