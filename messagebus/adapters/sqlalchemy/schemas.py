"""Which schema a table is in: SQLAlchemy may translate it, and the server has a search path."""

import sqlalchemy as sa

_FOUND = sa.text(
    """
    SELECT coalesce(
        (SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE pg_class.oid = to_regclass(:table)),
        current_schema()
    )
    """
)
"""The schema of a table, or the one in which it would be made."""


def name_on_server(connection: sa.Connection, table: sa.Table) -> str:
    """The name by which PostgreSQL's locks know the table, however a connection reaches it.

    It has its schema in front, unless that is `public`.
    """
    schema = connection.schema_for_object(table)
    if schema is None:
        quoted = connection.dialect.identifier_preparer.quote_identifier(table.name)
        schema = connection.scalar(_FOUND, {"table": quoted})
    return table.name if schema == "public" else f"{schema}.{table.name}"


def name_in_file(engine: sa.Engine, table: sa.Table) -> str:
    """The table's name on SQLite, with the schema that the engine's options translate it to."""
    schemas = engine.get_execution_options().get("schema_translate_map") or {}
    schema = schemas.get(table.schema, table.schema)
    return f"{schema}.{table.name}" if schema else table.name
