"""The page's configuration of Debezium's outbox router names columns that the table has."""

import re
from pathlib import Path

from reading_club.adapters.tables import eventstore

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "how-far-this-goes.md"
CONFIGURATION = re.compile(r"^```properties\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_router_s_configuration_names_columns_of_the_table() -> None:
    found = CONFIGURATION.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    settings = dict(line.split("=") for line in found[1].splitlines())
    fields = [value for name, value in settings.items() if ".table.field.event." in name]
    fields.append(settings["transforms.outbox.route.by.field"])
    additional = settings["transforms.outbox.table.fields.additional.placement"].split(",")
    fields += [each.partition(":")[0] for each in additional]
    assert set(fields) <= set(eventstore.table.c.keys())
    assert settings["table.include.list"] == f"public.{eventstore.table.name}"
