"""Which schema a table is in: SQLAlchemy may translate it, and the server has a search path."""

import sqlalchemy as sa

_SCHEMA = sa.text(
    """
    SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid = CAST(CAST(:table AS text) AS regclass)
    """
)


def name_on_server(connection: sa.Connection, table: sa.Table) -> str:
    """The name by which PostgreSQL's locks know the table, however a connection reaches it.

    It has its schema in front, unless that is `public`.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    parts = filter(None, (connection.schema_for_object(table), table.name))
    schema = connection.scalar(_SCHEMA, {"table": ".".join(map(quote, parts))})
    return table.name if schema == "public" else f"{schema}.{table.name}"


def name_in_file(engine: sa.Engine, table: sa.Table) -> str:
    """The table's name on SQLite, with the schema that the engine's options translate it to."""
    schemas = engine.get_execution_options().get("schema_translate_map") or {}
    schema = schemas.get(table.schema, table.schema)
    return f"{schema}.{table.name}" if schema else table.name
