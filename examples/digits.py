"""Train two nets of ref_layers on handwritten digits, with NumPy alone.

    python examples/digits.py                      # the 8x8 digits that scikit-learn ships
    python examples/digits.py --data FOLDER        # MNIST's IDX files, if you have them
    python examples/digits.py --net lenet5 --out pictures

Draws the learning curve and the filters of the first convolution as PNG files. Needs the extra
`examples`: python -m pip install 'layercheck[examples]'
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from idx import find, read_idx

from ref_layers.nets import Net
from ref_layers.nets.lenet5 import LeNet5
from ref_layers.nets.three_layer_conv_net import ThreeLayerConvNet
from ref_layers.optimizers import adam, cosine_decay
from ref_layers.solver import Solver, accuracy

Array = npt.NDArray[Any]
NETS = ("three_layer_conv_net", "lenet5")


class Digits(NamedTuple):
    """Images (N, 1, H, W) with mean 0, and labels; train and test share no sample."""

    train: tuple[Array, Array]
    test: tuple[Array, Array]


class Result(NamedTuple):
    """What one training came to."""

    net: str
    test_accuracy: float
    seconds: float
    solver: Solver


def shipped_digits(seed: int = 0, share: float = 0.25) -> Digits:
    """scikit-learn's 1797 digits of 8x8 pixels; this share of them is for the test."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = np.random.RandomState(seed).permutation(len(bunch.target))
    cut = round(len(order) * share)
    x, y = bunch.images[order] / 16, bunch.target[order]
    return normalized((x[cut:], y[cut:]), (x[:cut], y[:cut]))


def mnist(folder: Path) -> Digits:
    """MNIST's four files in a folder, plain or .gz."""
    parts = {}
    for part in ("train", "t10k"):
        x = read_idx(find(folder, f"{part}-images-idx3-ubyte")) / 255
        parts[part] = x, read_idx(find(folder, f"{part}-labels-idx1-ubyte")).astype(np.int64)
    return normalized(parts["train"], parts["t10k"])


def normalized(train: tuple[Array, Array], test: tuple[Array, Array]) -> Digits:
    """Subtract the mean of the training images; one channel, float32."""
    mean = train[0].mean()
    shaped = [((x - mean)[:, None].astype(np.float32), y) for x, y in (train, test)]
    return Digits(*shaped)


def make_net(name: str, input_shape: Sequence[int], seed: int) -> Net:
    """LeNet-5 pads both convolutions on images smaller than 28x28."""
    if name == "lenet5":
        paddings = (2, 0) if input_shape[1] >= 28 else (2, 2)
        return LeNet5(input_shape, 10, paddings=paddings, seed=seed, dtype="float32")
    return ThreeLayerConvNet(
        input_shape, 10, filters=32, kernel=3, hidden=100, reg=1e-3, seed=seed, dtype="float32"
    )


def train(name: str, digits: Digits, epochs: int, seed: int = 0, tell: Any = print) -> Result:
    """Train with Adam, its rate falling along a cosine."""
    solver = Solver(
        make_net(name, digits.train[0].shape[1:], seed),
        digits.train,
        digits.test,
        optimizer=adam,
        batch_size=50,
        seed=seed,
    )
    steps = epochs * solver.steps_per_epoch
    solver.learning_rate = lambda step: cosine_decay(step, learning_rate=3e-3, steps=steps)
    start = time.perf_counter()

    def progress(done: Solver) -> None:
        loss = np.mean(done.loss_history[-done.steps_per_epoch :])
        tell(
            f"{name} epoch {done.epoch:2} of {epochs}: loss {loss:.4f}, train "
            f"{done.train_accuracy[-1]:.2%}, test {done.validation_accuracy[-1]:.2%}"
        )

    solver.train(epochs, progress)
    seconds = time.perf_counter() - start
    return Result(name, accuracy(solver.net, *digits.test), seconds, solver)


def draw(result: Result, folder: Path) -> list[Path]:
    """The learning curve and the first filters, as PNG files."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    figures = {"curve": curve(plt, result), "filters": filters(plt, result)}
    paths = []
    for kind, figure in figures.items():
        paths.append(folder / f"{result.net}_{kind}.png")
        figure.savefig(paths[-1], dpi=120, bbox_inches="tight")
        plt.close(figure)
    return paths


def curve(plt: Any, result: Result) -> Any:
    """Loss of every step, and accuracies of every epoch."""
    solver = result.solver
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
    left.semilogy(solver.loss_history, linewidth=0.6)
    left.set(title=f"{result.net}: loss", xlabel="step", ylabel="cross-entropy")
    epochs = range(1, solver.epoch + 1)
    right.plot(epochs, solver.train_accuracy, "--", label="train")
    right.plot(epochs, solver.validation_accuracy, label="test")
    right.set(title="accuracy", xlabel="epoch", ylim=(0.8, 1.005))
    right.legend()
    return figure


def filters(plt: Any, result: Result) -> Any:
    """The first convolution's filters, all on one scale of grey."""
    w = result.solver.net.parameters["W1"][:, 0]
    limit = np.abs(w).max()
    figure, axes = plt.subplots(1, len(w), figsize=(len(w), 1.4), squeeze=False)
    for axis, one in zip(axes[0], w, strict=True):
        axis.imshow(one, cmap="gray", vmin=-limit, vmax=limit)
        axis.axis("off")
    figure.suptitle(f"{result.net}: filters of the first convolution", fontsize=9)
    return figure


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, train, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", choices=NETS, action="append", help="only this net (repeatable)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with MNIST's IDX files")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="for the pictures")
    options = parser.parse_args(arguments)
    digits = shipped_digits() if options.data is None else mnist(options.data)
    for name in options.net or NETS:
        result = train(name, digits, options.epochs, options.seed)
        print(f"{name}: test accuracy {result.test_accuracy:.2%} in {result.seconds:.1f} s")
        for path in draw(result, options.out):
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
