"""The answers that were given under a key, kept in the transaction of what they answer.

After the idempotency key of the IETF's draft-ietf-httpapi-idempotency-key-header: whoever asks
again under the same key gets the same answer, and nothing is done twice.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlSession
from reading_club.adapters.statements import added, insert_unless_taken
from reading_club.adapters.tables import answers


class Answer(NamedTuple):
    """What was answered: a status of HTTP, a body, and the headers that belong to it."""

    status: int
    body: str = ""
    media_type: str | None = None
    etag: str | None = None
    location: str | None = None


class Claim(NamedTuple):
    """A key, and the digest of what was asked under it."""

    key: str
    digest: str


_add = insert_unless_taken(answers, ["key"])
_by_key = sa.select(answers).where(answers.c.key == sa.bindparam("key"))
_keep = (
    answers.update()
    .where(answers.c.key == sa.bindparam("asked"))
    .values({name: sa.bindparam(name) for name in Answer._fields})
)


class KeyReusedError(Exception):
    """The key was used for something else."""


def _claim(connection: sa.Connection, claim: Claim, answer: Answer | None) -> Answer | None:
    given: Mapping[str, Any] = answer._asdict() if answer else dict.fromkeys(Answer._fields)
    if added(connection, _add, {**claim._asdict(), **given}):
        return None
    row = connection.execute(_by_key, {"key": claim.key}).mappings().one()
    if row["digest"] != claim.digest:
        raise KeyReusedError(claim.key)
    return Answer(**{name: row[name] for name in Answer._fields})


def _settle(connection: sa.Connection, claim: Claim, answer: Answer) -> None:
    connection.execute(_keep, {"asked": claim.key, **answer._asdict()})


class SqlAnswers:
    """Keys and their answers, on the connection of a unit of work."""

    def __init__(self, session: AsyncSqlSession) -> None:
        self._session = session

    async def claim(self, claim: Claim, answer: Answer | None = None) -> Answer | None:
        """Take a key, with an answer or to `settle` it later; the answer it has, if it is taken.

        Waits for another transaction that has just claimed it. Raises `KeyReusedError` where
        something else was asked under that key.
        """
        return await self._session.run(_claim, claim, answer)

    async def settle(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer to what this transaction has claimed."""
        await self._session.run(_settle, claim, answer)
