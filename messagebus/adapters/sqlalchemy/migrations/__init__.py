"""Migrations of an application's tables by Alembic, which lose no row.

Only migrations and comparisons import Alembic, of the extra `migrations`. A database whose tables
are today's is opened by reading one row.
"""

from messagebus.adapters.sqlalchemy.migrations.database import MigratedDatabase
from messagebus.adapters.sqlalchemy.migrations.references import BrokenReference, ForeignKey
from messagebus.adapters.sqlalchemy.migrations.runner import Migrated, Migrations

__all__ = ["BrokenReference", "ForeignKey", "Migrated", "MigratedDatabase", "Migrations"]
