"""`rename` on the small book, whose states then run as before, under the new names."""

from collections.abc import Sequence

import pytest

from tutorial import told
from tutorial.book import Book
from tutorial.errors import TutorialError
from tutorial.renaming import outputs
from tutorial.renaming.command import rename
from tutorial.runs import Workshop
from tutorial.states import done, runs
from tutorial.tests.conftest import Shelf


def _renamed(shelf: Shelf, old: str, new: str, within: Sequence[str] = ()) -> list[str]:
    shelf.commit()
    report = rename(shelf.book(), old, new, within)
    return [f"{path}:{number}: {line}" for path, number, line in report.left]


def _text(shelf: Shelf, path: str) -> str:
    return (shelf.root / path).read_text(encoding="utf-8")


def _by_words(shelf: Shelf) -> list[str]:
    book = shelf.book()
    accept = outputs.by_words(outputs.noted(shelf.root))
    return [str(one) for one in done(runs(Workshop(book), book, accept=accept))]


def test_a_file_moves_with_its_copies_its_imports_its_listings_and_its_outputs(
    shelf: Shelf,
) -> None:
    _renamed(shelf, "reading_club/shelf.py", "reading_club/rooms/bookcase.py")
    copy = "tutorial/chapters/01-shelf/add/reading_club/rooms/bookcase.py"
    assert (shelf.root / copy).is_file()
    assert not (shelf.root / "reading_club/shelf.py").exists()
    assert "from reading_club.rooms.bookcase import Shelf" in _text(shelf, "tests/test_bus.py")
    assert "reading_club/rooms/bookcase.py#Shelf.add" in _text(shelf, "docs/index.md")
    assert shelf.checked() == []
    assert shelf.run() == []


def test_a_folder_moves_and_other_folders_of_its_name_stay(shelf: Shelf) -> None:
    for path in ("tests/deep/__init__.py", "bench/tests/deep/__init__.py"):
        (shelf.root / path).parent.mkdir(parents=True)
        (shelf.root / path).write_text("")
    (shelf.root / "bench/run.py").write_text(
        "import tests.deep\n\n"
        'A = ("tests/deep/", "bench/tests/deep/", r"tests\\.deep", tests.deep)\n'
    )
    shelf.edit("tutorial/untold.toml", "\n", '"tests/deep/" = "never: an example"\n')
    _renamed(shelf, "tests/deep", "tests/deeper")
    assert _text(shelf, "bench/run.py") == (
        "import tests.deeper\n\n"
        'A = ("tests/deeper/", "bench/tests/deep/", r"tests\\.deeper", tests.deeper)\n'
    )
    assert (shelf.root / "tests/deeper/__init__.py").is_file()
    assert shelf.checked() == []


def test_a_module_that_is_imported_by_its_last_name_is_renamed_there(shelf: Shelf) -> None:
    (shelf.root / "bench.py").write_text(
        "from reading_club import shelf as case, shelf\n\n"
        "def main(other: object) -> None:\n"
        "    print(shelf.Shelf(), case, other.shelf)\n"
    )
    _renamed(shelf, "reading_club/shelf.py", "reading_club/racks.py")
    assert _text(shelf, "bench.py") == (
        "from reading_club import racks\nfrom reading_club import racks as case\n\n\n"
        "def main(other: object) -> None:\n"
        "    print(racks.Shelf(), case, other.shelf)\n"
    )


def test_a_path_that_is_taken_or_missing_is_refused(shelf: Shelf) -> None:
    with pytest.raises(TutorialError, match="there already"):
        _renamed(shelf, "reading_club/shelf.py", "tests/test_shelf.py")
    with pytest.raises(TutorialError, match="no such file"):
        rename(shelf.book(), "reading_club/nothing.py", "reading_club/some.py")


