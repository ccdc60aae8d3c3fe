from collections.abc import Mapping
from typing import Any

from messagebus import Message, MessageSerializer
from tests.tutorial.test_own_metadata import LendBook, Topic


class RoutedSerializer(MessageSerializer):
    """An envelope that says where it belongs, where its metadata does."""

    def serialize_message(self, message: Message) -> Mapping[str, Any]:
        envelope = super().serialize_message(message)
        if isinstance(message.metadata, Topic):
            return {**envelope, "topic": message.metadata.topic}
        return envelope


def test_an_envelope_bears_its_topic() -> None:
    assert RoutedSerializer().serialize_message(LendBook())["topic"] == "counter"
