"""What a transaction's repositories have seen, and what those models raised.

Collecting asks only the models that are new in `seen`, and those that were asked for their
messages since: a command costs the same whether ten came before it or ten thousand.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from messagebus.messages import Message
from messagebus.model import GenericModel, Messages, messages_of

TModel = TypeVar("TModel", bound=GenericModel[Any], default=Any)


class Seen:
    """What one repository has seen, for the collector of a transaction or for none."""

    __slots__ = ("collector", "looked", "models")

    def __init__(self, collector: "Collector | None") -> None:
        self.collector = collector
        self.looked = 0
        self.models: list[Any] = []


class Repository(Generic[TModel]):
    """What the bus asks of a repository: the list of models that it has `seen`.

    An implementation appends to `seen` each model that it adds *and* each that it loads;
    the bus collects the models' messages from there. Each transaction starts with an
    empty list.
    """

    tx_seen: Seen | None = None

    if TYPE_CHECKING:
        seen: list[TModel]
        """The models that the transaction added or loaded."""

    else:

        @property
        def seen(self) -> list[TModel]:
            """The models that the transaction added or loaded."""
            if self.tx_seen is None:
                self.tx_seen = Seen(None)
            return self.tx_seen.models

        @seen.setter
        def seen(self, models: list[TModel]) -> None:
            if self.tx_seen is None:
                self.tx_seen = Seen(None)
            self.tx_seen.models = models


class Collector:
    """Takes what the models of one transaction raised, each message once, until it ends."""

    __slots__ = ("_seen", "_uow", "_watched", "asked")

    def __init__(self, uow: Any) -> None:
        self._uow = uow
        self.asked: list[Messages] = []
        self._seen: list[Seen] = []
        self._watched: list[Messages] = []
        for value in vars(uow).values():
            if isinstance(value, Repository):
                self.adopt(value)

    def adopt(self, repository: Repository[Any]) -> None:
        """Collect from this repository too, from an empty `seen` on."""
        repository.tx_seen = seen = Seen(self)
        self._seen.append(seen)

    def collect(self) -> Sequence[Message]:
        """Take the messages that were raised since the last time."""
        for value in vars(self._uow).values():
            if isinstance(value, Repository) and value.tx_seen:
                self._look(value.tx_seen)
        if not self.asked:
            return ()
        collected: list[Message] = []
        for messages in self.asked:
            if messages:
                collected += messages
                messages.clear()
        self.asked.clear()
        return collected

    def _look(self, seen: Seen) -> None:
        """Watch the models that are new; all, where some were taken out."""
        if seen.collector is not self:
            seen.collector = self
            self._seen.append(seen)
        if len(seen.models) == seen.looked:
            return
        models = seen.models[seen.looked :] if len(seen.models) > seen.looked else seen.models
        for model in models:
            messages = messages_of(model)
            if self not in messages.watchers:
                messages.watchers += (self,)
                self._watched.append(messages)
            if messages:
                self.asked.append(messages)
        seen.looked = len(seen.models)

    def end(self) -> Sequence[Message]:
        """Let models and repositories go; return the messages that were left."""
        left: list[Message] = []
        for seen in self._seen:
            seen.collector = None
            for model in seen.models:
                messages = model.__dict__.get("_messages")
                if messages:
                    left += messages
                    messages.clear()
        for messages in self._watched:
            if messages.watchers == (self,):
                messages.watchers = ()
            else:
                messages.watchers = tuple(each for each in messages.watchers if each is not self)
        return left
