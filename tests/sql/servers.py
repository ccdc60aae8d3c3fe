"""A PostgreSQL server of a test's own, which it may stop and start."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.requires import postgresql_programs


class PrivateServer:
    """A server on a free port, in a folder of its own.

    PostgreSQL refuses to run for root; there, it runs for the user `postgres` of its package.
    """

    def __init__(self, folder: Path, auth: str = "trust") -> None:
        self._programs = postgresql_programs()
        self._folder = folder
        self._user = "postgres" if os.geteuid() == 0 else None
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self._port = listening.getsockname()[1]
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", f"--auth-host={auth}", "--username=postgres", "--no-sync")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        log = self._folder / "log"
        self._run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")

    def stop(self) -> None:
        """End it at once, as a crash would: clients are not waited for."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), f"--pgdata={self._folder / 'data'}", *arguments]
        subprocess.run(command, check=True, user=self._user, stdout=subprocess.DEVNULL, cwd="/")
