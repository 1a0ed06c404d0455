"""A framework may add in another order each time: that is told, and is no failure by itself."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import layercheck

torch = pytest.importorskip("torch")


class Summed(torch.nn.Linear):  # type: ignore[misc]
    """Adds the products of a row in another order at each call, as threads do it; off: by how much
    the answer grows each time."""

    off = 0.0

    def forward(self, x: Any) -> Any:
        if not hasattr(self, "calls"):
            self.calls = itertools.count()
        call = next(self.calls)
        places = list(range(x.shape[1]))
        turned = places[call % len(places) :] + places[: call % len(places)]
        out = sum(x[:, k : k + 1] * self.weight[:, k] for k in turned)
        return out + self.bias + self.off * call


def test_other_last_bits_each_time_are_noted() -> None:
    report = layercheck.check(Summed(7, 4))
    assert report.passed, report.text()
    assert "its last bits are other ones each time" in report.text()


def test_other_numbers_each_time_fail() -> None:
    module = Summed(7, 4)
    module.off = 1e-3
    report = layercheck.check(module)
    assert not report.passed
