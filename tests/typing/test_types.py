"""What mypy and pyright say of the bus's public names; each claim also runs."""

from collections.abc import Callable, Coroutine
from typing import Any, assert_type

from messagebus import (
    AsyncMessageBus,
    Message,
    Metadata,
    SyncMessageBus,
    TransactionStatus,
    async_listen,
    sync_listen,
)
from tests.typing.fakes import (
    AbstractBooks,
    AbstractUnitOfWork,
    Bare,
    Book,
    Books,
    BooksUnitOfWork,
    Count,
    Counted,
    Quiet,
    SyncAbstractBooks,
    SyncUnitOfWork,
    Traced,
    TracedBook,
    TracedCount,
    TracedCounted,
    UnitOfWork,
)


@async_listen
async def count(cmd: Count, uow: AbstractUnitOfWork) -> int:
    assert_type(uow.books, AbstractBooks)
    return len(cmd.title)


async def answer(cmd: Bare, uow: AbstractUnitOfWork) -> str:
    return cmd.title


async def keep_quiet(cmd: Quiet, uow: AbstractUnitOfWork) -> None: ...


async def count_traced(cmd: TracedCount, uow: AbstractUnitOfWork) -> str:
    return cmd.metadata.team


@sync_listen
def count_blocking(cmd: Count, uow: SyncUnitOfWork) -> int:
    assert_type(uow.books, SyncAbstractBooks)
    return len(cmd.title)


def make_uow() -> AbstractUnitOfWork:
    return UnitOfWork()


async def test_the_answer_of_handle_has_the_type_that_the_command_says() -> None:
    bus = AsyncMessageBus()
    bus.add_listener(Count, count)
    bus.add_listener(Bare, answer)
    bus.add_listener(Quiet, keep_quiet)
    bus.add_listener(TracedCount, count_traced)
    async with make_uow() as transaction:
        assert_type(transaction, AbstractUnitOfWork)
        assert assert_type(await bus.handle(Count(title="Emma"), transaction), int) == 4
        assert assert_type(await bus.handle(Bare(title="Emma"), transaction), Any) == "Emma"
        traced = await bus.handle(TracedCount(title="Emma"), transaction)
        assert assert_type(traced, str) == "library"
        await assert_type(bus.handle(Quiet(title="Emma"), transaction), Coroutine[Any, Any, None])
        await assert_type(bus.handle(Counted(title="Emma"), transaction), Coroutine[Any, Any, None])
        await transaction.commit()


def test_the_answer_of_the_sync_bus_has_the_type_that_the_command_says() -> None:
    bus = SyncMessageBus()
    bus.add_listener(Count, count_blocking)
    with SyncUnitOfWork() as transaction:
        assert_type(transaction, SyncUnitOfWork)
        assert_type(transaction.books, SyncAbstractBooks)
        assert assert_type(bus.handle(Count(title="Emma"), transaction), int) == 4
        transaction.commit()


async def test_the_ports_of_the_transaction_have_the_declared_types() -> None:
    async with make_uow() as transaction:
        assert_type(transaction.books, AbstractBooks)
        assert_type(transaction.status, TransactionStatus)
        assert_type(await transaction.books.by_title("Emma"), Book)
        assert_type(transaction.books.seen, list[Book])
        await transaction.rollback()


async def test_a_unit_of_work_may_have_a_type_parameter() -> None:
    async with BooksUnitOfWork() as transaction:
        assert_type(transaction, BooksUnitOfWork)
        assert_type(transaction.books, Books)
        await transaction.rollback()


async def test_the_block_swallows_no_exception_for_checkers_either() -> None:
    async def within() -> int:
        async with UnitOfWork() as transaction:
            await transaction.rollback()
            return 1

    assert assert_type(await within(), int) == 1


def test_decorators_return_the_type_that_they_were_given() -> None:
    async_handler: Callable[[Count, AbstractUnitOfWork], Coroutine[Any, Any, int]] = count
    sync_handler: Callable[[Count, SyncUnitOfWork], int] = count_blocking
    assert async_handler is count
    assert assert_type(count_blocking(Count(title="Emma"), SyncUnitOfWork()), int) == 4
    assert sync_handler is count_blocking


def test_metadata_has_the_type_of_its_class() -> None:
    assert assert_type(Count(title="Emma").metadata, Metadata).name == "Count"
    assert assert_type(Counted(title="Emma").metadata, Metadata).name == "counted"
    assert assert_type(TracedCount(title="Emma").metadata, Traced).team == "library"
    assert assert_type(TracedCounted(title="Emma").metadata, Traced).team == "library"


def test_a_model_s_messages_carry_its_metadata_class() -> None:
    book, traced = Book(title="Emma"), TracedBook(title="Emma")
    assert_type(book.messages, list[Message[Metadata]])
    assert_type(traced.messages, list[Message[Traced]])
    book.messages.append(Counted(title="Emma"))
    traced.messages.append(TracedCounted(title="Emma"))
    assert len(book.messages) == len(traced.messages) == 1
