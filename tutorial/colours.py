"""What pytest printed, in the colours that pytest gives it on a terminal."""

import re
from html import escape

PROGRESS = re.compile(r"^[.FEsxX]+$")
PLACE = re.compile(r"^(?P<file>[\w./-]+\.py):(?P<line>\d+):(?P<rest>.*)$")
HEADLINE = re.compile(r"^_+ .+ _+$")
VERDICT = re.compile(r"^(FAILED|ERROR)\b")
SUMMARY = re.compile(r"^\d+ (failed|passed|error|errors|deselected)\b")


def coloured(lines: list[str]) -> str:
    """The lines of a run as HTML: failures red, passes green, places bold."""
    return "\n".join(_line(line) for line in lines)


def _line(line: str) -> str:
    text = escape(line, quote=False)
    if line.startswith("$ "):
        return f'<span class="gp">$</span> {text[2:]}'
    if PROGRESS.match(line):
        runs = re.finditer(r"(?P<good>\.+)|(?P<bad>[FE]+)|[sxX]+", line)
        return "".join(
            f'<span class="{run.lastgroup}">{run[0]}</span>' if run.lastgroup else run[0]
            for run in runs
        )
    if line.startswith("E ") or line == "E" or HEADLINE.match(line):
        return f'<span class="bad">{text}</span>'
    if place := PLACE.match(line):
        rest = escape(place["rest"], quote=False)
        return f'<span class="bad at">{place["file"]}</span>:{place["line"]}:{rest}'
    if VERDICT.match(line):
        return VERDICT.sub(r'<span class="bad">\1</span>', text)
    if SUMMARY.match(line):
        failed = re.search(r"\d+ (failed|error)", line)
        return f'<span class="{"bad" if failed else "good"}">{text}</span>'
    return text
