"""What a transaction's repositories have seen, and what those models raised.

Collecting asks only the models that are new in `seen`, and those whose messages were
requested since: a command costs the same whether ten came before it or ten thousand.
"""

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

from messagebus.errors import ConfigurationError, TransactionError
from messagebus.messages import Message
from messagebus.model import GenericModel, Messages, Run, messages_of
from messagebus.repository import Repository, Seen, seen_of


class Collector:
    """Takes what the models of one transaction raised, each message once, until it ends."""

    __slots__ = ("_observed", "_seen", "_uow", "ended", "requested", "runs")

    def __init__(self, uow: Any) -> None:
        self._uow = uow
        self.ended = False
        self.requested: list[Messages] = []
        self.runs: dict[int, Run] = {}
        self._seen: list[Seen] = []
        self._observed: list[Messages] = []
        try:
            for value in _attributes(uow) if uow.tx_slots else vars(uow).values():
                if isinstance(value, Repository):
                    self.adopt(value)
                elif value is not None and isinstance(getattr(value, "seen", None), list):
                    _raise_if_stranger(uow, value)
        except BaseException:
            self.end()
            raise

    def adopt(self, repository: Repository[Any]) -> None:
        """Collect from this repository too, from an empty `seen` on."""
        seen = seen_of(repository)
        if seen.collector is self:
            return
        if seen.collector is not None:
            raise TransactionError(
                f"{type(repository).__qualname__} is in another unit of work's running "
                "transaction, which collects from it: give each unit of work repositories of its "
                "own; they may share what they store in."
            )
        seen.collector, seen.looked_at, seen.models = self, 0, []
        self._seen.append(seen)

    def find(self, repository: Repository[Any]) -> None:
        """Adopt a repository that a handler uses; raise where the unit of work hides it."""
        if any(repository is value for value in _attributes(self._uow)):
            self.adopt(repository)
        elif not self.ended:
            raise ConfigurationError(
                f"{type(repository).__qualname__} is used by a handler, but is no attribute of "
                f"{type(self._uow).__qualname__}; the bus collects messages from the attributes of "
                "the unit of work, not from what lies in a dict or in another object: "
                "set the repository as an attribute of its own."
            )

    def collect(self, run: Run | None = None) -> Sequence[Message]:
        """Take the messages that were raised since the last time.

        Those of other runs are left to them: several may be under way in one transaction.
        """
        for seen in self._seen:
            if len(seen.models) != seen.looked_at:
                self._look(seen)
        if not self.requested:
            return ()
        if run is not None:
            del run[1:]
            if len(self.runs) > 1:
                return self._collect_own(run)
        collected: list[Message] = []
        for messages in self.requested:
            if messages:
                collected += messages
                messages.clear()
        self.requested.clear()
        return collected

    def _collect_own(self, run: Run) -> Sequence[Message]:
        runs = self.runs.values()
        others = {id(each) for other in runs if other is not run for each in other[1:]}
        collected: list[Message] = []
        left: dict[int, Messages] = {}
        for messages in self.requested:
            collected += [each for each in messages if id(each) not in others]
            messages[:] = [each for each in messages if id(each) in others]
            if messages:
                left[id(messages)] = messages
        self.requested[:] = left.values()
        return collected

    def _look(self, seen: Seen) -> None:
        """Watch the models that are new; all, where some were taken out."""
        models = seen.models[seen.looked_at :] if len(seen.models) > seen.looked_at else seen.models
        for model in models:
            if not isinstance(model, GenericModel):
                raise ConfigurationError(
                    f"a repository of {type(self._uow).__qualname__} put {model!r} into `seen`, "
                    "which is no model; the bus collects messages from models: "
                    "derive its class from Model."
                )
            messages = messages_of(model)
            if self not in messages.watchers:
                messages.watchers += (self,)
                self._observed.append(messages)
            if messages:
                self.requested.append(messages)
        seen.looked_at = len(seen.models)

    def end(self) -> Sequence[Message]:
        """Let models and repositories go; return the messages that were left."""
        self.ended = True
        left: list[Message] = []
        for seen in self._seen:
            seen.collector = None
            for model in seen.models:
                messages = model.__dict__.get("_messages")
                if messages:
                    left += messages
                    messages.clear()
        for messages in self._observed:
            if messages.watchers == (self,):
                messages.watchers = ()
            else:
                messages.watchers = tuple(each for each in messages.watchers if each is not self)
        return left


def _raise_if_stranger(uow: object, value: object) -> None:
    raise ConfigurationError(
        f"{type(uow).__qualname__} has {type(value).__qualname__}, which has a list `seen` but is "
        "no repository of the bus's, so that nothing would be collected from it: "
        "derive it from AsyncAbstractRepository or SyncAbstractRepository."
    )


def slots_of(kind: type) -> tuple[str, ...]:
    """The names of the attributes that instances keep in slots."""
    return tuple(
        name
        for each in kind.__mro__
        for name, member in vars(each).items()
        if inspect.ismemberdescriptor(member)
    )


def _attributes(uow: Any) -> Iterable[object]:
    return [*vars(uow).values(), *(getattr(uow, name, None) for name in uow.tx_slots)]
