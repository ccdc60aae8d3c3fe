"""Bodies are JSON, as RFC 8259 has it, and come as such."""

import json
from collections.abc import Mapping, Sequence
from email.message import Message
from functools import lru_cache
from typing import Any, Never

from fastapi import Request

from messagebus.adapters.fastapi.problems import ProblemError, ProblemType

JSON = "application/json"
UNREADABLE = ProblemType(400, "unreadable", "The body cannot be read.")
NO_JSON = ProblemType(415, "no-json", "The body is of another type than application/json.")


class JsonRequest(Request):
    """A request whose body is JSON in UTF-8, without a number that JSON cannot say."""

    async def json(self) -> Any:
        """Decode the body; raise a problem that says where it is broken."""
        body = await self.body()
        try:
            return _DECODER.decode(body.decode())
        except json.JSONDecodeError as error:
            reason, before = error.msg, error.doc[: error.pos]
        except UnicodeDecodeError as error:
            reason, before = "no UTF-8", body[: error.start].decode()
        except (ValueError, RecursionError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise ProblemError(UNREADABLE, f"the body is no JSON: {reason}") from error
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise ProblemError(
            UNREADABLE, f"the body is no JSON: {reason}, at line {line}, column {column}"
        )


def _raise_for_constant(name: str) -> Never:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_raise_for_constant)


def raise_if_not_json(headers: Mapping[bytes, Sequence[bytes]]) -> None:
    """Raise a problem for a body of another type than JSON in UTF-8, or in a coding."""
    has_length = headers.get(b"content-length", (b"0",))[0] != b"0"
    if not (has_length or b"transfer-encoding" in headers):
        return
    content_types = headers.get(b"content-type", ())
    if len(content_types) != 1:
        number = "with more than one" if content_types else "without a"
        raise ProblemError(NO_JSON, f"the body came {number} Content-Type: send {JSON}")
    content_type = content_types[0].decode("latin-1")
    if expected := _expected_instead_of(content_type):
        raise ProblemError(NO_JSON, f"the body came as {content_type!r}: send {expected}")
    coding = headers.get(b"content-encoding", (b"identity",))[0].decode("latin-1").lower()
    if coding != "identity":
        raise ProblemError(NO_JSON, f"the body came in the coding {coding!r}: send it without one")


@lru_cache(maxsize=128)
def _expected_instead_of(content_type: str) -> str | None:
    """What to send in place of this type; `None` for JSON in UTF-8."""
    headers = Message()
    headers["content-type"] = content_type
    if content_type.partition(";")[0].strip(" \t").lower() != JSON:
        return JSON
    charset = headers.get_param("charset", "utf-8")
    if not isinstance(charset, str) or charset.lower() not in ("utf-8", "utf8"):
        return f"{JSON}, which is UTF-8"
    return None
