"""Listings show what changes, and lead to exactly the file that the step wants."""

import pytest

from tutorial import collected
from tutorial.captions import read_caption
from tutorial.changes import Mark, Row, applied, is_wide, rows_between
from tutorial.listings import changed_along
from tutorial.pieces import MAX_LINES, Piece, pieces

SIGNS = {Mark.SAME: " ", Mark.NEW: "+", Mark.GONE: "-", Mark.GAP: " "}
OLD = [f"line {number}" for number in range(12)]

FILE = '''\
"""What the club says."""

from typing import Protocol, overload

from messagebus import Event

__all__ = ["Bus", "Post"]

LIMIT = 3


class Bus:
    """Hands on."""

    size: int

    def first(self) -> None:
        self.begin()
        self.count()
        self.end()

    def second(self) -> None:
        self.begin()
        self.count()
        self.end()


class Post:
    """Waits."""
'''


def drawn(rows: list[Row]) -> str:
    return "\n".join(f"{SIGNS[row.mark]}{row.text}".rstrip() for row in rows)


def listed(old: str, new: str, *names: str) -> list[Piece]:
    """The listings of these parts, which a reader follows by their captions and rows alone."""
    made = pieces(old, new, list(names), [])
    typed = old
    for piece in made:
        path, place = read_caption(f"club.py · {piece.place}")
        assert (path, place) == ("club.py", piece.place)
        assert len(piece.rows) <= MAX_LINES
        if place and place.is_change:
            typed = changed_along(typed, place, piece.rows)
            assert typed == piece.text
        typed = piece.text
    return made


def test_a_change_stands_with_two_lines_around_it_and_gaps_are_marked() -> None:
    rows = rows_between(OLD, [*OLD[:5], "another", *OLD[6:]])
    assert drawn(rows) == " …\n line 3\n line 4\n-line 5\n+another\n line 6\n line 7\n …"
    assert not is_wide(rows)


def test_changes_that_are_close_stand_in_one_place() -> None:
    new = [*OLD[:2], "a", *OLD[3:7], "b", *OLD[8:]]
    assert drawn(rows_between(OLD, new)).count("…") == 1
    rows = rows_between(OLD, [*OLD[:5], *OLD[6:8], "another", *OLD[8:]])
    assert [row.text for row in rows].count("line 6") == 1
    assert applied(OLD, rows) == [*OLD[:5], *OLD[6:8], "another", *OLD[8:]]


def test_what_the_rows_show_leads_from_the_old_to_the_new_form() -> None:
    new = ["first", *OLD[:4], *OLD[6:], "last"]
    rows = rows_between(OLD, new)
    assert applied(OLD, rows) == new


def test_lines_that_stand_twice_are_shown_with_more_around_them() -> None:
    old = ["first", "a", "b", "c", "d", "e", "second", "a", "b", "c", "d", "e"]
    new = [*old[:9], "x", *old[10:]]
    rows = rows_between(old, new)
    assert is_wide(rows)
    assert drawn(rows).splitlines()[1] == " second"
    assert applied(old, rows) == new


@pytest.mark.parametrize(
    ("old", "found"),
    [
        (["a", "b", "a", "b"], "2 places have the lines from 'a' on"),
        (["b", "a"], "no place has the lines from 'a' on"),
    ],
)
def test_a_reader_stops_where_the_lines_around_are_not_in_one_place(
    old: list[str], found: str
) -> None:
    rows = [Row(Mark.SAME, "a"), Row(Mark.NEW, "x"), Row(Mark.SAME, "b")]
    with pytest.raises(LookupError, match=found):
        applied(old, rows)


def test_a_caption_names_the_smallest_part_that_holds_the_change() -> None:
    new = FILE.replace("self.count()\n        self.end()\n\n    def", "self.end()\n\n    def")
    for name in ("Bus", "Bus.first"):
        [piece] = listed(FILE, new, name)
        assert str(piece.place) == "in Bus.first, remove"
    assert drawn(piece.rows) == (
        "     def first(self) -> None:\n         self.begin()\n"
        "-        self.count()\n         self.end()"
    )


