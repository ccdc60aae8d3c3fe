"""What `check` refuses, and what it advises."""

import shutil

import pytest

from tutorial.book import Book
from tutorial.errors import TutorialError
from tutorial.tests.conftest import Shelf
from tutorial.told import report

PAGE = "docs/tutorial/01-shelf.md"
CHAPTER = "tutorial/chapters/01-shelf/chapter.toml"


def test_the_untouched_tutorial_is_all_right(shelf: Shelf) -> None:
    assert shelf.checked() == []
    assert report(shelf.book())[-1] == "79 of 79 lines shown: 100 %"


def test_a_line_that_no_page_shows_is_named_with_its_symbol(shelf: Shelf) -> None:
    shelf.edit(PAGE, "[include reading_club/shelf.py#Shelf.add]\n", "")
    assert shelf.checked() == [
        "01-shelf, step add, reading_club/shelf.py, line 10: no listing shows this line: "
        "`def add(self, title: str) -> None:`. "
        "Write [include reading_club/shelf.py#Shelf.add] in this step."
    ]
    assert "  19 of" not in "".join(report(shelf.book()))


def test_folded_panels_show_no_line(shelf: Shelf) -> None:
    shelf.edit(PAGE, "[include reading_club/shelf.py#imports]", "")
    assert "[diff reading_club/shelf.py]" in (shelf.root / PAGE).read_text()
    assert "line 3: no listing shows this line: `from collections.abc" in shelf.checked()[0]


def test_a_file_that_no_page_shows_is_named(shelf: Shelf) -> None:
    shelf.edit(PAGE, "[empty tests/__init__.py]", "")
    assert "tests/__init__.py, line 1: no listing shows this file" in shelf.checked()[0]


def test_an_idle_copy_is_to_be_deleted(shelf: Shelf) -> None:
    copy = shelf.root / "tutorial/chapters/01-shelf/count/reading_club/shelf.py"
    copy.parent.mkdir()
    shutil.copy(shelf.root / "reading_club/shelf.py", copy)
    assert shelf.checked() == [
        "01-shelf, step count, reading_club/shelf.py: the step's copy equals the top level's file. "
        "Delete tutorial/chapters/01-shelf/count/reading_club/shelf.py."
    ]


def test_a_step_that_writes_what_was_there_is_idle(shelf: Shelf) -> None:
    shelf.edit(CHAPTER, '"tests/test_shelf.py"]', '"tests/test_shelf.py", "tests/__init__.py"]')
    [wrong] = shelf.checked()
    assert "tests/__init__.py: the step writes the form that step 01-shelf/add wrote" in wrong


def test_a_copy_that_no_step_writes_is_refused(shelf: Shelf) -> None:
    (shelf.root / "tutorial/chapters/01-shelf/count/notes.py").write_text("")
    assert "step count, notes.py: no step writes this file" in shelf.checked()[0]


def test_a_snippet_that_names_nothing_lists_what_there_is(shelf: Shelf) -> None:
    shelf.edit(PAGE, "#Shelf.add]", "#Shelf.ad]")
    wrong = shelf.checked()[0]
    assert wrong.startswith("docs/tutorial/01-shelf.md:25 [include reading_club/shelf.py#Shelf.ad]")
    assert "it has no Shelf.ad" in wrong
    assert "Shelf.add" in wrong


def test_a_long_listing_is_refused(shelf: Shelf) -> None:
    body = "".join(f"    assert shelf.titles != [{number}]\n" for number in range(40))
    for path in ("tests/test_shelf.py", "tutorial/chapters/01-shelf/add/tests/test_shelf.py"):
        with (shelf.root / path).open("a") as file:
            file.write(f"\n\ndef test_more() -> None:\n    shelf = Shelf()\n{body}")
    assert "is longer than 40 lines. Show its parts" in shelf.checked()[0]


def test_a_part_that_is_no_more_must_be_removed(shelf: Shelf) -> None:
    old = "tutorial/chapters/01-shelf/add/reading_club/shelf.py"
    with (shelf.root / old).open("a") as file:
        file.write("\n\ndef lend() -> None: ...\n")
    shelf.edit(PAGE, "[green]", "[include reading_club/shelf.py#lend]\n\n[green]")
    assert "Write [remove reading_club/shelf.py#lend]" in shelf.checked()[0]
    shelf.edit(PAGE, "#imports]", "#imports]\n[remove reading_club/shelf.py#lend]")
    assert shelf.checked() == []


def test_a_told_file_that_grew_is_to_be_told_or_frozen(shelf: Shelf) -> None:
    shelf.edit(
        "reading_club/shelf.py",
        "    def __len__",
        "    def lend(self) -> None: ...\n\n    def __len__",
    )
    assert "line 15: no listing shows this line: `def lend" in shelf.checked()[0]


