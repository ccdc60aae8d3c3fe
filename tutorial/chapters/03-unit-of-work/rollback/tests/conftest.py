"""What the club's tests share: a unit of work in memory."""

import pytest

from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
def uow() -> InMemoryUnitOfWork:
    return InMemoryUnitOfWork()
