"""A net trained side by side in NumPy, torch and TensorFlow: same start, same batches, every step.

Loss, every gradient, every parameter and running statistic is compared in float64 after each step.

The truth is the NumPy net trained in longdouble. How far an honest float64 training may stray from
it cannot be a fixed number, since training amplifies what rounding begins. It is measured:

1. At every step running error analysis (`bounds.Bounded`) tells how far rounding may move the loss,
   each gradient, and each parameter, velocity and running statistic in this one step, with high
   probability.
2. SHADOWS trainings, in longdouble too, are disturbed at every step by errors of just that size
   and of random sign, which the training then carries on and amplifies as it does with any error.
3. The limit of an array at a step is SLACK times the largest distance that any shadow had from the
   truth up to that step (largest element; the running maximum, since a distance may pass
   through 0).

So at step 0, where all start from the same numbers, the limit is that of one step; later it is what
errors of that size grow to. A disturbed training may take another branch at a kink (relu's 0, tied
maxima) only where the true one is within rounding of it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layercheck.cases.fills import normal
from layercheck.errors import UsageError
from layercheck.judging.bounds import SLACK, Bounded, bound_of
from layercheck.reporting.lockstep.records import Departure, LockstepReport
from oracles import ESTABLISHED
from ref_layers.nets import NETS, Net
from ref_layers.op import Array
from ref_layers.optimizers import Optimizer, momentum

from .framework import TrainingFramework

SHADOWS = 6
"""How many disturbed trainings measure the limit."""

NUMPY = "numpy"
Arrays = dict[str, Array]
Batch = dict[str, Array]
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Plan:
    """What is trained, and how.

    net: a name of ref_layers.nets · config: its arguments, the net's own example if None ·
    steps · learning_rate, momentum: exact in float32, to which Keras rounds momentum ·
    samples, batch_size: the data go round · seed: of the parameters and the data.
    """

    net: str
    config: Mapping[str, Any] | None = None
    steps: int = 100
    learning_rate: float = 2.0**-5
    momentum: float = 0.875
    samples: int = 24
    batch_size: int = 8
    seed: int = 0

    @property
    def arguments(self) -> dict[str, Any]:
        """The net's arguments."""
        return dict(NETS[self.net].example if self.config is None else self.config)

    def make(self) -> Net:
        """The net at its start, in float64."""
        return NETS[self.net](**self.arguments, seed=self.seed, dtype="float64")

    def batches(self, net: Net) -> Iterator[Batch]:
        """x and y of every step."""
        rs = np.random.RandomState(self.seed + 1)
        x = normal(rs, (self.samples, *net.input_shape))
        y = rs.randint(net.classes, size=self.samples)
        for step in range(self.steps):
            chosen = np.arange(step * self.batch_size, (step + 1) * self.batch_size) % self.samples
            yield {"x": x[chosen], "y": y[chosen]}


@dataclass
class Training:
    """A NumPy net in training: its optimizer's states, and what every step came to."""

    net: Net
    optimizer: Optimizer
    options: dict[str, Any]
    states: dict[str, Any] = field(default_factory=dict)

    def step(self, batch: Batch, disturb: Disturb | None = None) -> Arrays:
        """One step; disturb: adds errors to what it is given, by kind."""
        dtype = next(iter(self.net.parameters.values())).dtype
        loss, gradients = self.net.loss(batch["x"].astype(dtype), batch["y"])
        found = {"loss": np.asarray(loss), **{f"d{n}": g for n, g in gradients.items()}}
        if disturb is not None:
            found = disturb(found)
            self.net.state.update(disturb(self.net.state))
        for name, w in self.net.parameters.items():
            new, state = self.optimizer(w, found[f"d{name}"], self.states.get(name), **self.options)
            found[name], self.states[name] = new, state
            if disturb is not None:
                found |= disturb({name: new})
                disturbed = disturb({f"{name} {n}": v for n, v in state.items()})
                self.states[name] = {n: disturbed[f"{name} {n}"] for n in state}
        self.net.parameters = {name: found[name] for name in self.net.parameters}
        return {**found, **floating(self.net.state)}


@dataclass(frozen=True)
class Disturb:
    """Adds errors of the size of one step's rounding, each of random sign."""

    likely: Mapping[str, Array]
    rs: np.random.RandomState

    def __call__(self, arrays: Mapping[str, Array]) -> Arrays:
        """The arrays with their errors; those that have none stay as they are."""
        return {name: self.one(name, value) for name, value in arrays.items()}

    def one(self, name: str, value: Array) -> Array:
        if name not in self.likely:
            return value
        signs = 2 * self.rs.randint(2, size=np.shape(value)) - 1
        return np.asarray(value + signs * self.likely[name])


def run(
    plan: Plan,
    frameworks: Sequence[str] = ESTABLISHED,
    *,
    subject: Net | None = None,
    optimizer: Optimizer = momentum,
    tell: Tell = lambda step: None,
    worker: Callable[[str], TrainingFramework] = TrainingFramework,
) -> LockstepReport:
    """Train in lockstep and report.

    subject, optimizer: the NumPy side, if not the net and the optimizer that the plan names ·
    worker: what trains a framework, by its name; it is stopped at the end.
    Raises UsageError where a framework is missing.
    """
    check(plan, frameworks)
    net = plan.make() if subject is None else subject.astype("float64")
    workers = {name: worker(name) for name in frameworks}
    report = LockstepReport(plan.net, settings(plan), environment())
    try:
        for name, trained in workers.items():
            report.environment |= trained.start(header(plan), net.parameters, floating(net.state))
            report.divergences[name] = {}
        for step, found in enumerate(together(plan, net, optimizer, workers)):
            note(report, found)
            tell(step)
    finally:
        for trained in workers.values():
            trained.stop()
    for who in report.divergences:
        report.departures[who] = first_departure(report, who)
    return report


