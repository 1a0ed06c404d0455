"""One step of training: pure functions `w, state = sgd(w, dw, state, learning_rate=...)`.

state: None before the first step, then what the function returned, a dict of arrays and ints.
Nothing is changed in place. Where torch.optim and tf.keras.optimizers differ, an attribute chooses;
the defaults are torch's. docs/optimizers.md lists the differences.

Every function has
weight_decay: the factor of the L2 penalty's gradient. decoupled: the decay shrinks w by
learning_rate * weight_decay before the step (AdamW, Keras everywhere) in place of being added to dw
(torch's other optimizers).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .op import Array

State = dict[str, Any]
Step = tuple[Array, State]
Optimizer = Callable[..., Step]
Schedule = Callable[[int], float]


def sgd(
    w: Array,
    dw: Array,
    state: State | None = None,
    *,
    learning_rate: float = 1e-2,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Step:
    """w - learning_rate * dw.

    >>> sgd(np.array([1.0]), np.array([0.5]), learning_rate=0.5)
    (array([0.75]), {})
    """
    w, dw = decay(w, dw, learning_rate, weight_decay, decoupled)
    return w - learning_rate * dw, {}


def momentum(
    w: Array,
    dw: Array,
    state: State | None = None,
    *,
    learning_rate: float = 1e-2,
    momentum: float = 0.9,
    dampening: float = 0.0,
    rate_in_velocity: bool = False,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Step:
    """velocity = momentum * velocity + (1 - dampening) * dw; w - learning_rate * velocity.

    rate_in_velocity: the velocity gathers learning_rate * dw and w - velocity follows (Keras,
    CS231n): a later change of the rate leaves the velocity's past as it is. dampening: torch's;
    the first velocity is dw itself.
    Source: Sutskever et al., On the importance of initialization and momentum, 2013.
    """
    w, dw = decay(w, dw, learning_rate, weight_decay, decoupled)
    rate = 1.0 if rate_in_velocity else learning_rate
    dw = learning_rate * dw if rate_in_velocity else dw
    velocity = accelerated(dw, state, momentum, dampening)
    return w - rate * velocity, {"velocity": velocity}


def nesterov(
    w: Array,
    dw: Array,
    state: State | None = None,
    *,
    learning_rate: float = 1e-2,
    momentum: float = 0.9,
    rate_in_velocity: bool = False,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Step:
    """velocity as in `momentum`; w - learning_rate * (dw + momentum * velocity).

    Source: Bengio, Boulanger-Lewandowski and Pascanu, Advances in optimizing recurrent networks,
    2012, equation 7.
    """
    w, dw = decay(w, dw, learning_rate, weight_decay, decoupled)
    rate = 1.0 if rate_in_velocity else learning_rate
    dw = learning_rate * dw if rate_in_velocity else dw
    velocity = accelerated(dw, state, momentum, 0.0)
    return w - rate * (dw + momentum * velocity), {"velocity": velocity}


def rmsprop(
    w: Array,
    dw: Array,
    state: State | None = None,
    *,
    learning_rate: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    eps_inside_root: bool = False,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Step:
    """square = alpha * square + (1 - alpha) * dw^2; w - learning_rate * dw / (sqrt(square) + eps).

    eps_inside_root: the divisor is sqrt(square + eps) (Keras).
    Source: Tieleman and Hinton, Lecture 6.5: rmsprop, 2012.
    """
    w, dw = decay(w, dw, learning_rate, weight_decay, decoupled)
    old = np.zeros_like(w) if state is None else state["square"]
    square = alpha * old + (1 - alpha) * (dw * dw)
    return w - learning_rate * dw / root(square, eps, eps_inside_root), {"square": square}


def adagrad(
    w: Array,
    dw: Array,
    state: State | None = None,
    *,
    learning_rate: float = 1e-2,
    initial_accumulator: float = 0.0,
    eps: float = 1e-10,
    eps_inside_root: bool = False,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Step:
    """square = square + dw^2; w - learning_rate * dw / (sqrt(square) + eps).

    initial_accumulator: where square starts: 0 (torch), 0.1 (Keras). eps_inside_root: the divisor
    is sqrt(square + eps) (Keras).
    Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011, figure 1.
    """
    w, dw = decay(w, dw, learning_rate, weight_decay, decoupled)
    square = np.zeros_like(w) + initial_accumulator if state is None else state["square"]
    square = square + dw * dw
    return w - learning_rate * dw / root(square, eps, eps_inside_root), {"square": square}


def adam(
    w: Array,
    dw: Array,
    state: State | None = None,
    *,
    learning_rate: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    eps_before_correction: bool = False,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Step:
    """w - learning_rate * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps).

    m = beta1 * m + (1 - beta1) * dw; v = beta2 * v + (1 - beta2) * dw^2; t counts steps from 1.
    eps_before_correction: eps is added to sqrt(v), before the division by 1 - beta2^t (Keras), so
    that it weighs more in the first steps.
    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, algorithm 1; with
    eps_before_correction the form at the end of its section 2.
    """
    w, dw = decay(w, dw, learning_rate, weight_decay, decoupled)
    beta1, beta2 = betas
    old = state or {"m": np.zeros_like(w), "v": np.zeros_like(w), "step": 0}
    step = old["step"] + 1
    m = beta1 * old["m"] + (1 - beta1) * dw
    v = beta2 * old["v"] + (1 - beta2) * (dw * dw)
    size = (1 - beta2**step) ** 0.5
    divisor = (np.sqrt(v) + eps) / size if eps_before_correction else np.sqrt(v) / size + eps
    return w - learning_rate / (1 - beta1**step) * m / divisor, {"m": m, "v": v, "step": step}


def adamw(
    w: Array, dw: Array, state: State | None = None, *, weight_decay: float = 1e-2, **adams: Any
) -> Step:
    """`adam` with decoupled weight decay; its other attributes are adam's.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019, algorithm 2.
    """
    return adam(w, dw, state, weight_decay=weight_decay, decoupled=True, **adams)


def decay(
    w: Array, dw: Array, learning_rate: float, weight_decay: float, decoupled: bool
) -> tuple[Array, Array]:
    """(w, dw) with the weight decay in one of them."""
    if decoupled:
        return w - learning_rate * weight_decay * w, dw
    return w, dw + weight_decay * w


def accelerated(dw: Array, state: State | None, momentum: float, dampening: float) -> Array:
    """The velocity after this step; before the first one there is none."""
    if state is None:
        return dw
    velocity: Array = momentum * state["velocity"] + (1 - dampening) * dw
    return velocity


def root(square: Array, eps: float, inside: bool) -> Array:
    """sqrt(square + eps), or sqrt(square) + eps."""
    divisor: Array = np.sqrt(square + eps) if inside else np.sqrt(square) + eps
    return divisor


# ---------------------------------------------------------------------- learning-rate decay


def exponential_decay(
    step: int, *, learning_rate: float, factor: float, every: int = 1, staircase: bool = False
) -> float:
    """learning_rate * factor^(step / every); staircase: the exponent is rounded down.

    step counts from 0. torch's ExponentialLR and StepLR, Keras's ExponentialDecay.

    >>> exponential_decay(5, learning_rate=1.0, factor=0.5, every=2, staircase=True)
    0.25
    """
    return float(learning_rate * factor ** (step // every if staircase else step / every))


def inverse_time_decay(step: int, *, learning_rate: float, factor: float, every: int = 1) -> float:
    """learning_rate / (1 + factor * step / every): Keras's InverseTimeDecay, Adagrad's lr_decay in
    torch.
    """
    return learning_rate / (1 + factor * (step / every))


def cosine_decay(step: int, *, learning_rate: float, steps: int, least: float = 0.0) -> float:
    """From learning_rate down to `least` over half a cosine wave; `least` from `steps` on.

    Keras's CosineDecay, torch's CosineAnnealingLR (which rises again after `steps`).
    Source: Loshchilov and Hutter, SGDR, 2017, equation 5.
    """
    way = (1 + math.cos(math.pi * min(step, steps) / steps)) / 2
    return least + (learning_rate - least) * way
