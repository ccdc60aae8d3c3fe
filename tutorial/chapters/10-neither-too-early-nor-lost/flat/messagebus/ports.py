"""What an application implements: repositories, transports, dependencies."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic

from messagebus.repository import Repository, TModel


class AsyncAbstractRepository(Repository[TModel], ABC, Generic[TModel]):
    """The base of an application's repositories, whose methods are coroutines."""


class AsyncAbstractEventstreamTransport(ABC):
    """The way to the stream: a broker's client, or a list in a test."""

    @abstractmethod
    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Hand one envelope to the stream; raise where the stream did not take it."""


class AsyncDependency:
    """What a handler may ask for by name, told how the transaction ended.

    Deriving from it is optional, and so is each hook; a hook runs once per transaction.
    """

    async def on_after_commit(self) -> None:
        """Run after the commit and the publication."""

    async def on_after_rollback(self) -> None:
        """Run after the rollback."""
