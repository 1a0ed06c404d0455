"""The grid `architectures`: layers of well-known networks at their real sizes, in float32.

The table is `architectures.txt`, one line a layer: network | layer | batch sizes | question |
output of one sample; N stands for the batch size. Nothing is scaled down. What is left out:

- N = 2 where a line says `1`: there a convolution would need over 2e9 multiplications, or an array
  have over 2**24 elements.
- Of U-Net's levels all but the outermost and the innermost: its other 3x3 layers, 4e9 to 1.4e10
  multiplications each at N = 1, would take longer than the rest of the table together.
- Layers of a shape that an earlier line has.
- AlexNet's response normalization, which is no op here.

Sources: LeCun et al., 1998 (C3 connects all maps here); Krizhevsky et al., 2012 (its two GPUs are
groups=2; 227 pixels, which its sizes need); Simonyan and Zisserman, 2015; Szegedy et al., 2015; He
et al., 2016 (the stride of ResNet-50 in its 3x3 layers, as torchvision has it); Ronneberger et al.,
2015; Radford et al., 2016 (5x5, "same"), and the 4x4 layers of torch's DCGAN example.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import prod

from .case import Case
from .parse import parse

MOST_MULTIPLICATIONS = 2_000_000_000
"""Of a convolution's forward pass: where N = 2 needs more, it is left out."""

MOST_ELEMENTS = 2**24
"""Of one array: where N = 2 has more, it is left out."""


@dataclass(frozen=True)
class Layer:
    """One line of the table.

    batches: the batch sizes · question: a case with N for the batch size · out: the sizes of one
    sample's output.
    """

    network: str
    layer: str
    batches: tuple[int, ...]
    question: str
    out: tuple[int, ...]

    def case(self, n: int) -> Case:
        """The layer asked at a batch size."""
        return parse(self.question.replace("=Nx", f"={n}x"))

    def multiplications(self, n: int) -> int:
        """How many a convolution's forward pass needs at a batch size; 0 for other ops."""
        shapes = self.case(n).shapes
        if "w" not in shapes:
            return 0
        _, *rest = shapes["w"]
        image = shapes["x"][1:] if self.question.startswith("conv2d_transpose") else self.out
        return n * prod(image) * prod(rest)

    def elements(self, n: int) -> int:
        """How many the largest array has at a batch size."""
        return max(n * prod(self.out), *(prod(shape) for shape in self.case(n).shapes.values()))


@cache
def layers() -> tuple[Layer, ...]:
    """Every line of the table."""
    table = resources.files(__package__).joinpath("architectures.txt").read_text(encoding="utf-8")
    rows = ([cell.strip() for cell in line.split("|")] for line in table.splitlines() if line)
    return tuple(
        Layer(network, layer, tuple(map(int, batches.split(","))), question, sizes(out))
        for network, layer, batches, question, out in rows
    )


def sizes(text: str) -> tuple[int, ...]:
    """`64x112x112` as numbers."""
    return tuple(map(int, text.split("x")))


def architectures() -> tuple[Case, ...]:
    """Every layer at each of its batch sizes; new cases each time, since they keep their arrays."""
    return tuple(layer.case(n) for layer in layers() for n in layer.batches)


def names() -> dict[str, str]:
    """What each case is, by its text: `VGG-16 conv1_2, N = 1`."""
    return {
        str(layer.case(n)): f"{layer.network} {layer.layer}, N = {n}"
        for layer in layers()
        for n in layer.batches
    }
