"""What an application implements: repositories, transports."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from messagebus.model import Model

TModel = TypeVar("TModel", bound=Model)


class AsyncAbstractRepository(ABC, Generic[TModel]):
    """The base of an application's repositories: it remembers the models that it has `seen`.

    An implementation appends to `seen` each model that it adds and each that it loads.
    """

    seen: list[TModel]

    def __init__(self) -> None:
        self.seen = []


class AsyncAbstractEventstreamTransport(ABC):
    """The way to the stream: a broker's client, or a list in a test."""

    @abstractmethod
    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Hand one envelope to the stream; raise where the stream did not take it."""
