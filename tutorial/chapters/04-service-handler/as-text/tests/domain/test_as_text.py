from lastuuid.dummies import uuidgen

from reading_club.domain.messages import RegisterBook


def test_a_command_that_travelled_as_text_asks_for_the_same_and_is_another_message() -> None:
    sent = RegisterBook(
        id=uuidgen(1),
        isbn="0-321-12521-5",
        title="Domain Driven Design",
        author="Eric Evans",
    )
    received = RegisterBook.model_validate_json(sent.model_dump_json())

    assert received == sent
    assert received.message_id != sent.message_id
