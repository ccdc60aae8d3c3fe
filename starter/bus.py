"""Where a service takes messagebus from: a wheel in its own `vendor/`, or a git address."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

VENDOR = "vendor"
REMOTE = ("git+https://", "git+ssh://", "git+file://")


def refused_bus(messagebus: str) -> str | None:
    """What is wrong with the place that was named."""
    if messagebus.startswith(REMOTE):
        return _unreadable(messagebus)
    if "://" in messagebus:
        return f"{messagebus} is no git address: one begins with {', '.join(REMOTE)}."
    path = Path(messagebus)
    if not path.exists():
        return f"{messagebus} is not there: name a checkout, a wheel, or a git address."
    wheel = path.is_file() and path.name.startswith("messagebus-") and path.suffix == ".whl"
    if not wheel and not (path / "messagebus" / "relay").exists():
        return f"{messagebus} is neither a checkout of messagebus nor a wheel of it."
    return None


def _unreadable(messagebus: str) -> str | None:
    address = urlsplit(messagebus.removeprefix("git+"))
    repository = address._replace(path=address.path.partition("@")[0], fragment="").geturl()
    done = subprocess.run(
        ["git", "ls-remote", "-q", repository, "HEAD"],
        env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    reason = done.stderr.strip().partition("\n")[0]
    return f"{messagebus} cannot be read by git: {reason}"


def provided(messagebus: str, service: Path) -> str:
    """Put the wheel into the service, if it is none of git; how a requirement goes on."""
    if messagebus.startswith(REMOTE):
        return f" @ {messagebus}"
    vendor = service / VENDOR
    vendor.mkdir(parents=True)
    path = Path(messagebus)
    if path.is_file():
        shutil.copy(path, vendor)
    else:
        _build(path, vendor)
    (wheel,) = vendor.iterdir()
    return f"=={wheel.name.split('-')[1]}"


def _build(checkout: Path, vendor: Path) -> None:
    """A wheel with a version that no index has, since local versions cannot be published.

    Its version follows from what is in it: a wheel of other contents has another one.
    """
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made)
        shutil.copytree(
            checkout / "messagebus",
            copy / "messagebus",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        for name in ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py"):
            shutil.copy(checkout / name, copy)
        digest = hashlib.sha256()
        for file in sorted(each for each in copy.rglob("*") if each.is_file()):
            digest.update(str(file.relative_to(copy)).encode() + file.read_bytes())
        project = copy / "pyproject.toml"
        version = re.compile(r'^(version = "[^"+]+)"$', re.MULTILINE)
        text, found = version.subn(
            rf'\1+{digest.hexdigest()[:12]}"', project.read_text(encoding="utf-8")
        )
        assert found == 1, "pyproject.toml has one version"
        project.write_text(text, encoding="utf-8")
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(vendor)]
        subprocess.run(build, cwd=copy, check=True, capture_output=True)
