"""The newsletter over a stream in Redis."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import SecretStr

from newsletter.adapters.queries import written_letters
from newsletter.bootstrap import IncompleteStreamError, Newsletter, open_newsletter
from newsletter.config import Settings
from reading_club.bootstrap import ReadingClub, open_club
from reading_club.config import Settings as ClubSettings
from tests.newsletter.club import ledger, publish, register, review, reviewer, shown
from tests.redis.conftest import redis, shared_redis
from tests.redis.servers import PrivateRedis

__all__ = ["redis", "shared_redis"]


@pytest.fixture
async def club(redis: PrivateRedis, tmp_path: Path) -> AsyncGenerator[ReadingClub, None]:
    settings = ClubSettings(
        database_url=SecretStr(f"sqlite:///{tmp_path}/club.db"), stream=SecretStr(redis.url)
    )
    async with open_club(settings) as club:
        yield club


@pytest.fixture
async def newsletter(
    club: ReadingClub, redis: PrivateRedis, tmp_path: Path
) -> AsyncGenerator[Newsletter, None]:
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{tmp_path}/own.db"), stream=SecretStr(redis.url)
    )
    async with open_newsletter(settings) as newsletter:
        yield newsletter


async def test_letters_and_ranking_come_through_redis(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    await newsletter.register()
    await review(club, await register(club, "Emma"), await reviewer(club, "Ada"), 9)
    await publish(club)
    await newsletter.consumer().run_once()
    assert [each.title for each in await written_letters(newsletter.database)] == ["Emma"]
    assert await shown(newsletter) == await ledger(club)


async def test_a_rebuild_leaves_no_consumer_in_redis(
    club: ReadingClub, newsletter: Newsletter, redis: PrivateRedis
) -> None:
    await review(club, await register(club, "Emma"), await reviewer(club, "Ada"), 9)
    await publish(club)
    await newsletter.consumer().run_once()
    assert await newsletter.rebuild() == 2
    assert await shown(newsletter) == await ledger(club)
    assert [each["name"] for each in redis.client.xinfo_groups("reading_club")] == [b"newsletter"]


async def test_a_trimmed_stream_is_not_rebuilt_from_without_being_asked(
    club: ReadingClub, newsletter: Newsletter, redis: PrivateRedis
) -> None:
    await register(club, "Emma")
    await register(club, "Persuasion")
    await publish(club)
    await newsletter.consumer().run_once()
    redis.client.xtrim("reading_club", maxlen=1, approximate=False)
    with pytest.raises(IncompleteStreamError):
        await newsletter.rebuild()
