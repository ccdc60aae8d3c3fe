"""Text that both databases can keep: PostgreSQL refuses a NUL, and UTF-8 has no lone surrogates."""

from collections.abc import Iterable, Sequence
from operator import le
from typing import Any


def are_plain(texts: Sequence[Any], lengths: Iterable[int]) -> bool:
    """Whether all are ASCII without a NUL, and none is too long: nearly all messages are such.

    One look at all of them takes a fifth of the time of `flaw_of` for each.
    """
    try:
        joined = "".join(texts)
    except TypeError:
        return False
    return joined.isascii() and "\0" not in joined and all(map(le, map(len, texts), lengths))


def flaw_of(value: object, length: int | None = None) -> str | None:
    """Why a column of text cannot keep the value; `None` where it can."""
    if not isinstance(value, str):
        return f"is {type(value).__qualname__}, not text"
    if length is not None and len(value) > length:
        return f"has {len(value)} characters, and {length} is the limit"
    if "\0" in value:
        return "contains a NUL character"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            return f"contains a lone surrogate at {error.start}"
    return None


def escaped(text: str) -> str:
    """The text with backslash escapes for what a database cannot keep."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()
