"""Rows in memory, as strict as those of a table."""

from typing import Generic, TypeVar

from messagebus import Model

TKey = TypeVar("TKey")
TModel = TypeVar("TModel", bound=Model)


class Rows(Generic[TKey, TModel]):
    """Copies of models. A transaction loads each row once, as a model of its own."""

    def __init__(self) -> None:
        self.kept: dict[TKey, TModel] = {}
        """What a query sees. Look at these copies, and hand out what `load` gives."""

        self._committed: dict[TKey, TModel] = {}
        self._loaded: dict[TKey, TModel] = {}

    def save(self, key: TKey, model: TModel) -> None:
        """Keep a copy; this transaction loads the model itself from now on."""
        self.kept[key] = model.model_copy(deep=True)
        self._loaded[key] = model

    def load(self, key: TKey) -> TModel | None:
        """This transaction's model of a row, the same however often it is loaded, or `None`."""
        if key in self.kept and key not in self._loaded:
            self._loaded[key] = self.kept[key].model_copy(deep=True)
        return self._loaded.get(key)

    def remove(self, key: TKey) -> None:
        """Keep a row no longer; this transaction loads none from now on."""
        self.kept.pop(key, None)
        self._loaded.pop(key, None)

    def load_or(self, key: TKey, default: TModel) -> TModel:
        """This transaction's model of a row, or the default, which is its model from now on."""
        return self.load(key) or self._loaded.setdefault(key, default)

    def commit(self) -> None:
        """Make what was saved last, and forget what was loaded."""
        self._committed = dict(self.kept)
        self._loaded.clear()

    def rollback(self) -> None:
        """Go back to the last commit, and forget what was loaded."""
        self.kept = dict(self._committed)
        self._loaded.clear()
