"""Which models a transaction works with, so that a row which is loaded twice is one model."""

from collections.abc import Hashable
from typing import Any, TypeVar

from messagebus.model import GenericModel

TModel = TypeVar("TModel", bound=GenericModel[Any])


class IdentityMap(dict[tuple[type, Hashable], Any]):
    """The models of one transaction, by class and key. Fowler's pattern of that name."""

    def put(self, key: Hashable, model: TModel) -> TModel:
        """Remember a model that was added or saved, in place of another one of its key."""
        self[type(model), key] = model
        return model

    def one(self, key: Hashable, loaded: TModel) -> TModel:
        """The model that this transaction has of the key already, else the one just loaded."""
        model: TModel = self.setdefault((type(loaded), key), loaded)
        return model
