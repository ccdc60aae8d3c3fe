from messagebus import Event
from reading_club.domain import messages

PUBLIC = {
    "register_book_v1": {"id": "UUID", "isbn": "str", "title": "str", "author": "str"},
}
ENVELOPE = {"message_id", "created_at", "metadata"}


def published() -> dict[str, dict[str, str]]:
    """The fields of each published event of the club, by its type on the stream."""
    found: dict[str, dict[str, str]] = {}
    for event in vars(messages).values():
        if not (isinstance(event, type) and issubclass(event, Event)) or event is Event:
            continue
        metadata = event.model_fields["metadata"].default
        if metadata.published:
            found[f"{metadata.name}_v{metadata.schema_version}"] = {
                name: getattr(field.annotation, "__name__", str(field.annotation))
                for name, field in event.model_fields.items()
                if name not in ENVELOPE
            }
    return found


def test_published_events_have_their_public_fields() -> None:
    assert published() == PUBLIC
