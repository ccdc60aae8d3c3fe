"""Listings are typed along in the words of their captions."""

import pytest

from tutorial.captions import read_caption
from tutorial.listings import place_of, span, typed_along
from tutorial.symbols import name_at

FILE = '''\
"""What the club says."""

from typing import Protocol, overload

LIMIT = 3
"""How many there may be."""
OTHER, ANOTHER = 4, 5
OTHER += 1


# A comment of its own.
@final
class Bus:
    """Hands on."""

    name: str
    size: int

    def first(self) -> None: ...

    @overload
    def second(self, a: int) -> int: ...
    @overload
    def second(self, a: str) -> str: ...
    def second(self, a: object) -> object:
        return a


_bus = Bus()
_bus.scan("club")

if __name__ == "__main__":
    _bus.run()
'''


def lines(*names: str) -> str:
    first, last = span(FILE, list(names))
    return "\n".join(FILE.splitlines()[first - 1 : last])


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("docstring", '"""What', 'says."""'),
        ("imports", "from typing", "overload"),
        ("from typing", "from typing", "overload"),
        ("LIMIT", "LIMIT", 'be."""'),
        ("OTHER +=", "OTHER", "1"),
        ("Bus", "# A comment", "return a"),
        ("Bus.docstring", '    """Hands', 'on."""'),
        ("Bus.head", "# A comment", "size: int"),
        ("Bus.size", "    size", "int"),
        ("Bus.second", "    @overload", "return a"),
        ("_bus.scan", "_bus.scan", '")'),
        ("__main__", "if __name__", "run()"),
    ],
)
def test_a_part_has_a_name(name: str, begins: str, ends: str) -> None:
    assert lines(name).startswith(begins)
    assert lines(name).endswith(ends)


def test_neighbours_make_one_listing() -> None:
    assert lines("LIMIT", "OTHER") == f"{lines('LIMIT')}\nOTHER, ANOTHER = 4, 5"
    with pytest.raises(LookupError, match="imports right before OTHER"):
        lines("imports", "OTHER")


def test_a_line_knows_its_part() -> None:
    assert name_at(FILE, 6) == "LIMIT"
    assert name_at(FILE, 14) == "Bus"
    assert name_at(FILE, 19) == "Bus.first"


@pytest.mark.parametrize(
    "order",
    [
        [
            "docstring",
            "imports",
            "LIMIT",
            "OTHER",
            "OTHER +=",
            "Bus",
            "_bus",
            "_bus.scan",
            "__main__",
        ],
        [
            "Bus",
            "imports",
            "docstring",
            "OTHER",
            "OTHER +=",
            "LIMIT",
            "__main__",
            "_bus",
            "_bus.scan",
        ],
        [
            "LIMIT",
            "Bus.head",
            "Bus.second",
            "_bus",
            "Bus.first",
            "imports",
            "OTHER",
            "OTHER +=",
            "docstring",
        ],
    ],
)
def test_a_file_grows_part_by_part_by_its_captions_alone(order: list[str]) -> None:
    typed: str | None = None
    for name in order:
        place = place_of(typed, FILE, [name], [])
        path, read = read_caption(f"club.py · {place}")
        assert (path, read) == ("club.py", place)
        assert place
        typed = typed_along(typed, place, lines(name).splitlines())
    assert typed == (FILE if "__main__" in order else FILE[: FILE.index("_bus.scan")])


@pytest.mark.parametrize(
    ("old", "new", "names", "replaced", "words"),
    [
        (None, FILE, [], [], "new"),
        (None, "", [], [], "new, empty"),
        ("a = 1\n", FILE, [], [], "replace the whole file"),
        (FILE, FILE.replace("LIMIT = 3", "LIMIT = 5"), ["LIMIT"], [], "replace LIMIT"),
        (FILE, FILE.replace("LIMIT", "MOST"), ["MOST"], ["LIMIT"], "replace LIMIT"),
        (
            FILE,
            FILE.replace("import Protocol", "import Any, Protocol").replace("= 3", "= 5"),
            ["imports", "LIMIT"],
            [],
            "replace the imports and LIMIT",
        ),
        (FILE, FILE.replace("OTHER,", "MORE = 1\nOTHER,"), ["MORE"], [], "add after LIMIT"),
        (
            FILE,
            FILE.replace("OTHER,", "\nMORE = 1\nOTHER,"),
            ["MORE"],
            [],
            "add after LIMIT, with one blank line",
        ),
        (
            FILE.replace('    """Hands on."""\n\n', ""),
            FILE,
            ["Bus.docstring"],
            [],
            "in Bus, add at the top",
        ),
        (
            FILE,
            FILE.replace("    size: int\n", "    size: int\n    weight: int\n"),
            ["Bus.weight"],
            [],
            "in Bus, add after size",
        ),
        (
            FILE,
            FILE.replace("    size: int", "    weight: int"),
            ["Bus.head"],
            [],
            "replace Bus up to its first method",
        ),
        (
            FILE,
            FILE.replace("Hands on", "Hands over"),
            ["Bus.docstring"],
            [],
            "replace the docstring of Bus",
        ),
    ],
)
def test_a_caption_says_where_the_lines_go(
    old: str | None, new: str, names: list[str], replaced: list[str], words: str
) -> None:
    place = place_of(old, new, names, replaced)
    assert str(place) == words
    assert place == read_caption(f"a.py · {words}")[1]
    first, last = span(new, names)
    assert place
    assert typed_along(old, place, new.splitlines()[first - 1 : last]) == new


def test_a_part_that_is_typed_already_needs_no_place() -> None:
    assert place_of(FILE, FILE, ["Bus"], []) is None
    assert read_caption("club.py") == ("club.py", None)


@pytest.mark.parametrize("name", ["LIMIT", "Bus.name", "Bus.first", "Bus.second", "__main__"])
def test_a_part_can_go(name: str) -> None:
    _, place = read_caption(f"club.py · remove {name}")
    assert place
    typed = typed_along(FILE, place, [])
    again = place_of(typed, FILE, [name], [])
    assert again
    assert typed_along(typed, again, lines(name).splitlines()) == FILE
