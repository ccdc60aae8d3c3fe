"""What stands beside the site's pages: each chapter as Markdown, and a list of them."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from tutorial.book import Book, Chapter
from tutorial.changes import Mark
from tutorial.markdown import chapter_page

FENCE = re.compile(r"^(?P<mark> *`{3,}) \{\.(?P<language>\w+)(?P<rest>[^}]*)\}$")
OUTPUT = re.compile(r'<div class="language-console.*?<code>(.*?)</code></pre></div>', re.DOTALL)
TITLE = re.compile(r'title="([^"]*)"')
CHANGES = re.compile(
    r'<div class="language-\w+ tutorial-changes.*?>(.*?)</span><pre><code>(.*?)</code></pre></div>',
    re.DOTALL,
)
ROW = re.compile(r'<(?:span|ins|del) class="tutorial-(\w+)">(.*?)\n</(?:span|ins|del)>', re.DOTALL)
SIGNS = {Mark.NEW: "+", Mark.GONE: "-", Mark.SAME: " ", Mark.GAP: " "}
CAPTION = re.compile(r'<p class="tutorial-caption">(.*)</p>')


def publish(book: Book, site: Path) -> str:
    """Write the chapters' Markdown and llms.txt into the built site; say how many there are."""
    rows: list[str] = []
    for chapter in book.chapters:
        page = chapter.page.removesuffix(".md")
        (site / f"{page}.md").write_text("\n".join(filled(book, chapter)), encoding="utf-8")
        rows.append(f"- [{chapter.number} {chapter.title}]({page}.md): {chapter.adds}")
    text = [
        "# messagebus",
        "",
        "> A small, typed message bus for Python, the reading club that is built on it, and a",
        "> tutorial that writes both step by step. Listings and outputs come from code that ran.",
        "",
        "## The tutorial, chapter by chapter",
        "",
        *rows,
        "",
    ]
    (site / "llms.txt").write_text("\n".join(text), encoding="utf-8")
    return f"{len(rows)} chapters as Markdown, and llms.txt"


def filled(book: Book, chapter: Chapter) -> Iterator[str]:
    """A chapter's page with its listings and outputs in it, in Markdown that anybody reads."""
    made = "\n".join(chapter_page(book, chapter))
    made = CHANGES.sub(_as_diff, OUTPUT.sub(_plain_text, made))
    for line in made.split("\n"):
        if found := FENCE.match(line):
            if title := TITLE.search(found["rest"]):
                yield f"`{title[1]}`"
                yield ""
            yield f"{found['mark']}{found['language']}"
        elif caption := CAPTION.match(line):
            yield f"`{caption[1]}`"
        elif not line.lstrip().startswith(("<div", "</div", "{ .", "<p class", "</p")):
            yield line


def _plain_text(output: re.Match[str]) -> str:
    return f"```console\n{_text(output[1])}\n```"


def _as_diff(listing: re.Match[str]) -> str:
    rows = [f"{SIGNS[Mark(mark)]}{_text(code)}".rstrip() for mark, code in ROW.findall(listing[2])]
    return "\n".join([f"`{_text(listing[1])}`", "", "```diff", *rows, "```"])


def _text(html: str) -> str:
    return unescape(re.sub(r"</?(?:span|s)\b[^>]*>", "", html))