def test_a_told_file_that_was_deleted_is_to_be_frozen(shelf: Shelf) -> None:
    (shelf.root / "messagebus/bus.py").unlink()
    [wrong] = shelf.checked()
    assert "02-bus, step bus, messagebus/bus.py: the file is not at the top level" in wrong
    assert "or run python -m tutorial freeze messagebus/bus.py" in wrong


def test_the_core_is_told_as_it_stands_and_never_listed_as_untold(shelf: Shelf) -> None:
    _freeze(shelf, "messagebus/bus.py")
    assert "step 02-bus/bus shows another form than the top level has" in shelf.checked()[0]
    _list(shelf, "messagebus/bus.py")
    assert shelf.checked() == [
        "tutorial/untold.toml, messagebus/bus.py: chapters tell the core, the domain and the "
        "service layer as they stand. Carry the change through the chapters that show it."
    ]


@pytest.mark.parametrize(
    "entry", ["messagebus/new.py", "reading_club/domain/new.py", "reading_club/service/new/"]
)
def test_a_new_file_of_the_core_or_of_the_inner_layers_is_told(shelf: Shelf, entry: str) -> None:
    file = shelf.root / (f"{entry}one.py" if entry.endswith("/") else entry)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("")
    _list(shelf, entry)
    assert f"untold.toml, {entry}: chapters tell the core" in shelf.checked()[0]


def test_untold_takes_no_told_file_but_those_rewritten_before(shelf: Shelf) -> None:
    _freeze(shelf, "reading_club/shelf.py")
    _list(shelf, "reading_club/shelf.py")
    [wrong] = shelf.checked()
    assert "reading_club/shelf.py: a chapter tells this file, and the list takes new" in wrong
    rewritten = shelf.root / "tutorial/rewritten.txt"
    rewritten.write_text("reading_club/shelf.py\n")
    assert shelf.checked() == []
    rewritten.write_text("reading_club/shelf.py\ntests/test_bus.py\n")
    [wrong] = shelf.checked()
    assert "rewritten.txt, tests/test_bus.py: it is told, or no longer told by any" in wrong


def test_a_new_file_is_told_or_untold(shelf: Shelf) -> None:
    (shelf.root / "reading_club/doubles.py").write_text("")
    assert "nothing says which one will" in shelf.checked()[0]
    _list(shelf, "reading_club/doubles.py")
    assert shelf.checked() == []


def test_untold_names_nothing_that_is_told(shelf: Shelf) -> None:
    _list(shelf, "messagebus/bus.py")
    assert shelf.checked() == [
        "tutorial/untold.toml, messagebus/bus.py: it is told. Delete the line."
    ]


def test_steps_keep_their_order_and_show_their_runs(shelf: Shelf) -> None:
    shelf.edit(PAGE, "[red]", "")
    assert (
        "the page shows the runs ['green'], and the step has ['red', 'green']" in shelf.checked()[0]
    )
    shelf.edit(PAGE, "[step count]", "[step add]")
    assert "step add is not the next one" in "".join(shelf.checked())


def test_a_key_that_a_chapter_does_not_have_is_named(shelf: Shelf) -> None:
    shelf.edit(CHAPTER, "adds =", "gives =")
    with pytest.raises(TutorialError, match=r"01-shelf/chapter\.toml: key adds: Field required"):
        Book(shelf.root)


def test_a_missing_page_is_named(shelf: Shelf) -> None:
    (shelf.root / PAGE).unlink()
    assert "its page docs/tutorial/01-shelf.md is not there" in shelf.checked()[0]


def test_a_folder_can_be_untold(shelf: Shelf) -> None:
    for name in ("__init__.py", "test_tables.py"):
        (shelf.root / "tests/sql").mkdir(exist_ok=True)
        (shelf.root / "tests/sql" / name).write_text("")
    assert len(shelf.checked()) == 2
    shelf.edit("tutorial/untold.toml", "\n", '"tests/sql/" = "chapter 11"\n')
    assert shelf.checked() == []


def _freeze(shelf: Shelf, path: str) -> None:
    """Let the last step that tells the file keep today's form, and rewrite the top level's."""
    step = {"messagebus/bus.py": "02-bus/bus", "reading_club/shelf.py": "01-shelf/count"}[path]
    frozen = shelf.root / "tutorial/chapters" / step / path
    frozen.parent.mkdir(parents=True)
    shutil.copy(shelf.root / path, frozen)
    with (shelf.root / path).open("a") as file:
        file.write("MORE = 1\n")


def _list(shelf: Shelf, entry: str) -> None:
    shelf.edit("tutorial/untold.toml", "\n", f'"{entry}" = "chapter 3: a later need"\n')
