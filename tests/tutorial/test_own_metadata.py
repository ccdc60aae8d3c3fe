from messagebus import GenericCommand, GenericEvent, GenericModel, Metadata


class Topic(Metadata):
    """Metadata of the club's own: where on the broker a message belongs."""

    topic: str = "club"


class LendBook(GenericCommand[Topic, int]):
    metadata: Topic = Topic(name="lend_book", schema_version=1, topic="counter")


class BookLent(GenericEvent[Topic]):
    """Says nothing of itself."""


class Loan(GenericModel[Topic]):
    """Raises messages that have a topic."""


def test_metadata_may_say_more() -> None:
    assert LendBook().metadata.topic == "counter"
    assert BookLent().metadata.topic == "club"


def test_a_model_s_messages_have_its_metadata() -> None:
    loan = Loan()
    loan.messages.append(BookLent())
    assert [message.metadata.topic for message in loan.messages] == ["club"]
