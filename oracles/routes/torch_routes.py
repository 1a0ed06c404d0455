"""torch.nn.functional, called as its manual shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from .axes import of_rows, of_volumes
from .route import Array, Asked, Bits, Lacking, function_for, named, of_numpy
from .torch_driver import Tensor, run, warm_up, weighed

torch.set_num_threads(1)


SCOPE = {"torch": torch, "F": F, "np": np, "tensor": torch.tensor}


def versions() -> dict[str, str]:
    return {"torch": torch.__version__}


# ---------------------------------------------------------------------- the calls


def conv2d(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    return F.conv2d(x, w, b, **said)


def conv2d_transpose(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    return F.conv_transpose2d(x, w, b, **said)


def separable_conv2d(
    x: Tensor, w_depth: Tensor, w_point: Tensor, b: Tensor = None, **said: Any
) -> Tensor:
    return F.conv2d(F.conv2d(x, w_depth, groups=x.shape[1], **said), w_point, b)


def max_pool(x: Tensor, **said: Any) -> Any:
    out = F.max_pool2d(x, **said)
    return {"out": out[0], "indices": out[1]} if isinstance(out, tuple) else out


def avg_pool(x: Tensor, **said: Any) -> Tensor:
    return F.avg_pool2d(x, **said)


def global_avg_pool(x: Tensor, keepdims: bool = True) -> Tensor:
    out = F.adaptive_avg_pool2d(x, 1)
    return out if keepdims else out.flatten(1)


def batch_norm(
    x: Tensor,
    gamma: Tensor = None,
    beta: Tensor = None,
    running_mean: Tensor = None,
    running_var: Tensor = None,
    **said: Any,
) -> Any:
    kept = {"running_mean": running_mean, "running_var": running_var}
    kept = {name: None if value is None else value.clone() for name, value in kept.items()}
    out = F.batch_norm(x, **kept, weight=gamma, bias=beta, **said)
    changed = said.get("training") and running_mean is not None
    return {"out": out, **kept} if changed else out


batch_norm_1d = batch_norm


def group_norm(x: Tensor, gamma: Tensor = None, beta: Tensor = None, **said: Any) -> Tensor:
    return F.group_norm(x, weight=gamma, bias=beta, **said)


def instance_norm(x: Tensor, gamma: Tensor = None, beta: Tensor = None, **said: Any) -> Tensor:
    return F.instance_norm(x, weight=gamma, bias=beta, **said)


def layer_norm(
    x: Tensor, gamma: Tensor = None, beta: Tensor = None, normalized_dims: int = 1, **said: Any
) -> Tensor:
    return F.layer_norm(x, x.shape[-normalized_dims:], gamma, beta, **said)


def rms_norm(x: Tensor, gamma: Tensor = None, normalized_dims: int = 1, **said: Any) -> Tensor:
    return F.rms_norm(x, x.shape[-normalized_dims:], gamma, **said)


def dropout(x: Tensor, **said: Any) -> Tensor:
    return F.dropout(x, **said)


def affine(x: Tensor, w: Tensor, b: Tensor = None) -> Tensor:
    return F.linear(x.flatten(1), w.T, b)


def flatten(x: Tensor, **said: Any) -> Tensor:
    return torch.flatten(x, **{"start_dim": 1, **said})


def pad(x: Tensor, padding: Any, **said: Any) -> Tensor:
    (top, bottom), (left, right) = padding
    return F.pad(x, (left, right, top, bottom), **said)


def interpolate(x: Tensor, **said: Any) -> Tensor:
    return F.interpolate(x, **said)


def concat(x: Tensor, y: Tensor, z: Tensor = None) -> Tensor:
    return torch.cat([part for part in (x, y, z) if part is not None], 1)


def add(x: Tensor, y: Tensor) -> Tensor:
    return x + y


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    return F.softmax(x, dim)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    return F.log_softmax(x, dim)


def softmax_cross_entropy(x: Tensor, y: Tensor, **said: Any) -> Tensor:
    return F.cross_entropy(x, y, **said)


def bce_with_logits(x: Tensor, y: Tensor, **said: Any) -> Tensor:
    return F.binary_cross_entropy_with_logits(x, y, **weighed(x, said))


def soft_cross_entropy(x: Tensor, y: Tensor, weight: Tensor = None, **said: Any) -> Tensor:
    return F.cross_entropy(x, y, weight, **said)


def svm_loss(x: Tensor, y: Tensor, **said: Any) -> Tensor:
    return F.multi_margin_loss(x, y, **said)


def relu(x: Tensor) -> Tensor:
    return F.relu(x)


def leaky_relu(x: Tensor, **said: Any) -> Tensor:
    return F.leaky_relu(x, **said)


def sigmoid(x: Tensor) -> Tensor:
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    return torch.tanh(x)


def gelu(x: Tensor, **said: Any) -> Tensor:
    return F.gelu(x, **said)


def silu(x: Tensor) -> Tensor:
    return F.silu(x)


def elu(x: Tensor, **said: Any) -> Tensor:
    return F.elu(x, **said)


def softplus(x: Tensor, **said: Any) -> Tensor:
    return F.softplus(x, **said)


# ---------------------------------------------------------------------- of one axis, and of three


def max_pool_1d(x: Tensor, **said: Any) -> Any:
    out = F.max_pool1d(x, **said)
    return {"out": out[0], "indices": out[1]} if isinstance(out, tuple) else out


def max_pool_3d(x: Tensor, **said: Any) -> Any:
    out = F.max_pool3d(x, **said)
    return {"out": out[0], "indices": out[1]} if isinstance(out, tuple) else out


def of_one_axis() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_rows(F.conv1d),
        "conv2d_transpose": of_rows(F.conv_transpose1d),
        "max_pool": of_rows(max_pool_1d),
        "avg_pool": of_rows(F.avg_pool1d),
    }


def of_three_axes() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_volumes(F.conv3d),
        "conv2d_transpose": of_volumes(F.conv_transpose3d),
        "max_pool": of_volumes(max_pool_3d),
        "avg_pool": of_volumes(F.avg_pool3d),
    }


def instead(functions: Mapping[str, Callable[..., Any]], asked: Asked) -> Mapping[str, Array]:
    """By another function of torch.nn.functional."""
    return run(asked, function_for(functions, asked, "this part of torch.nn.functional"))


# ---------------------------------------------------------------------- the ways to run them


def table(asked: Bits) -> Mapping[str, Array]:
    """Numbers of 16 bits, eager."""
    x = torch.tensor(asked.bits).view(getattr(torch, asked.kind))
    out = own(asked.asked)(x.requires_grad_(), **asked.said)
    (dx,) = torch.autograd.grad(out, x, torch.ones_like(out))
    found = {"out": out.detach(), "dx": dx}
    return {name: v.view(torch.int16).numpy() for name, v in found.items()}


def answer(asked: Asked) -> Mapping[str, Array]:
    """Arrays as NumPy has them, eager; gradients by autograd."""
    return run(asked, own(asked))


def own(asked: Asked) -> Callable[..., Any]:
    """The function of an op."""
    return function_for(globals(), asked, "torch.nn.functional")


def channels_last(tensor: Tensor) -> Tensor:
    """Images that lie in memory as NHWC."""
    return tensor.to(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor


def strided(tensor: Tensor) -> Tensor:
    """Every second number of a larger array, from an odd offset, with the last two axes turned."""
    if tensor.dim() < 2 or not tensor.is_floating_point():
        return tensor
    turned = tensor.transpose(-1, -2)
    room = torch.full((turned.numel() * 2 + 3,), float("nan"), dtype=tensor.dtype)
    sizes, step, strides = turned.shape, 2, list[int]()
    for size in reversed(sizes):
        strides.insert(0, step)
        step *= size
    return room.as_strided(sizes, strides, 3).copy_(turned).transpose(-1, -2)


def in_bfloat16(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same of arrays that are rounded to bfloat16; what it gives comes back as they were."""

    def rounded(**given: Any) -> dict[str, Any]:
        floats = {n for n, v in given.items() if torch.is_tensor(v) and v.is_floating_point()}
        made = named(function(**{n: v.bfloat16() if n in floats else v for n, v in given.items()}))
        return {n: v.to(given["x"].dtype) if v.is_floating_point() else v for n, v in made.items()}

    return rounded


