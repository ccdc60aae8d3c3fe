from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from reading_club.service.rehearsal import rehearse
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


async def test_a_rehearsal_answers_and_leaves_no_trace(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    assert (await rehearse(bus, uow, register_book_cmd)).is_ok()

    assert (await uow.books.by_id(register_book_cmd.id)).is_err()
    assert transport.events == []