def test_lines_around_are_looked_for_in_the_named_part_only() -> None:
    new = FILE.replace("self.end()\n\n\n", "self.stop()\n\n\n")
    [piece] = listed(FILE, new, "Bus.second")
    assert str(piece.place) == "in Bus.second, replace"
    assert not is_wide(piece.rows)


def test_imports_show_added_and_removed_names_only() -> None:
    new = FILE.replace("Protocol, overload", "Any, overload").replace("import Event", "import A")
    [piece] = listed(FILE, new, "imports")
    assert str(piece.place) == "change the imports"
    assert drawn(piece.rows) == (
        "-from typing import Protocol\n+from typing import Any\n"
        "-from messagebus import Event\n+from messagebus import A"
    )
    [added] = listed(FILE, FILE.replace("import Event", "import Command, Event"), "imports")
    assert str(added.place) == "add to the imports"
    assert drawn(added.rows) == "+from messagebus import Command"


def test_names_of_all_stand_in_one_line() -> None:
    new = FILE.replace('["Bus", "Post"]', '["Box", "Bus", "Card"]')
    [piece] = listed(FILE, new, "__all__")
    assert str(piece.place) == "change __all__"
    assert drawn(piece.rows) == '-"Post",\n+"Box", "Card",'


def test_imports_are_put_in_order_and_broken_as_ruff_does() -> None:
    old = "import re\n\nfrom messagebus import Event"
    more = "from messagebus import " + ", ".join(f"AVeryLongName{n}" for n in range(6))
    rows = [Row(Mark.NEW, "import ast"), Row(Mark.NEW, "import pytest"), Row(Mark.NEW, more)]
    lines = collected.applied(old, rows).splitlines()
    assert lines[:6] == [
        "import ast",
        "import re",
        "",
        "import pytest",
        "",
        "from messagebus import (",
    ]
    assert lines[6:] == [*(f"    AVeryLongName{n}," for n in range(6)), "    Event,", ")"]


def test_a_name_that_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(LookupError, match="the name Event"):
        collected.applied(
            "from messagebus import A", [Row(Mark.GONE, "from messagebus import Event")]
        )


def test_imports_with_comments_are_changed_line_by_line() -> None:
    old = FILE.replace("overload\n", "overload  # typing\n")
    [piece] = listed(old, old.replace("Protocol,", "Any,"), "imports")
    assert str(piece.place) == "in the imports, replace"


def test_a_new_part_is_printed_whole() -> None:
    new = FILE.replace("LIMIT = 3\n", "LIMIT = 3\nMOST = 4\n")
    [piece] = listed(FILE, new, "MOST")
    assert (str(piece.place), drawn(piece.rows)) == ("add after LIMIT", "+MOST = 4")
    new = FILE.replace("    def second", "    def third(self) -> None: ...\n\n    def second")
    [piece] = listed(FILE, new, "Bus.third")
    assert str(piece.place) == "in Bus, add after first"


def test_a_part_that_is_written_anew_is_printed_whole() -> None:
    [piece] = listed(FILE, FILE.replace('"""Waits."""', "a = 1\n    b = 2\n    c = 3"), "Post")
    assert str(piece.place) == "replace Post"
    assert [row.mark for row in piece.rows] == [Mark.SAME, Mark.NEW, Mark.NEW, Mark.NEW]


def test_several_parts_and_whole_files_become_a_listing_for_each_change() -> None:
    new = FILE.replace("LIMIT = 3", "LIMIT = 4").replace("Protocol, ", "")
    new = new.replace("Waits", "Waited")
    parts = ["remove from the imports", "replace LIMIT", "in Post, replace"]
    assert [str(piece.place) for piece in listed(FILE, new)] == parts
    assert listed(FILE, new)[-1].text == new
    new = FILE.replace("LIMIT = 3\n", "LIMIT = 3\nMOST = 4\n").replace("size: int", "size: str")
    [first, second] = listed(FILE, new, "LIMIT", "MOST", "Bus")
    assert [str(first.place), str(second.place)] == ["add after LIMIT", "in Bus, replace"]


def test_what_is_typed_already_needs_no_listing() -> None:
    assert pieces(FILE, FILE, ["Bus"], []) == []
