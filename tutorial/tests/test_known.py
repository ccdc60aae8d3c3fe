"""What is known is what was noted under all that it depends on."""

import os
import time
from pathlib import Path

from tutorial.known import A_MONTH, Known


def test_an_outcome_is_recalled_under_the_same_parts(tmp_path: Path) -> None:
    known = Known(tmp_path / "known")
    key = known.key("run", {"a.py": "1", "b.py": "2"})
    assert known.recall(key) is None
    known.note(key, "passed")
    assert known.recall(known.key("run", {"b.py": "2", "a.py": "1"})) == "passed"


def test_another_part_is_another_outcome(tmp_path: Path) -> None:
    known = Known(tmp_path / "known")
    known.note(known.key("run", {"a.py": "1"}), "passed")
    assert known.recall(known.key("run", {"a.py": "2"})) is None
    assert known.recall(known.key("run", {"b.py": "1"})) is None
    assert known.recall(known.key("walk", {"a.py": "1"})) is None


def test_outcomes_are_noted_without_being_recalled(tmp_path: Path) -> None:
    forgetful = Known(tmp_path, remember=False)
    forgetful.note("key", "passed")
    assert forgetful.recall("key") is None
    assert Known(tmp_path).recall("key") == "passed"


def test_an_outcome_that_is_unused_for_a_month_is_forgotten(tmp_path: Path) -> None:
    known = Known(tmp_path)
    long_ago = time.time() - A_MONTH - 1
    for key in ("asked for", "left alone"):
        known.note(key, "passed")
    for key in ("asked for", "left alone"):
        os.utime(tmp_path / key, (long_ago, long_ago))
    known.recall("asked for")
    known.note("new", "passed")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["asked for", "new"]
