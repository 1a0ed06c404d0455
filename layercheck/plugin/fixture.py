"""The fixture `layercheck`: the public functions with the settings of this run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from layercheck.api import checking, examples, gradients
from layercheck.api.report import Report

from .settings import settings_of


class Layercheck:
    """What is not said in a call is as the options and `[tool.layercheck]` say."""

    def __init__(self, config: pytest.Config) -> None:
        self.settings = settings_of(config)

    @property
    def _usual(self) -> dict[str, Any]:
        options = self.settings.options
        return {"oracles": options.oracles, "grid": options.grid, "strict": options.strict}

    def check(self, subject: Any = None, /, **given: Any) -> Report:
        """As `layercheck.check`."""
        return checking.check(subject, **{**self._usual, **given})

    def assert_agrees(self, subject: Any, op: str = "", /, **given: Any) -> None:
        """As `layercheck.assert_agrees`."""
        checking.assert_agrees(subject, op, **{**self._usual, **given})

    def cases(self, op: str, **given: Any) -> Iterator[examples.Example]:
        """As `layercheck.cases`."""
        return examples.cases(op, **{"grid": self.settings.grid, **given})

    gradcheck = staticmethod(gradients.gradcheck)
    allclose = staticmethod(examples.allclose)
    assert_close = staticmethod(examples.assert_close)
