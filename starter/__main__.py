"""Write a service of your own.

    python3 noxfile.py -s new -- FOLDER --name parcel_tracking --aggregate Parcel

`--messagebus` says where the service takes messagebus from: a path, a wheel or a git address, this
checkout if it is left out.
"""

import argparse
import keyword
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import packages_distributions
from pathlib import Path

import copier

from starter.derive import HERE, ROOT, derived, named, read_plan
from starter.migration import PATH, first_migration

LOCK = ROOT / "requirements.lock"
WORDS = {
    *("answer", "answers", "any", "application", "event", "events", "eventstore", "message"),
    *("messages", "model", "name", "queries", "query", "result", "table", "tables"),
}
"""What the layout itself calls something else, in a table, a class, a route or a module."""


def main() -> int:
    """Write it, and say what to do next."""
    parser = argparse.ArgumentParser(
        prog="python3 noxfile.py -s new --", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="a folder that is not there yet, or empty")
    parser.add_argument("--name", required=True, help="the package, such as parcel_tracking")
    parser.add_argument("--aggregate", required=True, help="its first model, such as Parcel")
    parser.add_argument("--plural", help="where it is not the aggregate with an s")
    parser.add_argument("--messagebus", default=str(ROOT), help="a path, a wheel or git+https://…")
    given = parser.parse_args()
    if wrong := refused(given.folder, given.name, given.aggregate, given.plural):
        print(wrong, file=sys.stderr)
        return 2
    try:
        write(given.folder, given.name, given.aggregate, given.plural, given.messagebus)
    except subprocess.CalledProcessError:
        print(
            f"{given.name} and {given.aggregate} do not go together with the layout's own names, "
            "as is said above; nothing was written: take others.",
            file=sys.stderr,
        )
        return 2
    print(f"{given.folder} is a service of your own. In it:")
    print("  python3 noxfile.py -s demo    # what it does")
    print("  python3 noxfile.py            # everything that must hold")
    return 0


def refused(folder: Path, name: str, aggregate: str, plural: str | None) -> str | None:
    """What is wrong with the names, or with the folder."""
    above = next(each for each in folder.absolute().parents if each.exists())
    if not above.is_dir():
        return f"{above} is a file, and {folder} would lie in it: name another folder."
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return f"{folder} is there already, and not an empty folder: name another one."
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or not _free(name):
        return f"{name} is no name for a package: write lower_case_words, as parcel_tracking."
    taken = {"messagebus", "tests", *packages_distributions()}
    if name in taken or name.replace("_", "-") in _pinned():
        return f"{name} is a package that the service imports: take another name."
    if not re.fullmatch(r"([A-Z][a-z0-9]+)+", aggregate) or not _free(snake(aggregate)):
        return f"{aggregate} is no name for a model: write WordsInCapitals, such as Parcel."
    plural = plural or f"{aggregate}s"
    if not re.fullmatch(r"([A-Z][a-z0-9]+)+", plural) or snake(plural) == snake(aggregate):
        return f"{plural} is no plural of {aggregate}: write one that differs, in WordsInCapitals."
    for word in (aggregate, plural):
        if snake(word) in WORDS:
            return f"{word} is a word that the layout has for something else: take another one."
    return None


def write(folder: Path, name: str, aggregate: str, plural: str | None, messagebus: str) -> None:
    """Render the template, then let Ruff sort the imports and break the lines."""
    plural = plural or f"{aggregate}s"
    with tempfile.TemporaryDirectory() as made:
        template = Path(made) / "template"
        _collect(template)
        answers = {
            "package": name,
            "project": name.replace("_", "-"),
            "prefix": name.upper(),
            "title": name.replace("_", " ").capitalize(),
            "Aggregate": aggregate,
            "Aggregates": plural,
            "aggregate": snake(aggregate),
            "aggregates": snake(plural),
            "messagebus": _requirement(messagebus),
        }
        service = Path(made) / "service"
        copier.run_copy(str(made), service, data=answers, quiet=True, unsafe=False)
        afresh = ["--config", "lint.isort.split-on-trailing-comma = false"]
        joined = ["--config", "format.skip-magic-trailing-comma = true"]
        for command in (["check", "--fix", *afresh], ["format", *joined]):
            ruff = [sys.executable, "-m", "ruff", *command, "-q", "--no-cache", "."]
            subprocess.run(ruff, cwd=service, check=True)
        shutil.copytree(service, folder, dirs_exist_ok=True)


def snake(name: str) -> str:
    """`LostParcel` as `lost_parcel`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _collect(template: Path) -> None:
    template.parent.joinpath("copier.yml").write_bytes(HERE.joinpath("copier.yml").read_bytes())
    own = HERE / "template"
    files = {
        str(file.relative_to(own)): file.read_text(encoding="utf-8")
        for file in own.rglob("*")
        if file.is_file()
    }
    plan = read_plan()
    made = {
        **dict(derived(plan)),
        named(PATH, plan): named(first_migration(), plan),
        "requirements.lock": LOCK.read_text(encoding="utf-8"),
        **files,
    }
    for path, text in made.items():
        file = template / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _requirement(messagebus: str) -> str:
    if "://" in messagebus:
        return messagebus
    return Path(messagebus).resolve().as_uri()


def _pinned() -> set[str]:
    """The distributions that a service installs."""
    return {line.partition("==")[0] for line in LOCK.read_text(encoding="utf-8").splitlines()}


def _free(name: str) -> bool:
    return not keyword.iskeyword(name) and name not in sys.stdlib_module_names


if __name__ == "__main__":
    sys.exit(main())
