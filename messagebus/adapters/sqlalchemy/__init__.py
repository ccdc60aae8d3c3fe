"""Units of work and event stores on SQL databases, by SQLAlchemy: PostgreSQL and SQLite.

There is one way to write SQL: a function of a `sqlalchemy.Connection`, called by a session's `run`.
The engines are SQLAlchemy's own, async and blocking.
"""

from messagebus.adapters.sqlalchemy.addresses import database_url
from messagebus.adapters.sqlalchemy.backends import allow_statements
from messagebus.adapters.sqlalchemy.database import (
    AsyncSqlDatabase,
    BlockingDatabase,
    SyncSqlDatabase,
)
from messagebus.adapters.sqlalchemy.errors import (
    DatabaseUnavailableError,
    MigrationError,
    OtherRevisionError,
    RetryableTransactionError,
    StatementFailedError,
    StorageError,
    UpgradeFailedError,
    shown_url,
    storage_errors,
)
from messagebus.adapters.sqlalchemy.eventstore import (
    AsyncSqlEventstoreRepository,
    SyncSqlEventstoreRepository,
)
from messagebus.adapters.sqlalchemy.idempotency import AsyncSqlIdempotencyStore, IdempotencyTable
from messagebus.adapters.sqlalchemy.inbox import AsyncSqlInbox
from messagebus.adapters.sqlalchemy.inbox_table import InboxTable
from messagebus.adapters.sqlalchemy.leader import consumer_leader_of, leader_of
from messagebus.adapters.sqlalchemy.migrations import (
    BrokenReference,
    ForeignKey,
    Migrated,
    MigratedDatabase,
    Migrations,
)
from messagebus.adapters.sqlalchemy.opening import open_database, open_sync_database
from messagebus.adapters.sqlalchemy.outbox import AsyncSqlOutbox
from messagebus.adapters.sqlalchemy.postgresql import PooledDatabase
from messagebus.adapters.sqlalchemy.postgresql_leader import AdvisoryLockLeader
from messagebus.adapters.sqlalchemy.retry import retry_sync_transaction, retry_transaction
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, SyncSqlSession
from messagebus.adapters.sqlalchemy.sqlite import SqliteDatabase
from messagebus.adapters.sqlalchemy.sqlite_leader import FileLockLeader
from messagebus.adapters.sqlalchemy.stream import AsyncSqlStream
from messagebus.adapters.sqlalchemy.tables import EventstoreTable, StreamTable
from messagebus.adapters.sqlalchemy.unit_of_work import AsyncSqlUnitOfWork, SyncSqlUnitOfWork
from messagebus.relay.outbox import DeadLetter, OutboxStatus

__all__ = [
    "AdvisoryLockLeader",
    "AsyncSqlDatabase",
    "AsyncSqlEventstoreRepository",
    "AsyncSqlIdempotencyStore",
    "AsyncSqlInbox",
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
    "InboxTable",
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
    "StorageError",
    "StreamTable",
    "SyncSqlDatabase",
    "SyncSqlEventstoreRepository",
    "SyncSqlSession",
    "SyncSqlUnitOfWork",
    "UpgradeFailedError",
    "allow_statements",
    "consumer_leader_of",
    "database_url",
    "leader_of",
    "open_database",
    "open_sync_database",
    "retry_sync_transaction",
    "retry_transaction",
    "shown_url",
    "storage_errors",
]
