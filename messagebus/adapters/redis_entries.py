"""The entries of a Redis stream: an id, and fields of bytes."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from messagebus.adapters.encoding import decode_json

Entry = tuple[bytes, Mapping[bytes, bytes]]
"""An id and the fields; none are left of an entry that was deleted while it was pending."""

_HEADERS = TypeAdapter(dict[str, str])


def parsed_id(text: bytes) -> tuple[int, int]:
    """The milliseconds since 1970, and the number within them."""
    milliseconds, _, number = text.partition(b"-")
    return int(milliseconds), int(number)


def body_of(fields: Mapping[bytes, bytes]) -> bytes:
    """The body; of an entry without one, all fields, so that its dead letter shows them."""
    return fields.get(b"body", b"\n".join(b"%b: %b" % each for each in fields.items()))


def headers_of(fields: Mapping[bytes, bytes]) -> Mapping[str, str]:
    """The headers; none where they are no JSON object of texts."""
    try:
        return decode_json(_HEADERS, fields.get(b"headers", b"{}"))
    except ValueError:
        return {}
