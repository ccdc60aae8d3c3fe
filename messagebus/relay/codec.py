"""The codec of message bodies: one JSON object of four keys, or a structured CloudEvent 1.0.

A stream encodes what it publishes and hands the bytes on as it finds them. The reader decodes them,
so that bytes which are no message have one place where they are rejected.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic_core import from_json

from messagebus.contracts import UnreadableMessageError
from messagebus.errors import ConfigurationError
from messagebus.relay.stream import StreamMessage

ENVELOPE = ("id", "created_at", "type", "payload")
CONTENT_TYPE = "content-type"
JSON = "application/json"
CLOUDEVENTS = "application/cloudevents+json"

_ATTRIBUTES = {
    "position": "position",
    "stream_key": "partitionkey",
    "correlation_id": "correlationid",
    "causation_id": "causationid",
    "traceparent": "traceparent",
    "tracestate": "tracestate",
}
"""The extension attributes of a CloudEvent, by the headers whose values they repeat."""


class EncodedMessage(NamedTuple):
    """A message as a broker takes it."""

    body: bytes
    headers: Mapping[str, str]
    """The message's own, and `content-type`."""


Encoder = Callable[[StreamMessage], EncodedMessage]
"""Encodes a message; raises `ValueError` for one that could not be decoded again."""


def encoder_of(format: str | None, source: str) -> Encoder:
    """The encoder of a URL's `format`: `json`, which is the default, or `cloudevents`.

    `source` is the CloudEvents attribute of that name, such as `/reading_club`. Raises
    `ConfigurationError` for another format.
    """
    match format:
        case None | "json":
            return encode
        case "cloudevents":
            return lambda message: encode_cloudevent(message, source)
        case _:
            raise ConfigurationError(
                f"{format!r} is no format of messages. Write format=json or format=cloudevents."
            )


def encode(message: StreamMessage) -> EncodedMessage:
    """The envelope as one JSON object of its four keys, each of them text."""
    envelope = {name: _text(message.envelope, name) for name in ENVELOPE}
    return _encoded(envelope, message.headers, JSON)


def encode_cloudevent(message: StreamMessage, source: str) -> EncodedMessage:
    """The message as a structured CloudEvent, whose `data` is the payload as a JSON object."""
    id_, created_at, type_, payload = (_text(message.envelope, name) for name in ENVELOPE)
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": type_,
        "time": created_at,
        "datacontenttype": JSON,
        "data": _loaded(payload.encode()),
    }
    for header, attribute in _ATTRIBUTES.items():
        # An attribute of a CloudEvent is never empty: the header alone says an empty key.
        if value := message.headers.get(header):
            event[attribute] = value
    encoded = _encoded(event, message.headers, f"{CLOUDEVENTS}; charset=utf-8")
    # The event is one level deeper than its data, and a reader's parser has a limit.
    _of_cloudevent(_loaded(encoded.body), {})
    return encoded


def decode(body: bytes, headers: Mapping[str, str]) -> StreamMessage:
    """The message of a body in either format.

    `content-type` tells the format; without one that names CloudEvents or JSON, the body's
    `specversion` does. A header wins over the attribute of a CloudEvent that repeats it. Raises
    `UnreadableMessageError`, with a reason that quotes nothing of the body.
    """
    own = {name: value for name, value in headers.items() if name.lower() != CONTENT_TYPE}
    try:
        content = _loaded(body)
        if _is_cloudevent(content, headers):
            return _of_cloudevent(content, own)
        return StreamMessage({name: _text(content, name) for name in ENVELOPE}, own)
    except ValueError as error:
        raise UnreadableMessageError(
            f"the body of {len(body)} bytes is no message: {error}. A body is a JSON object of "
            f"{', '.join(ENVELOPE)}, or a structured CloudEvent 1.0."
        ) from None


def _encoded(content: object, headers: Mapping[str, str], content_type: str) -> EncodedMessage:
    for name in headers:
        _text(headers, name).encode()
        name.encode()
    body = json.dumps(content, ensure_ascii=False).encode()
    return EncodedMessage(body, {**headers, CONTENT_TYPE: content_type})


def _loaded(body: bytes) -> Mapping[str, Any]:
    content = from_json(body, allow_inf_nan=False)
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    return content


def _is_cloudevent(content: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    for name, value in headers.items():
        if name.lower() == CONTENT_TYPE:
            media_type = value.partition(";")[0].strip().lower()
            if media_type in (JSON, CLOUDEVENTS):
                return media_type == CLOUDEVENTS
    return "specversion" in content


def _of_cloudevent(event: Mapping[str, Any], headers: Mapping[str, str]) -> StreamMessage:
    if event.get("specversion") != "1.0":
        raise ValueError("its specversion is not 1.0")
    data = event.get("data")
    if not isinstance(data, dict):
        raise ValueError("its data is no JSON object")
    envelope = {
        "id": _text(event, "id"),
        "created_at": _text(event, "time"),
        "type": _text(event, "type"),
        "payload": json.dumps(data, ensure_ascii=False, allow_nan=False),
    }
    repeated = {
        header: _text(event, attribute)
        for header, attribute in _ATTRIBUTES.items()
        if attribute in event
    }
    return StreamMessage(envelope, {**repeated, **headers})


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise ValueError(f"its {name} is no text" if name in content else f"it has no {name}")
    return value
