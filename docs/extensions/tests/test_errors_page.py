"""The errors' page shows each error of the bus with what raises it."""

import messagebus
from tutorial.book import ROOT


def test_each_error_has_a_run_on_the_page() -> None:
    runs = [file.read_text("utf-8") for file in (ROOT / "docs/runs").glob("error-*.txt")]
    errors = {
        name for name in messagebus.__all__ if name.endswith("Error") and name != "MessageBusError"
    }
    shown = {run.split("\n")[1].partition(":")[0] for run in runs}
    assert shown == errors
