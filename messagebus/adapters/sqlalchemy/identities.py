"""The models of a transaction: a row that is loaded twice is one model."""

from collections.abc import Hashable
from typing import Any, TypeVar

from messagebus.model import GenericModel

TModel = TypeVar("TModel", bound=GenericModel[Any])


class IdentityMap(dict[tuple[type, Hashable], Any]):
    """The models of one transaction by class and key: Fowler's Identity Map."""

    def put(self, key: Hashable, model: TModel) -> TModel:
        """Keep a model that was added or saved, in place of another one with its key."""
        self[type(model), key] = model
        return model

    def one(self, key: Hashable, loaded: TModel) -> TModel:
        """The transaction's model of the key, which is `loaded` if there was none."""
        model: TModel = self.setdefault((type(loaded), key), loaded)
        return model
