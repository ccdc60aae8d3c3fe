"""What every repository has to keep, as one check that the tests of any storage can run."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel

from messagebus.model import GenericModel
from messagebus.ports import AsyncAbstractRepository, SyncAbstractRepository
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork
from messagebus.variants import maybe_await, run_sync

TAsyncUow = TypeVar("TAsyncUow", bound=AsyncAbstractUnitOfWork[Any])
TSyncUow = TypeVar("TSyncUow", bound=SyncAbstractUnitOfWork[Any])
Repository = AsyncAbstractRepository[Any] | SyncAbstractRepository[Any]


async def check_async_repository(
    uow: TAsyncUow,
    repository: Callable[[TAsyncUow], AsyncAbstractRepository[Any]],
    model: GenericModel[Any],
    *,
    add: Callable[[TAsyncUow], Awaitable[object]],
    load: Mapping[str, Callable[[TAsyncUow], Awaitable[object]]],
    save: Callable[[TAsyncUow, Any], Awaitable[object]] | None = None,
) -> None:
    """Check that a repository keeps what the bus and the handlers rely on, in memory or on disk.

    What it adds and loads is in `seen`. A change is lost unless it is saved, and a rollback undoes
    it. Two loads in one transaction are one model. The model must be new, and is committed; the
    ways to load it go by their names:

        await check_async_repository(
            uow,
            lambda uow: uow.books,
            book,
            add=lambda uow: uow.books.add(book),
            load={"by_id": lambda uow: uow.books.by_id(book.id)},
        )

    `save` is given a loaded model, and saves it changed. Raises `AssertionError`.
    """
    await _Check(uow, repository, model, add, load, save).run()


def check_sync_repository(
    uow: TSyncUow,
    repository: Callable[[TSyncUow], SyncAbstractRepository[Any]],
    model: GenericModel[Any],
    *,
    add: Callable[[TSyncUow], object],
    load: Mapping[str, Callable[[TSyncUow], object]],
    save: Callable[[TSyncUow, Any], object] | None = None,
) -> None:
    """Check that a repository keeps what the bus and the handlers rely on.

    As `check_async_repository`, for the sync variant.
    """
    run_sync(_Check(uow, repository, model, add, load, save).run())


class _Check:
    def __init__(
        self,
        uow: AsyncAbstractUnitOfWork[Any] | SyncAbstractUnitOfWork[Any],
        repository: Callable[[Any], Repository],
        model: GenericModel[Any],
        add: Callable[[Any], object],
        load: Mapping[str, Callable[[Any], object]],
        save: Callable[[Any, Any], object] | None,
    ) -> None:
        self._uow = uow
        self._repository = repository
        self._model = model
        self._add = add
        self._load = load
        self._save = save

    async def run(self) -> None:
        before = deepcopy(_fields(self._model))
        kept = self._model
        try:
            async with self._transaction(keep=False) as transaction:
                await self._added(transaction)
            vars(self._model).update(deepcopy(before))
            await self._check_rolled_back()
            async with self._transaction(keep=True) as transaction:
                await self._added(transaction)
                before = deepcopy(_fields(self._model))
                kept = self._model.model_copy(deep=True)
                self._change_what_was_seen(transaction)
            vars(self._model).update(deepcopy(before))
            if not self._model.model_config.get("frozen"):
                await self._check_added(kept)
        finally:
            vars(self._model).update(before)
        for name, way in self._load.items():
            await self._check_loads(kept, {name: way})
        await self._check_loads(kept, self._load)
        if self._save is not None:
            await self._check_saves(kept, self._save)

    async def _added(self, transaction: Any) -> None:
        await self._called(self._add, transaction)
        self._check_kept(transaction, self._model, "add")
        for way in self._load.values():
            await self._called(way, transaction)
        self._check_one(transaction, self._model, f"add, {', '.join(self._load)}")

    async def _check_rolled_back(self) -> None:
        for name, way in self._load.items():
            async with self._transaction(keep=False) as transaction:
                with suppress(Exception):  # Some repositories raise where there is no such model.
                    await self._called(way, transaction)
                if self._model in self._repository(transaction).seen:
                    raise self._error(
                        transaction,
                        name,
                        f"found {self._model!r}, which was added and rolled back",
                        "a rollback undoes its transaction: undo it in the unit of work's rollback",
                    )

    async def _check_added(self, kept: GenericModel[Any]) -> None:
        """Change the added model field by field, since the ways to load it may need the others."""
        for field, value in _fields(kept).items():
            vars(self._model)[field] = _change(deepcopy(value))
            for name, way in self._load.items():
                async with self._transaction(keep=False) as transaction:
                    with suppress(Exception):
                        await self._called(way, transaction)
                    if self._model != kept and self._model in self._repository(transaction).seen:
                        raise self._error_of_change(transaction, name, kept)
            vars(self._model)[field] = deepcopy(value)

    async def _check_loads(self, kept: object, ways: Mapping[str, Callable[[Any], object]]) -> None:
        """Load twice, change what was loaded, and save nothing: the next transaction loads it."""
        for keep in (False, True, False):
            async with self._transaction(keep=keep) as transaction:
                self._check_unseen(transaction)
                for name, way in [*ways.items(), *ways.items()]:
                    await self._called(way, transaction)
                    self._check_kept(transaction, kept, name)
                self._check_one(transaction, kept, ", ".join(ways))
                self._change_what_was_seen(transaction)

    async def _check_saves(self, kept: object, save: Callable[[Any, Any], object]) -> None:
        name, way = next(iter(self._load.items()))
        for keep in (False, True):
            async with self._transaction(keep=keep) as transaction:
                await self._called(way, transaction)
                self._check_kept(transaction, kept, name)
                await self._called(save, transaction, self._repository(transaction).seen[-1])
        async with self._transaction(keep=False) as transaction:
            await self._called(way, transaction)
            if kept in self._repository(transaction).seen:
                raise self._error(
                    transaction,
                    name,
                    f"still gave {kept!r} after another one was saved and committed",
                    "what was saved is loaded from then on: write it in save",
                )

    def _check_unseen(self, transaction: Any) -> None:
        repository = self._repository(transaction)
        if repository.seen:
            raise AssertionError(
                f"{type(repository).__qualname__} starts a transaction with {repository.seen!r} "
                "in `seen`; what an earlier transaction saw is none of this one's: "
                "keep the list in self.seen alone, which the bus empties."
            )

    def _check_kept(self, transaction: Any, kept: object, way: str) -> None:
        seen = self._repository(transaction).seen
        if not seen:
            raise self._error(
                transaction,
                way,
                f"has not put {kept!r} into `seen`",
                "the bus collects messages of seen models alone: append the model to self.seen in "
                f"{way}, and see that it was there to be found",
            )
        if kept not in seen:
            raise self._error_of_change(transaction, way, kept)

    def _check_one(self, transaction: Any, kept: object, ways: str) -> None:
        seen = self._repository(transaction).seen
        if len({id(each) for each in seen if each == kept}) > 1:
            raise self._error(
                transaction,
                ways,
                f"gave two models for one {type(kept).__qualname__} in one transaction",
                "a change to the one would be missed on the other: remember what the transaction "
                "has added and loaded, and hand that out again",
            )

    def _change_what_was_seen(self, transaction: Any) -> None:
        for model in {id(each): each for each in self._repository(transaction).seen}.values():
            _change(model)

    def _error_of_change(self, transaction: Any, way: str, kept: object) -> AssertionError:
        return self._error(
            transaction,
            way,
            f"gave {self._repository(transaction).seen[-1]!r} where {kept!r} was saved last",
            "a change is lost unless it is saved and committed: keep copies of models, and "
            "hand out copies of those",
        )

    def _error(self, transaction: Any, way: str, what: str, rule: str) -> AssertionError:
        repository = type(self._repository(transaction)).__qualname__
        return AssertionError(f"{repository}.{way} {what}; {rule}.")

    async def _called(self, way: Callable[..., object], *args: object) -> object:
        return await maybe_await(way(*args), isinstance(self._uow, AsyncAbstractUnitOfWork), way)

    @asynccontextmanager
    async def _transaction(self, *, keep: bool) -> AsyncGenerator[Any, None]:
        if isinstance(self._uow, SyncAbstractUnitOfWork):
            with self._uow as blocking:
                yield blocking
                (blocking.commit if keep else blocking.rollback)()
        else:
            async with self._uow as transaction:
                yield transaction
                await (transaction.commit() if keep else transaction.rollback())


def _fields(model: BaseModel) -> dict[str, Any]:
    return {name: vars(model)[name] for name in type(model).model_fields}


def _change(value: Any) -> Any:
    """Change what can be changed in place; return another value of the same type for the rest."""
    if isinstance(value, BaseModel):
        changed = {name: _change(each) for name, each in _fields(value).items()}
        if not value.model_config.get("frozen"):
            vars(value).update(changed)
    elif isinstance(value, list):
        value.append([_change(each) for each in value])
    elif isinstance(value, dict):
        value["changed"] = [_change(each) for each in value.values()]
    elif isinstance(value, set):
        value.add("changed")
    elif isinstance(value, str | int | float) and not isinstance(value, Enum):
        return f"{value} changed" if isinstance(value, str) else type(value)(not value)
    return value
