"""Bearer tokens: whom each of them names, and what it allows. No error quotes one."""

import hashlib
import hmac
import re
from typing import NamedTuple

_ENTRY = re.compile(r"([^\s,:#]{1,100})[ \t]+(read|write)[ \t]+([A-Za-z0-9._~+/-]+=*)")
_SHORTEST = 20
"""Characters; `openssl rand -hex 32` gives 64."""


class Grant(NamedTuple):
    """Whom a token names, and whether it allows changes."""

    actor: str
    changes: bool


class Tokens:
    """Tokens by their digests, each with its grant."""

    def __init__(self, text: str) -> None:
        """Read `NAME read TOKEN` or `NAME write TOKEN`, one a line or between commas.

        Lines with `#` in front are comments. Raises `ValueError`, which names the entry by its
        number.
        """
        self._grants: dict[bytes, Grant] = {}
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        entries = [each.strip() for line in lines for each in line.split(",")]
        for number, entry in enumerate(filter(None, entries), 1):
            parts = _ENTRY.fullmatch(entry)
            if parts is None or not parts[1].isprintable():
                raise ValueError(
                    f"entry {number} is none: write NAME read TOKEN or NAME write TOKEN, where a "
                    "name has no blank, comma, colon or #, and a token is letters, digits or "
                    "-._~+/ with = at its end"
                )
            if len(parts[3]) < _SHORTEST:
                raise ValueError(
                    f"the token of entry {number} can be guessed: take {_SHORTEST} characters or "
                    "more, as `openssl rand -hex 32` gives"
                )
            digest = _digest(parts[3])
            if digest in self._grants:
                raise ValueError(f"entry {number} has a token of another entry: give each its own")
            self._grants[digest] = Grant(parts[1], parts[2] == "write")

    def __bool__(self) -> bool:
        return bool(self._grants)

    def grant_of(self, token: str) -> Grant | None:
        """The grant of a token, or none; how long it takes says nothing of the tokens."""
        digest, found = _digest(token), None
        for known, grant in self._grants.items():
            if hmac.compare_digest(known, digest):
                found = grant
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
