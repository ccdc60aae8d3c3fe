"""The messagebus that is installed is the one that this service was written for."""

import importlib.util


def test_messagebus_is_not_the_package_of_that_name_on_the_package_index() -> None:
    for part in ("relay", "contracts", "adapters.sqlalchemy"):
        assert importlib.util.find_spec(f"messagebus.{part}"), part
