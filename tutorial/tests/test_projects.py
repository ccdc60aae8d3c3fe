"""States as projects, as a history; old forms frozen and carried."""

import subprocess
from pathlib import Path

import pytest

from tutorial.__main__ import main
from tutorial.errors import TutorialError
from tutorial.projects import history, start
from tutorial.runs import run_pytest
from tutorial.tests.conftest import Shelf
from tutorial.versions import carry, freeze

EARLY = "tutorial/chapters/01-shelf/add/reading_club/shelf.py"


def test_a_started_project_passes_its_tests(shelf: Shelf, tmp_path: Path) -> None:
    start(shelf.book(), "2", tmp_path / "club")
    assert "pip install -r requirements.txt" in (tmp_path / "club/README.md").read_text()
    assert (tmp_path / "club/tests/__init__.py").is_file()
    assert run_pytest(tmp_path / "club", "-q", {}).code == 0


def test_each_step_can_be_started_from(shelf: Shelf, tmp_path: Path) -> None:
    assert "the state after step 1.1;" in start(shelf.book(), "1.1", tmp_path / "first")
    assert "__len__" not in (tmp_path / "first/reading_club/shelf.py").read_text()
    assert run_pytest(tmp_path / "first", "-q", {}).code == 0
    assert "the state after chapter 1;" in start(shelf.book(), "1.2", tmp_path / "second")
    assert "__len__" in (tmp_path / "second/reading_club/shelf.py").read_text()


@pytest.mark.parametrize("step", ["1.3", "1.0", "1.x"])
def test_a_step_that_does_not_exist_is_refused_with_those_that_do(
    shelf: Shelf, tmp_path: Path, step: str
) -> None:
    with pytest.raises(TutorialError, match=r"has no step .*Name one of 1\.1 to 1\.2"):
        start(shelf.book(), step, tmp_path / "club")


def test_a_folder_with_files_is_left_alone(shelf: Shelf) -> None:
    with pytest.raises(TutorialError, match="the folder is not empty"):
        start(shelf.book(), "1", shelf.root)


def test_a_chapter_that_does_not_exist_is_refused_with_those_that_do(
    shelf: Shelf, tmp_path: Path
) -> None:
    with pytest.raises(TutorialError, match="Name one of 01-shelf, 02-bus"):
        start(shelf.book(), "3", tmp_path / "club")


def test_the_history_has_a_commit_for_each_step_and_a_tag_for_each_chapter(
    shelf: Shelf, tmp_path: Path
) -> None:
    history(shelf.book(), tmp_path / "history")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", tmp_path / "history", clone], check=True)
    log = _git(clone, "log", "--format=%s", "--reverse").splitlines()
    assert log == ["Chapter 1, add", "Chapter 1, count", "Chapter 2, bus"]
    assert _git(clone, "tag").split() == ["chapter-01", "chapter-02"]
    _git(clone, "checkout", "--quiet", "chapter-01")
    assert not (clone / "messagebus").exists()
    assert run_pytest(clone, "-q", {}).code == 0


def test_freezing_keeps_the_committed_form_in_the_step_that_showed_it(shelf: Shelf) -> None:
    shelf.commit()
    was = (shelf.root / "messagebus/bus.py").read_text()
    shelf.edit("messagebus/bus.py", "One handler", "Some handlers")
    freeze(shelf.book(), "messagebus/bus.py")
    assert (shelf.root / "tutorial/chapters/02-bus/bus/messagebus/bus.py").read_text() == was
    with pytest.raises(TutorialError, match="no step takes this file from the top level"):
        freeze(shelf.book(), "messagebus/bus.py")


def test_freezing_saves_a_file_that_was_deleted(shelf: Shelf) -> None:
    shelf.commit()
    (shelf.root / "messagebus/bus.py").unlink()
    assert main(["freeze", "messagebus/bus.py"], shelf.root) == 0
    assert "shows another form than the top level" in shelf.checked()[0]


def test_an_edit_of_an_early_form_is_carried_to_the_top_level(shelf: Shelf) -> None:
    shelf.commit()
    shelf.edit(EARLY, "in which they came", "of their arrival")
    assert carry(shelf.book(), "01-shelf/add", "reading_club/shelf.py") == []
    text = (shelf.root / "reading_club/shelf.py").read_text()
    assert "Books in the order of their arrival" in text
    assert "__len__" in text


def test_an_edit_that_meets_another_is_left_to_a_person(shelf: Shelf) -> None:
    shelf.commit()
    shelf.edit(EARLY, "in which they came", "of their arrival")
    shelf.edit("reading_club/shelf.py", "in which they came", "of their titles")
    [wrong] = carry(shelf.book(), "01-shelf/add", "reading_club/shelf.py")
    assert "the edit of 01-shelf/add meets other changes" in str(wrong)
    assert "<<<<<<<" in (shelf.root / "reading_club/shelf.py").read_text()


def test_a_command_ends_with_its_verdict(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"], shelf.root) == 0
    (shelf.root / "docs/tutorial/02-bus.md").unlink()
    assert main(["check"], shelf.root) == 1
    output = capsys.readouterr()
    assert "tutorial check: 1 wrong" in output.out
    assert output.err.startswith("- 02-bus: its page docs/tutorial/02-bus.md is not there")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout
