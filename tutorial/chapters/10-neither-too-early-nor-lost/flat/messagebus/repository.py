"""Repositories, as the bus knows them: by the models that they have seen."""

from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from messagebus.model import Model

TModel = TypeVar("TModel", bound=Model, default=Any)


class Seen:
    """What one repository has seen, and how many of its models the collector has looked at."""

    __slots__ = ("collector", "looked_at", "models")

    def __init__(self) -> None:
        self.collector: object | None = None
        self.looked_at = 0
        self.models: list[Any] = []


class Repository(Generic[TModel]):
    """What the bus asks of a repository: the list of models that it has `seen`.

    An implementation appends to `seen` each model that it adds *and* each that it loads;
    the bus collects the models' messages from there. Each transaction starts with an
    empty list.
    """

    __messagebus_seen__: Seen | None = None

    if TYPE_CHECKING:
        seen: list[TModel]
        """The models that the transaction added or loaded."""

    else:

        @property
        def seen(self) -> list[TModel]:
            """The models that the transaction added or loaded."""
            return seen_of(self).models

        @seen.setter
        def seen(self, models: list[TModel]) -> None:
            seen_of(self).models = models


def seen_of(repository: Repository[Any]) -> Seen:
    """Return what a repository has seen."""
    seen = repository.__messagebus_seen__
    if seen is None:
        seen = repository.__messagebus_seen__ = Seen()
    return seen
