"""Derived pages say what the code says."""

from pathlib import Path

import pytest

from docs.extensions import derived
from reading_club.config import Settings
from tutorial.book import Book


@pytest.mark.parametrize("file", derived.derived(), ids=lambda file: file.name)
def test_a_derived_page_is_what_the_code_says(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == derived.derived()[file], derived.REMEDY


def test_each_message_has_its_raiser_and_its_chapter() -> None:
    text = derived.catalogue(Book())
    for part in ("`book.register_book`", "`review.review_book`", "[chapter 6,", "[chapter 7,"):
        assert part in text


def test_each_setting_is_explained() -> None:
    lines = derived.settings().splitlines()
    assert len(lines) == len(Settings.model_fields) + 1
    assert all(line.count("default") and not line.endswith("<br>") for line in lines)
