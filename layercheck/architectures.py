"""The grid `architectures`: layers of well-known networks at their real sizes, in float32.

One line a layer: network | layer | batch sizes | question | output of one sample; N stands for the
batch size. Nothing is scaled down. What is left out:

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
from math import prod

from .case import Case, parse

MOST_MULTIPLICATIONS = 2_000_000_000
"""Of a convolution's forward pass: where N = 2 needs more, it is left out."""

MOST_ELEMENTS = 2**24
"""Of one array: where N = 2 has more, it is left out."""

TABLE = """
LeNet-5   | C1                 | 1,2 | conv2d x=Nx1x32x32 w=6x1x5x5 b=6                                        | 6x28x28
LeNet-5   | S2                 | 1,2 | avg_pool x=Nx6x28x28 kernel_size=2                                      | 6x14x14
LeNet-5   | C3                 | 1,2 | conv2d x=Nx6x14x14 w=16x6x5x5 b=16                                      | 16x10x10
LeNet-5   | S4                 | 1,2 | avg_pool x=Nx16x10x10 kernel_size=2                                     | 16x5x5
LeNet-5   | C5                 | 1,2 | conv2d x=Nx16x5x5 w=120x16x5x5 b=120                                    | 120x1x1

AlexNet   | conv1              | 1,2 | conv2d x=Nx3x227x227 w=96x3x11x11 b=96 stride=4                         | 96x55x55
AlexNet   | pool1              | 1,2 | max_pool x=Nx96x55x55 kernel_size=3 stride=2                            | 96x27x27
AlexNet   | conv2              | 1,2 | conv2d x=Nx96x27x27 w=256x48x5x5 b=256 padding=2 groups=2               | 256x27x27
AlexNet   | pool2              | 1,2 | max_pool x=Nx256x27x27 kernel_size=3 stride=2                           | 256x13x13
AlexNet   | conv3              | 1,2 | conv2d x=Nx256x13x13 w=384x256x3x3 b=384 padding=1                      | 384x13x13
AlexNet   | conv4              | 1,2 | conv2d x=Nx384x13x13 w=384x192x3x3 b=384 padding=1 groups=2             | 384x13x13
AlexNet   | conv5              | 1,2 | conv2d x=Nx384x13x13 w=256x192x3x3 b=256 padding=1 groups=2             | 256x13x13
AlexNet   | pool5              | 1,2 | max_pool x=Nx256x13x13 kernel_size=3 stride=2                           | 256x6x6

VGG-16    | conv1_1            | 1,2 | conv2d x=Nx3x224x224 w=64x3x3x3 b=64 padding=1                          | 64x224x224
VGG-16    | conv1_2            | 1   | conv2d x=Nx64x224x224 w=64x64x3x3 b=64 padding=1                        | 64x224x224
VGG-16    | pool1              | 1,2 | max_pool x=Nx64x224x224 kernel_size=2                                   | 64x112x112
VGG-16    | conv2_1            | 1,2 | conv2d x=Nx64x112x112 w=128x64x3x3 b=128 padding=1                      | 128x112x112
VGG-16    | conv2_2            | 1   | conv2d x=Nx128x112x112 w=128x128x3x3 b=128 padding=1                    | 128x112x112
VGG-16    | pool2              | 1,2 | max_pool x=Nx128x112x112 kernel_size=2                                  | 128x56x56
VGG-16    | conv3_1            | 1,2 | conv2d x=Nx128x56x56 w=256x128x3x3 b=256 padding=1                      | 256x56x56
VGG-16    | conv3_2, 3_3       | 1   | conv2d x=Nx256x56x56 w=256x256x3x3 b=256 padding=1                      | 256x56x56
VGG-16    | pool3              | 1,2 | max_pool x=Nx256x56x56 kernel_size=2                                    | 256x28x28
VGG-16    | conv4_1            | 1,2 | conv2d x=Nx256x28x28 w=512x256x3x3 b=512 padding=1                      | 512x28x28
VGG-16    | conv4_2, 4_3       | 1   | conv2d x=Nx512x28x28 w=512x512x3x3 b=512 padding=1                      | 512x28x28
VGG-16    | pool4              | 1,2 | max_pool x=Nx512x28x28 kernel_size=2                                    | 512x14x14
VGG-16    | conv5_1, 5_2, 5_3  | 1,2 | conv2d x=Nx512x14x14 w=512x512x3x3 b=512 padding=1                      | 512x14x14
VGG-16    | pool5              | 1,2 | max_pool x=Nx512x14x14 kernel_size=2                                    | 512x7x7

GoogLeNet | 3a 1x1             | 1,2 | conv2d x=Nx192x28x28 w=64x192x1x1 b=64                                  | 64x28x28
GoogLeNet | 3a 3x3 reduce      | 1,2 | conv2d x=Nx192x28x28 w=96x192x1x1 b=96                                  | 96x28x28
GoogLeNet | 3a 3x3             | 1,2 | conv2d x=Nx96x28x28 w=128x96x3x3 b=128 padding=1                        | 128x28x28
GoogLeNet | 3a 5x5 reduce      | 1,2 | conv2d x=Nx192x28x28 w=16x192x1x1 b=16                                  | 16x28x28
GoogLeNet | 3a 5x5             | 1,2 | conv2d x=Nx16x28x28 w=32x16x5x5 b=32 padding=2                          | 32x28x28
GoogLeNet | 3a pool            | 1,2 | max_pool x=Nx192x28x28 kernel_size=3 stride=1 padding=1                 | 192x28x28
GoogLeNet | 3a pool projection | 1,2 | conv2d x=Nx192x28x28 w=32x192x1x1 b=32                                  | 32x28x28
GoogLeNet | 3a concat, first 3 | 1,2 | concat x=Nx64x28x28 y=Nx128x28x28 z=Nx32x28x28                          | 224x28x28
GoogLeNet | 3a concat, fourth  | 1,2 | concat x=Nx224x28x28 y=Nx32x28x28                                       | 256x28x28

ResNet-18 | conv1              | 1,2 | conv2d x=Nx3x224x224 w=64x3x7x7 stride=2 padding=3                      | 64x112x112
ResNet-18 | bn1                | 1,2 | batch_norm x=Nx64x112x112 gamma=64 beta=64 running_mean=64 running_var=64 | 64x112x112
ResNet-18 | pool1              | 1,2 | max_pool x=Nx64x112x112 kernel_size=3 stride=2 padding=1                | 64x56x56
ResNet-18 | stage 1 3x3        | 1,2 | conv2d x=Nx64x56x56 w=64x64x3x3 padding=1                               | 64x56x56
ResNet-18 | stage 1 norm       | 1,2 | batch_norm x=Nx64x56x56 gamma=64 beta=64 running_mean=64 running_var=64 | 64x56x56
ResNet-18 | stage 1 shortcut   | 1,2 | add x=Nx64x56x56 y=Nx64x56x56                                           | 64x56x56
ResNet-18 | stage 2 first 3x3  | 1,2 | conv2d x=Nx64x56x56 w=128x64x3x3 stride=2 padding=1                     | 128x28x28
ResNet-18 | stage 2 projection | 1,2 | conv2d x=Nx64x56x56 w=128x64x1x1 stride=2                               | 128x28x28
ResNet-18 | stage 2 3x3        | 1,2 | conv2d x=Nx128x28x28 w=128x128x3x3 padding=1                            | 128x28x28
ResNet-18 | stage 2 norm       | 1,2 | batch_norm x=Nx128x28x28 gamma=128 beta=128 running_mean=128 running_var=128 | 128x28x28
ResNet-18 | stage 3 first 3x3  | 1,2 | conv2d x=Nx128x28x28 w=256x128x3x3 stride=2 padding=1                   | 256x14x14
ResNet-18 | stage 3 projection | 1,2 | conv2d x=Nx128x28x28 w=256x128x1x1 stride=2                             | 256x14x14
ResNet-18 | stage 3 3x3        | 1,2 | conv2d x=Nx256x14x14 w=256x256x3x3 padding=1                            | 256x14x14
ResNet-18 | stage 3 norm       | 1,2 | batch_norm x=Nx256x14x14 gamma=256 beta=256 running_mean=256 running_var=256 | 256x14x14
ResNet-18 | stage 4 first 3x3  | 1,2 | conv2d x=Nx256x14x14 w=512x256x3x3 stride=2 padding=1                   | 512x7x7
ResNet-18 | stage 4 projection | 1,2 | conv2d x=Nx256x14x14 w=512x256x1x1 stride=2                             | 512x7x7
ResNet-18 | stage 4 3x3        | 1,2 | conv2d x=Nx512x7x7 w=512x512x3x3 padding=1                              | 512x7x7
ResNet-18 | stage 4 norm       | 1,2 | batch_norm x=Nx512x7x7 gamma=512 beta=512 running_mean=512 running_var=512 | 512x7x7
ResNet-18 | global pool        | 1,2 | global_avg_pool x=Nx512x7x7                                             | 512x1x1

ResNet-50 | stage 1 first 1x1  | 1,2 | conv2d x=Nx64x56x56 w=64x64x1x1                                         | 64x56x56
ResNet-50 | stage 1 projection, last 1x1 | 1,2 | conv2d x=Nx64x56x56 w=256x64x1x1                              | 256x56x56
ResNet-50 | stage 1 norm       | 1,2 | batch_norm x=Nx256x56x56 gamma=256 beta=256 running_mean=256 running_var=256 | 256x56x56
ResNet-50 | stage 1 shortcut   | 1,2 | add x=Nx256x56x56 y=Nx256x56x56                                         | 256x56x56
ResNet-50 | stage 1 1x1        | 1,2 | conv2d x=Nx256x56x56 w=64x256x1x1                                       | 64x56x56
ResNet-50 | stage 2 first 1x1  | 1,2 | conv2d x=Nx256x56x56 w=128x256x1x1                                      | 128x56x56
ResNet-50 | stage 2 first 3x3  | 1,2 | conv2d x=Nx128x56x56 w=128x128x3x3 stride=2 padding=1                   | 128x28x28
ResNet-50 | stage 2 projection | 1,2 | conv2d x=Nx256x56x56 w=512x256x1x1 stride=2                             | 512x28x28
ResNet-50 | stage 2 last 1x1   | 1,2 | conv2d x=Nx128x28x28 w=512x128x1x1                                      | 512x28x28
ResNet-50 | stage 2 norm       | 1,2 | batch_norm x=Nx512x28x28 gamma=512 beta=512 running_mean=512 running_var=512 | 512x28x28
ResNet-50 | stage 2 1x1        | 1,2 | conv2d x=Nx512x28x28 w=128x512x1x1                                      | 128x28x28
ResNet-50 | stage 3 first 1x1  | 1,2 | conv2d x=Nx512x28x28 w=256x512x1x1                                      | 256x28x28
ResNet-50 | stage 3 first 3x3  | 1,2 | conv2d x=Nx256x28x28 w=256x256x3x3 stride=2 padding=1                   | 256x14x14
ResNet-50 | stage 3 projection | 1,2 | conv2d x=Nx512x28x28 w=1024x512x1x1 stride=2                            | 1024x14x14
ResNet-50 | stage 3 last 1x1   | 1,2 | conv2d x=Nx256x14x14 w=1024x256x1x1                                     | 1024x14x14
ResNet-50 | stage 3 1x1        | 1,2 | conv2d x=Nx1024x14x14 w=256x1024x1x1                                    | 256x14x14
ResNet-50 | stage 4 first 1x1  | 1,2 | conv2d x=Nx1024x14x14 w=512x1024x1x1                                    | 512x14x14
ResNet-50 | stage 4 first 3x3  | 1,2 | conv2d x=Nx512x14x14 w=512x512x3x3 stride=2 padding=1                   | 512x7x7
ResNet-50 | stage 4 projection | 1,2 | conv2d x=Nx1024x14x14 w=2048x1024x1x1 stride=2                          | 2048x7x7
ResNet-50 | stage 4 last 1x1   | 1,2 | conv2d x=Nx512x7x7 w=2048x512x1x1                                       | 2048x7x7
ResNet-50 | stage 4 norm       | 1,2 | batch_norm x=Nx2048x7x7 gamma=2048 beta=2048 running_mean=2048 running_var=2048 | 2048x7x7
ResNet-50 | stage 4 1x1        | 1,2 | conv2d x=Nx2048x7x7 w=512x2048x1x1                                      | 512x7x7
ResNet-50 | global pool        | 1,2 | global_avg_pool x=Nx2048x7x7                                            | 2048x1x1

U-Net     | down 1 first       | 1   | conv2d x=Nx1x572x572 w=64x1x3x3 b=64                                    | 64x570x570
U-Net     | down 1 second      | 1   | conv2d x=Nx64x570x570 w=64x64x3x3 b=64                                  | 64x568x568
U-Net     | down 1 pool        | 1   | max_pool x=Nx64x568x568 kernel_size=2                                   | 64x284x284
U-Net     | down 4 pool        | 1,2 | max_pool x=Nx512x64x64 kernel_size=2                                    | 512x32x32
U-Net     | bottom first       | 1   | conv2d x=Nx512x32x32 w=1024x512x3x3 b=1024                              | 1024x30x30
U-Net     | up 4 transposed    | 1   | conv2d_transpose x=Nx1024x28x28 w=1024x512x2x2 b=512 stride=2           | 512x56x56
U-Net     | up 4 concat        | 1,2 | concat x=Nx512x56x56 y=Nx512x56x56                                      | 1024x56x56
U-Net     | up 1 transposed    | 1   | conv2d_transpose x=Nx128x196x196 w=128x64x2x2 b=64 stride=2             | 64x392x392
U-Net     | up 1 concat        | 1   | concat x=Nx64x392x392 y=Nx64x392x392                                    | 128x392x392
U-Net     | output 1x1         | 1   | conv2d x=Nx64x388x388 w=2x64x1x1 b=2                                    | 2x388x388

DCGAN     | generator 1        | 1,2 | conv2d_transpose x=Nx1024x4x4 w=1024x512x5x5 stride=2 padding=same      | 512x8x8
DCGAN     | generator 1 norm   | 1,2 | batch_norm x=Nx512x8x8 gamma=512 beta=512 running_mean=512 running_var=512 | 512x8x8
DCGAN     | generator 2        | 1,2 | conv2d_transpose x=Nx512x8x8 w=512x256x5x5 stride=2 padding=same        | 256x16x16
DCGAN     | generator 2 norm   | 1,2 | batch_norm x=Nx256x16x16 gamma=256 beta=256 running_mean=256 running_var=256 | 256x16x16
DCGAN     | generator 3        | 1,2 | conv2d_transpose x=Nx256x16x16 w=256x128x5x5 stride=2 padding=same      | 128x32x32
DCGAN     | generator 3 norm   | 1,2 | batch_norm x=Nx128x32x32 gamma=128 beta=128 running_mean=128 running_var=128 | 128x32x32
DCGAN     | generator 4        | 1,2 | conv2d_transpose x=Nx128x32x32 w=128x3x5x5 b=3 stride=2 padding=same    | 3x64x64
DCGAN     | torch's generator 1 | 1,2 | conv2d_transpose x=Nx100x1x1 w=100x512x4x4                             | 512x4x4
DCGAN     | torch's generator 2 | 1,2 | conv2d_transpose x=Nx512x4x4 w=512x256x4x4 stride=2 padding=1          | 256x8x8
DCGAN     | torch's generator 3 | 1,2 | conv2d_transpose x=Nx256x8x8 w=256x128x4x4 stride=2 padding=1          | 128x16x16
DCGAN     | torch's generator 4 | 1,2 | conv2d_transpose x=Nx128x16x16 w=128x64x4x4 stride=2 padding=1         | 64x32x32
DCGAN     | torch's generator 5 | 1,2 | conv2d_transpose x=Nx64x32x32 w=64x3x4x4 stride=2 padding=1            | 3x64x64
"""  # noqa: E501 (a table is read by its columns)


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
    rows = ([cell.strip() for cell in line.split("|")] for line in TABLE.splitlines() if line)
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
