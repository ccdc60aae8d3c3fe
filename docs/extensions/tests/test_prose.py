"""The counts of a page's prose, and the limits that they are held to."""

import subprocess
from pathlib import Path

import pytest

from docs.extensions.prose import Counts, counts, judged, main

PAGE = """---
title: Nobody
---

# Nobody reads a heading

[include somebody.py]

Whoever asks gets `nobody` and [an answer](#anybody){ .somebody }.
Nobody waits. What is it? What it is, the book says.
{ .lead }

| somebody | nobody |
|---|---|

```sh
echo nobody
```

::: messagebus.Nobody
    options:
      heading_level: 3

!!! cost "What nobody paid"

    - **A price.** It is for who pays it, as the book says.
"""


def test_persons_are_counted_in_paragraphs_and_headings_alone() -> None:
    assert counts(PAGE).persons == 5


def test_a_question_is_no_free_relative() -> None:
    assert counts(PAGE).free == 2


def test_sentences_are_of_four_words_and_more_and_outside_of_headings() -> None:
    assert counts(PAGE).lengths == [7, 6, 11]


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("No one knows, and someone asks.", 2),
        ("Who waits, loses.", 1),
        ("It ends: who waits, loses.", 1),
        ("Who waits?", 0),
        ("A reader who waits learns who wrote it.", 0),
    ],
)
def test_who_is_a_person_where_no_noun_goes_before(text: str, persons: int) -> None:
    assert counts(text).persons == persons


LIMITS = {
    "persons-of-a-page": 2,
    "persons-in-10000-words": 10,
    "free-relatives-in-10000-words": 8,
    "median-of-sentences": 16,
}
GOOD = Counts(10_000, 2, 8, [16])
CROWDED = Counts(10_000, 3, 0, [])


def test_a_page_within_the_limits_passes() -> None:
    assert judged({"docs/a.md": GOOD}, LIMITS, []) == []


def test_a_page_above_the_limit_is_wrong_unless_it_is_to_do() -> None:
    assert judged({"docs/a.md": CROWDED}, LIMITS, ["docs/a.md"]) == []
    assert judged({"docs/a.md": CROWDED}, LIMITS, []) == [
        "docs/a.md has 3 indefinite persons (nobody, somebody, whoever, …); the limit is 2. "
        "Name the actor."
    ]


@pytest.mark.parametrize(
    ("path", "says"),
    [("docs/a.md", "docs/a.md is within the limits"), ("docs/b.md", "there is no docs/b.md")],
)
def test_an_entry_that_is_no_longer_needed_is_wrong(path: str, says: str) -> None:
    [wrong] = judged({"docs/a.md": GOOD}, LIMITS, [path])
    assert says in wrong


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("persons-in-10000-words", Counts(1_000, 2, 0, [])),
        ("free-relatives-in-10000-words", Counts(1_000, 0, 1, [])),
        ("median-of-sentences", Counts(1_000, 0, 0, [17])),
    ],
)
def test_the_limits_of_the_site_hold_once_nothing_is_to_do(name: str, more: Counts) -> None:
    [wrong] = judged({"docs/a.md": more}, LIMITS, [])
    assert wrong.startswith(f"the site: {name} is ")
    pages = {"docs/a.md": more, "docs/b.md": CROWDED}
    assert judged(pages, LIMITS, ["docs/b.md"]) == []


def test_the_repository_s_pages_are_within_the_limits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().out


def test_a_page_above_the_limit_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs/extensions").mkdir(parents=True)
    limits = "\n".join(f"{name} = {value}" for name, value in LIMITS.items())
    (tmp_path / "docs/extensions/prose.toml").write_text(f"to-do = []\n[limits]\n{limits}\n")
    (tmp_path / "docs/page.md").write_text("Nobody asks somebody for anybody.\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert main(tmp_path) == 1
    assert "docs/page.md has 3 indefinite persons" in capsys.readouterr().out
