"""Messages as rows, in the transaction that changes the models."""

from pathlib import Path
from typing import Any

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus, Event, TransactionError
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook
from tests.sql.conftest import rows

MESSAGES = "SELECT kind, published, type FROM eventstore ORDER BY position"


async def test_a_command_and_its_events_are_rows_in_their_order(
    register_book_cmd: RegisterBook, sql_uow: ClubUnitOfWork, bus: AsyncMessageBus, file: Path
) -> None:
    async with sql_uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        assert rows(file, MESSAGES) == []
        await transaction.commit()

    assert rows(file, MESSAGES) == [
        ("command", 0, "register_book_v1"),
        ("event", 1, "register_book_v1"),
    ]


async def test_a_rolled_back_message_leaves_no_row(
    register_book_cmd: RegisterBook, sql_uow: ClubUnitOfWork, bus: AsyncMessageBus, file: Path
) -> None:
    async with sql_uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.rollback()
    async with sql_uow as transaction:
        await transaction.commit()

    assert rows(file, MESSAGES) == rows(file, "SELECT * FROM books") == []


async def test_published_messages_are_read_in_order_and_in_parts(
    sql_uow: ClubUnitOfWork, bus: AsyncMessageBus
) -> None:
    isbns = ["0-321-12521-5", "9780132350884", "978-0-13-475759-9"]
    for number, isbn in enumerate(isbns, start=1):
        async with sql_uow as transaction:
            command = RegisterBook(id=uuidgen(number), isbn=isbn, title="A title", author="A. U.")
            await bus.handle(command, transaction)
            await transaction.commit()

    async with sql_uow as transaction:
        first = await transaction.journal.published(limit=2)
        rest = await transaction.journal.published(after=first[-1][0], limit=2)
        await transaction.rollback()
    assert [list(envelope) for _, envelope in first] == [
        ["id", "created_at", "type", "payload"]
    ] * 2
    payloads = [envelope["payload"] for _, envelope in [*first, *rest]]
    assert [isbn in payload for isbn, payload in zip(isbns, payloads, strict=True)] == [True] * 3


async def test_a_message_that_json_cannot_represent_fails_the_transaction(
    sql_uow: ClubUnitOfWork, bus: AsyncMessageBus, register_book_cmd: RegisterBook, file: Path
) -> None:
    class Unsayable(Event):
        secret: Any

    async def leave() -> None:
        async with sql_uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            await transaction.eventstore.add(Unsayable(secret=object()))

    with pytest.raises(TransactionError, match="Unsayable cannot be stored"):
        await leave()
    assert rows(file, MESSAGES) == []


async def test_sql_outside_of_a_transaction_is_refused(sql_uow: ClubUnitOfWork) -> None:
    with pytest.raises(TransactionError, match="outside of a transaction"):
        await sql_uow.books.by_id(uuidgen(1))
    async with sql_uow as transaction:
        await transaction.commit()
        with pytest.raises(TransactionError, match="between `async with` and `commit"):
            await transaction.books.by_id(uuidgen(1))
