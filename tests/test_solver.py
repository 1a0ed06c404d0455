"""Training, and checkpoints that resume to the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ref_layers import optimizers
from ref_layers.nets import NETS
from ref_layers.solver import Solver, accuracy

SAMPLES = 37


def blobs() -> tuple[Any, Any]:
    """Four well separated clouds in seven dimensions."""
    rs = np.random.RandomState(1)
    y = np.arange(SAMPLES) % 4
    return 3 * rs.standard_normal((4, 7))[y] + rs.standard_normal((SAMPLES, 7)), y


def make(optimizer: str = "adam", **options: Any) -> Solver:
    net = NETS["fully_connected_net"]
    made = net(**net.example, seed=0, dtype="float64")
    rate = partial(optimizers.exponential_decay, learning_rate=0.01, factor=0.9, every=5)
    return Solver(
        made, blobs(), blobs(), optimizer=getattr(optimizers, optimizer), learning_rate=rate,
        options=options, batch_size=8, seed=2,
    )  # fmt: skip


def bits(solver: Solver) -> Iterator[tuple[str, bytes]]:
    return ((name, np.asarray(value).tobytes()) for name, value in solver.arrays().items())


def test_an_epoch_has_every_sample_once_and_each_epoch_another_order() -> None:
    solver = make()
    assert solver.steps_per_epoch == 5
    first, second = (
        np.concatenate([solver.batch(e * 5 + k)[0] for k in range(5)]) for e in range(2)
    )
    everything = np.sort(blobs()[0], axis=0)
    assert np.array_equal(np.sort(first, axis=0), everything)
    assert np.array_equal(np.sort(second, axis=0), everything)
    assert not np.array_equal(first, second)
    assert len(solver.batch(4)[0]) == SAMPLES - 4 * 8


def test_training_learns_and_keeps_its_histories() -> None:
    solver = make()
    told = []
    solver.train(20, tell=lambda s: told.append(s.epoch))
    assert told == list(range(1, 21))
    assert len(solver.loss_history) == 100
    assert len(solver.train_accuracy) == len(solver.validation_accuracy) == 20
    assert solver.train_accuracy[-1] == 1.0
    assert np.mean(solver.loss_history[-5:]) < np.mean(solver.loss_history[:5])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam"])
@pytest.mark.parametrize("stop", [3, 5, 7], ids="stopped after {} steps".format)
def test_a_checkpoint_resumes_to_the_same_bits(optimizer: str, stop: int, tmp_path: Path) -> None:
    straight, begun, resumed = make(optimizer), make(optimizer), make(optimizer)
    straight.train(3)
    for _ in range(stop):
        begun.step()
        if begun.steps % begun.steps_per_epoch == 0:
            begun.end_epoch()
    begun.save(tmp_path / "checkpoint.npz")
    resumed.load(tmp_path / "checkpoint.npz")
    resumed.train(3)
    assert dict(bits(resumed)) == dict(bits(straight))


def test_another_seed_gives_other_bits() -> None:
    """So that the comparison above can fail."""
    one, other = make(), make()
    other.seed = 3
    one.train(1)
    other.train(1)
    assert dict(bits(one)) != dict(bits(other))


def test_a_checkpoint_without_the_optimizer_state_goes_elsewhere(tmp_path: Path) -> None:
    straight, begun, resumed = make("momentum"), make("momentum"), make("momentum")
    straight.train(2)
    begun.train(1)
    arrays = {n: v for n, v in begun.arrays().items() if not n.startswith("optimizer/")}
    np.savez(tmp_path / "checkpoint.npz", **arrays)
    resumed.load(tmp_path / "checkpoint.npz")
    resumed.train(2)
    assert dict(bits(resumed)) != dict(bits(straight))


def test_a_checkpoint_of_another_net_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", **{"solver/steps": 1, "parameter/W1": np.zeros((2, 2))})
    with pytest.raises(ValueError, match=r"W1: got \(\(2, 2\).*expected \(7, 9\)"):
        make().load(tmp_path / "other.npz")


def test_a_checkpoint_is_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", **{"solver/steps": np.array([{}], dtype=object)})
    with pytest.raises(ValueError, match="allow_pickle"):
        make().load(tmp_path / "evil.npz")


def test_data_that_does_not_match_is_refused() -> None:
    x, y = blobs()
    net = make().net
    with pytest.raises(ValueError, match="Solver train"):
        Solver(net, (x, y[:-1]))
    with pytest.raises(ValueError, match="batch_size"):
        Solver(net, (x, y), batch_size=0)


def test_accuracy_counts_over_batches() -> None:
    net, (x, _) = make().net, blobs()
    scores = net.loss(x)
    assert accuracy(net, x, np.argmax(scores, axis=1), batch_size=10) == 1.0
    assert accuracy(net, x, np.argmin(scores, axis=1), batch_size=10) == 0.0
