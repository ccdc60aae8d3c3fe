from messagebus import AsyncMessageBus, Event
from reading_club.domain.messages import RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


class ShelfDusted(Event):
    """Says nothing of itself."""


async def test_no_input_publishes_a_command(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    form = register_book_cmd.model_dump(exclude={"metadata"})
    form["metadata"] = {"name": "register_book", "schema_version": 1, "published": True}
    async with uow as transaction:
        await bus.handle(RegisterBook.model_validate(form), transaction)
        await transaction.commit()

    assert [event["type"] for event in transport.events] == ["register_book_v1"]


def test_a_message_that_says_nothing_of_itself_bears_its_class_s_name_and_stays_inside() -> None:
    metadata = ShelfDusted().metadata
    assert (metadata.name, metadata.schema_version, metadata.published) == ("ShelfDusted", 1, False)
