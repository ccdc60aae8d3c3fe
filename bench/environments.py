"""The environments of workers: ours run in this one, each peer in its own.

The peers are installed with the project's lock as their constraint, so that all contenders run
the same pydantic. The original shares our import name, so it must not see this checkout.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
WORKSHOP = ROOT / ".bench"

NEEDED_BY_WORKERS = ["lastuuid", "pydantic"]


class Command(NamedTuple):
    """The options with which a process is started."""

    arguments: list[str]
    variables: dict[str, str]


def ours(module: str, *arguments: str) -> Command:
    """A module that imports this checkout."""
    return Command([sys.executable, "-P", "-m", module, *arguments], _variables(ROOT))


def peers(requirement: str, module: str, *arguments: str) -> Command:
    """A module of `bench` that imports a peer, and nothing else of this checkout."""
    bench_alone = WORKSHOP / "path"
    bench_alone.mkdir(parents=True, exist_ok=True)
    link = bench_alone / "bench"
    if not link.is_symlink():
        link.symlink_to(ROOT / "bench", target_is_directory=True)
    interpreter = str(_interpreter(requirement))
    return Command([interpreter, "-P", "-m", module, *arguments], _variables(bench_alone))


def _variables(path: Path) -> dict[str, str]:
    left_out = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "PYTHONPATH": str(path)}


def _interpreter(requirement: str) -> Path:
    """The Python of the peer's environment, made once for each version of it and of the lock."""
    folder = WORKSHOP / requirement.replace("==", "-")
    interpreter, stamp = folder / "bin" / "python", folder / "made-from"
    made_from = f"{sys.version}\n{requirement}\n{LOCK.read_text(encoding='utf-8')}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
        return interpreter
    print(f"making {folder.relative_to(ROOT)} for {requirement}", flush=True)
    venv.create(folder, clear=True, with_pip=True)
    install = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    wanted = ["-c", str(LOCK), requirement, *NEEDED_BY_WORKERS]
    if subprocess.run([*install, *wanted], check=False).returncode != 0:
        sys.exit(
            f"{requirement} could not be installed into {folder}; the benchmark needs each peer in "
            "an environment of its own: see pip's message above, and run it again."
        )
    stamp.write_text(made_from, encoding="utf-8")
    return interpreter
