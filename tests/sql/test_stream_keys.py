"""The stream key of each of the club's messages."""

import json

import pytest
from lastuuid.dummies import uuidgen

from messagebus import ConfigurationError, Event, Metadata
from messagebus.contracts import MessageReader, published_messages
from reading_club.adapters.tables import stream_key
from reading_club.domain import messages
from reading_club.domain.messages import BookRegistered, ReviewerRegistered, WithdrawReview
from tests.contracts.test_reader import stored


class LetterSent(Event):
    metadata: Metadata = Metadata(name="letter_sent", schema_version=1, published=True)


@pytest.mark.parametrize("message", published_messages(messages))
def test_a_published_message_has_the_key_of_its_book_or_its_own(message: type[Event]) -> None:
    envelope = stored(message.metadata.stream_type)
    about = "id" if message in (BookRegistered, ReviewerRegistered) else "book_id"
    read = MessageReader([message]).read(envelope)
    assert stream_key(read) == json.loads(envelope["payload"])[about]


def test_a_published_message_without_a_key_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigurationError, match=r"LetterSent has no stream key.*add a case"):
        stream_key(LetterSent())


def test_a_message_that_stays_in_the_journal_needs_no_key() -> None:
    assert stream_key(WithdrawReview(id=uuidgen(1), reviewer="Ann")) == ""
