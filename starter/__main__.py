"""Write a service of your own.

    python3 noxfile.py -s new -- FOLDER --name parcel_tracking --aggregate Parcel

`--messagebus` says where the service takes messagebus from: a git address, or a checkout or a
wheel, of which it has a wheel in its own folder. Left out, it is this checkout.
`--without http` and `--without sql` leave out all that is there for HTTP, or for a database.
"""

import argparse
import keyword
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import copier

from starter.bus import VENDOR, provided, refused_bus
from starter.derive import HERE, ROOT, derived, in_words, named, read_plan
from starter.migration import PATH, first_migration
from starter.reserved import clash
from starter.words import answers, parts, plural_of, snake

LOCK = ROOT / "requirements.lock"
RESOLVE = [
    *(sys.executable, "-m", "uv", "pip", "compile", "-q", "--universal", "--python-version"),
    *("3.11", "--group", "dev", "--no-annotate", "--no-header"),
    *("pyproject.toml", "-o", "requirements.lock", "-c", str(LOCK)),
]
"""What a service's own `nox -s lock` does, held to the versions that the club is tested with."""


def main() -> int:
    """Write it, and say what to do next."""
    parser = argparse.ArgumentParser(
        prog="python3 noxfile.py -s new --", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="a folder that is not there yet, or empty")
    parser.add_argument("--name", required=True, help="the package, such as parcel_tracking")
    parser.add_argument("--aggregate", required=True, help="its first model, such as Parcel")
    parser.add_argument(
        "--plural",
        help="what tables and routes say of many, such as Parcels; by default the English plural, "
        "or SeriesList where that is the aggregate itself",
    )
    parser.add_argument(
        "--messagebus", default=str(ROOT), help="a checkout, a wheel or git+https://…"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=["http", "sql"],
        help="what is left out; without sql there are no commands and no HTTP either, which need "
        "a database",
    )
    options = parser.parse_args()
    wrong = refused_folder(options.folder) or refused_name(options.name)
    wrong = wrong or refused_model(options.aggregate, options.plural)
    wrong = wrong or refused_bus(options.messagebus)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    plural = options.plural or plural_of(options.aggregate)
    files = template(options.without)
    if where := clash(files, options.name, options.aggregate, plural):
        print(
            f"{options.aggregate}, or {plural}, is a word that the layout has for something else, "
            f"in {where}: take another one, by --aggregate or --plural.",
            file=sys.stderr,
        )
        return 2
    try:
        values = blanks(options.name, options.aggregate, plural, options.without)
        write(files, options.folder, values, options.messagebus)
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)} failed; nothing was written.", file=sys.stderr)
        return 1
    print(
        f"{options.folder} is a service of your own. {options.aggregate} has the plural {plural};"
    )
    print("take another one by --plural. In the folder:")
    print("  python3 noxfile.py -s demo    # what it does")
    print("  python3 noxfile.py            # everything that must hold")
    return 0


def blanks(
    name: str, aggregate: str, plural: str, without: Collection[str] = ()
) -> Mapping[str, str | bool]:
    """What the template's blanks say, but for where messagebus comes from."""
    absent = read_plan().absent(without)
    return {
        "package": name,
        "project": name.replace("_", "-"),
        "prefix": name.upper(),
        "title": name.replace("_", " ").capitalize(),
        **answers(aggregate, plural),
        **{part: part not in absent for part in read_plan().without},
    }


def refused_folder(folder: Path) -> str | None:
    """What is wrong with the folder."""
    above = next(each for each in folder.absolute().parents if each.exists())
    if not above.is_dir():
        return f"{above} is a file, and {folder} would lie in it: name another folder."
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return f"{folder} is there already, and not an empty folder: name another one."
    return None


def refused_name(name: str) -> str | None:
    """What is wrong with the package's name."""
    free = not keyword.iskeyword(name) and name not in sys.stdlib_module_names
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or not free:
        return f"{name} is no name for a package: write lower_case_words, as parcel_tracking."
    taken = {"messagebus", "tests", *packages_distributions()}
    if name in taken or name.replace("_", "-") in _pinned():
        return f"{name} is a package that the service imports: take another name."
    return None


