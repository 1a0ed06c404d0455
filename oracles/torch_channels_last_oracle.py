"""torch.nn.functional on images that lie in memory as NHWC, its faster layout."""

from __future__ import annotations

import torch

from . import torch_oracle
from .oracle import Answer, Array, Question

versions = torch_oracle.versions


def answer(question: Question) -> Answer:
    """As the torch oracle, with every 4-D array in channels-last memory."""
    return torch_oracle.answer(question, _channels_last)


def _channels_last(value: Array) -> torch.Tensor:
    if value.ndim != 4:
        return torch.tensor(value)
    given = torch.tensor(value).permute(0, 2, 3, 1)
    return torch.empty(given.shape, dtype=given.dtype).copy_(given).permute(0, 3, 1, 2)