def check(plan: Plan, frameworks: Sequence[str]) -> None:
    if plan.net not in NETS:
        raise UsageError(f"unknown net {plan.net!r}; expected one of: {', '.join(NETS)}")
    for name in frameworks:
        if name not in ESTABLISHED:
            raise UsageError(f"unknown oracle {name!r}; expected one of: {', '.join(ESTABLISHED)}")
    if plan.steps < 1:
        raise UsageError(f"got {plan.steps} steps, expected at least 1")


def together(
    plan: Plan, net: Net, optimizer: Optimizer, workers: Mapping[str, TrainingFramework]
) -> Iterator[dict[str, Any]]:
    """For every step what each training found: `exact`, `numpy`, `shadows` and the frameworks."""
    options = {"learning_rate": plan.learning_rate, "momentum": plan.momentum}

    def training(dtype: Any) -> Training:
        return Training(net.astype(dtype), optimizer, options)

    exact, own = training(np.longdouble), training(np.float64)
    shadows = [training(np.longdouble) for _ in range(SHADOWS)]
    draws = [np.random.RandomState([plan.seed, number]) for number in range(SHADOWS)]
    for batch in plan.batches(net):
        masks = own.net.masks(len(batch["x"]))
        for worker in workers.values():
            worker.send({**batch, **masks})
        likely = rounding(own, batch)
        found: dict[str, Any] = {"exact": exact.step(batch), NUMPY: own.step(batch)}
        found["shadows"] = [
            shadow.step(batch, Disturb(likely, rs))
            for shadow, rs in zip(shadows, draws, strict=True)
        ]
        yield {**found, **{name: worker.receive() for name, worker in workers.items()}}


def rounding(training: Training, batch: Batch) -> Arrays:
    """How far rounding may move each array in the training's next step, with high probability."""
    with np.errstate(all="ignore"):
        net = training.net.converted(exactly)
        loss, gradients = net.loss(exactly(batch["x"]), batch["y"])
        found: dict[str, Any] = {"loss": loss, **{f"d{n}": g for n, g in gradients.items()}}
        found |= {name: v for name, v in net.state.items() if isinstance(v, Bounded)}
        for name, w in net.parameters.items():
            old = training.states.get(name)
            state = None if old is None else {n: exactly(v) for n, v in old.items()}
            given = exactly(gradients[name].value)
            found[name], new = training.optimizer(w, given, state, **training.options)
            found |= {f"{name} {n}": v for n, v in new.items()}
    return {n: np.asarray(bound_of(v).likely) for n, v in found.items()}


def exactly(value: Array) -> Any:
    return Bounded.exact(np.asarray(value), value.dtype) if value.dtype.kind == "f" else value


def floating(arrays: Mapping[str, Array]) -> Arrays:
    return {name: value for name, value in arrays.items() if value.dtype.kind == "f"}


# ---------------------------------------------------------------------- the report


def note(report: LockstepReport, found: Mapping[str, Any]) -> None:
    """Add one step's distances from the truth, and its limits."""
    truth = found["exact"]
    for name in in_order(truth):
        strayed = max(distance(shadow[name], truth[name]) for shadow in found["shadows"])
        limits = report.limits.setdefault(name, [])
        limits.append(max(SLACK * strayed, limits[-1] if limits else 0.0))
        report.largest[name] = max(report.largest.get(name, 0.0), largest(truth[name]))
    for who in (NUMPY, *report.divergences):
        for name in report.limits:
            traces = report.divergences.setdefault(who, {})
            traces.setdefault(name, [])
            if len(traces[name]) < len(report.limits[name]):
                traces[name].append(distance(found[who].get(name), truth[name]))


def in_order(arrays: Mapping[str, Array]) -> list[str]:
    """The order of computation: loss, gradients from the last layer back, then what follows."""
    gradients = [n for n in arrays if n.startswith("d") and n[1:] in arrays]
    others = [n for n in arrays if n != "loss" and n not in gradients]
    return ["loss", *reversed(gradients), *others]


def distance(got: Any, truth: Array) -> float:
    """The largest error of an element; infinite where shapes differ or a number is missing."""
    if got is None or np.shape(got) != np.shape(truth):
        return float("inf")
    errors = np.abs(np.asarray(got).astype(np.longdouble) - truth)
    return float("inf") if np.isnan(errors).any() else float(errors.max(initial=0))


def largest(array: Array) -> float:
    return float(np.abs(array).max(initial=0))


def first_departure(report: LockstepReport, who: str) -> Departure | None:
    """The first step, and of its arrays the first in the order of computation, beyond the limit."""
    traces = report.divergences[who]
    for step in range(report.steps):
        left = [n for n, limit in report.limits.items() if traces[n][step] > limit[step]]
        if left:
            first = left[0]
            return Departure(
                step, first, traces[first][step], report.limits[first][step], tuple(left[1:])
            )
    return None


def settings(plan: Plan) -> dict[str, Any]:
    names = ("steps", "learning_rate", "momentum", "samples", "batch_size", "seed")
    return {
        "config": plan.arguments,
        **{name: getattr(plan, name) for name in names},
        "slack": SLACK,
        "shadows": SHADOWS,
    }


def environment() -> dict[str, str]:
    bits = np.finfo(np.longdouble).nmant + 1
    return {"numpy": np.__version__, "truth": f"longdouble, {bits} bits"}


def header(plan: Plan) -> dict[str, Any]:
    return {
        "net": plan.net,
        "config": plan.arguments,
        "learning_rate": plan.learning_rate,
        "momentum": plan.momentum,
    }
