"""A right layer passes in every form that is planted: what is found in one is the mistake's."""

from __future__ import annotations

import pytest

from layercheck.upkeep.diagnosed import Asked
from layercheck.upkeep.nearby import layer_of
from layercheck.upkeep.planted import planted_layer

FORMS = [
    ("affine", "functional"),
    ("affine", "class"),
    ("add", "functional"),
    ("log_softmax", "class"),
    ("softmax", "class"),
    ("max_pool", "class"),
    ("relu", "course"),
]
"""A square weight, an empty cache, an axis that the constructor takes, and plain ones."""


@pytest.mark.parametrize(("op", "form"), FORMS)
def test_a_right_layer_passes(op: str, form: str) -> None:
    asked = Asked.of(layer_of(planted_layer(op, [], "vectorised", form), op))
    assert asked.outcomes
    for name, parts in asked.layer.functions():
        assert asked.failing(parts) == [], name