def test_a_class_is_renamed_where_it_is_meant(shelf: Shelf) -> None:
    (shelf.root / "bench.py").write_text(
        "class Shelf:\n    ...\n\n\ndef main() -> None:\n    print(Shelf())\n"
    )
    left = _renamed(shelf, "reading_club.shelf:Shelf", "Bookcase")
    assert "print(Shelf())" in _text(shelf, "bench.py")
    assert "bench.py:6: [name] print(Shelf())" in left
    assert "shelf = Bookcase()" in _text(shelf, "tests/test_bus.py")
    assert shelf.checked() == []


def test_a_word_is_renamed_everywhere_and_its_outputs_are_accepted(shelf: Shelf) -> None:
    left = _renamed(shelf, "Shelf", "TallAndNarrowBookcase")
    assert left == []
    assert "says = \"object of type 'TallAndNarrowBookcase' has no" in _text(
        shelf, "tutorial/chapters/01-shelf/chapter.toml"
    )
    assert shelf.checked() == []
    assert _by_words(shelf) == []
    assert shelf.run() == []


def test_an_output_that_differs_by_more_than_words_is_named(shelf: Shelf) -> None:
    _renamed(shelf, "reading_club.shelf:Shelf", "Case")
    output = "tutorial/chapters/01-shelf/count/green.txt"
    shelf.edit(output, "2 passed", "3 passed")
    assert _by_words(shelf) == [
        "01-shelf/count/green.txt: the output changed: line 3 was '3 passed', now '2 passed'. "
        "Read it, then run python -m tutorial accept."
    ]


def test_a_word_may_become_two_others() -> None:
    words = [("said", "text"), ("said", "error"), ("tests/old", "tests/new"), ("new", "last")]
    alike = outputs.by_words(words)
    known = "____ test_said ____\nassert said in tests/old/x.py:1\nFAILED a::b - long...\n"
    assert alike(
        known, "___ test_error ___\nassert text in tests/last/x.py:2\nFAILED a::b - l...\n"
    )
    assert not alike(known, "___ test_error ___\nassert text in tests/last/y.py:2\nFAILED a::b\n")


def test_a_method_is_renamed_with_calls_directives_and_drawn_calls(shelf: Shelf) -> None:
    left = _renamed(shelf, "reading_club.shelf:Shelf.add", "put")
    assert "    def put(self, title: str)" in _text(shelf, "reading_club/shelf.py")
    assert '"Shelf.put" = "shelf"' in _text(shelf, "tutorial/chapters/02-bus/chapter.toml")
    assert "handler -> shelf: put()" in _text(shelf, "tutorial/chapters/02-bus/bus/arrival.arrows")
    assert "[step add]" in _text(shelf, "docs/tutorial/01-shelf.md")
    assert "docs/tutorial/01-shelf.md:7: [step add]" in left
    assert shelf.checked() == []
    assert shelf.run() == []


def test_a_member_that_other_classes_have_too_is_renamed_where_it_is_declared(
    shelf: Shelf,
) -> None:
    (shelf.root / "bench.py").write_text(
        "from reading_club.shelf import Shelf\n\n\n"
        "class Low(Shelf):\n"
        "    def add(self, title: str) -> None:\n"
        "        super().add(title)\n\n\n"
        "class Sum:\n"
        "    def add(self) -> None: ...\n\n\n"
        "def main(shelf: Shelf, low: Low | None, total: Sum, unknown) -> None:\n"
        "    shelf.add('a'), low.add('b'), total.add(), unknown.add()\n"
    )
    left = _renamed(shelf, "reading_club/shelf.py:Shelf.add", "put")
    text = _text(shelf, "bench.py")
    assert "def put(self, title: str)" in text
    assert "super().put(title)" in text
    assert "def add(self) -> None" in text
    assert 'shelf.put("a"), low.put("b"), total.add(), unknown.add()' in text
    assert any("[attribute] shelf.add('a'), low.add" in line for line in left)


