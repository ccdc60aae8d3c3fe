"""The differences between a database's tables and those that an application declares."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def differences(connection: sa.Connection, metadata: sa.MetaData) -> Sequence[str]:
    """Each difference in Alembic's words; tables that are not declared are ignored."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    inspector = sa.inspect(connection)
    default = inspector.default_schema_name
    metadata = _without_schema(metadata, default)
    declared = {(table.schema, table.name) for table in metadata.tables.values()}
    schemas = {schema for schema, _ in declared}
    # Without a schema, a reflection finds tables further down the search path, too.
    here = set(inspector.get_table_names(schema=default))

    def is_own(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name in schemas
        if kind != "table":
            return True
        schema = parents["schema_name"]
        return (schema, name) in declared and (schema is not None or name in here)

    options = {"include_name": is_own, "include_schemas": schemas != {None}}
    context = MigrationContext.configure(connection, opts=options)
    unnamed = _unnamed_constraints(inspector)
    found = compare_metadata(context, metadata)
    return [str(each) for each in found if _constraint(each) not in unnamed]


def _without_schema(metadata: sa.MetaData, default: str | None) -> sa.MetaData:
    """The tables, without the default schema, which a reflection doesn't name."""
    if default is None or default not in {table.schema for table in metadata.tables.values()}:
        return metadata

    def renamed(schema: str | None, none: Any) -> Any:
        return none if schema in (None, default) else schema

    copy = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(
            copy,
            schema=renamed(table.schema, None),
            referred_schema_fn=lambda _table, _to, _key, referred: renamed(
                referred, sa.BLANK_SCHEMA
            ),
        )
    return copy


def _unnamed_constraints(inspector: sa.Inspector) -> Sequence[tuple[str, Sequence[str]]]:
    """The tables and columns of unique constraints without names, which SQLite allows.

    They can't be given a name, and SQLite's errors name the columns instead.
    """
    return [
        (table, each["column_names"])
        for (_, table), constraints in inspector.get_multi_unique_constraints().items()
        for each in constraints
        if each["name"] is None
    ]


def _constraint(difference: Any) -> tuple[str, Sequence[str]] | None:
    """The table and columns of a missing unique constraint."""
    match difference:
        case ("add_constraint", sa.UniqueConstraint(table=table, columns=columns)):
            return table.name, list(columns.keys())
        case _:
            return None
