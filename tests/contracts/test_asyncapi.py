"""The club's stream as AsyncAPI, judged by AsyncAPI's own schema.

`asyncapi-3.0.0.json.gz` is schemas/3.0.0-without-$id.json of the npm package @asyncapi/specs,
version 6.11.1, under the Apache License 2.0.
"""

import gzip
import json
from pathlib import Path

import jsonschema_rs

from messagebus.contracts import asyncapi_document, published_messages
from reading_club.domain import messages
from tests.contracts.test_reader import stored

SCHEMA = json.loads(
    gzip.decompress(Path(__file__).with_name("asyncapi-3.0.0.json.gz").read_bytes())
)


def test_the_club_s_document_is_valid_and_lists_each_message() -> None:
    document = asyncapi_document("Reading club", "1", published_messages(messages))
    assert [error.message for error in jsonschema_rs.iter_errors(SCHEMA, document)] == []
    assert set(document["components"]["messages"]) == {
        "register_book_v1",
        "reviewer_registered_v1",
        "book_reviewed_v1",
        "review_revised_v1",
        "review_withdrawn_v1",
    }


def test_a_document_that_is_wrong_is_found() -> None:
    document = {**asyncapi_document("Reading club", "1", []), "asyncapi": "2.9"}
    assert list(jsonschema_rs.iter_errors(SCHEMA, document))


def test_stored_envelopes_match_the_document() -> None:
    document = asyncapi_document("Reading club", "1", published_messages(messages))
    for type_, message in document["components"]["messages"].items():
        envelope = stored(type_)
        assert jsonschema_rs.is_valid(message["payload"], envelope)
        content = message["payload"]["properties"]["payload"]["contentSchema"]
        assert jsonschema_rs.is_valid(content, json.loads(envelope["payload"]))
