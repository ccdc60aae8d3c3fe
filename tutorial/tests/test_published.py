"""Beside each chapter's page lies its Markdown, with listings and outputs filled in."""

from pathlib import Path

from tutorial.markdown import Directives
from tutorial.published import publish
from tutorial.tests.conftest import Shelf


def test_a_chapter_as_markdown_holds_what_the_page_shows(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "tutorial").mkdir()
    assert publish(shelf.book(), tmp_path) == "2 chapters as Markdown, and llms.txt"

    text = (tmp_path / "tutorial/01-shelf.md").read_text()
    assert "`tests/test_shelf.py" in text
    assert "`tests/__init__.py · new, empty`" in text
    assert "```python\n" in text
    assert "1 failed" in text
    assert "[include" not in text
    assert "(tutorial/01-shelf.md)" in (tmp_path / "llms.txt").read_text()


def test_a_chapter_as_markdown_holds_the_site_s_own_runs(shelf: Shelf, tmp_path: Path) -> None:
    with_a_run(shelf)
    (tmp_path / "tutorial").mkdir()
    publish(shelf.book(), tmp_path)

    text = (tmp_path / "tutorial/01-shelf.md").read_text()
    assert "```console\n$ shelf\nall there\n```" in text


def test_a_chapter_as_markdown_shows_changes_as_a_diff(shelf: Shelf, tmp_path: Path) -> None:
    shelf.change_a_line()
    (tmp_path / "tutorial").mkdir()
    publish(shelf.book(), tmp_path)

    text = (tmp_path / "tutorial/01-shelf.md").read_text()
    title = "`reading_club/shelf.py · in Shelf.add, replace`"
    rows = ["     def add(self, title: str) -> None:", "-        self.titles.append(title)"]
    added = "+        self.titles.append(title.strip())"
    assert "\n".join([title, "", "```diff", *rows, added, "```"]) in text


def test_the_print_of_all_chapters_holds_the_site_s_own_runs(shelf: Shelf) -> None:
    with_a_run(shelf)
    made = Directives(shelf.book()).page(["[print]"])
    assert "all there" in made
    assert "[run shelf]" not in made


def with_a_run(shelf: Shelf) -> None:
    (shelf.root / "docs/runs").mkdir()
    (shelf.root / "docs/runs/shelf.txt").write_text("$ shelf\nall there\n")
    shelf.edit("docs/tutorial/01-shelf.md", "Nothing is there yet:", "[run shelf]")
