from collections.abc import Mapping
from typing import Any

import pytest

from messagebus import SyncAbstractEventstreamTransport, TransactionError
from reading_club.domain.messages import RegisterBook
from tests.tutorial.library import LibraryUnitOfWork, library_bus


class Wire(SyncAbstractEventstreamTransport):
    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []

    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.events.append(message)


def test_a_book_is_registered_and_told_without_a_loop(register_book_cmd: RegisterBook) -> None:
    wire = Wire()
    with LibraryUnitOfWork(wire) as transaction:
        assert library_bus().handle(register_book_cmd, transaction).is_ok()
        transaction.commit()

    assert [event["type"] for event in wire.events] == ["register_book_v1"]


def test_the_promises_are_the_same(register_book_cmd: RegisterBook) -> None:
    wire = Wire()
    uow = LibraryUnitOfWork(wire)
    with pytest.raises(TransactionError, match="without commit"), uow as transaction:
        library_bus().handle(register_book_cmd, transaction)

    assert uow.shelf.rows == {}
    assert wire.events == []