def refused_model(aggregate: str, plural: str | None) -> str | None:
    """What is wrong with the model's name or its plural, whatever else is in the service."""
    if not parts(aggregate) or _is_keyword(aggregate):
        return f"{aggregate} is no name for a model: write WordsInCapitals, such as Parcel."
    if plural is None:
        return None
    if not parts(plural) or _is_keyword(plural) or snake(plural) == snake(aggregate):
        return f"{plural} is no plural of {aggregate}: write one that differs, in WordsInCapitals."
    return None


def write(
    files: Mapping[str, str], folder: Path, blanks: Mapping[str, str | bool], messagebus: str
) -> None:
    """Render the service with its messagebus, accept its contracts, and lock it."""
    with tempfile.TemporaryDirectory() as made:
        service = Path(made) / "service"
        options = {**blanks, "messagebus": provided(messagebus, service)}
        options["vendored"] = (service / VENDOR).exists()
        render(files, service, options)
        contracts = [
            "-m",
            "messagebus.contracts",
            "contracts",
            f"{blanks['package']}.domain.messages",
        ]
        accept = [sys.executable, "-B", *contracts, "--accept"]
        subprocess.run(accept, cwd=service, check=True, stdout=subprocess.DEVNULL)
        lock(service)
        shutil.copytree(service, folder, dirs_exist_ok=True)


def render(files: Mapping[str, str], service: Path, blanks: Mapping[str, str | bool]) -> None:
    """Fill the template's blanks, and let Ruff sort the imports and break the lines."""
    with tempfile.TemporaryDirectory() as made:
        for path, text in files.items():
            file = Path(made) / "template" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        shutil.copy(HERE / "copier.yml", made)
        copier.run_copy(made, service, data=dict(blanks), quiet=True, unsafe=False)
    afresh = ["--config", "lint.isort.split-on-trailing-comma = false"]
    joined = ["--config", "format.skip-magic-trailing-comma = true"]
    for command in (["check", "--fix", *afresh], ["format", *joined]):
        ruff = [sys.executable, "-m", "ruff", *command, "-q", "--no-cache", "."]
        subprocess.run(ruff, cwd=service, check=True)


def lock(service: Path) -> None:
    """Write its lock: from uv's cache where that has all of it, and else from the index.

    The cache says no less: the versions are those of our own lock.
    """
    found = ["--find-links", VENDOR] if (service / VENDOR).exists() else []
    as_pip_trusts = os.environ | {"UV_SYSTEM_CERTS": "1"}
    cached = subprocess.run([*RESOLVE, *found, "--offline"], cwd=service, capture_output=True)
    if cached.returncode:
        subprocess.run([*RESOLVE, *found], cwd=service, env=as_pip_trusts, check=True)


def template(without: Collection[str] = ()) -> Mapping[str, str]:
    """Each file of a service without these parts by its path, both with blanks for its names."""
    own = HERE / "template"
    plan = read_plan()
    paths = [file.relative_to(own) for file in own.rglob("*") if file.is_file()]
    files = {
        **dict(derived(plan, without)),
        **{
            str(path): own.joinpath(path).read_text(encoding="utf-8")
            for path in paths
            if plan.has(str(path), without)
        },
    }
    if plan.has(PATH, without):
        migration = in_words(PATH, first_migration(http="http" not in without))
        files[named(PATH, plan)] = named(migration, plan)
    return files


def _pinned() -> set[str]:
    """The distributions that a service installs."""
    return {line.partition("==")[0] for line in LOCK.read_text(encoding="utf-8").splitlines()}


def _is_keyword(name: str) -> bool:
    return keyword.iskeyword(name) or keyword.iskeyword(snake(name))


if __name__ == "__main__":
    sys.exit(main())
