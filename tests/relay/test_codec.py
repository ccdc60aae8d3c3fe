"""One codec writes and reads the bodies of messages, as four keys of JSON or as CloudEvents."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messagebus import ConfigurationError
from messagebus.contracts import UnreadableMessageError
from messagebus.relay import StreamMessage
from messagebus.relay.codec import decode, encoder_of
from messagebus.testing import stream_messages

FORMATS = ["json", "cloudevents"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PAYLOADS = st.dictionaries(TEXT, VALUES, max_size=3).map(
    lambda content: json.dumps(content, ensure_ascii=False)
)
HEADERS = st.dictionaries(
    st.sampled_from(["position", "stream_key", "correlation_id", "traceparent", "x-other"]), TEXT
)


def message(payload: str = "{}", headers: dict[str, str] | None = None) -> StreamMessage:
    envelope = {"id": "1", "created_at": "x", "type": "t_v1", "payload": payload}
    return StreamMessage(envelope, headers or {})


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_brings_every_message_back_unchanged(format_: str) -> None:
    encode = encoder_of(format_, "/club")
    for sent in stream_messages():
        assert decode(*encode(sent)) == sent


@settings(max_examples=100)
@given(st.sampled_from(FORMATS), TEXT, PAYLOADS, HEADERS)
def test_a_message_that_an_encoder_accepts_is_decoded_equal(
    format_: str, id_: str, payload: str, headers: dict[str, str]
) -> None:
    sent = StreamMessage({**message(payload).envelope, "id": id_}, headers)
    assert decode(*encoder_of(format_, "/club")(sent)) == sent


def test_the_content_type_or_else_specversion_names_the_format() -> None:
    sent = message('{"a": 1}', {"position": "7", "stream_key": "k"})
    event, as_json = (encoder_of(format_, "/club")(sent) for format_ in ("cloudevents", "json"))
    assert decode(event.body, {}) == decode(as_json.body, sent.headers) == sent
    assert decode(event.body, {"Content-Type": event.headers["content-type"]}) == sent
    both = json.dumps({**json.loads(as_json.body), "specversion": "1.0"}).encode()
    assert decode(both, {"content-type": "application/json"}).envelope == sent.envelope
    with pytest.raises(UnreadableMessageError):
        decode(both, {})


def test_a_body_has_the_four_keys_and_a_cloudevent_its_attributes() -> None:
    sent = message('{"a": 1}', {"position": "7", "stream_key": "k", "correlation_id": "c"})
    assert json.loads(encoder_of(None, "/club")(sent).body) == sent.envelope
    assert json.loads(encoder_of("cloudevents", "/club")(sent).body) == {
        "specversion": "1.0",
        "id": "1",
        "source": "/club",
        "type": "t_v1",
        "time": "x",
        "datacontenttype": "application/json",
        "data": {"a": 1},
        "position": "7",
        "partitionkey": "k",
        "correlationid": "c",
    }


def test_keys_that_this_release_does_not_know_are_ignored() -> None:
    body = json.dumps({**message().envelope, "later": [1]}).encode()
    assert decode(body, {}) == message()


ENVELOPE = b'"id": "1", "created_at": "x", "type": "t_v1", "payload": "{}"'
EVENT = b'"id": "1", "time": "x", "type": "t_v1"'
BAD = {
    "empty": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "no UTF-8": b'{"id": "\xff"}',
    "deep": b"[" * 100_000,
    "a key too few": b'{"id": "1", "created_at": "x", "type": "t_v1"}',
    "a number for an id": b"{" + ENVELOPE.replace(b'"1"', b"1") + b"}",
    "a lone surrogate": b"{" + ENVELOPE.replace(b'"1"', b'"\\ud800"') + b"}",
    "another specversion": b'{"specversion": "0.3", "data": {}, ' + EVENT + b"}",
    "data that is text": b'{"specversion": "1.0", "data": "x", ' + EVENT + b"}",
    "infinite data": b'{"specversion": "1.0", "data": {"a": 1e999}, ' + EVENT + b"}",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_a_body_that_is_no_message_is_unreadable_and_quoted_nowhere(body: bytes) -> None:
    with pytest.raises(UnreadableMessageError, match=f"the body of {len(body)} bytes"):
        decode(body, {})


@settings(max_examples=200)
@given(st.binary(max_size=80), HEADERS)
def test_any_bytes_are_a_message_or_unreadable(body: bytes, headers: dict[str, str]) -> None:
    try:
        decode(body, headers)
    except UnreadableMessageError:
        return


UNSAYABLE = {
    "a lone surrogate": message("\ud800"),
    "a lone surrogate in a header": message("{}", {"stream_key": "\ud800"}),
    "no payload": StreamMessage({"id": "1", "created_at": "x", "type": "t_v1"}, {}),
}


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("bad", UNSAYABLE.values(), ids=UNSAYABLE.keys())
def test_a_message_that_could_not_be_decoded_again_is_not_encoded(
    format_: str, bad: StreamMessage
) -> None:
    with pytest.raises(ValueError, match=r"surrogates|payload|hex|JSON|value"):
        encoder_of(format_, "/club")(bad)


@pytest.mark.parametrize("payload", ["1", "{", '{"a": 1e999}', '{"a":' * 200 + "1" + "}" * 200])
def test_a_payload_that_a_cloudevent_cannot_have_as_data_is_not_encoded(payload: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|EOF|limit|expected"):
        encoder_of("cloudevents", "/club")(message(payload))


def test_another_format_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'xml' is no format"):
        encoder_of("xml", "/club")
