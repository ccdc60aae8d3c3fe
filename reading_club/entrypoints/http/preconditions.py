"""Changing what was read and nothing newer: entity tags and `If-Match`, after RFC 9110, 13.1.1."""

import re
from typing import Annotated, NamedTuple

from fastapi import Depends, Header, Request
from fastapi.exceptions import RequestValidationError

from reading_club.entrypoints.http.problems import PRECONDITION_MISSING, RefusedError

IF_MATCH = "If-Match"
_TAG = r'(?:W/)?"[!#-~]*"'
_TAGS = re.compile(rf"\*|{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")
_OURS = re.compile(r'(?:^|[, \t])"([1-9][0-9]{0,8})"')
NO_VERSION = 0
"""A version that nothing has: they are counted from 1."""


def etag_of(version: int) -> str:
    """The strong tag of a version."""
    return f'"{version}"'


class Precondition(NamedTuple):
    """The versions of which one is to be changed."""

    versions: frozenset[int] | None
    """None takes any."""

    def expected(self, current: int | None) -> int | None:
        """The version to expect: the current one where it may be changed, or one that is not."""
        if self.versions is None:
            return None
        return current if current in self.versions else min(self.versions, default=NO_VERSION)


async def _precondition(
    request: Request,
    _: Annotated[
        str | None,
        Header(
            alias=IF_MATCH,
            json_schema_extra={"pattern": f"^({_TAGS.pattern})$"},
            description="The `ETag` of what was read, or several, or `*` for any. Without it the "
            "answer is 428; where another one is there, 412. A weak tag is never the one.",
        ),
    ] = None,
) -> Precondition:
    given = ", ".join(request.headers.getlist(IF_MATCH)).strip(" \t")
    if not given:
        raise RefusedError(PRECONDITION_MISSING)
    if not _TAGS.fullmatch(given):
        reason = 'write tags in double quotes, as in If-Match: "1", or *'
        raise RequestValidationError([{"loc": ("header", IF_MATCH), "msg": reason}])
    return Precondition(None if given == "*" else frozenset(map(int, _OURS.findall(given))))


IfMatch = Annotated[Precondition, Depends(_precondition)]
