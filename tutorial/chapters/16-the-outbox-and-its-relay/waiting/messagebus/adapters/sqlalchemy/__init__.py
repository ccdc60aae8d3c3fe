"""Units of work and event stores on SQL databases, by SQLAlchemy: PostgreSQL and SQLite.

There is one way to write SQL: a function of a `sqlalchemy.Connection`, called by a session's `run`.
"""

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase, open_database
from messagebus.adapters.sqlalchemy.eventstore import AsyncSqlEventstoreRepository
from messagebus.adapters.sqlalchemy.outbox import AsyncSqlOutbox
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.adapters.sqlalchemy.unit_of_work import AsyncSqlUnitOfWork

__all__ = [
    "AsyncSqlDatabase",
    "AsyncSqlEventstoreRepository",
    "AsyncSqlOutbox",
    "AsyncSqlSession",
    "AsyncSqlUnitOfWork",
    "EventstoreTable",
    "open_database",
]
