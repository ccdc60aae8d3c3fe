"""A command that ends with an error of the database says which database, and why."""

import pytest
import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import (
    DatabaseUnavailableError,
    MigrationError,
    RetryableTransactionError,
    StorageError,
    UpgradeFailedError,
    storage_errors,
)


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (DatabaseUnavailableError("no connection to there"), "no connection to there"),
        (UpgradeFailedError("parcels.db is as it was"), "parcels.db is as it was"),
        (RetryableTransactionError("it is locked"), "the database parcels.db .*: it is locked"),
        (MigrationError("no such revision"), "the database parcels.db .*: no such revision"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_an_error_of_a_database_names_the_database_once(raised: Exception, message: str) -> None:
    with pytest.raises(StorageError, match=f"^{message}$") as found, storage_errors("parcels.db"):
        raise raised
    assert found.value.__cause__ is raised


def test_a_driver_s_error_is_quoted_without_its_statement() -> None:
    engine = sa.create_engine("sqlite://")
    with (
        pytest.raises(StorageError, match=r"^the database :memory: .*: no such table: parcels$"),
        storage_errors(":memory:"),
        engine.connect() as connection,
    ):
        connection.execute(sa.text("SELECT * FROM parcels"))
    engine.dispose()


def test_another_error_is_raised_as_it_is() -> None:
    with pytest.raises(KeyError), storage_errors("parcels.db"):
        raise KeyError