def test_a_parameter_is_renamed_with_the_keywords_of_its_calls(shelf: Shelf) -> None:
    (shelf.root / "bench.py").write_text(
        "from reading_club.shelf import Shelf\n\n\n"
        "def main(title: str) -> None:\n"
        "    Shelf().add(title=title)\n"
        "    print(f'{title=} {title!r:>3}')\n"
    )
    _renamed(shelf, "reading_club.shelf:Shelf.add.title", "name")
    assert "self.titles.append(name)" in _text(shelf, "reading_club/shelf.py")
    assert "Shelf().add(name=title)" in _text(shelf, "bench.py")
    _renamed(shelf, "bench:main.title", "text")
    assert 'Shelf().add(name=text)\n    print(f"{text=} {text!r:>3}")' in _text(shelf, "bench.py")


def test_strings_that_name_a_symbol_follow_and_others_are_listed(shelf: Shelf) -> None:
    (shelf.root / "bench.py").write_text(
        '__all__ = ["Low"]\n\n\n'
        "class Low:\n"
        '    """A Low one."""\n\n\n'
        'def main(low: "Low") -> str:\n'
        '    return "Low tide"\n'
    )
    left = _renamed(shelf, "bench:Low", "High")
    assert _text(shelf, "bench.py") == (
        '__all__ = ["High"]\n\n\n'
        "class High:\n"
        '    """A Low one."""\n\n\n'
        'def main(low: "High") -> str:\n'
        '    return "Low tide"\n'
    )
    assert left == [
        'bench.py:5: [docstring] """A Low one."""',
        'bench.py:9: [string] return "Low tide"',
    ]


def test_a_word_may_be_kept_to_a_folder(shelf: Shelf) -> None:
    _renamed(shelf, "shelf", "case", within=["tests/"])
    assert "case = Shelf()" in _text(shelf, "tests/test_bus.py")
    copy = "tutorial/chapters/01-shelf/add/tests/test_shelf.py"
    assert 'case.add("Refactoring")' in _text(shelf, copy)
    assert "from reading_club.shelf import Shelf" in _text(shelf, copy)
    rename(shelf.book(), "test_a_shelf_counts_its_books", "test_count", within=["docs/"])
    assert shelf.checked() == []


def test_the_starter_s_plan_and_template_follow(shelf: Shelf) -> None:
    template = "starter/template/\u2039package\u203a/use.py"
    (shelf.root / template).parent.mkdir(parents=True)
    (shelf.root / template).write_text(
        "from \u2039package\u203a.shelf import Shelf\n\n\n"
        "class \u2039Aggregate\u203aShelf(Shelf): ...\n"
    )
    (shelf.root / "starter/plan.toml").write_text(
        '[files."reading_club/shelf.py"]\n'
        'drop = ["Shelf.add", "Other"]\n'
        'edits = [["class Shelf:\\n", "class Shelf(list):\\n"], ["in Shelf", "in a Shelf"]]\n\n'
        '[files."reading_club/other.py"]\n'
        'drop = ["Shelf"]\n'
    )
    _renamed(shelf, "reading_club.shelf:Shelf", "Case")
    assert _text(shelf, "starter/plan.toml") == (
        '[files."reading_club/shelf.py"]\n'
        'drop = ["Case.add", "Other"]\n'
        'edits = [["class Case:\\n", "class Case(list):\\n"], ["in Case", "in a Case"]]\n\n'
        '[files."reading_club/other.py"]\n'
        'drop = ["Shelf"]\n'
    )
    assert "class \u2039Aggregate\u203aShelf(Case)" in _text(shelf, template)
    _renamed(shelf, "reading_club/shelf.py", "reading_club/case.py")
    assert _text(shelf, "starter/plan.toml").startswith('[files."reading_club/case.py"]')
    assert "from \u2039package\u203a.case import Case" in _text(shelf, template)


def test_only_what_was_accepted_stays_accepted(shelf: Shelf) -> None:
    told.accept(Book(shelf.root))
    shelf.edit("tests/test_bus.py", "came with the post", "came by post")
    _renamed(shelf, "reading_club/shelf.py", "reading_club/case.py")
    [wrong] = shelf.checked()
    assert "tests/test_bus.py: step 02-bus/bus shows it, and it changed" in wrong
