"""Models: pydantic classes that remember the messages they raised."""

from typing import Any, Generic, Self

from pydantic import BaseModel

from messagebus.messages import Message, Metadata, TMetadata


class GenericModel(BaseModel, Generic[TMetadata]):
    """A model whose messages carry a metadata class of its own."""

    @property
    def messages(self) -> list[Message[TMetadata]]:
        """What the model raised and nobody has handled yet, oldest first.

        The list lies beside the fields, as `functools.cached_property` would leave it, so
        that it is in no dump and no comparison; copies and pickles start without messages.
        """
        messages: list[Message[TMetadata]] = vars(self).setdefault("_messages", [])
        return messages

    def __copy__(self) -> Self:
        copied = super().__copy__()
        vars(copied).pop("_messages", None)
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        copied = super().__deepcopy__(memo)
        vars(copied).pop("_messages", None)
        return copied

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        fields = {name: value for name, value in vars(self).items() if name != "_messages"}
        return {**state, "__dict__": fields}


class Model(GenericModel[Metadata]):
    """An entity of the domain: append what happened to it to `messages`.

    The bus collects the messages of every model that a repository of the transaction has
    in `seen`. The pattern is Fowler's domain event, in the form of Percival and Gregory's
    "Architecture Patterns with Python", chapter 8.
    """
