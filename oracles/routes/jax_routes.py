"""jax.nn, jax.lax and jax.numpy, called as their manual shows: images and filters as NCHW and OIHW.

JAX has no layers of its own: what is made of several calls there (a normalization with gamma and
beta, a loss) is nobody's call, and lacking here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from oracles.geometry import sides_of, two

from .axes import of_rows, of_volumes
from .route import Array, Asked, Bits, Lacking, function_for, named, of_numpy

Tensor = Any

SCOPE = {"jax": jax, "jnp": jnp, "lax": lax, "np": np, "tensor": jnp.asarray}


def versions() -> dict[str, str]:
    return {"jax": jax.__version__}


# ---------------------------------------------------------------------- how lax writes arguments


def padding_of(padding: Any) -> Any:
    """A padding as lax writes it: a name, or (low, high) of each axis of an image."""
    return padding.upper() if isinstance(padding, str) else list(sides_of(padding))


def of_windows(said: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Arguments by lax's names. Strides and padding have to be said: 1, and none."""
    refused = said.keys() - known.keys()
    if refused:
        raise TypeError(f"jax.lax has no argument {', '.join(sorted(refused))} here")
    given = {"stride": 1, "padding": "VALID", **said}
    pairs = ("stride", "dilation", "kernel_size")
    return {
        known[n]: padding_of(v) if n == "padding" else two(v) if n in pairs else v
        for n, v in given.items()
    }


def with_stride(said: Mapping[str, Any]) -> dict[str, Any]:
    """Windows lie side by side unless a stride is said."""
    return {"stride": said.get("kernel_size"), **said}


# ---------------------------------------------------------------------- the calls

CONVOLUTION = {
    "stride": "window_strides",
    "padding": "padding",
    "dilation": "rhs_dilation",
    "groups": "feature_group_count",
}
TRANSPOSED = {"stride": "strides", "padding": "padding", "dilation": "rhs_dilation"}
POOLING = {"kernel_size": "k", "stride": "s", "padding": "p", "dilation": "d"}


