"""What the grids try of log_softmax: what they try of softmax."""

from __future__ import annotations

from .softmax import SPACE

__all__ = ["SPACE"]
