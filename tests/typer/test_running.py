"""How commands open what they work on, and how they end."""

from tests.typer.conftest import Application, Run


def test_a_database_after_the_command_comes_before_the_one_in_front_of_it(
    run: Run, application: Application
) -> None:
    run("outbox", "status")
    run("--database", "a.db", "outbox", "status")
    run("--database", "a.db", "outbox", "status", "--database", "b.db")
    assert application.opened == [None, "a.db", "b.db"]


def test_an_empty_database_is_wrong_usage(run: Run, application: Application) -> None:
    wrong = run("outbox", "status", "--database", "")
    assert wrong.exit_code == 2
    assert "it is empty" in wrong.stderr
    assert application.opened == []


def test_an_application_that_cannot_open_ends_the_command_with_its_reason(run: Run) -> None:
    ended = run("db", "current", "--database", "nowhere")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == "the database nowhere cannot be used\n"


def test_an_error_of_the_bus_ends_the_command_with_its_message(run: Run) -> None:
    assert run("stream", "skip", "7", "--consumer", "mail").stdout == "Skipped 7.\n"
    assert run("stream", "begin-anew", "--consumer", "mail").stdout == "mail begins anew.\n"
    wrong = run("stream", "skip", "8", "--consumer", "mail")
    assert (wrong.exit_code, wrong.stderr) == (1, "mail does not stand at 8\n")
    lost = run("stream", "begin-anew", "--consumer", "search")
    assert (lost.exit_code, lost.stderr) == (1, "the position of search is lost\n")
