"""A class that is taken for another one is told, and where; what is wrong of one class otherwise,
or of one sample, is not told so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from submitted import check_of, check_text

from layercheck.diagnosis.relations.changes import of_class

LOSS = """
import numpy as np

def softmax_loss(x, y):
    N, C = x.shape
    rows = np.arange(N)
    {before}
    z = x - x.max(axis=1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dx = np.exp(logs)
    dx[rows, y] -= 1
    each = -logs[rows, y]
    {after}
    return each.mean(), dx / N
"""


def told(folder: Path, before: str = "", after: str = "") -> tuple[str, str]:
    """Where it fails, and why."""
    text = LOSS.format(before=before, after=after)
    check = check_of(check_text(text, folder, ops=("softmax_cross_entropy",)), "softmax_loss")
    assert not check.passed
    where = " ".join(one.text for one in check.diagnoses if one.is_condition)
    return where, " ".join(one.text for one in check.diagnoses if not one.is_condition)


@pytest.mark.parametrize(
    ("before", "fails_where", "says"),
    [
        ("y = np.maximum(y, min(1, C - 1))", "label 0", "label 0 taken for label 1"),
        (
            "y = np.minimum(y, max(C - 2, 0))",
            "the last label",
            "the last label taken for the one before",
        ),
    ],
)
def test_a_class_taken_for_another_is_told(
    tmp_path: Path, before: str, fails_where: str, says: str
) -> None:
    where, why = told(tmp_path, before)
    assert f" where some samples have {fails_where}, passes in" in where
    assert f"out equals what the layer gives for {says}." in why


def test_a_class_that_counts_double_is_not_taken_for_another(tmp_path: Path) -> None:
    where, why = told(tmp_path, after="each = np.where(y == 0, 2 * each, each)")
    assert " where some samples have label 0, passes in" in where
    assert "taken for" not in why


def test_the_first_sample_is_no_class(tmp_path: Path) -> None:
    where, why = told(tmp_path, before="y = np.where(rows == 0, (y + 1) % C, y)")
    assert "label" not in where
    assert "taken for" not in why


@pytest.mark.parametrize("channels", [0, 3])
def test_images_are_no_labels(channels: int) -> None:
    """concat's y is an image, which may be empty."""
    images = {"x": np.zeros((2, channels, 3, 3)), "y": np.zeros((2, 2, 3, 3))}
    with pytest.raises(ValueError, match="no label 0"):
        of_class(0, 1)(images, np.zeros(1))