def without_onednn() -> AbstractContextManager[Any]:
    """torch's own kernels alone."""
    return torch.backends.mkldnn.flags(enabled=False)  # type: ignore[no-any-return]


def on_cuda(tensor: Tensor) -> Tensor:
    """In the memory of the first NVIDIA GPU."""
    return tensor.cuda()


def channels_last_on_cuda(tensor: Tensor) -> Tensor:
    """There, and as NHWC."""
    return channels_last(tensor.cuda())


@contextmanager
def cuda() -> Iterator[None]:
    """A GPU whose free memory holds other bits each time, so that what reads memory that nobody
    wrote varies; raises Lacking where torch sees none."""
    if not torch.cuda.is_available():
        raise Lacking("torch sees no CUDA device")
    low, high = -(2**31), 2**31
    for block in [torch.empty(1 << 18, dtype=torch.int32, device="cuda") for _ in range(4)]:
        block.random_(low, high)
    yield


@contextmanager
def cudnn(tf32: bool = False, **flags: bool) -> Iterator[None]:
    """The same under settings of cuDNN, and of cuBLAS with it. tf32: whether float32 factors may be
    rounded to TF32's 11 bits."""
    products = torch.backends.cuda.matmul
    before, products.allow_tf32 = products.allow_tf32, tf32
    try:
        with cuda(), torch.backends.cudnn.flags(**{"enabled": True, "allow_tf32": tf32, **flags}):
            yield
    finally:
        products.allow_tf32 = before


