"""Migrations of an application's tables, by Alembic, so that no row is lost.

Alembic, of the extra `migrations`, is imported only by what migrates or compares: opening a
database whose tables are today's asks for one row.
"""

from messagebus.adapters.sqlalchemy.migrations.database import MigratedDatabase
from messagebus.adapters.sqlalchemy.migrations.references import BrokenReference, ForeignKey
from messagebus.adapters.sqlalchemy.migrations.runner import Migrated, Migrations

__all__ = ["BrokenReference", "ForeignKey", "Migrated", "MigratedDatabase", "Migrations"]
