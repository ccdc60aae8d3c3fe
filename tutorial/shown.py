"""A listing as the page has it.

New parts are fenced code. Changes are HTML of our own: a row for each line, which says what it is,
highlighted as it is in its file. Copying takes the rows to type in, by the stylesheet.
"""

import re
from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from tutorial import panels
from tutorial.changes import Mark, Row
from tutorial.pieces import Listing

INDENT = re.compile(r"^((?:<span[^>]*>)*)( *)(.*)$")
TAGS = {Mark.SAME: "span", Mark.GAP: "span", Mark.NEW: "ins", Mark.GONE: "del"}


def shown(listing: Listing) -> list[str]:
    """The listing's lines of Markdown."""
    if not listing.rows:
        return ["", f'<p class="tutorial-caption">{listing.caption}</p>', ""]
    language = panels.language(listing.path)
    if listing.place and listing.place.is_change:
        return _changes(listing, language)
    marks = panels.ranges(listing.changed)
    marked = f' hl_lines="{marks}"' if marks else ""
    return panels.fence(listing.lines, f'.{language} title="{listing.caption}"{marked}')


def _changes(listing: Listing, language: str) -> list[str]:
    typed = any(row.mark == Mark.NEW for row in listing.rows)
    classes = f"language-{language} tutorial-changes highlight{'' if typed else ' no-copy'}"
    rows = "".join(
        f'<{TAGS[row.mark]} class="tutorial-{row.mark}">{code}\n</{TAGS[row.mark]}>'
        for row, code in zip(listing.rows, _coded(listing, language), strict=True)
    )
    caption = f'<span class="filename">{escape(listing.caption)}</span>'
    made = f'<div class="{classes}">{caption}<pre><code>{rows}</code></pre></div>'
    return ["", *made.split("\n"), ""]


def _coded(listing: Listing, language: str) -> list[str]:
    """Each row as its file has it, where the lines above it say what it is; else by itself."""
    forms = [_by_line(text, language) for text in (listing.after, listing.before)]
    return [_row(row, forms, language) for row in listing.rows]


def _row(row: Row, forms: list[dict[str, str]], language: str) -> str:
    if row.mark == Mark.GAP:
        return escape(row.text)
    known = (form[row.text] for form in reversed(forms) if row.text in form)
    if row.mark != Mark.GONE:
        known = (form[row.text] for form in forms if row.text in form)
    code = next(known, None) or _by_line(row.text, language).get(row.text, "")
    return INDENT.sub(r"\2<s>\1\3</s>", code) if row.mark == Mark.GONE and code else code


@lru_cache(maxsize=256)
def _by_line(text: str, language: str) -> dict[str, str]:
    lexer = get_lexer_by_name(language, stripnl=False)
    coded = highlight(text, lexer, HtmlFormatter(nowrap=True)).split("\n")
    return dict(zip(text.split("\n"), coded, strict=False))
