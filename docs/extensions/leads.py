"""MkDocs hook: a page that says nothing else of itself is described by its first paragraph.

Search engines and messengers show the description; it is the paragraph marked `{ .lead }`.
"""

import re
from collections.abc import MutableMapping
from html import escape, unescape
from typing import Any, Protocol

LEAD = re.compile(r'<p class="lead">(.*?)</p>', re.DOTALL)


class Described(Protocol):
    """A page of MkDocs, as far as it is needed here."""

    meta: MutableMapping[str, Any]


def on_page_content(html: str, page: Described, **_: object) -> None:
    """What MkDocs calls with each page's HTML, before a template is around it."""
    if lead := LEAD.search(html):
        page.meta.setdefault("description", text_of(lead[1]))


def text_of(html: str) -> str:
    """The text on one line, for an attribute."""
    return escape(" ".join(unescape(re.sub(r"<[^>]+>", "", html)).split()))
