"""Which columns of a table hold a book, by the names that members' libraries give them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from reading_club.domain.typed import NewIsbn

TITLES = ("title", "booktitle")
AUTHORS = ("author", "authors", "primaryauthor", "authortext", "creators", "bookauthor")
ISBNS = ("isbn", "isbn13", "isbn10")
LISTS = ("isbns",)
MIXED = ("isbnuid", "eanisbn13", "upcisbn10")
"""Letters and digits of the names, the preferred one first. A cell of `LISTS` has ISBNs between
commas, and one of `MIXED` may hold another number than an ISBN."""

_KNOWN = frozenset((*TITLES, *AUTHORS, *ISBNS, *LISTS, *MIXED))
_FORMULA = re.compile('="([^"]*)"')
_isbn_type = TypeAdapter[str](NewIsbn)


class BookColumns:
    """Finds title, author and ISBN in the fields of a record, by the names in the header."""

    def __init__(self, names: Sequence[str]) -> None:
        keys = [_key(name) for name in names]
        self._titles = _places(TITLES, keys)
        self._authors = _places(AUTHORS, keys)
        self._isbns = _places(ISBNS, keys)
        self._lists = _places(LISTS, keys)
        self._mixed = _places(MIXED, keys)
        self.repeated = [key for key, times in Counter(keys).items() if key and times > 1]
        """What more than one column is called, whether the column is read or not."""

    @property
    def missing(self) -> Sequence[str]:
        """Which of title, author and ISBN no column holds."""
        places = {
            "title": self._titles,
            "author": self._authors,
            "isbn": [*self._isbns, *self._lists, *self._mixed],
        }
        return [name for name, columns in places.items() if not columns]

    def values(self, fields: Sequence[str]) -> Mapping[str, str]:
        """The cells of a book, without what spreadsheets and LibraryThing wrap around them.

        The ISBN is the first one that is not blank. A cell that must be an ISBN and is none is
        returned as it is, for the command to refuse.
        """
        return {
            "title": _cell(fields, self._titles[0]),
            "author": _cell(fields, self._authors[0]),
            "isbn": self._isbn(fields),
        }

    def _isbn(self, fields: Sequence[str]) -> str:
        for place in self._isbns:
            if isbn := _unbracketed(_cell(fields, place)):
                return _first_isbn(isbn) or isbn
        for place in self._lists:
            if isbns := _unbracketed(_cell(fields, place)):
                return _first_isbn(isbns.replace(",", " ")) or isbns
        for place in self._mixed:
            if isbn := _first_isbn(_cell(fields, place)):
                return isbn
        return ""


def _key(name: str) -> str:
    key = name.strip().casefold()
    letters = re.sub(r"[\W_]+", "", key)
    return letters if letters in _KNOWN else key


def _places(names: Sequence[str], keys: Sequence[str]) -> Sequence[int]:
    return [keys.index(name) for name in names if name in keys]


def _cell(fields: Sequence[str], place: int) -> str:
    text = fields[place].strip() if place < len(fields) else ""
    formula = _FORMULA.fullmatch(text)
    return formula[1].strip() if formula else text


def _unbracketed(text: str) -> str:
    return text[1:-1].strip() if text.startswith("[") and text.endswith("]") else text


def _first_isbn(text: str) -> str:
    """The ISBN, or the first of several between spaces if all of them are ISBNs."""
    if _is_isbn(text):
        return text
    words = text.split()
    return words[0] if words and all(map(_is_isbn, words)) else ""


def _is_isbn(text: str) -> bool:
    try:
        _isbn_type.validate_python(text)
    except ValidationError:
        return False
    return True
