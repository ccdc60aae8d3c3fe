from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter

from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus, Message
from messagebus.observers import Observer, Trail
from reading_club.domain.messages import RegisterBook
from reading_club.service.handlers.book import register_book
from tests.memory.uow import InMemoryUnitOfWork

DUNE = RegisterBook(id=uuidgen(1), isbn="0-321-12521-5", title="Dune", author="Frank Herbert")


class Stopwatch(Observer):
    """Notes how many seconds each handler and each commit took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def handler(self, message: Message, trail: Trail, name: str) -> AbstractContextManager[None]:
        return self.measure(name.rpartition(".")[2])

    def commit(self, unit_of_work: str) -> AbstractContextManager[None]:
        return self.measure("commit")

    @contextmanager
    def measure(self, step: str) -> Generator[None, None, None]:
        start = perf_counter()
        yield
        self.seconds[step] = perf_counter() - start


async def test_a_stopwatch_measures_handlers_and_commits(uow: InMemoryUnitOfWork) -> None:
    stopwatch = Stopwatch()
    bus = AsyncMessageBus().observe(stopwatch)
    bus.add_listener(RegisterBook, register_book)
    async with uow.observe(stopwatch) as transaction:
        await bus.handle(DUNE, transaction)
        await transaction.commit()
    assert list(stopwatch.seconds) == ["register_book", "commit"]
