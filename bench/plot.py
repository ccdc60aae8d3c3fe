"""Ratios as an SVG in the page's own colours: one line, a stop for each contender.

The scale is logarithmic, so equal distances are equal factors; a thin stroke through a stop shows
the quartiles. As a file alone, the picture follows the reader's preference of light or dark.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from bench.interleaving import Spread
from bench.report import times

STYLE = """\
.plot{--ink:#12161c;--soft:#67717b;--rule:#dde1e4;--paper:#fff;--line:#ffc400;\
font-family:Overpass,system-ui,-apple-system,"Segoe UI",sans-serif}
@media (prefers-color-scheme:dark){.plot{--ink:#eceff1;--soft:#8a949f;--rule:#2c343d;\
--paper:#0f1318;--line:#ffc91f}}
[data-md-color-scheme] .plot{--ink:var(--mb-ink);--soft:var(--mb-ink-3);--rule:var(--mb-rule);\
--paper:var(--mb-paper);--line:var(--mb-line)}
.plot text{fill:var(--ink);font-size:17px}
.plot .name,.plot .value{paint-order:stroke;stroke:var(--paper);stroke-width:6}
.plot .tick{fill:var(--soft);font-size:15px}
.plot .ours text{font-weight:750}
.plot .rule{stroke:var(--rule);stroke-width:1.5}
.plot .from{stroke:var(--ink);stroke-width:2}
.plot .way{stroke:var(--line);stroke-width:7}
.plot .spread{stroke:var(--ink);stroke-width:2.5}
.plot .stop{fill:var(--paper);stroke:var(--ink);stroke-width:3.5}
.plot .ours .stop{fill:var(--ink)}
"""

WIDTH, LEFT, RIGHT, ROW, TOP = 620, 228, 62, 40, 34
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def write_plot(
    file: Path, title: str, ratios: Mapping[str, Spread], highlighted: Sequence[str]
) -> None:
    """Draw the ratios in their order; the highlighted names are ours."""
    end = next(tick for tick in TICKS if tick >= 1.1 * max(each.high for each in ratios.values()))
    start = min(1.0, *(each.low for each in ratios.values()))

    def x(ratio: float) -> float:
        part = math.log(ratio / start) / math.log(end / start)
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    foot = TOP + ROW * len(ratios)
    text = "; ".join(f"{name} {times(each)}" for name, each in ratios.items())
    lines = [
        f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {foot + 8}"'
        f' role="img" aria-label="{escape(title)}: {escape(text)}">',
        f"<style>\n{STYLE}</style>",
        f'<text class="tick" x="{LEFT - 20}" y="{TOP - 16}" text-anchor="end">times L</text>',
    ]
    for tick in TICKS[: TICKS.index(end) + 1]:
        kind = "from" if tick == 1 else "rule"
        lines.append(f'<path class="{kind}" d="M{x(tick)} {TOP - 8}V{foot}"/>')
        lines.append(
            f'<text class="tick" x="{x(tick)}" y="{TOP - 16}" text-anchor="middle">{tick}</text>'
        )
    for row, (name, spread) in enumerate(ratios.items()):
        y = TOP + ROW * row + ROW // 2
        stop = x(spread.median)
        after = max(stop + 16, x(spread.high) + 9)
        lines += [
            f'<g class="{"ours" if name in highlighted else "peer"}">',
            f'<text class="name" x="{LEFT - 20}" y="{y + 6}" text-anchor="end">',
            f"{escape(name)}</text>",
            f'<path class="way" d="M{x(1)} {y}H{stop}"/>',
            f'<path class="spread" d="M{x(spread.low)} {y}H{x(spread.high)}"/>',
            f'<circle class="stop" cx="{stop}" cy="{y}" r="7"/>',
            f'<text class="value" x="{after:.1f}" y="{y + 6}">{times(spread)}</text>',
            "</g>",
        ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")
