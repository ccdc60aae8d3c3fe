"""Units of work on SQL databases, by SQLAlchemy.

There is one way to write SQL: a function of a `sqlalchemy.Connection`, called by a session's `run`.
"""

from messagebus.adapters.sqlalchemy.session import AsyncSqlSession
from messagebus.adapters.sqlalchemy.unit_of_work import AsyncSqlUnitOfWork

__all__ = ["AsyncSqlSession", "AsyncSqlUnitOfWork"]
