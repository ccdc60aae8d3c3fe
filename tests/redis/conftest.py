"""One Redis for the tests of a process, emptied for each, and others that a test may kill."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from messagebus.adapters.redis import AsyncRedisStream
from tests.redis.servers import PrivateRedis


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Generator[PrivateRedis, None, None]:
    server = PrivateRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def redis(shared_redis: PrivateRedis) -> PrivateRedis:
    shared_redis.client.flushall()
    return shared_redis


@pytest.fixture
def own_redis(tmp_path: Path) -> Generator[PrivateRedis, None, None]:
    """A server that a test may kill."""
    server = PrivateRedis(tmp_path)
    server.start()
    yield server
    server.close()


@pytest.fixture
async def stream(redis: PrivateRedis) -> AsyncGenerator[AsyncRedisStream, None]:
    stream = redis.stream()
    yield stream
    await stream.close()
