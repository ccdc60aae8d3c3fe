"""Header fields of a request, read in one pass."""

from collections.abc import Iterable, Mapping, Sequence

from starlette.types import Scope


def header_lines(scope: Scope) -> Mapping[bytes, Sequence[bytes]]:
    """The lines of each header field, by its name in lower case.

    Starlette's `Headers` goes through all fields at each look-up.
    """
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, []).append(value)
    return found


def joined(lines: Iterable[bytes]) -> str:
    """The value of a field that has these lines, after RFC 9110, 5.2."""
    return b", ".join(lines).decode("latin-1")
