"""The migrations make the tables that the code declares."""

from pydantic import SecretStr

from ‹package›.adapters import schema
from ‹package›.bootstrap import Settings, open_storage


async def test_migrated_tables_are_those_that_are_declared(each_url: str) -> None:
    async with open_storage(Settings(database_url=SecretStr(each_url))) as database:
        assert (await schema.migrate(database)).before is None
        assert await database.run(schema.revision) == schema.REVISION
        assert await database.run(schema.differences) == []
