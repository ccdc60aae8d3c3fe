"""Everything that must hold, by `nox` or, without nox, by `python3 noxfile.py [-s NAME ...]`.

Run as a script it needs the standard library alone: it makes `.venv` from `requirements.lock`,
where nox is, and hands over. All sessions of the default Python share that `.venv`; it is made
again only when the lock or the project's requirements change.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = [
    classifier.rpartition(" ")[2]
    for classifier in PROJECT["project"]["classifiers"]
    if classifier.startswith("Programming Language :: Python :: 3.")
]

if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    # Many processes import the same modules: compiled once, but not beside the sources.
    os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".nox" / "bytecode")


def environment(folder: Path, python: str, *selection: str) -> Path:
    """The Python of a virtual environment in `folder`, made if it is missing or out of date.

    `selection` names what to install of the lock, as pip's requirements; nothing means all of it.
    """
    parts = [PROJECT["build-system"], PROJECT["project"], PROJECT["dependency-groups"]]
    key = json.dumps([str(ROOT), LOCK.read_text(encoding="utf-8"), parts, selection])
    digest = hashlib.sha256(key.encode()).hexdigest()
    stamp, interpreter = folder / "made-from", folder / "bin" / "python"
    if interpreter.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return interpreter
    wanted = ["-c", str(LOCK), *selection] if selection else ["--no-deps", "-r", str(LOCK)]
    checkout = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    as_pip_trusts = os.environ | {"UV_SYSTEM_CERTS": "1"}
    for make, install in _ways(folder, python, interpreter):
        print(f"making {folder.relative_to(ROOT)} from {LOCK.name}", flush=True)
        commands = [*make, [*install, "-q", *wanted], [*install, "-q", *checkout]]
        if all(subprocess.call(each, cwd=ROOT, env=as_pip_trusts) == 0 for each in commands):
            stamp.write_text(digest, encoding="utf-8")
            return interpreter
    sys.exit(f"{folder} could not be made from {LOCK}: see the installer's own message above")


def _ways(
    folder: Path, python: str, interpreter: Path
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """How to make an environment and how to install into it: by uv, in seconds, or else by pip.

    uv is the one that is there, or the lock's, which pip brings. pip alone comes last: it may know
    an index or a certificate that uv does not.
    """
    venv = [python, "-m", "venv", "--clear", str(folder)]
    pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "install"]
    into = ["pip", "install", "--python", str(interpreter)]
    ours = VENV / "bin" / "uv"
    if uv := shutil.which("uv") or (str(ours) if ours.exists() and folder != VENV else None):
        yield [[uv, "venv", "-q", "--clear", "--python", python, str(folder)]], [uv, *into]
    yield [venv, [*pip, "-q", "-c", str(LOCK), "uv"]], [str(interpreter.with_name("uv")), *into]
    yield [venv], [*pip, "--no-compile"]


def default_environment() -> Path:
    """The Python of `.venv`, which has all that the lock names."""
    return environment(VENV, sys.executable)


if __name__ == "__main__":
    interpreter = str(default_environment())
    os.execv(interpreter, [interpreter, "-m", "nox", "-f", __file__, *sys.argv[1:]])


import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "none"
nox.options.error_on_external_run = False
nox.options.error_on_missing_interpreters = False
nox.options.sessions = [
    "tests",
    "types",
    "lint",
    "layers",
    "contracts",
    "states",
    "docs",
    "replay",
    "browser",
    "starters",
]

SITE = ROOT / "site"
ON_EVERY_PYTHON = [
    "contracts",
    "domain",
    "fastapi",
    "memory",
    "messagebus",
    "properties",
    "redis",
    "relay",
    "service",
    "sql",
    "telemetry",
    "tutorial",
    "typer",
    "typing",
]
QUIET_MKDOCS = {"NO_MKDOCS_2_WARNING": "1"}  # Material's notice about its end, at every run


def run(session: nox.Session, *command: str, **env: str) -> None:
    """Run a module or script of `.venv`: `command` is what follows `python`."""
    session.run(str(default_environment()), *command, env=env)


def requirements(*groups: str) -> list[str]:
    """The core's, the extras' and these groups' requirements, as pip's arguments."""
    project = PROJECT["project"]
    wanted: list[str] = [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    for extra in project["optional-dependencies"].values():
        wanted += [line for line in extra if not line.startswith(project["name"])]
    for group in groups:
        wanted += PROJECT["dependency-groups"][group]
    return wanted


def content(*roots: Path) -> str:
    """A digest of files and folders.

    Caches are left out, and so is the sitemap, which holds the day of the build.
    """
    digest = hashlib.sha256()
    for root in roots:
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            passing = file.suffix == ".pyc" or "_cache/" in file.as_posix()
            if file.is_file() and not passing and not file.name.startswith("sitemap"):
                digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()


def remembered(name: str) -> tuple[Path, str]:
    """Where a session notes what it has seen, and what it noted."""
    stamp = ROOT / ".nox" / name
    stamp.parent.mkdir(exist_ok=True)
    return stamp, stamp.read_text(encoding="utf-8") if stamp.exists() else ""


def pytest_on_all_cores() -> list[str]:
    """What follows `python`: one worker more than there are cores, since some tests only wait."""
    workers = min(os.cpu_count() or 2, 8) + 1
    return ["-m", "pytest", "-n", str(workers), "--dist", "worksteal"]


def works(python: str) -> bool:
    """Whether `pythonX.Y` is that Python: pyenv leaves commands that only say that it is not."""
    found = shutil.which(python)
    if not found:
        return False
    ask = "import sys; print('python%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([found, "-c", ask], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == python


@nox.session
@nox.parametrize("version", [nox.param(version, id=version) for version in PYTHONS])
def tests(session: nox.Session, version: str) -> None:
    """All tests on the default Python; on every other of the project's, those of the packages.

    What starts processes or waits for a silent server says nothing of a Python, and the entrypoints
    are their frameworks': those run on the default alone. Where all is as it was when every test
    ran and passed, none runs again; with options of pytest, they do. With `-- --all`, tests of
    many at once play fifty rounds, not three.
    """
    python = f"python{version}"
    own = version == f"{sys.version_info.major}.{sys.version_info.minor}"
    if not own and not works(python):
        session.skip(f"there is no {python} on PATH")
    packages = [ROOT / name for name in ("messagebus", "reading_club", "tests", "pyproject.toml")]
    everything = [each for each in ROOT.iterdir() if each.name[0] != "." and each != SITE]
    tested = content(*sorted(everything) if own else packages, LOCK)
    stamp, last = remembered(f"tested-{python}")
    if tested == last and not session.posargs:
        session.skip(f"all is as it was when every test ran and passed on {python}")
    rounds = {"MESSAGEBUS_ALL_ROUNDS": "1"} if "--all" in session.posargs else {}
    options = [each for each in session.posargs if each != "--all"]
    pytest = [*pytest_on_all_cores(), *options]
    report = stamp.with_name(f"{stamp.name}.xml")
    pytest.append(f"--junitxml={report}")
    if own:
        run(session, *pytest, **rounds)
    else:
        interpreter = environment(ROOT / ".nox" / python, python, *requirements("test"))
        ignored = [f"--ignore=tests/sql/test_{each}.py" for each in ("import", "load", "silence")]
        folders = [f"tests/{each}" for each in ON_EVERY_PYTHON]
        session.run(str(interpreter), *pytest, *folders, *ignored, env=rounds)
    if not session.posargs and 'skipped="0"' in report.read_text(encoding="utf-8"):
        stamp.write_text(tested, encoding="utf-8")


@nox.session
def types(session: nox.Session) -> None:
    """Both type checkers, at once, over the packages, their tests, the tools and this file."""
    python = str(default_environment())
    checkers = {"mypy": [], "pyright": ["--pythonpath", python]}
    processes = {
        name: subprocess.Popen(
            [python, "-m", name, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name, options in checkers.items()
    }
    for name, process in processes.items():
        output, _ = process.communicate()
        session.log(f"python -m {name}")
        print(output, end="", flush=True)
    if refused := [name for name, process in processes.items() if process.returncode]:
        session.error(f"refused by {' and '.join(refused)}: the lines are above")


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff's rules and its format."""
    run(session, "-m", "ruff", "check")
    run(session, "-m", "ruff", "format", "--check")
    run(session, "-m", "docs.extensions.words")
    run(session, "-m", "docs.extensions.prose")


