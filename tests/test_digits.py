"""The example on real digits, and the reader of MNIST's files on made-up ones."""

from __future__ import annotations

import gzip
import importlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import required

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def idx(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module("idx")


@pytest.fixture
def digits(idx: Any) -> Any:
    return importlib.import_module("digits")


def content(values: Any, code: int = 8) -> bytes:
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, code, values.ndim, *values.shape)
    return head + values.tobytes()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_reads_what_was_written(idx: Any, packed: bool, tmp_path: Path) -> None:
    images = np.arange(2 * 3 * 5, dtype=">u1").reshape(2, 3, 5)
    path = tmp_path / ("images.gz" if packed else "images")
    path.write_bytes(gzip.compress(content(images)) if packed else content(images))
    read = idx.read_idx(path)
    assert read.dtype == np.uint8
    assert np.array_equal(read, images)


@pytest.mark.parametrize(
    ("code", "dtype"), [(9, ">i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]
)
def test_reads_big_endian_numbers_of_every_kind(
    idx: Any, code: int, dtype: str, tmp_path: Path
) -> None:
    values = np.array([-3, 0, 100], dtype)
    (tmp_path / "values").write_bytes(content(values, code))
    read = idx.read_idx(tmp_path / "values")
    assert read.dtype.isnative
    assert read.dtype == values.dtype.newbyteorder("=")
    assert read.tolist() == [-3, 0, 100]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: b"", "magic number"),
        (lambda c: b"PK\x03\x04" + c[4:], "magic number"),
        (lambda c: c[:2] + b"\x01" + c[3:], "magic number"),
        (lambda c: c[:9], "3 sizes"),
        (lambda c: c[:-1], "45 bytes, expected 46"),
        (lambda c: c + b"\0", "47 bytes, expected 46"),
    ],
)
def test_refuses_what_is_no_idx_file(idx: Any, damage: Any, message: str, tmp_path: Path) -> None:
    whole = content(np.zeros((2, 3, 5), ">u1"))
    (tmp_path / "images").write_bytes(damage(whole))
    with pytest.raises(ValueError, match=message):
        idx.read_idx(tmp_path / "images")


def test_mnist_files_are_found_and_normalized(digits: Any, tmp_path: Path) -> None:
    rs = np.random.RandomState(0)
    for part, n in (("train", 6), ("t10k", 4)):
        images = rs.randint(256, size=(n, 28, 28)).astype(">u1")
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(content(images))
        labels = gzip.compress(content(np.arange(n).astype(">u1")))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(labels)
    train, test = digits.mnist(tmp_path)
    assert train[0].shape == (6, 1, 28, 28)
    assert train[0].dtype == np.float32
    assert test[1].tolist() == [0, 1, 2, 3]
    result = digits.train("lenet5", digits.Digits(train, test), epochs=1, tell=lambda line: None)
    assert len(result.solver.loss_history) == 1


def test_a_missing_file_is_told(digits: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="neither train-images-idx3-ubyte nor"):
        digits.mnist(tmp_path)


@pytest.mark.parametrize("name", ["three_layer_conv_net", "lenet5"])
def test_real_digits_are_learnt(digits: Any, name: str, tmp_path: Path) -> None:
    required("sklearn")
    told: list[str] = []
    result = digits.train(name, digits.shipped_digits(), epochs=20, tell=told.append)
    assert result.test_accuracy >= 0.97
    assert len(told) == 20
    required("matplotlib")
    for path in digits.draw(result, tmp_path):
        assert path.read_bytes().startswith(b"\x89PNG")


def test_train_and_test_share_no_sample(digits: Any) -> None:
    required("sklearn")
    train, test = digits.shipped_digits()
    assert len(train[1]) + len(test[1]) == 1797
    own = {image.tobytes() for image in test[0]}
    assert not own & {image.tobytes() for image in train[0]}
