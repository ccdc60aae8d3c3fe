"""Break a line that a chapter shows, in a copy, and ask the build."""

import shutil
import tempfile
from pathlib import Path

from tutorial.book import ROOT, Book
from tutorial.told import check

FOLDERS = ["tutorial", "docs/tutorial", "messagebus", "reading_club", "tests"]

with tempfile.TemporaryDirectory() as folder:
    copy = Path(folder)
    for each in FOLDERS:
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / each, copy / each, ignore=leave)
    module = copy / "messagebus" / "variants.py"
    text = module.read_text(encoding="utf-8")
    broken = text.replace("flow.send(None)", "flow.send(...)")
    module.write_text(broken, encoding="utf-8")
    for error in check(Book(copy)):
        print(error)
