"""Beside each chapter's page lies its Markdown, with listings and outputs filled in."""

from pathlib import Path

from tutorial.published import publish
from tutorial.tests.conftest import Shelf


def test_a_chapter_as_markdown_holds_what_the_page_shows(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "tutorial").mkdir()
    assert publish(shelf.book(), tmp_path) == "2 chapters as Markdown, and llms.txt"

    text = (tmp_path / "tutorial/01-shelf.md").read_text()
    assert "`tests/test_shelf.py" in text
    assert "```python\n" in text
    assert "1 failed" in text
    assert "[include" not in text
    assert "(tutorial/01-shelf.md)" in (tmp_path / "llms.txt").read_text()
