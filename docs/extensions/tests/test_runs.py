from pathlib import Path

import pytest

from docs.extensions.runs import RUNS, RunError, defined, fixed, main, printed, remembered
from tests.requires import postgresql

ID = "019ab000-0000-7000-8000-00000000000a"
OTHER = "019ab000-0000-7000-8000-00000000000b"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "runs.toml").write_text('[hello]\ncommands = ["echo hello"]\n')
    return tmp_path


@pytest.mark.parametrize("name", defined())
def test_a_page_shows_what_its_run_prints(name: str) -> None:
    if "postgresql" in defined()[name].get("needs", []):
        postgresql()
    shown = (RUNS / f"{name}.txt").read_text(encoding="utf-8")
    assert remembered(defined()[name], shown) == shown, "see python -m docs.extensions.runs"


def test_a_command_stands_before_what_it_printed_on_either_output() -> None:
    assert printed({"commands": ["echo one; echo two >&2"]}) == (
        "$ echo one; echo two >&2\none\ntwo\n"
    )


def test_preparations_of_a_run_are_not_shown() -> None:
    assert printed({"before": ["x=1; echo $x"], "commands": ["echo $x"]}) == "$ echo $x\n1\n"


def test_an_id_is_replaced_by_the_same_one_wherever_it_stands() -> None:
    first, second, third = fixed(f"{ID} {OTHER} {ID}").split()
    assert first == third
    assert first != second
    assert ID not in (first, second)


def test_times_are_fixed() -> None:
    assert fixed("2001-02-03T04:05:06.789+00:00") == fixed("2011-12-13T14:15:16+00:00")


def test_durations_are_left_out() -> None:
    assert fixed("3 passed in 0.12s") == "3 passed\n"
    assert fixed("3 passed in 112.34s (0:01:52)") == "3 passed\n"


def test_an_accepted_output_is_compared_from_then_on(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], runs) == 1
    assert main(["--accept"], runs) == 0
    assert main([], runs) == 0

    (runs / "hello.txt").write_text("$ echo hello\nchanged by hand\n")
    assert main([], runs) == 1
    assert "-changed by hand\n+hello" in capsys.readouterr().out


@pytest.mark.parametrize(
    "run",
    [
        {"before": ["false"], "commands": ["echo hello"]},
        {"commands": ["python -c 'raise RuntimeError'"]},
    ],
)
def test_a_run_that_breaks_down_reaches_no_page(run: dict[str, list[str]]) -> None:
    with pytest.raises(RunError, match="mend it"):
        printed(run)


def test_a_run_that_breaks_down_is_named_and_not_accepted(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "runs.toml").write_text('[hello]\nbefore = ["false"]\ncommands = ["echo hello"]\n')
    assert main(["--accept"], runs) == 1
    assert "docs/runs/runs.toml, hello: the run breaks down" in capsys.readouterr().out
    assert not (runs / "hello.txt").exists()
