"""A recorded run as a sequence diagram: static SVG that takes the page's own colours."""

from html import escape
from itertools import chain

from tutorial.errors import TutorialError

MOST = 4
COLUMN, ROW, TOP = 92, 34, 44
LINE = 'fill="none" stroke="currentColor"'
WORDS = 'text-anchor="middle" fill="currentColor" font-size="9.5"'


def draw(title: str, rows: list[str]) -> list[str]:
    """One line of the recording, `caller -> callee: words`, is one arrow from above to below."""
    arrows = [_arrow(title, row) for row in rows]
    names = list(dict.fromkeys(chain.from_iterable(arrow[:2] for arrow in arrows)))
    if not 0 < len(names) <= MOST:
        rule = f"it has {len(names)} participants, and a phone shows {MOST}"
        raise TutorialError(
            f"diagram {title}", rule, "Give several functions one participant in `calls`"
        )
    width, height = COLUMN * len(names), TOP + ROW * len(arrows) + 12
    made = [
        f'<svg class="tutorial-sequence" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(title)}" style="max-width:{width * 1.6:.0f}px">',
        f"<title>{escape(title)}</title>",
    ]
    for index, name in enumerate(names):
        x = COLUMN * index + COLUMN / 2
        made.append(f'<path class="life" {LINE} opacity=".3" d="M{x} 28V{height}"/>')
        made.append(f'<rect {LINE} x="{x - 42}" y="4" width="84" height="24" rx="5"/>')
        made.append(f'<text class="who" {WORDS} x="{x}" y="20">{escape(name)}</text>')
    for index, (caller, callee, words) in enumerate(arrows):
        y = TOP + ROW * index + 14
        x1, x2 = (COLUMN * names.index(name) + COLUMN / 2 for name in (caller, callee))
        made += _line(x1, x2, y, words, width)
    return [*made, "</svg>", f"<figcaption>{escape(title)}</figcaption>"]


def _arrow(title: str, row: str) -> tuple[str, str, str]:
    caller, arrow, rest = row.partition(" -> ")
    callee, colon, words = rest.partition(": ")
    if not arrow or not colon:
        rule = f"this line is no arrow: {row}"
        raise TutorialError(f"diagram {title}", rule, "Run python -m tutorial accept")
    return caller, callee, words


def _line(x1: float, x2: float, y: float, words: str, width: float) -> list[str]:
    if x1 == x2:
        path = f"M{x1} {y - 6}h14v10h-9"
        tip, direction = x1 + 5, -1
        y += 4
    else:
        direction = 1 if x2 > x1 else -1
        tip = x2 - direction
        path = f"M{x1} {y}H{tip - direction * 4}"
    head = f"M{tip} {y}l{-direction * 6} -3.5v7z"
    half = len(words) * 2.6
    middle = min(max((x1 + x2) / 2, half + 2), width - half - 2)
    return [
        f'<path class="call" {LINE} d="{path}"/><path class="tip" fill="currentColor" d="{head}"/>',
        f'<text class="says" {WORDS} x="{middle:.0f}" y="{y - 5 if x1 != x2 else y - 12}">'
        f"{escape(words)}</text>",
    ]
