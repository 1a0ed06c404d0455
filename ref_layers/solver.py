"""Training: mini-batches, epochs, accuracy, the loss history, and checkpoints.

Everything that happens is determined by the net, the data and the seed: batch k of epoch e is drawn
by RandomState([seed, e]), so a checkpoint holds no generator, and a run that goes on from one ends
with the same bits as one that never stopped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .arrays import require
from .nets.net import Net
from .op import Array
from .optimizers import Optimizer, Schedule, State, sgd

Data = tuple[Array, Array]


class Solver:
    """Trains a net on (x, y) pairs.

    net: changed by training. train, validation: x: (N, ...), y: (N,) labels.
    optimizer: of ref_layers.optimizers; options: its attributes · learning_rate: a number, or a
    function of the step, which counts from 0 · batch_size: samples; the last batch of an epoch has
    what is left · seed: of the order of the samples.

    loss_history: one a step · train_accuracy, validation_accuracy: one an epoch.
    Raises ValueError where x and y do not match.
    """

    def __init__(
        self,
        net: Net,
        train: Data,
        validation: Data | None = None,
        *,
        optimizer: Optimizer = sgd,
        learning_rate: float | Schedule = 1e-2,
        options: Mapping[str, Any] | None = None,
        batch_size: int = 100,
        seed: int = 0,
    ) -> None:
        check_data(train, validation, batch_size)
        self.net, self.data, self.validation = net, train, validation
        self.optimizer, self.options = optimizer, dict(options or {})
        self.learning_rate, self.batch_size, self.seed = learning_rate, batch_size, seed
        self.steps = 0
        self.states: dict[str, State | None] = dict.fromkeys(net.parameters)
        self.loss_history: list[float] = []
        self.train_accuracy: list[float] = []
        self.validation_accuracy: list[float] = []

    @property
    def steps_per_epoch(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.data[0]) // self.batch_size)

    @property
    def epoch(self) -> int:
        """How many epochs are complete."""
        return self.steps // self.steps_per_epoch

    def train(self, epochs: int, tell: Callable[[Solver], None] | None = None) -> None:
        """Train until `epochs` epochs are complete, counted from the very start.

        tell: called after every epoch.
        """
        while self.epoch < epochs:
            self.step()
            if self.steps % self.steps_per_epoch == 0:
                self.end_epoch()
                if tell is not None:
                    tell(self)

    def step(self) -> float:
        """One batch: loss, gradients, and a step of every parameter. Returns the loss."""
        loss, gradients = self.net.loss(*self.batch(self.steps))
        rate = (
            self.learning_rate(self.steps) if callable(self.learning_rate) else self.learning_rate
        )
        for name, w in self.net.parameters.items():
            self.net.parameters[name], self.states[name] = self.optimizer(
                w, gradients[name], self.states[name], learning_rate=rate, **self.options
            )
        self.steps += 1
        self.loss_history.append(float(loss))
        return self.loss_history[-1]

    def batch(self, step: int) -> Data:
        """The samples of a step: the same whenever it is asked for."""
        epoch, number = divmod(step, self.steps_per_epoch)
        order = np.random.RandomState([self.seed, epoch]).permutation(len(self.data[0]))
        chosen = order[number * self.batch_size : (number + 1) * self.batch_size]
        return self.data[0][chosen], self.data[1][chosen]

    def end_epoch(self) -> None:
        """Note the accuracies."""
        self.train_accuracy.append(accuracy(self.net, *self.data))
        if self.validation is not None:
            self.validation_accuracy.append(accuracy(self.net, *self.validation))

    # ------------------------------------------------------------------ checkpoints

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that training changes, as an .npz file."""
        np.savez(path, **self.arrays())  # type: ignore[arg-type]

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a checkpoint; raises ValueError unless it is one of this net and optimizer."""
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        require("Solver checkpoint", "solver/steps" in arrays, sorted(arrays), "a Solver's arrays")
        check_fits(self.arrays(), arrays)
        for name, value in arrays.items():
            self.put(name, value)

    def arrays(self) -> dict[str, Array]:
        """Everything that training changes, by `kind/name`."""
        found = {f"parameter/{name}": value for name, value in self.net.parameters.items()}
        found |= {f"state/{name}": value for name, value in self.net.state.items()}
        for parameter, state in self.states.items():
            for name, value in (state or {}).items():
                found[f"optimizer/{parameter}/{name}"] = np.asarray(value)
        for name in ("steps", "loss_history", "train_accuracy", "validation_accuracy"):
            found[f"solver/{name}"] = np.asarray(getattr(self, name))
        return found

    def put(self, place: str, value: Array) -> None:
        """The inverse of `arrays`, for one of them."""
        kind, name, *rest = place.split("/")
        if kind == "parameter":
            self.net.parameters[name] = value
        elif kind == "state":
            self.net.state[name] = value
        elif kind == "optimizer":
            state = self.states[name] = self.states[name] or {}
            state[rest[0]] = int(value) if value.dtype.kind == "i" and value.ndim == 0 else value
        else:
            setattr(self, name, value.tolist())


def accuracy(net: Net, x: Array, y: Array, batch_size: int = 500) -> float:
    """The share of samples whose highest score is their label's, in test mode."""
    right = 0
    for start in range(0, len(x), batch_size):
        part = slice(start, start + batch_size)
        right += int(np.sum(np.argmax(net.loss(x[part]), axis=1) == y[part]))
    return right / len(x)


def check_data(train: Data, validation: Data | None, batch_size: int) -> None:
    """Raise ValueError where x and y do not match."""
    require("Solver batch_size", batch_size >= 1, batch_size, "at least 1")
    for name, data in {"train": train, "validation": validation}.items():
        if data is not None:
            x, y = data
            fits = len(x) > 0 and y.shape == (len(x),)
            require(f"Solver {name}", fits, (x.shape, y.shape), "x (N, ...), y (N,), N >= 1")


def check_fits(own: Mapping[str, Array], stored: Mapping[str, Array]) -> None:
    """Raise ValueError unless the checkpoint has this net's parameters and state."""
    for name, value in own.items():
        if name.startswith(("parameter/", "state/")):
            other = stored.get(name)
            kind = None if other is None else (other.shape, other.dtype)
            fits = kind == (value.shape, value.dtype)
            require(f"Solver checkpoint {name}", fits, kind, f"{value.shape}, {value.dtype}")
    extra = [n for n in stored if n.startswith(("parameter/", "state/")) and n not in own]
    require("Solver checkpoint", not extra, extra, "only what the net has")
