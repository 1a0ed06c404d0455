"""What lies beside a submission: its helpers, other people's submissions, and links to anywhere."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from submitted import AFFINE, HONEST, check_text, layercheck

from layercheck.submissions import reading
from layercheck.submissions.sources import Sources

COPIES = "import alice\n\n\ndef relu_forward(x):\n    return alice.relu_forward(x)\n"
COPIES += "\n\ndef relu_backward(dout, cache):\n    return alice.relu_backward(dout, cache)\n"
HELPED = HONEST.replace("import numpy as np\n", "import numpy as np\nfrom tools import twice\n", 1)
HELPED = HELPED.replace("np.maximum(", "0.5 * twice(")
TOOLS = "import numpy as np\n\n\ndef twice(*of):\n    return 2 * np.maximum(*of)\n"


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "summary.csv").open() as file:
        return {Path(row["subject"]).name: row for row in csv.DictReader(file)}


def judged(folder: Path, **files: str) -> dict[str, dict[str, str]]:
    """The rows of these files, judged together."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    layercheck("check", str(folder), "--out", str(folder / "out"), "--op", "relu")
    return rows(folder / "out")


def test_no_submission_gets_anothers_functions(tmp_path: Path) -> None:
    """By itself it may: whoever checks it so says that they belong together."""
    found = judged(tmp_path, alice=HONEST, bob=COPIES)
    assert found["alice.py"]["passed"] == "True"
    assert found["bob.py"]["passed"] == "False"
    told = (tmp_path / "out" / "bob-py.json").read_text()
    assert "of several submissions none gets another's" in told
    assert layercheck("check", str(tmp_path / "bob.py"), "--op", "relu").returncode == 0


def test_a_helper_is_had_though_it_lies_among_them(tmp_path: Path) -> None:
    found = judged(tmp_path, tools=TOOLS, carol=HELPED, dora=HELPED)
    assert [found[f"{name}.py"]["passed"] for name in ("carol", "dora")] == ["True"] * 2


def test_nor_those_that_lie_below_it(tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "hw.py").write_text(HONEST)
    found = judged(
        tmp_path, bob=COPIES.replace("alice", "hw").replace("import hw", "from alice import hw")
    )
    assert found["bob.py"]["passed"] == "False"


def test_a_link_is_no_submission(tmp_path: Path) -> None:
    """Nor does it change what the others' reports are called."""
    (tmp_path / "secret.txt").write_text("the key = 1234 or so\n")
    (tmp_path / "them").mkdir()
    (tmp_path / "them" / "leak.py").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "them" / "mallory.py").symlink_to("alice.py")
    found = judged(tmp_path / "them", alice=HONEST)
    assert found["alice.py"]["passed"] == "True"
    for name in ("leak.py", "mallory.py"):
        assert "is a link to" in found[name]["problem"]
        assert "1234" not in found[name]["problem"]
    assert (tmp_path / "them" / "out" / "alice-py.json").exists()


def test_what_takes_a_files_place_as_a_link_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the look at it."""
    (tmp_path / "secret.py").write_text("KEY = 1234\n")
    (tmp_path / "hw.py").symlink_to("secret.py")
    monkeypatch.setattr(Path, "is_symlink", lambda _: False)
    with pytest.raises(reading.UsageError, match="is no regular file"):
        Sources(tmp_path / "hw.py").own()


def test_a_helper_behind_a_link_that_leads_out_is_none(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "tools.py").symlink_to(tmp_path / "tools.py")
    assert Sources(tmp_path / "theirs" / "hw.py").helper("tools") is None
    assert Sources(tmp_path / "hw.py").helper("tools") == TOOLS.encode()


def test_so_many_helpers_are_read_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_HELPERS", 3)
    for number in range(9):
        (tmp_path / f"h{number}.py").write_text(f"import h{number + 1}\n")
    report = check_text(f"import h0\n{HONEST}{AFFINE}", tmp_path)
    assert len([name for name, mark in report.manifest.sources.items() if mark]) == 1 + 3
