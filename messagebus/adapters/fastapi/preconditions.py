"""Changing the version that was read and no other: `ETag` and `If-Match`, after RFC 9110, 13.1.1.

A version is an integer from 1 on. Its tag is that number in quotes.
"""

import re
from typing import Annotated, NamedTuple

from fastapi import Depends, Header, Request
from fastapi.exceptions import RequestValidationError

from messagebus.adapters.fastapi.headers import header_lines, joined
from messagebus.adapters.fastapi.problems import ProblemError, ProblemType

PRECONDITION_MISSING = ProblemType(
    428, "precondition-missing", "The request has no If-Match: send the ETag of what you read."
)
IF_MATCH = "If-Match"
_TAG = r'(?:W/)?"[!#-~]*"'
_TAGS = re.compile(rf"\*|{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")
_VERSION = re.compile(r'(?:^|[, \t])"([1-9][0-9]{0,8})"')
NO_VERSION = 0
"""A version that nothing has."""


def etag_of(version: int) -> str:
    """The strong tag of a version."""
    return f'"{version}"'


class Precondition(NamedTuple):
    """The versions of which one is to be changed."""

    versions: frozenset[int] | None
    """None for any."""

    def expected(self, current: int | None) -> int | None:
        """The version to expect: the current one if it may be changed, or one that it is not."""
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
    value = joined(header_lines(request.scope).get(b"if-match", ())).strip(" \t")
    if not value:
        raise ProblemError(PRECONDITION_MISSING)
    if not _TAGS.fullmatch(value):
        reason = 'write tags in double quotes, as in If-Match: "1", or *'
        raise RequestValidationError([{"loc": ("header", IF_MATCH), "msg": reason}])
    return Precondition(None if value == "*" else frozenset(map(int, _VERSION.findall(value))))


IfMatch = Annotated[Precondition, Depends(_precondition)]
"""The precondition of a request, for an endpoint that changes what has a version.

    async def rename(id: StrictUuid, body: NewName, if_match: IfMatch) -> Response:

Without `If-Match` the answer is 428.
"""
