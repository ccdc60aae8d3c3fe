"""Repositories, as the bus knows them: by the models that they have seen."""

import inspect
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from messagebus.errors import ConfigurationError
from messagebus.model import GenericModel, current_run

TModel = TypeVar("TModel", bound=GenericModel[Any], default=Any)


class Seen:
    """What one repository has seen, and how many of its models the collector has looked at."""

    __slots__ = ("collector", "looked_at", "models")

    def __init__(self) -> None:
        self.collector: object | None = None
        self.looked_at = 0
        self.models: list[Any] = []


class Repository(Generic[TModel]):
    """What the bus asks of a repository: the list of models that it has `seen`.

    An implementation appends to `seen` each model that it adds *and* each that it loads; the
    bus collects their messages from there. Each transaction starts with an empty list. Raises
    `ConfigurationError` where a handler uses a repository that its unit of work hides.
    """

    __messagebus_seen__: Seen | None = None

    if TYPE_CHECKING:
        seen: list[TModel]
        """The models that the transaction added or loaded."""

    else:

        @property
        def seen(self) -> list[TModel]:
            """The models that the transaction added or loaded."""
            seen = self.__messagebus_seen__ or seen_of(self)
            if seen.collector is None:
                run = current_run.get()
                if run is not None:
                    run[0].find(self)
            return seen.models

        @seen.setter
        def seen(self, models: list[TModel]) -> None:
            seen_of(self).models = models

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if inspect.getattr_static(cls, "seen") is not vars(Repository)["seen"]:
            raise ConfigurationError(
                f"{cls.__module__}.{cls.__qualname__} has a `seen` of its own; the bus collects "
                "from the one of the base class alone: leave it out, and append to self.seen."
            )


def seen_of(repository: Repository[Any]) -> Seen:
    """Return what a repository has seen."""
    seen = repository.__messagebus_seen__
    if seen is None:
        seen = repository.__messagebus_seen__ = Seen()
    return seen
