"""The built pages: directives followed, links that lead somewhere, the whole typed along."""

import shutil
from pathlib import Path

import pytest

from tutorial.changes import Mark, Row
from tutorial.markdown import Directives, works
from tutorial.replay import Page, replay
from tutorial.tests.conftest import SHELF, Shelf

PAGE = "tutorial/01-shelf/index.html"
AFTER = "shelf.py · in Shelf, add after __init__<"
LOST = [
    ("docs/index.md", "[lost](tutorial/03-lost.md)", "03-lost.md"),
    ("docs/index.md", "[lost](tutorial/02-bus.md#lost)", "anchor '#lost'"),
    ("docs/index.md", "[include reading_club/shelf.py#Lost]", "it has no Lost"),
    ("docs/tutorial/02-bus.md", "[step lost]", "step lost is not the next one"),
    ("docs/tutorial/02-bus.md", "[answer lost]", "there is no exercise lost"),
    ("docs/tutorial/02-bus.md", "[diagram lost]", "the step records no diagram lost"),
    ("docs/tutorial/index.md", "[code 09-lost]", "there is no such chapter"),
]
"""Page, a line that leads nowhere, and what the build says of it."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shelf = Shelf(tmp_path_factory.mktemp("built") / "shelf")
    shutil.copytree(SHELF, shelf.root)
    with (shelf.root / "docs/index.md").open("a") as page:
        page.write("\n```\n[include reading_club/shelf.py#Lost]\n```\n")
    done = shelf.build()
    assert done.returncode == 0, done.stderr
    return shelf.root / "site"


@pytest.fixture
def site(built: Path, shelf: Shelf) -> Path:
    return Path(shutil.copytree(built, shelf.root / "site"))


def test_the_pages_lead_from_an_empty_folder_to_every_state(shelf: Shelf, site: Path) -> None:
    assert replay(shelf.book(), site) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (AFTER, "shelf.py<", "typed along, the file differs"),
        (AFTER, "shelf.py · over it<", "nobody can tell what"),
        (
            AFTER,
            "shelf.py · add after Book<",
            "cannot be done: Book",
        ),
        ("tests/test_shelf.py · new", "tests/test_other.py · new", "is there or not"),
        ("2 passed", "1 failed", "the page shows that it fails, and it does not"),
    ],
)
def test_replay_reads_captions_lines_and_outputs(
    shelf: Shelf, site: Path, old: str, new: str, found: str
) -> None:
    html = (site / PAGE).read_text()
    assert old in html
    (site / PAGE).write_text(html.replace(old, new))
    wrong = [str(one) for one in replay(shelf.book(), site)]
    assert any(found in one for one in wrong)


def test_replay_needs_every_run_of_a_chapter(shelf: Shelf, site: Path) -> None:
    html = (site / PAGE).read_text()
    (site / PAGE).write_text(html.rpartition("tutorial-green")[0])
    assert "green run of step count: the page does not show it" in str(
        replay(shelf.book(), site)[0]
    )


def test_a_page_says_where_the_reader_is(site: Path) -> None:
    html = (site / PAGE).read_text()
    assert "Part one, the shape. Chapter 1 of 2: 2 min to read, 4 to build." in html
    assert "It adds 27 lines." in html
    assert 'href="../02-bus/"' in html


def test_the_map_shows_what_each_chapter_adds(site: Path) -> None:
    html = (site / "tutorial/index.html").read_text()
    assert '<a href="02-bus/">The bus</a>: who hands a message to its handler.' in html
    assert "26 lines in 3 files" in html


def test_the_map_sums_the_minutes_of_its_chapters(shelf: Shelf, site: Path) -> None:
    html = (site / "tutorial/index.html").read_text()
    spent = works(shelf.book()).values()
    assert f"<em>{next(iter(spent))}; " in html
    hours = round(sum(work.to_build for work in spent) / 60)
    assert f"to read, {hours} hours to build." in html


def test_a_page_ends_with_the_way_to_its_state(site: Path) -> None:
    html = (site / PAGE).read_text()
    assert "<summary>What changed in reading_club/shelf.py</summary>" in html
    assert "python3 noxfile.py -s start -- 1 my-club" in [b.text.strip() for b in Page(html).blocks]


def test_a_change_is_a_row_to_delete_and_a_row_to_type(shelf: Shelf) -> None:
    page = ["[chapter 1]", "[step add]", "[include reading_club/shelf.py]"]
    again = ["[step count]", "[include reading_club/shelf.py#Shelf.add]"]
    shelf.change_a_line()
    made = Directives(shelf.book()).page([*page, *again])
    block = Page("\n".join(made)).blocks[-1]
    assert block.caption == "reading_club/shelf.py · in Shelf.add, replace"
    assert block.rows == [
        Row(Mark.SAME, "    def add(self, title: str) -> None:"),
        Row(Mark.GONE, "        self.titles.append(title)"),
        Row(Mark.NEW, "        self.titles.append(title.strip())"),
    ]


def test_replay_makes_the_changes_that_a_page_shows(shelf: Shelf) -> None:
    shelf.change_a_line()
    assert shelf.build().returncode == 0
    assert replay(shelf.book(), shelf.root / "site") == []
    html = (shelf.root / "site" / PAGE).read_text()
    moved = html.replace("in Shelf.add, replace", "in Shelf.__init__, replace")
    (shelf.root / "site" / PAGE).write_text(moved)
    [wrong] = replay(shelf.book(), shelf.root / "site")
    assert "no place has the lines from 'def add(self, title: str) -> None:' on" in str(wrong)


def test_each_run_names_the_command_that_gives_its_step(site: Path) -> None:
    html = (site / PAGE).read_text()
    assert "Compare the exception, <code>TypeError</code>, and its message." in html
    assert html.count("<code>python3 noxfile.py -s start -- 1.1 my-club</code>") == 2
    assert html.count("<code>python3 noxfile.py -s start -- 1.2 my-club</code>") == 2


def test_a_diagram_is_drawn_on_the_page(site: Path) -> None:
    html = (site / "tutorial/02-bus/index.html").read_text()
    assert 'aria-label="A title arrives"' in html
    assert ">handle(Arrived)<" in html


def test_pages_outside_of_chapters_show_the_top_level(site: Path) -> None:
    assert "titles" in (site / "index.html").read_text()


def test_directives_inside_fences_are_shown_as_they_are(site: Path) -> None:
    assert "[include reading_club/shelf.py#Lost]" in (site / "index.html").read_text()


def test_a_build_fails_on_what_leads_nowhere(shelf: Shelf) -> None:
    for path, line, _ in LOST:
        with (shelf.root / path).open("a") as page:
            page.write(f"\n{line}\n")
    done = shelf.build()
    assert done.returncode == 1
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    for _, line, says in LOST:
        assert any(says in warning for warning in warnings), f"the build takes {line}"
    assert f"Aborted with {len(LOST)} warnings" in done.stdout
