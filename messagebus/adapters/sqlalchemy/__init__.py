"""Units of work and event stores on SQL databases, by SQLAlchemy: PostgreSQL and SQLite.

There is one way to write SQL: a function of a `sqlalchemy.Connection`, called by a session's `run`.
Behind it are SQLAlchemy's own engines, async and blocking.
"""

from messagebus.adapters.sqlalchemy.advisory import AdvisoryLockLeader
from messagebus.adapters.sqlalchemy.blocking import BlockingDatabase
from messagebus.adapters.sqlalchemy.databases import (
    AsyncSqlDatabase,
    PooledDatabase,
    SqliteDatabase,
    SyncSqlDatabase,
)
from messagebus.adapters.sqlalchemy.errors import (
    DatabaseUnavailableError,
    MigrationError,
    OtherRevisionError,
    RetryableTransactionError,
    StatementFailedError,
    UpgradeFailedError,
    shown_url,
)
from messagebus.adapters.sqlalchemy.eventstores import (
    AsyncSqlEventstoreRepository,
    SyncSqlEventstoreRepository,
)
from messagebus.adapters.sqlalchemy.filelocks import FileLockLeader
from messagebus.adapters.sqlalchemy.foreign_keys import BrokenReference, ForeignKey
from messagebus.adapters.sqlalchemy.idempotency import AsyncSqlIdempotencyStore, IdempotencyTable
from messagebus.adapters.sqlalchemy.leaders import leader_of
from messagebus.adapters.sqlalchemy.migrated import MigratedDatabase
from messagebus.adapters.sqlalchemy.migrating import Migrated, Migrations
from messagebus.adapters.sqlalchemy.opening import open_database, open_sync_database
from messagebus.adapters.sqlalchemy.outbox import AsyncSqlOutbox
from messagebus.adapters.sqlalchemy.retrying import retry_sync_transaction, retry_transaction
from messagebus.adapters.sqlalchemy.sessions import AsyncSqlSession, SyncSqlSession
from messagebus.adapters.sqlalchemy.streams import AsyncSqlStream
from messagebus.adapters.sqlalchemy.tables import EventstoreTable, StreamTable
from messagebus.adapters.sqlalchemy.unit_of_work import AsyncSqlUnitOfWork, SyncSqlUnitOfWork
from messagebus.adapters.sqlalchemy.waits import allow_statements
from messagebus.relay.outbox import DeadLetter, OutboxStatus

__all__ = [
    "AdvisoryLockLeader",
    "AsyncSqlDatabase",
    "AsyncSqlEventstoreRepository",
    "AsyncSqlIdempotencyStore",
    "AsyncSqlOutbox",
    "AsyncSqlSession",
    "AsyncSqlStream",
    "AsyncSqlUnitOfWork",
    "BlockingDatabase",
    "BrokenReference",
    "DatabaseUnavailableError",
    "DeadLetter",
    "EventstoreTable",
    "FileLockLeader",
    "ForeignKey",
    "IdempotencyTable",
    "Migrated",
    "MigratedDatabase",
    "MigrationError",
    "Migrations",
    "OtherRevisionError",
    "OutboxStatus",
    "PooledDatabase",
    "RetryableTransactionError",
    "SqliteDatabase",
    "StatementFailedError",
    "StreamTable",
    "SyncSqlDatabase",
    "SyncSqlEventstoreRepository",
    "SyncSqlSession",
    "SyncSqlUnitOfWork",
    "UpgradeFailedError",
    "allow_statements",
    "leader_of",
    "open_database",
    "open_sync_database",
    "retry_sync_transaction",
    "retry_transaction",
    "shown_url",
]
