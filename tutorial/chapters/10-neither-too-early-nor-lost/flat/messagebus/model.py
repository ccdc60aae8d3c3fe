"""Models: pydantic classes that remember the messages they raised."""

from typing import Any, Protocol

from pydantic import BaseModel

from messagebus.messages import Message


class Watcher(Protocol):
    """Notes which models were asked for their messages."""

    requested: list["Messages"]


class Messages(list[Message]):
    """A model's messages. Copies and pickles are empty, and watched by nobody."""

    watchers: tuple[Watcher, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


class Model(BaseModel):
    """An entity of the domain, checked when it is made: append what happened to `messages`."""

    @property
    def messages(self) -> list[Message]:
        """What the model raised and no handler has taken yet, oldest first.

        The list lies beside the fields, as `functools.cached_property` would leave it, so
        that it is in no dump and no comparison; copies and pickles start without messages.
        The model's watchers note that its messages were requested.
        """
        messages = messages_of(self)
        for watcher in messages.watchers:
            watcher.requested.append(messages)
        return messages


def messages_of(model: BaseModel) -> Messages:
    """A model's messages, without a note in its watchers."""
    messages: Messages | None = model.__dict__.get("_messages")
    if messages is None:
        messages = vars(model)["_messages"] = Messages()
    return messages
