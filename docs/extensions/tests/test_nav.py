"""The navigation lists the tutorial as its chapters are: by part, in order, by number and title."""

import itertools
from typing import Any

from mkdocs.utils.yaml import yaml_load

from tutorial.book import ROOT, Book


def test_the_navigation_follows_the_chapters() -> None:
    nav: list[Any] = yaml_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    learn = next(each["Learn"] for each in nav if "Learn" in each)
    chapters = Book(ROOT).chapters
    assert [each for each in learn if not isinstance(each, str)] == [
        {part: [{f"{one.number} {one.title}": one.page} for one in ones]}
        for part, ones in itertools.groupby(chapters, key=lambda chapter: chapter.part)
    ]


def test_each_chapter_has_a_page_of_its_whole_code() -> None:
    pages = {page.stem for page in (ROOT / "docs/tutorial/code").glob("*.md")}
    assert pages == {chapter.name for chapter in Book(ROOT).chapters}
