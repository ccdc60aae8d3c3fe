"""Waiting times under a rising rate as an SVG in the page's own colours: a panel for each request.

The rates go to the right; the times are logarithmic, p99 as the thick line and p50 as the thin one.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Protocol

from bench.plot import STYLE

LINES = """\
.curves text.title{font-weight:750;font-size:15px}
.curves text.tick{font-size:13px}
.curves path.curve{fill:none;stroke:var(--soft);stroke-width:2.5;stroke-dasharray:6 4}
.curves .ours path.curve{stroke:var(--ink);stroke-dasharray:none}
.curves path.half{stroke-width:1.2}
.curves .ours path.under{fill:none;stroke:var(--line);stroke-width:8}
"""
WIDTH, HEIGHT, COLUMNS = 310, 220, 2
LEFT, RIGHT, TOP, FOOT = 44, 14, 62, 26
MILLISECONDS = (1, 10, 100, 1000)


class Loaded(Protocol):
    """The result of a rate: requests a second, and milliseconds."""

    @property
    def rate(self) -> int: ...
    @property
    def p50(self) -> float: ...
    @property
    def p99(self) -> float: ...


def write_curves(
    file: Path, panels: Mapping[str, Mapping[str, Sequence[Loaded]]], highlighted: str
) -> None:
    """Draw each panel, `where, what`, with its contenders; the highlighted name is ours."""
    last = max(each.rate for panel in panels.values() for loads in panel.values() for each in loads)
    rows = math.ceil(len(panels) / COLUMNS)
    caption = "; ".join(
        f"{title}: " + ", ".join(f"{name} to {loads[-1].rate}" for name, loads in panel.items())
        for title, panel in panels.items()
    )
    lines = [
        f'<svg class="plot curves" xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="0 0 {COLUMNS * WIDTH} {rows * HEIGHT}"'
        f' aria-label="p50 and p99 in milliseconds by requests a second, {escape(caption)}">',
        f"<style>\n{STYLE}{LINES}</style>",
    ]
    for number, (title, panel) in enumerate(panels.items()):
        right, down = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
        lines += [
            f'<g transform="translate({right} {down})">',
            *_panel(title, panel, last, highlighted),
            "</g>",
        ]
    file.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")


def _panel(
    title: str, panel: Mapping[str, Sequence[Loaded]], last: int, highlighted: str
) -> Iterator[str]:
    foot = HEIGHT - FOOT

    def x(rate: float) -> float:
        return round(LEFT + rate / last * (WIDTH - LEFT - RIGHT), 1)

    def y(milliseconds: float) -> float:
        part = math.log10(max(milliseconds, 1)) / math.log10(MILLISECONDS[-1])
        return round(foot - min(part, 1) * (foot - TOP), 1)

    where, _, what = title.partition(", ")
    yield f'<text class="title" x="{LEFT}" y="18">{escape(where)}</text>'
    yield f'<text class="tick" x="{LEFT}" y="37">{escape(what)}</text>'
    for tick in MILLISECONDS:
        yield f'<path class="rule" d="M{LEFT} {y(tick)}H{WIDTH - RIGHT}"/>'
        yield (
            f'<text class="tick" x="{LEFT - 6}" y="{y(tick) + 4}" text-anchor="end">{tick:,}</text>'
        )
    yield f'<text class="tick" x="{LEFT - 6}" y="{TOP - 14}" text-anchor="end">ms</text>'
    for tick in range(0, last + 1, 200):
        anchor = "end" if tick == last else "middle"
        place = f'x="{x(tick)}" y="{foot + 18}" text-anchor="{anchor}"'
        yield f'<text class="tick" {place}>{tick}</text>'
    for name, loads in sorted(panel.items(), key=lambda each: each[0] == highlighted):
        high = "L".join(f"{x(each.rate)} {y(each.p99)}" for each in loads)
        half = "L".join(f"{x(each.rate)} {y(each.p50)}" for each in loads)
        ours = name == highlighted
        yield f'<g class="{"ours" if ours else "peer"}">'
        if ours:
            yield f'<path class="under" d="M{high}"/>'
        yield f'<path class="curve" d="M{high}"/><path class="curve half" d="M{half}"/></g>'
