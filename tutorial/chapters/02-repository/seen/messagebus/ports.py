"""What an application implements: repositories."""

from abc import ABC
from typing import Generic, TypeVar

from messagebus.model import Model

TModel = TypeVar("TModel", bound=Model)


class AsyncAbstractRepository(ABC, Generic[TModel]):
    """The base of an application's repositories: it remembers the models that it has `seen`.

    An implementation appends to `seen` each model that it adds and each that it loads.
    """

    seen: list[TModel]

    def __init__(self) -> None:
        self.seen = []
