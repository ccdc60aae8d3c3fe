"""What runs have learned, kept for as long as nothing changes that they depend on."""

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

A_MONTH = 30 * 24 * 3600


class Known:
    """A folder of outcomes, each under a name made of all that it depends on.

    Processes may share it. What nobody has asked for in a month is forgotten.
    """

    def __init__(self, folder: Path, remember: bool = True) -> None:
        self.folder = folder
        self.remember = remember

    def key(self, *parts: object) -> str:
        """Names all that an outcome depends on: these parts, Python and what is installed."""
        content = json.dumps([environment(), *parts], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:24]

    def recall(self, key: str) -> str | None:
        """What is known under that key."""
        file = self.folder / key
        if self.remember and file.is_file():
            os.utime(file)
            return file.read_text(encoding="utf-8")
        return None

    def note(self, key: str, text: str) -> None:
        """Remember it for the next time; who reads meanwhile reads all of it or nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._forget()
        unfinished = self.folder / f"{key}.{os.getpid()}.{threading.get_ident()}"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self.folder / key)

    def _forget(self) -> None:
        for file in self.folder.iterdir():
            try:
                if time.time() - file.stat().st_mtime > A_MONTH:
                    file.unlink()
            except FileNotFoundError:
                continue


def known_in(root: Path, remember: bool = True) -> Known:
    """What the repository at `root` knows, in an untracked folder of it."""
    folder = root / ".tutorial"
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return Known(folder / "known", remember)


def texts(files: Iterable[Path]) -> list[str]:
    """The texts of files that an outcome depends on, to be parts of its key."""
    return [file.read_text(encoding="utf-8") for file in files]


@cache
def environment() -> list[str]:
    """The version of Python and all that is installed in it."""
    return [sys.version, *sorted(f"{d.name} {d.version}" for d in distributions())]


def kept_environ() -> dict[str, str]:
    """What a run sees of the environment; where CI is set, for one, pytest writes other lines."""
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TEST_POSTGRESQL_URL")
    return {name: os.environ[name] for name in kept if name in os.environ}
