"""What people get wrong in dropout."""

from __future__ import annotations

from typing import Any

from ref_layers.dropout import Cache, drawn, dropout, dropout_backward, scaled
from ref_layers.op import Array


def scaled_by_p(x: Array, mask: Any = None, *, p: float = 0.5, **named: Any) -> Any:
    """What is kept is divided by p, the probability to drop. Divide by 1 - p, that to keep."""
    out, cache = dropout(x, mask, p=p, **named)
    return out * (1 - p) / p, cache


def not_scaled(x: Array, mask: Any = None, *, p: float = 0.5, **named: Any) -> Any:
    """What is kept is not scaled, so that the mean shrinks. Divide by 1 - p."""
    out, cache = dropout(x, mask, p=p, **named)
    return out * (1 - p), cache


def scaled_twice(x: Array, mask: Any = None, *, p: float = 0.5, **named: Any) -> Any:
    """What is kept is divided by 1 - p twice, in the mask and in the output. Once is enough."""
    out, cache = dropout(x, mask, p=p, **named)
    return out / (1 - p), cache


def mask_inverted(x: Array, mask: Any = None, *, p: float = 0.5, **named: Any) -> Any:
    """What the mask keeps is dropped. 1 in the mask keeps an element."""
    _, cache = dropout(x, mask, p=p, **named)
    return scaled(x, 1 - cache.mask, p) if cache.mask is not None else x.copy(), cache


def kept_with_probability_p(
    x: Array, mask: Any = None, *, p: float = 0.5, mask_seed: int = 0, **named: Any
) -> Any:
    """The drawn mask keeps an element with probability p, which is that to drop it. Keep where the
    uniform number is at least p."""
    right, cache = dropout(x, mask, p=p, mask_seed=mask_seed, **named)
    is_drawn = mask is None and named.get("training", True)
    return (scaled(x, 1 - drawn(x, p, mask_seed), p) if is_drawn else right), cache


def one_mask_for_all_samples(x: Array, mask: Any = None, *, p: float = 0.5, **named: Any) -> Any:
    """The first sample's mask is used for the whole batch. Every element has its own."""
    _, cache = dropout(x, mask, p=p, **named)
    return (x.copy() if cache.mask is None else scaled(x, cache.mask[:1], p)), cache


def seed_ignored(x: Array, mask: Any = None, *, mask_seed: int = 0, **named: Any) -> Any:
    """A given seed does not decide the mask. Draw it from a RandomState of that seed."""
    return dropout(x, mask, mask_seed=mask_seed + 1, **named)


def dx_without_the_mask(dout: Array, cache: Cache) -> Any:
    """The mask is missing in backward. What was dropped gets no gradient."""
    return dout / (1 - cache.p)


def dx_not_scaled(dout: Array, cache: Cache) -> Any:
    """dx is not scaled. Divide by 1 - p, as forward did."""
    return dropout_backward(dout, cache) * (1 - cache.p)


def dx_with_a_new_mask(dout: Array, cache: Cache) -> Any:
    """Backward draws a new mask. Keep forward's in the cache."""
    return scaled(dout, drawn(dout, cache.p, 99), cache.p)


def mask_inferred_from_the_output(x: Array, mask: Any = None, **named: Any) -> Any:
    """Backward takes the mask to be where the output is not 0, which drops what was 0 already. Keep
    the mask itself in the cache."""
    out, cache = dropout(x, mask, **named)
    return out, cache._replace(mask=(out != 0).astype(x.dtype))


def active_at_test_time(x: Array, mask: Any = None, **named: Any) -> Any:
    """Elements are dropped at test time too. With training=False return x as it is."""
    return dropout(x, mask, **{**named, "training": True})


def scaled_at_test_time(x: Array, mask: Any = None, *, p: float = 0.5, **named: Any) -> Any:
    """x is scaled by 1 - p at test time, where training has divided already. Inverted dropout is
    the identity then."""
    out, cache = dropout(x, mask, p=p, **named)
    return (out if named.get("training", True) else out * (1 - p)), cache


def masked_in_place(x: Array, mask: Any = None, **named: Any) -> Any:
    """x itself is masked and scaled, in the caller's array. Work on a copy."""
    out, cache = dropout(x, mask, **named)
    if named.get("training", True):
        x[...] = out
    return out, cache


def dx_scaled_twice(dout: Array, cache: Cache) -> Any:
    """dx is divided by 1 - p twice: the mask has been already. Once is enough."""
    return dropout_backward(dout, cache) / (1 if cache.mask is None else 1 - cache.p)


def dx_scaled_by_p(dout: Array, cache: Cache) -> Any:
    """What is kept of dx is divided by p, the probability to drop. Divide by 1 - p."""
    dx = dropout_backward(dout, cache)
    return dx if cache.mask is None else dx * (1 - cache.p) / cache.p
