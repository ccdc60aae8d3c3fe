import logging
from pathlib import Path

import pytest
from markdown import Markdown

from docs.extensions.included import IncludedExtension

PICTURE = '<svg viewBox="0 0 1 1">\n\n<path d="M0 0"/>\n</svg>\n'


@pytest.fixture
def markdown(tmp_path: Path) -> Markdown:
    (tmp_path / "docs" / "runs").mkdir(parents=True)
    (tmp_path / "docs" / "runs" / "hello.txt").write_text("$ echo hello\nhello\n")
    (tmp_path / "docs" / "benchmarks").mkdir()
    (tmp_path / "docs" / "benchmarks" / "speed.md").write_text("| what |\n| --- |\n| 1.4 |\n")
    (tmp_path / "line.svg").write_text(PICTURE)
    included = IncludedExtension(root=str(tmp_path))
    return Markdown(extensions=["attr_list", "tables", "pymdownx.superfences", included])


def test_a_run_is_shown_with_its_command_and_without_a_copy_button(markdown: Markdown) -> None:
    html = markdown.convert("Look:\n\n[run hello]\n")
    assert "echo" in html
    assert "no-copy" in html
    assert 'data-search-exclude="true"' in html


def test_a_measured_table_is_a_table_of_the_page(markdown: Markdown) -> None:
    assert "<td>1.4</td>" in markdown.convert("Look:\n\n[measured speed]\n")


def test_a_picture_is_part_of_the_page(markdown: Markdown) -> None:
    html = markdown.convert("Look:\n\n[picture line.svg]\n\nAnd on.\n")
    assert '<figure class="picture">' in html
    assert '<path d="M0 0"/>' in html
    assert "<p>And on.</p>" in html


@pytest.mark.parametrize(
    ("directive", "culprit", "remedy"),
    [
        ("[run absent]", "docs/runs/absent.txt", "docs/runs/runs.toml"),
        ("[measured absent]", "docs/benchmarks/absent.md", "nox -s bench"),
        ("[picture absent.svg]", "absent.svg", "from the top of the repository"),
    ],
)
def test_a_missing_file_or_part_is_a_warning_with_a_remedy(
    markdown: Markdown,
    caplog: pytest.LogCaptureFixture,
    directive: str,
    culprit: str,
    remedy: str,
) -> None:
    with caplog.at_level(logging.WARNING):
        markdown.convert(f"{directive}\n")
    assert directive in caplog.text
    assert f"there is no file {culprit}" in caplog.text
    assert remedy in caplog.text


def test_brackets_in_a_sentence_are_no_directive(markdown: Markdown) -> None:
    assert "[run hello]" in markdown.convert("Write [run hello] alone on its line.\n")