def conv2d(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    return convolved(of_windows(said, CONVOLUTION), x, w, b)


def convolved(given: Mapping[str, Any], x: Tensor, w: Tensor, b: Tensor = None) -> Tensor:
    """A convolution of any number of axes."""
    out = lax.conv_general_dilated(x, w, **given)
    return out if b is None else out + b.reshape(-1, *[1] * (x.ndim - 2))


def conv2d_transpose(x: Tensor, w: Tensor, b: Tensor = None, **said: Any) -> Tensor:
    return transposed(of_windows(said, TRANSPOSED), x, w, b)


def transposed(given: Mapping[str, Any], x: Tensor, w: Tensor, b: Tensor = None) -> Tensor:
    """A transposed one."""
    letters = "DHW"[5 - x.ndim :]
    axes = (f"NC{letters}", f"OI{letters}", f"NC{letters}")
    out = lax.conv_transpose(x, w, **given, dimension_numbers=axes, transpose_kernel=True)
    return out if b is None else out + b.reshape(-1, *[1] * (x.ndim - 2))


def max_pool(x: Tensor, **said: Any) -> Tensor:
    return pooled(of_windows(with_stride(said), POOLING), x)


def pooled(given: Mapping[str, Any], x: Tensor) -> Tensor:
    """The maximum of windows of any number of axes."""
    sides = given["p"] if isinstance(given["p"], str) else [(0, 0), (0, 0), *given["p"]]
    sizes = [(1, 1, *given[n]) for n in ("k", "s")]
    dilation = (1, 1, *given.get("d", (1,) * (x.ndim - 2)))
    return lax.reduce_window(x, -jnp.inf, lax.max, *sizes, sides, window_dilation=dilation)


def affine(x: Tensor, w: Tensor, b: Tensor = None) -> Tensor:
    out = jnp.dot(flatten(x), w)
    return out if b is None else out + b


def layer_norm(x: Tensor, **said: Any) -> Tensor:
    known = {"eps": "epsilon"}
    refused = said.keys() - known.keys()
    if refused:
        raise TypeError(f"jax.nn.standardize has no argument {', '.join(sorted(refused))}")
    return jax.nn.standardize(x, **{known[n]: v for n, v in said.items()})


def flatten(x: Tensor) -> Tensor:
    return x.reshape(x.shape[0], math.prod(x.shape[1:]))


def pad(x: Tensor, padding: Any, value: Any = None) -> Tensor:
    given = {} if value is None else {"constant_values": value}
    return jnp.pad(x, ((0, 0), (0, 0), *padding), **given)


def concat(x: Tensor, y: Tensor, z: Tensor = None) -> Tensor:
    return jnp.concatenate([part for part in (x, y, z) if part is not None], axis=1)


def add(x: Tensor, y: Tensor) -> Tensor:
    return x + y


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    return jax.nn.softmax(x, dim)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    return jax.nn.log_softmax(x, dim)


def relu(x: Tensor) -> Tensor:
    return jax.nn.relu(x)


def leaky_relu(x: Tensor, **said: Any) -> Tensor:
    return jax.nn.leaky_relu(x, **said)


def sigmoid(x: Tensor) -> Tensor:
    return jax.nn.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    return jnp.tanh(x)


def gelu(x: Tensor, approximate: Any = None) -> Tensor:
    """What is not said is the approximation by tanh."""
    given = {} if approximate is None else {"approximate": approximate == "tanh"}
    return jax.nn.gelu(x, **given)


def interpolate(x: Tensor, size: Any, mode: str = "bilinear") -> Tensor:
    """jax.image.resize, whose method has to be named."""
    return jax.image.resize(x, (*x.shape[:2], *size), mode)


def silu(x: Tensor) -> Tensor:
    return jax.nn.silu(x)


def elu(x: Tensor, **said: Any) -> Tensor:
    return jax.nn.elu(x, **said)


def softplus(x: Tensor) -> Tensor:
    return jax.nn.softplus(x)


# ---------------------------------------------------------------------- of one axis, and of three


def of_row(given: Mapping[str, Any]) -> dict[str, Any]:
    """What of_windows made, along the one row of an image."""
    return {n: v if isinstance(v, str | int) else v[1:] for n, v in given.items()}


def of_volume(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same for images as volumes that are a pixel deep."""
    return {n: v if isinstance(v, str | int) else (still(v), *v) for n, v in given.items()}


def still(value: Any) -> Any:
    """What changes nothing along an axis: no sides, or 1 of all else."""
    return (0, 0) if isinstance(value, list) else 1


def written(
    function: Callable[..., Any], known: Mapping[str, str], along: Callable[..., dict[str, Any]]
) -> Callable[..., Any]:
    """A call whose arguments are those about images, along other axes."""
    return lambda *given, **said: function(along(of_windows(said, known)), *given)


def of_one_axis() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_rows(written(convolved, CONVOLUTION, of_row), dict),
        "conv2d_transpose": of_rows(written(transposed, TRANSPOSED, of_row), dict, enlarges=True),
        "max_pool": of_rows(written(pooled, POOLING, of_row), with_stride),
    }


def of_three_axes() -> dict[str, Callable[..., Any]]:
    return {
        "conv2d": of_volumes(written(convolved, CONVOLUTION, of_volume), dict),
        "conv2d_transpose": of_volumes(written(transposed, TRANSPOSED, of_volume), dict),
        "max_pool": of_volumes(written(pooled, POOLING, of_volume), with_stride),
    }


# ---------------------------------------------------------------------- the ways to run them


def own(asked: Asked) -> Callable[..., Any]:
    """The function of an op."""
    return function_for(globals(), asked, "JAX")


def answer(asked: Asked) -> Mapping[str, Array]:
    """Op by op; gradients by jax.vjp."""
    return run(asked, own(asked))


def run(asked: Asked, function: Callable[..., Any]) -> Mapping[str, Array]:
    return of_numpy(graded(asked, function)(leaves_of(asked), jnp.asarray(asked.dout)))


def instead(functions: Mapping[str, Callable[..., Any]], asked: Asked) -> Mapping[str, Array]:
    """By the same functions along other axes."""
    return run(asked, function_for(functions, asked, "this part of JAX"))


def table(asked: Bits) -> Mapping[str, Array]:
    """Numbers of 16 bits, op by op."""
    x = lax.bitcast_convert_type(jnp.asarray(asked.bits), getattr(jnp, asked.kind))
    function = own(asked.asked)
    out, pull = jax.vjp(lambda x: function(x, **asked.said), x)
    found = {"out": out, "dx": pull(jnp.ones_like(out))[0]}
    return of_numpy({n: lax.bitcast_convert_type(v, jnp.int16) for n, v in found.items()})


def jitted(asked: Asked) -> Mapping[str, Array]:
    """Compiled as one program, gradients in it."""
    return of_numpy(jax.jit(graded(asked, own(asked)))(leaves_of(asked), jnp.asarray(asked.dout)))


def in_bfloat16(asked: Asked) -> Mapping[str, Array]:
    """Of arrays that are rounded to bfloat16, op by op; what it gives comes back as float32."""

    def bits(value: Array) -> Tensor:
        given = jnp.asarray(value)
        return given.astype(jnp.bfloat16) if jnp.issubdtype(given.dtype, jnp.floating) else given

    held = {name: bits(value) for name, value in asked.inputs.items()}
    found = graded(asked, own(asked))(held, jnp.asarray(asked.dout))
    return of_numpy({name: value.astype(jnp.float32) for name, value in found.items()})


def on_cuda(asked: Asked) -> Mapping[str, Array]:
    """On the first NVIDIA GPU; raises Lacking where JAX sees none."""
    try:
        jax.devices("cuda")
    except RuntimeError as error:
        raise Lacking("JAX sees no CUDA device") from error
    return answer(asked)


def in_full_precision(asked: Asked) -> Mapping[str, Array]:
    """There, where no factor of a product or convolution is rounded."""
    with jax.default_matmul_precision("highest"):
        return on_cuda(asked)


def leaves_of(asked: Asked) -> dict[str, Tensor]:
    """The inputs."""
    return {name: jnp.asarray(value) for name, value in asked.inputs.items()}


def graded(asked: Asked, function: Callable[..., Any]) -> Callable[..., dict[str, Tensor]]:
    """What gives the outputs and the gradients of what is wanted."""
    wanted = [name for name in asked.wanted if name in asked.inputs]

    def whole(held: dict[str, Tensor], dout: Tensor) -> dict[str, Tensor]:
        def first(*leaves: Tensor) -> Tensor:
            given = {**held, **dict(zip(wanted, leaves, strict=True))}
            return named(function(**given, **asked.said))["out"]

        out, pull = jax.vjp(first, *(held[name] for name in wanted))
        result = {"out": out}
        if wanted and dout.size == out.size:
            found = pull(dout.reshape(out.shape).astype(out.dtype))
            result |= {f"d{name}": g for name, g in zip(wanted, found, strict=True)}
        return result

    return whole


VARIANTS = {
    "1d": lambda asked: instead(of_one_axis(), asked),
    "3d": lambda asked: instead(of_three_axes(), asked),
    "jit": jitted,
    "x64": answer,
    "bfloat16": in_bfloat16,
    "cuda": on_cuda,
    "cuda_float32": in_full_precision,
}
ROUNDED = ("bfloat16", "cuda")
"""Which have fewer digits than the dtype that they are asked in."""
ON_REQUEST = ("cuda", "bfloat16")
"""How variants begin that are asked only where they are named: few machines have the device, and
answers of bfloat16 have its rounding where they are not exact. `cuda` is JAX with its own settings,
which round the factors of float32 products."""
ENVIRONMENT = {
    "": {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "0", "MALLOC_PERTURB_": "85"},
    "x64": {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1", "MALLOC_PERTURB_": "85"},
    "cuda": {"JAX_PLATFORMS": "cuda,cpu", "JAX_ENABLE_X64": "1"},
    "cuda_float32": {"JAX_PLATFORMS": "cuda,cpu", "JAX_ENABLE_X64": "1"},
}
"""Left to itself, JAX makes float32 of float64."""
