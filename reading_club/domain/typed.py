"""What people type, in the form in which they see it: the rules for commands that are made.

A command that is read back, which is read from JSON, keeps the text of its time.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from pydantic_core.core_schema import JsonOrPythonSchema

from reading_club.domain.isbn import Isbn, isbn_13
from reading_club.domain.text import Name, Prose

LONGEST_NAME = 255
LONGEST_TITLE = 2_000
LONGEST_COMMENT = 20_000
LONGEST_ISBN = 50

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]"
)
"""Characters that no font shows: zero-width ones, marks of direction, fillers, the BOM."""

_ELSEWHERE = "[^\u0000-\u036f\u1e00-\u206f]"
_LOST_JOINERS = re.compile(f"(?<!{_ELSEWHERE})[\u200c\u200d]|[\u200c\u200d](?!{_ELSEWHERE})")
"""Joiners that join nothing: Persian, Indic scripts and emoji need theirs."""

_CONTROL = re.compile("[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]")
"""Control characters that are no white space."""

_BLANK = "\u2800"


def as_seen(text: str) -> str:
    """One spelling for all that look alike: NFC, nothing unseen, white space as single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _LOST_JOINERS.sub("", _UNSEEN.sub("", text)))
    return " ".join(text.split())


def _check(text: str, max_length: int) -> None:
    if _CONTROL.search(text):
        raise ValueError("a control character is no text")
    if len(text) > max_length:
        raise ValueError(f"{len(text)} characters are too many: at most {max_length}")


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character != _BLANK


class _Typed:
    """Text that is checked where it is given as Python's; what JSON holds stays as it is."""

    def __init__(self, check: Callable[[str], str]) -> None:
        self.check = check

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        checked = core_schema.no_info_after_validator_function(self.check, handler(source))
        return core_schema.json_or_python_schema(core_schema.str_schema(), checked)

    def __get_pydantic_json_schema__(
        self, schema: JsonOrPythonSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe what a new command takes, not what an old one may hold."""
        return handler(schema["python_schema"])


def _line(max_length: int) -> _Typed:
    def check(text: str) -> str:
        seen = as_seen(text)
        _check(seen, max_length)
        if not any(map(_is_visible, seen)):
            raise ValueError("it has no visible character")
        return seen

    return _Typed(check)


def _lines(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    seen = "\n".join(line.rstrip() for line in composed.splitlines()).strip()
    _check(seen, LONGEST_COMMENT)
    return seen


def _known(text: str) -> str:
    return as_seen(text) or text


def _new(isbn: str) -> str:
    _check(isbn, LONGEST_ISBN)
    if isbn_13(isbn).startswith("9790"):
        raise ValueError(f"{isbn!r} is no ISBN: 979-0 begins the ISMN of printed music")
    return isbn


NewName = Annotated[Name, _line(LONGEST_NAME)]
"""What somebody or something is to be called."""

NewTitle = Annotated[Name, _line(LONGEST_TITLE)]
"""One line of text."""

NewComment = Annotated[Prose, _Typed(_lines)]
"""Text that keeps its lines; it may be empty."""

KnownName = Annotated[Name, _Typed(_known)]
"""A name to look up. What earlier rules let in stays as it is."""

NewIsbn = Annotated[Isbn, _Typed(_new)]
"""The ISBN of a book to register, which is none of printed music."""
