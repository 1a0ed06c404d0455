"""Asking JAX on the processor: forward and gradients of a question as one program.

XLA compiles for each shape, and that is most of the time: one program takes a fifth of what eager
calls take, and compiled in haste and in one piece a fiftieth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

__all__ = ["Tensor", "ask", "jax", "jnp", "lax"]

from .oracle import Answer, Omitted, Question, Unsupported

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)
Tensor = Any  # jax.Array

IN_HASTE: dict[str, bool | int | str] = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_parallel_codegen_split_count": 1,
    "xla_cpu_use_fusion_emitters": False,
}
"""How XLA compiles what runs once."""


def ask(functions: Mapping[str, Any], question: Question, who: str) -> Answer:
    """Run the function named as the op; gradients of sum(out * dout) by jax.vjp."""
    function = functions.get(question.op)
    if function is None:
        raise Unsupported(f"the {who} oracle has no function {question.op}")
    omitted: dict[str, Omitted] = {}
    program = _program(question, function, omitted)
    held = {name: jnp.asarray(value) for name, value in question.inputs.items()}
    compiled = jax.jit(program).lower(held, question.dout).compile(compiler_options=IN_HASTE)
    named = compiled(held, question.dout)
    return {**{name: np.asarray(value) for name, value in named.items()}, **omitted}


def _program(
    question: Question, function: Callable[..., Any], omitted: dict[str, Omitted]
) -> Callable[..., dict[str, Tensor]]:
    """Inputs and dout to every array by name; what the function leaves out is kept in omitted."""
    wanted = [name for name in question.differentiable if name in question.inputs]

    def program(held: dict[str, Tensor], dout: Tensor) -> dict[str, Tensor]:
        def first(*leaves: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            given = {**held, **dict(zip(wanted, leaves, strict=True))}
            result = function(**given, **question.attributes)
            result = result if isinstance(result, dict) else {"out": result}
            omitted.update({n: v for n, v in result.items() if isinstance(v, Omitted)})
            more = {n: v for n, v in result.items() if n not in omitted}
            return more.pop("out"), more

        out, pull, more = jax.vjp(first, *(held[name] for name in wanted), has_aux=True)
        gradients = pull(dout) if wanted else ()
        named = {f"d{name}": grad for name, grad in zip(wanted, gradients, strict=True)}
        return {"out": out, **more, **named}

    return program
