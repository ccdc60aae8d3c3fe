"""The page "Your first hour", followed to its end by what the built page says, and nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from typing_extensions import override

from tests.starter.bare import bare

ROOT = Path(__file__).parents[2]
PAGE = "first-hour/index.html"


class Blocks(HTMLParser):
    """The page's diffs and shell lines, in order, as their copy buttons give them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._kind = ""
        self._within = False

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = (dict(attrs).get("class") or "").split()
        if tag == "div" and "highlight" in names:
            self._kind = next(
                (each for each in ("language-sh", "language-diff") if each in names), ""
            )
        if tag == "pre" and self._kind:
            self.found.append((self._kind, ""))
            self._within = True

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._within = False

    @override
    def handle_data(self, data: str) -> None:
        if self._within:
            kind, text = self.found[-1]
            self.found[-1] = (kind, text + data)


def blocks() -> Iterator[tuple[str, str]]:
    site = Path(os.environ.get("MESSAGEBUS_SITE", ROOT / "site"))
    parser = Blocks()
    parser.feed(site.joinpath(PAGE).read_text(encoding="utf-8"))
    yield from parser.found


def test_the_first_hour_ends_where_the_page_says(tmp_path: Path) -> None:
    service = tmp_path / "parcel-tracking"
    environment = bare()
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for name in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{name}_NAME": "Ada", f"GIT_{name}_EMAIL": "ada@example.org"}
    kinds: list[str] = []
    for kind, text in blocks():
        kinds.append(kind)
        where = service if service.exists() else ROOT
        command = (
            ["git", "apply"] if kind == "language-diff" else ["sh", "-euc", _here(text, service)]
        )
        ran = subprocess.run(
            command,
            cwd=where,
            env=environment,
            input=text if kind == "language-diff" else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{text}\n{ran.stdout}"
    assert kinds.count("language-diff") == 3
    assert kinds[-1] == "language-sh"


def _here(text: str, service: Path) -> str:
    """The lines, with the test's own folder beside the checkout's, and our Python as python3."""
    return text.replace("../parcel-tracking", str(service)).replace("python3 ", "python ")
