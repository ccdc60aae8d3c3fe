"""The command `events`."""

import json

from tests.typer.conftest import Application, Run


def test_an_event_is_shown_field_by_field_or_as_it_is(run: Run) -> None:
    assert run("events").stdout.splitlines() == [
        "2026-01-02 03:04:05 UTC  parcel_sent_v1",
        "  name         The first",
        "2026-01-02 03:04:05 UTC  parcel_sent_v1",
        "  no JSON",
        "2026-01-02 03:04:05 UTC  parcel_sent_v1",
        "  name         The first",
    ]


def test_the_last_events_are_shown_alone(run: Run) -> None:
    shown = map(json.loads, run("events", "--json", "--last", "2").stdout.splitlines())
    assert [each["id"] for each in shown] == ["3", "4"]
    assert run("events", "--last", "0").exit_code == 2


def test_a_row_that_cannot_be_read_is_named_after_the_others(
    run: Run, application: Application
) -> None:
    application.outbox.undecodable = {3}
    shown = run("events", "--json")
    assert [json.loads(line)["id"] for line in shown.stdout.splitlines()] == ["1", "4"]
    assert (shown.exit_code, shown.stderr) == (1, "position 3\n")
