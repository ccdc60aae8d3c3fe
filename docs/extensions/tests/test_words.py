"""A word that the field does not use is named with its place, unless the list lets it stay."""

import subprocess
from pathlib import Path

import pytest

from docs.extensions.words import Found, identifiers, judged, main, prose

CODE = '''
class HttpDoor:
    """Behind it."""

    patience: float = 1.0

    def drive(self, seat_of, *, on):
        for line in self.lines_of_it:
            self.asked, online = line, on
        match on:
            case [*said]:
                pass

async def test_the_seat_is_refused(): ...
'''
NAMES = {
    ("door", "HttpDoor", 2),
    ("patience", "patience", 5),
    ("drive", "drive", 7),
    ("seat", "seat_of", 7),
    ("on", "on", 7),
    ("line", "line", 8),
    ("asked", "asked", 9),
    ("said", "said", 11),
    ("seat", "test_the_seat_is_refused", 14),
}


def test_identifiers_are_judged_where_they_are_bound() -> None:
    found = {(each.word, each.name, each.line) for each in identifiers("bench/x.py", CODE)}
    assert found == NAMES


def test_a_module_is_judged_by_its_own_name() -> None:
    [found] = identifiers("messagebus/agenda.py", "")
    assert found == Found("agenda", "messagebus/agenda.py", "agenda", 1)


@pytest.mark.parametrize(
    "text",
    [
        '"""The sync door has no loop."""',
        "raise ValueError('the seat is taken')",
        "# in both colours",
        "The Twins stand on a page.",
    ],
)
def test_prose_is_judged_in_docstrings_errors_comments_and_pages(text: str) -> None:
    assert len([*prose("docs/index.md", text)]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "outdoors, deskbound, a hopeful seating",
        "`desk` as code",
        "background-color: red",
        "[step agenda]",
        'slug = "twins"',
        "A line is refused once, and said so.",
    ],
)
def test_ordinary_words_code_and_a_chapter_s_steps_pass(text: str) -> None:
    assert [*prose("docs/index.md", text)] == []


DOOR = Found("door", "tutorial/chapters/02-bus/bus/tests/test_bus.py", "door", 3)


def test_a_word_that_no_entry_lets_stay_is_wrong() -> None:
    assert judged([DOOR], {}) == [
        "tutorial/chapters/02-bus/bus/tests/test_bus.py:3: 'door' in door is not a word of the "
        "field. Say async or sync variant, or entrypoint; docs/extensions/words.toml has those "
        "that stay."
    ]


@pytest.mark.parametrize("place", ["tests/*", "tests/test_bus.py", "tests/test_bus.py:door"])
def test_an_entry_lets_a_copy_of_its_file_stay(place: str) -> None:
    assert judged([DOOR], {"door": {place: "the door of the house"}}) == []


@pytest.mark.parametrize(
    ("word", "place"), [("door", "tests/test_bus.py:doorway"), ("desk", "tests/*")]
)
def test_an_entry_that_matches_nothing_is_wrong(word: str, place: str) -> None:
    wrong = judged([DOOR], {word: {place: "the door of the house"}})
    assert wrong[1:] == [
        f"docs/extensions/words.toml: {word!r} no longer stands at {place}. Delete the entry."
    ]


def test_the_repository_uses_the_field_s_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().out


def test_a_new_word_in_a_repository_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs/extensions").mkdir(parents=True)
    (tmp_path / "docs/extensions/words.toml").write_text("")
    (tmp_path / "docs/page.md").write_text("# Two doors\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert main(tmp_path) == 1
    assert "docs/page.md:1: 'door' is not a word of the field" in capsys.readouterr().out
