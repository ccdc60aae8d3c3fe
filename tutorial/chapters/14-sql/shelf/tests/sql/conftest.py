"""Units of work over each kind of storage; the same promises hold on all."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "club.db"


@pytest.fixture(params=["memory", "sqlite"])
def each_uow(request: pytest.FixtureRequest, file: Path) -> AbstractUnitOfWork:
    """The club's unit of work over dictionaries and SQLite."""
    if request.param == "memory":
        return InMemoryUnitOfWork(EventstreamTransport())
    engine = sa.create_engine(f"sqlite:///{file}")
    metadata.create_all(engine)
    return ClubUnitOfWork(engine)
