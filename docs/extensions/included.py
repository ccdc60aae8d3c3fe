"""Show what exists elsewhere: what a run printed, what the bench measured, a picture.

A directive stands alone on its line, beside those of `tutorial.markdown`:

    [run first-run]                         docs/runs/first-run.txt, as it was last accepted
    [measured in-process]                   docs/benchmarks/in-process.md, as the bench wrote it
    [derived catalogue]                     docs/derived/catalogue.md, as the code says it
    [diff memory]                           starter/first_hour/memory.diff, for `git apply`
    [picture docs/assets/architecture.svg]  an SVG that follows the page's light or dark

A name that nothing has is a warning of the build, so strict builds fail.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from typing_extensions import override

ROOT = Path(__file__).resolve().parents[2]
DIRECTIVE = re.compile(
    r"^(?P<indent> *)\[(?P<rule>run|measured|derived|diff|picture) (?P<argument>[^\]]+)\]$"
)

log = logging.getLogger("mkdocs.included")


def run(text: str) -> list[str]:
    """A terminal, which no search finds and no button copies: commands stand beside it.

    Its long lines are broken as a terminal breaks them, unless it has drawn a table.
    """
    broken = "" if "│" in text else ".broken "
    return [
        f"``` {{.console .output {broken}.no-copy data-search-exclude=true}}",
        *text.split("\n"),
        "```",
    ]


def measured(text: str) -> list[str]:
    """Markdown that a tool wrote, part of the page like the page's own."""
    return ["", *text.split("\n"), ""]


def picture(text: str) -> list[str]:
    """The SVG's own lines, as one block of HTML."""
    return ["", '<figure class="picture">', *filter(str.strip, text.split("\n")), "</figure>", ""]


def diff(text: str) -> list[str]:
    """A diff as it is applied."""
    return ["``` {.diff data-search-exclude=true}", *text.split("\n"), "```"]


RULES: dict[str, tuple[str, Callable[[str], list[str]], str]] = {
    "run": ("docs/runs/{}.txt", run, "define it in docs/runs/runs.toml and accept its output"),
    "measured": ("docs/benchmarks/{}.md", measured, "measure it with python -m nox -s bench"),
    "derived": (
        "docs/derived/{}.md",
        measured,
        "write it with python -m docs.extensions.derived --accept",
    ),
    "diff": ("starter/first_hour/{}.diff", diff, "write it with git diff"),
    "picture": ("{}", picture, "name an SVG by its path from the top of the repository"),
}


class Included(Preprocessor):
    """Replaces each directive by what it names, before fences and raw HTML are read."""

    def __init__(self, root: Path, md: Markdown | None = None) -> None:
        super().__init__(md)
        self.root = root

    @override
    def run(self, lines: list[str]) -> list[str]:
        """What Python-Markdown calls, once a page."""
        shown: list[str] = []
        for line in lines:
            directive = DIRECTIVE.match(line)
            shown.extend(self._shown(directive) if directive else [line])
        return shown

    def _shown(self, directive: re.Match[str]) -> list[str]:
        path, rule, remedy = RULES[directive["rule"]]
        path = path.format(directive["argument"].strip())
        if not (self.root / path).is_file():
            log.warning("%s: there is no file %s; %s", self._where(directive), path, remedy)
            return [directive[0]]
        lines = rule((self.root / path).read_text(encoding="utf-8").rstrip())
        return [directive["indent"] + line if line else line for line in lines]

    def _where(self, directive: re.Match[str]) -> str:
        """Page and line, where MkDocs is reading a page; it leaves the file with its resolver."""
        for processor in self.md.treeprocessors if self.md else ():
            source = getattr(getattr(processor, "file", None), "abs_src_path", None)
            if source is not None:
                lines = Path(source).read_text(encoding="utf-8").split("\n")
                page = Path(source).relative_to(self.root).as_posix()
                return f"{page}:{lines.index(directive[0]) + 1} {directive[0].strip()}"
        return directive[0].strip()


class IncludedExtension(Extension):
    """Registered in mkdocs.yml as `docs.extensions.included`."""

    def __init__(self, **kwargs: object) -> None:
        self.config = {"root": [str(ROOT), "the repository's top level"]}
        super().__init__(**kwargs)

    @override
    def extendMarkdown(self, md: Markdown) -> None:
        """What Python-Markdown calls, once for each page that it renders."""
        # Before the whitespace is normalised (30) and fences are read (25).
        included = Included(Path(str(self.getConfig("root"))), md)
        md.preprocessors.register(included, "included", priority=40)
