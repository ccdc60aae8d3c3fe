from lastuuid.dummies import uuidgen

from messagebus import MessageSerializer
from reading_club.domain.messages import BookRegistered

EVENT = BookRegistered(
    id=uuidgen(1), isbn="2-253-00611-X", title="Émile ou De l'éducation", author="Jean-Jacques"
)


def test_an_envelope_says_which_event_when_of_what_type_and_what_happened() -> None:
    assert MessageSerializer().serialize_message(EVENT) == {
        "id": str(EVENT.message_id),
        "created_at": EVENT.created_at.isoformat(),
        "type": "register_book_v1",
        "payload": f'{{"id": "{EVENT.id}", "isbn": "2-253-00611-X", '
        '"title": "Émile ou De l\'éducation", "author": "Jean-Jacques"}',
    }