def image_by_image(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of one image, mapped over the batch by torch.vmap; raises Lacking where images
    have to do with each other."""
    if function.__name__ in TOGETHER:
        raise Lacking(f"{function.__name__} is no function of one image")

    def mapped(x: Tensor, **rest: Any) -> Any:
        if 0 in (rest.get("start_dim"), rest.get("dim")):
            raise Lacking("what goes along the batch is no function of one image")
        return torch.vmap(lambda one: function(one[None], **rest)[0])(x)

    return mapped


def forward_mode(asked: Asked) -> Mapping[str, Array]:
    """Gradients by forward mode (torch.func.jvp), a direction at a time."""
    function = own(asked)
    inputs = {name: torch.tensor(value) for name, value in asked.inputs.items()}
    result = named(function(**inputs, **asked.said))
    dout = torch.tensor(asked.dout)
    for name in asked.wanted:
        if name in inputs and dout.numel() == result["out"].numel():
            result[f"d{name}"] = _slopes(function, inputs, name, asked.said, dout)
    return of_numpy({name: value.detach().numpy() for name, value in result.items()})


def _slopes(
    function: Callable[..., Any],
    inputs: Mapping[str, Tensor],
    name: str,
    said: Mapping[str, Any],
    dout: Tensor,
) -> Tensor:
    def of_one(value: Tensor) -> Tensor:
        return named(function(**{**inputs, name: value}, **said))["out"]

    at = inputs[name]
    slopes = torch.zeros_like(at)
    for place in range(at.numel()):
        direction = torch.zeros(at.numel(), dtype=at.dtype)
        direction[place] = 1
        _, moved = torch.func.jvp(of_one, (at,), (direction.reshape(at.shape),))
        slopes.view(-1)[place] = (moved * dout.reshape(moved.shape)).sum()
    return slopes


TOGETHER = (
    "batch_norm",
    "softmax_cross_entropy",
    "soft_cross_entropy",
    "bce_with_logits",
    "svm_loss",
    "add",
    "concat",
    "dropout",
)

VARIANTS = {
    "1d": lambda asked: instead(of_one_axis(), asked),
    "3d": lambda asked: instead(of_three_axes(), asked),
    "channels_last": lambda asked: run(asked, own(asked), channels_last),
    "strided": lambda asked: run(asked, own(asked), strided),
    "no_onednn": lambda asked: run(asked, own(asked), within=without_onednn),
    "vmap": lambda asked: run(asked, image_by_image(own(asked))),
    "jvp": forward_mode,
    "bfloat16": lambda asked: run(asked, in_bfloat16(own(asked))),
    "compile": lambda asked: run(asked, torch.compile(own(asked))),
    "cuda": lambda asked: run(asked, own(asked), on_cuda, cuda),
    "cuda_float32": lambda asked: run(asked, own(asked), on_cuda, cudnn),
    "cuda_tf32": lambda asked: run(asked, own(asked), on_cuda, lambda: cudnn(tf32=True)),
    "cuda_benchmark": lambda asked: run(asked, own(asked), on_cuda, lambda: cudnn(benchmark=True)),
    "cuda_deterministic": lambda asked: run(
        asked, own(asked), on_cuda, lambda: cudnn(deterministic=True)
    ),
    "cuda_channels_last": lambda asked: run(asked, own(asked), channels_last_on_cuda, cudnn),
    "cuda_no_cudnn": lambda asked: run(asked, own(asked), on_cuda, lambda: cudnn(enabled=False)),
}
ROUNDED = ("bfloat16", "cuda", "cuda_tf32")
"""Which have fewer digits than the dtype that they are asked in."""
ON_REQUEST = ("compile", "cuda", "bfloat16")
"""How variants begin that are asked only where they are named: a compilation takes a minute, few
machines have the device, and answers of bfloat16 have its rounding where they are not exact. `cuda`
is torch with its own settings, which round the factors of float32 convolutions to TF32; the others
round none, but for `cuda_tf32`, which rounds those of products, too."""
WARM_UP = warm_up
ENVIRONMENT = {"": {"MALLOC_PERTURB_": "85", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}}
"""NVML tells whether there is a GPU without beginning with it: no fork outlives a beginning."""
FINITE = ("jvp",)
"""Which a search asks finite numbers alone: a direction is zeros but for one place, and zero times
infinity is no number, whatever stands there."""
