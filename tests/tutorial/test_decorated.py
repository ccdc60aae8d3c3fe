from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any
from unittest.mock import AsyncMock

import pytest

from messagebus import AsyncMessageBus, ConfigurationError
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork

Handler = Callable[..., Coroutine[Any, Any, None]]


async def label(
    event: BookRegistered, uow: AbstractUnitOfWork, shelf: str, labels: list[str]
) -> None:
    labels.append(f"{event.title}: {shelf}")


def on_the_poetry_shelf(handler: Handler) -> Handler:
    @wraps(handler)
    async def call(event: BookRegistered, uow: AbstractUnitOfWork, labels: list[str]) -> None:
        await handler(event, uow, "poetry", labels)

    return call


async def labels_of(
    handler: Handler, cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> list[str]:
    labels: list[str] = []
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookRegistered, handler)
    async with uow as transaction:
        await bus.handle(cmd, transaction, labels=labels)
        await transaction.commit()
    return labels


async def test_arguments_bound_by_a_partial_stay_bound(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    bus = AsyncMessageBus(shelf=lambda: "fiction")
    labels = await labels_of(partial(label, shelf="poetry"), register_book_cmd, uow, bus)
    assert labels == ["Domain Driven Design: poetry"]


async def test_a_decorator_s_dependency_need_not_be_provided(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    labels = await labels_of(on_the_poetry_shelf(label), register_book_cmd, uow, AsyncMessageBus())
    assert labels == ["Domain Driven Design: poetry"]


def test_an_object_with_every_attribute_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="has whatever attribute it is asked for"):
        AsyncMessageBus().add_listener(BookRegistered, AsyncMock())
