from messagebus import AsyncEventstreamPublisher, AsyncSinkholeEventstoreRepository
from reading_club.domain.messages import BookRegistered, RegisterBook
from tests.conftest import EventstreamTransport


async def test_only_published_messages_leave_and_not_before_their_time(
    register_book_cmd: RegisterBook, transport: EventstreamTransport
) -> None:
    registered = BookRegistered(**register_book_cmd.model_dump(exclude={"metadata"}))
    eventstore = AsyncSinkholeEventstoreRepository(AsyncEventstreamPublisher(transport))
    await eventstore.add(register_book_cmd)
    await eventstore.add(registered)
    early = [event["type"] for event in transport.events]
    assert early == []

    await eventstore.publish_eventstream()
    assert [event["id"] for event in transport.events] == [str(registered.message_id)]
