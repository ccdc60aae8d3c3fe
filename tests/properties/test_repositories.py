"""Storage in memory and in SQLite: one behaviour, whatever is done to them."""

import asyncio
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import (
    RegisterBook,
    RegisterReviewer,
    ReviewBook,
    ReviseReview,
    WithdrawReview,
)
from reading_club.domain.typed import NewComment, NewTitle
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork
from tests.sql.recount import miscounted

Work = RegisterBook | RegisterReviewer | ReviewBook | ReviseReview | WithdrawReview


def is_taken(kind: TypeAdapter[str], text: str) -> bool:
    """Whether a command takes that text."""
    try:
        kind.validate_python(text)
    except ValidationError:
        return False
    return True


ids = st.integers(0, 3).map(lambda number: UUID(int=number))
isbns = st.sampled_from(["0-321-12521-5", "9780321125217", "978-0-13-235088-4", "0132350882"])
names = st.sampled_from(["Ann", "Bob", "ann"])
review_ids = st.integers(1, 4).map(lambda number: UUID(int=number))
versions = st.none() | st.integers(1, 3)
prose = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=8)
titles = prose.filter(lambda text: is_taken(TypeAdapter(NewTitle), text))
comments = prose.filter(lambda text: is_taken(TypeAdapter(NewComment), text))

works = st.one_of(
    st.builds(RegisterBook, id=ids, isbn=isbns, title=titles, author=titles),
    st.builds(RegisterReviewer, id=ids, name=names),
    st.builds(
        ReviewBook,
        id=st.uuids(),
        isbn=isbns,
        reviewer=names,
        rating=st.integers(1, 10),
        comment=comments,
    ),
    st.builds(
        ReviseReview,
        id=review_ids,
        reviewer=names,
        rating=st.integers(1, 10),
        comment=comments,
        expected_version=versions,
    ),
    st.builds(WithdrawReview, id=review_ids, reviewer=names, expected_version=versions),
)
Script = Sequence[tuple[Sequence[Work], bool]]


def numbered(script: Script) -> Script:
    """The script with the ids 1, 2, 3 for its reviews, which changes of a review name."""
    ids = count(1)

    def with_id(work: Work) -> Work:
        if not isinstance(work, ReviewBook):
            return work
        return work.model_copy(update={"id": UUID(int=next(ids))})

    return [([with_id(work) for work in works], keep) for works, keep in script]


OPENING: Sequence[Work] = (
    RegisterBook(id=UUID(int=0), isbn="0-321-12521-5", title="A title", author="A. U."),
    RegisterReviewer(id=UUID(int=0), name="Ann"),
    RegisterReviewer(id=UUID(int=1), name="Bob"),
    ReviewBook(id=UUID(int=0), isbn="0-321-12521-5", reviewer="Ann", rating=5, comment=""),
    ReviewBook(id=UUID(int=0), isbn="0-321-12521-5", reviewer="Bob", rating=5, comment=""),
)
"""Without these, a change of a review seldom finds one."""

openings = st.sampled_from([[], [(OPENING, True)]])
transactions = st.lists(st.tuples(st.lists(works, max_size=6), st.booleans()), max_size=4)
scripts = st.tuples(openings, transactions).map(lambda both: numbered([*both[0], *both[1]]))


async def play(bus: AsyncMessageBus, uow: AbstractUnitOfWork, script: Script) -> Sequence[object]:
    seen: list[object] = []
    for works, keep in script:
        async with uow as transaction:
            seen += [await bus.handle(work, transaction) for work in works]
            await (transaction.commit() if keep else transaction.rollback())
    async with uow as transaction:
        seen += await transaction.catalogue.shelf()
        await transaction.rollback()
    return seen


@settings(max_examples=40, deadline=None)
@given(scripts)
def test_memory_and_sqlite_answer_alike_and_ratings_are_what_a_recount_gives(
    script: Script,
) -> None:
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")

    async def both() -> tuple[Sequence[object], Sequence[object]]:
        with TemporaryDirectory() as folder:
            database = open_database(f"sqlite:///{Path(folder) / 'club.db'}")
            await database.create(metadata)
            in_sqlite = await play(bus, ClubUnitOfWork(database), script)
            assert await database.run(miscounted) == []
            await database.close()
        return await play(bus, InMemoryUnitOfWork(EventstreamTransport()), script), in_sqlite

    in_memory, in_sqlite = asyncio.run(both())
    assert in_memory == in_sqlite
