"""Models: pydantic classes that remember the messages they raised."""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, Generic, Protocol, Self, SupportsIndex

from pydantic import BaseModel

from messagebus.errors import ConfigurationError
from messagebus.messages import Message, Metadata, TMetadata


class Watcher(Protocol):
    """Notes which models were asked for their messages."""

    requested: list["Messages"]


Run = list[Any]
"""One `handle` of the bus: the transaction's collector, then the messages raised since it
last collected."""

current_run: ContextVar[Run | None] = ContextVar("running", default=None)
"""The run for which a handler runs; each task of an event loop has its own."""


class Messages(list[Message[Any]]):
    """A model's messages; the run that raises one is noted.

    Copies and pickles are empty, and have no watchers.
    """

    watchers: tuple[Watcher, ...] = ()

    def append(self, message: Message[Any], /) -> None:
        """Add a message, and note it in the run and in the model's watchers."""
        list.append(self, message)
        if (run := current_run.get()) is not None:
            run.append(message)
        for watcher in self.watchers:
            watcher.requested.append(self)

    def insert(self, index: SupportsIndex, message: Message[Any], /) -> None:
        """Add a message in front of others, likewise."""
        self.append(message)
        super().insert(index, self.pop())

    def extend(self, messages: Iterable[Message[Any]], /) -> None:
        """Add several messages, likewise."""
        for message in messages:
            self.append(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


class GenericModel(BaseModel, Generic[TMetadata]):
    """A model whose messages carry a metadata class of its own."""

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Refuse a field that the messages would hide."""
        super().__pydantic_init_subclass__(**options)
        if "messages" in cls.model_fields or "messages" in vars(cls):
            raise ConfigurationError(
                f"{cls.__module__}.{cls.__qualname__} declares messages; on a model that name is "
                "the list of what it raised, which the bus collects: give it another name, "
                'and the alias "messages" where the data say so.'
            )

    @property
    def messages(self) -> list[Message[TMetadata]]:
        """What the model raised and no handler has taken yet, oldest first.

        The list lies beside the fields, as `functools.cached_property` would leave it, so
        that it is in no dump and no comparison; copies and pickles start without messages.
        The model's watchers note that its messages were requested.
        """
        messages = messages_of(self)
        for watcher in messages.watchers:
            watcher.requested.append(messages)
        return messages

    def __copy__(self) -> Self:
        copied = super().__copy__()
        vars(copied).pop("_messages", None)
        return copied


def messages_of(model: BaseModel) -> Messages:
    """A model's messages, without a note in its watchers."""
    messages: Messages | None = model.__dict__.get("_messages")
    if messages is None:
        messages = vars(model)["_messages"] = Messages()
    return messages


class Model(GenericModel[Metadata]):
    """An entity of the domain: append what happened to it to `messages`.

    The bus collects the messages of every model that a repository of the transaction has
    in `seen`. The pattern is Fowler's domain event, in the form of Percival and Gregory's
    "Architecture Patterns with Python", chapter 8.
    """
