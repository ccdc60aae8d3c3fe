"""A promise has a step and a test, or the check says which of them is not there."""

import pytest

from tutorial.errors import TutorialError
from tutorial.promises import promised, table
from tutorial.tests.conftest import Shelf

STEP = "01-shelf/add"
TEST = "tests/test_shelf.py::test_a_book_stands_on_the_shelf"


def promise(shelf: Shelf, step: str, test: str) -> None:
    line = f'"It counts." = {{ step = "{step}", test = "{test}" }}'
    (shelf.root / "tutorial/promises.toml").write_text(f'["Shelves"]\n{line}\n')


def test_a_promise_that_is_told_and_tested_is_shown(shelf: Shelf) -> None:
    promise(shelf, STEP, TEST)
    assert shelf.checked() == []
    shown = table(shelf.book())
    assert "- It counts." in shown
    assert [row for row in shown if row.startswith("    [1 ") and "step *add*" in row]


def test_a_step_that_no_chapter_has_is_named(shelf: Shelf) -> None:
    promise(shelf, "09-elsewhere/count", TEST)
    assert "no chapter has a step 09-elsewhere/count" in shelf.checked()[0]


def test_a_test_that_was_renamed_is_named(shelf: Shelf) -> None:
    promise(shelf, STEP, f"{TEST}_twice")
    assert f"there is no test {TEST}_twice" in shelf.checked()[0]


def test_a_promise_without_a_test_is_refused(shelf: Shelf) -> None:
    (shelf.root / "tutorial/promises.toml").write_text(
        '["Shelves"]\n"It counts." = { step = "x" }\n'
    )
    with pytest.raises(TutorialError, match="Field required"):
        promised(shelf.book())