@nox.session
def layers(session: nox.Session) -> None:
    """Imports go one way: the contracts stand in pyproject.toml."""
    run(session, str(default_environment().with_name("lint-imports")), "--no-logo")


@nox.session
def contracts(session: nox.Session) -> None:
    """What is published breaks no reader, and the pages derived from it say what it is."""
    run(session, "-m", "messagebus.contracts", "contracts", "reading_club.domain.messages")
    run(session, "-m", "docs.extensions.derived")


@nox.session
def states(session: nox.Session) -> None:
    """Run each state of the tutorial that changed, red and green; `-- --all` runs all of them."""
    run(session, "-m", "tutorial", "check")
    run(session, "-m", "tutorial", "states", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, where every warning is an error, and so is each slip of rendering.

    Where neither the site nor anything that it may show has changed, it is not built again.
    """
    roots = [each for each in ROOT.iterdir() if not each.name.startswith(".")]
    stamp, built = remembered("docs-built")
    if built == content(*sorted(roots)):
        session.log("the site and what it shows are as they were when it was built")
        return
    build = ["-m", "mkdocs", "build", "--strict", "--site-dir", str(SITE)]
    run(session, *build, **QUIET_MKDOCS)
    run(session, "-m", "docs.extensions.slips", str(SITE))
    run(session, "-m", "tutorial", "publish", str(SITE))
    stamp.write_text(content(*sorted({*roots, SITE})), encoding="utf-8")


@nox.session(requires=["docs"])
def replay(session: nox.Session) -> None:
    """Type the tutorial along from an empty folder, by the built pages alone."""
    run(session, "-m", "tutorial", "replay", str(SITE))


@nox.session
def start(session: nox.Session) -> None:
    """Give a chapter's state, or a step's, as a project: `nox -s start -- 6 FOLDER`, or 6.3."""
    run(session, "-m", "tutorial", "start", *session.posargs)


@nox.session
def history(session: nox.Session) -> None:
    """Make the tutorial's git history, a tag for each chapter: `nox -s history -- FOLDER`."""
    run(session, "-m", "tutorial", "history", *session.posargs)


@nox.session(requires=["docs"])
def browser(session: nox.Session) -> None:
    """Read the built site in Chromium, desktop and phone, light and dark, unless it is as it was.

    `-- --all` reads every page, not one of each kind; a page that is as it was is not read again.
    """
    read = content(SITE, ROOT / "tests" / "browser", ROOT / "tests" / "requires.py", LOCK)
    stamp, last = remembered("browser-read")
    if "--all" not in session.posargs and read == last:
        session.skip("the site and its checks are as they were when it was last read")
    options = [each for each in session.posargs if each != "--all"]
    pytest = ["-m", "pytest", "-n", "2", "--dist", "worksteal", "tests/browser", *options]
    every = {"MESSAGEBUS_EVERY_PAGE": "1"} if "--all" in session.posargs else {}
    run(session, *pytest, MESSAGEBUS_SITE=str(SITE), **every)
    if not options and (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        stamp.write_text(read, encoding="utf-8")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the bus against bare calls and its peers; write the benchmark page's tables."""
    run(session, "-m", "bench", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """The tests beside eight busy loops: no verdict may depend on how fast the machine is."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        run(session, *pytest_on_all_cores(), *session.posargs)
    finally:
        for process in busy:
            process.kill()


@nox.session
def chaos(session: nox.Session) -> None:
    """Kill writers and relays at random for a while: `-- --minutes 5`; needs PostgreSQL."""
    run(session, "-m", "tests.chaos", *session.posargs)


@nox.session
def serve(session: nox.Session) -> None:
    """The site on localhost, built again at every change."""
    run(session, "-m", "mkdocs", "serve", *session.posargs, **QUIET_MKDOCS)


@nox.session
def club(session: nox.Session) -> None:
    """Real books on a fresh shelf, a review, what went to the event stream, and how to go on."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = ["-m", "reading_club", "--database", str(Path(folder) / "shelf.db")]
        run(session, *shelf, "import", "reading_club/data/books.csv")
        run(session, *shelf, "books", "--limit", "10")
        run(session, *shelf, "reviewer", "Ada")
        review = ["--reviewer", "Ada", "--rating", "9", "--comment", "Read it twice."]
        run(session, *shelf, "review", "0-321-12521-5", *review)
        run(session, *shelf, "events", "--last", "3")
    club = default_environment().with_name("reading-club").relative_to(ROOT)
    session.log("this shelf is deleted; keep one of your own in reading-club.db:")
    for step in ("import reading_club/data/books.csv", "books", "outbox status", "serve", "--help"):
        session.log(f"    {club} {step}")
    session.log("docs/start.md goes on from there, and docs/tutorial builds all of it")


@nox.session
def new(session: nox.Session) -> None:
    """A service of your own: `-- FOLDER --name parcel_tracking --aggregate Parcel`."""
    run(session, "-m", "starter", *session.posargs)


@nox.session(requires=["docs"])
def starters(session: nox.Session) -> None:
    """New services, put through their own nox, unless what they are made of is as it was.

    One of them is that of the page "Your first hour", followed to its end; one has no HTTP.

    `-- --all` makes them anyway, and with them one of two words, and one without SQL.
    """
    roots = [ROOT / name for name in ("messagebus", "reading_club", "starter", "tests")]
    page = SITE / "first-hour" / "index.html"
    made = content(*roots, ROOT / "noxfile.py", LOCK, page)
    stamp, last = remembered("starters-made")
    if "--all" not in session.posargs and made == last:
        session.skip("what services are made of is as it was when two of them held")
    options = [each for each in session.posargs if each != "--all"]
    side_by_side = ["-n", "2", "--dist", "loadfile"]  # each service is made in a file of its own
    pytest = ["-m", "pytest", *side_by_side, "tests/starter", *options]
    every = {"MESSAGEBUS_EVERY_STARTER": "1"} if "--all" in session.posargs else {}
    run(session, *pytest, MESSAGEBUS_SITE=str(SITE), **every)
    if not options:
        stamp.write_text(made, encoding="utf-8")


@nox.session
def without_newsletter(session: nox.Session) -> None:
    """Delete the newsletter in a copy, by `newsletter/parts.toml`, and check the rest there."""
    parts = tomllib.loads((ROOT / "newsletter/parts.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        session.run("git", "clone", "-q", str(ROOT), str(copy), external=True)
        for name in parts["paths"]:
            path = copy / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name, pieces in parts["text"].items():
            text = (copy / name).read_text(encoding="utf-8")
            for piece in pieces:
                if piece not in text:
                    session.error(f"{name} has no {piece!r}: renew newsletter/parts.toml")
                text = text.replace(piece, "")
            (copy / name).write_text(text, encoding="utf-8")
        checks = session.posargs or ["lint", "types", "layers", "contracts", "tests"]
        session.chdir(copy)
        session.run(sys.executable, "noxfile.py", "-s", *checks, external=True)


@nox.session
def lock(session: nox.Session) -> None:
    """Renew requirements.lock with uv: the newest of everything that pyproject.toml allows."""
    compile_ = ["-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11"]
    what = ["--all-extras", "--group", "dev", "--no-annotate", "--no-header", "-q"]
    run(session, *compile_, "--upgrade", *what, "-o", LOCK.name, "pyproject.toml")
