"""What every test may ask for: a migrated empty database on either engine, a browser, no network.

One run has one folder. It holds the throw-away PostgreSQL, the migrated templates that tests copy, and
the list of what could not run; pytest-xdist's workers share it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import hypothesis
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from petitions.platform import i18n, migrations
from petitions.platform.database import create_engine
from tests import chromium, compiled_once, engines, memory, postgres, quick, softhsm
from tests.outside import starting
from tests.outside.lemonldap import lemonldap
from tests.outside.provider import Outside, ProviderMissingError, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RUN_VARIABLE = "PETITIONS_TEST_RUN"

# two shared cores: a slow example is no fault; what CI judges is the same each time, and every other
# run looks for new examples
hypothesis.settings.register_profile(
    "petitions", deadline=None, derandomize=os.environ.get("CI") == "true"
)
hypothesis.settings.load_profile("petitions")


MEMORY_DISK = Path("/dev/shm")
ROOM = 4 << 30
PORTION = 130
"""More than all tests with a browser, so that they come to one worker (tests/test_surroundings.py)."""


def pytest_configure(config: pytest.Config) -> None:
    if _is_worker(config) or not getattr(config.option, "numprocesses", 0):
        memory.no_search()  # who only distributes collects nothing
    if not _is_worker(config):
        _keep_bytecode()
        _small_portions(config)
        _work_in_memory()
        _sweep()
        run = Path(tempfile.mkdtemp(prefix=f"petitions-{os.getpid()}-"))
        run.chmod(0o711)  # PostgreSQL's unprivileged user passes through it to its own folder
        os.environ[RUN_VARIABLE] = str(run)
    compiled_once.install()
    sys.addaudithook(_refuse_network)


def _keep_bytecode() -> None:
    """A run starts hundreds of processes; where nothing is kept, each compiles the engine anew: 4 s."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # for the workers and what they start
    sys.dont_write_bytecode = False


def _small_portions(config: pytest.Config) -> None:
    """Of tests for each worker at a time; by itself pytest-xdist begins with a quarter of all."""
    if getattr(config.option, "maxschedchunk", 0) is None:
        config.option.maxschedchunk = PORTION


def _work_in_memory() -> None:
    """Thousands of throw-away databases, each written through to the disk: half of a run's time."""
    if "TMPDIR" in os.environ or not os.access(MEMORY_DISK, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(MEMORY_DISK).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY_DISK)
        tempfile.tempdir = None  # looked up once more, by the workers as well


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-engine",
        action="store_true",
        help="every test that needs a database on SQLite and on PostgreSQL",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Both engines where the database decides; elsewhere one of them, chosen by the test's name."""
    left_out = set() if config.getoption("--every-engine") else set(engines.left_out(items))
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    _long_ones_first(items)
    quick.mark_slow(items)


def _long_ones_first(items: list[pytest.Item]) -> None:
    """Module after module as before, but first those with a browser, then those with long tests.

    A long test at the very end leaves one core idle; and what the browser needs (a demonstration,
    Chromium) is started by one worker then, which gets that first portion.
    """
    rank: dict[Path, int] = {}
    for item in items:
        browser, slow = (item.get_closest_marker(name) for name in ("browser", "slow"))
        own = 0 if browser else 1 if slow else 2
        rank[item.path] = min(own, rank.get(item.path, own))
    items.sort(key=lambda item: rank[item.path])


def pytest_collection_finish() -> None:
    memory.keep_what_is_there()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        _remove(_run_folder())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    listed = _run_folder() / "not-run"
    if listed.exists():
        for sentence in sorted(set(listed.read_text().splitlines())):
            terminalreporter.write_line(f"not run: {sentence}", yellow=True)


@pytest.fixture(autouse=True)
def _source_language() -> None:
    """A page of the test before must not choose the language of this one."""
    i18n.speak(i18n.SOURCE)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _run_folder() -> Path:
    return Path(os.environ[RUN_VARIABLE])


def _remove(run: Path) -> None:
    if (run / "postgres.uri").exists() and (uri := os.environ.get(postgres.URI_VARIABLE)):
        postgres.PostgresServer(uri, run.name).drop_all()
    postgres.stop(run)
    shutil.rmtree(run, ignore_errors=True)


def _sweep() -> None:
    """Remove what a killed run left: its server would run for ever."""
    for run in Path(tempfile.gettempdir()).glob("petitions-*-*"):
        pid = run.name.split("-")[1]
        if not pid.isdigit() or run.is_symlink() or run.stat().st_uid != os.geteuid():
            continue
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            postgres.stop(run)
            shutil.rmtree(run, ignore_errors=True)


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """No test depends on, or tells anything to, a machine outside."""
    if event not in {"socket.connect", "socket.sendto", "socket.getaddrinfo"}:
        return
    if event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        address = arguments[1]
        if not isinstance(address, tuple):
            return  # a Unix socket
        host = address[0]
    host = host.decode() if isinstance(host, bytes) else host
    if host not in {None, "", "localhost", "::1", "0.0.0.0"} and not host.startswith("127."):
        raise RuntimeError(f"a test may not reach {host}: only the loopback is allowed")


@contextlib.contextmanager
def _one_at_a_time(name: str) -> Iterator[Path]:
    """The run's folder, while no other worker is in here."""
    run = _run_folder()
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield run


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """The run's PostgreSQL, with a migrated template; the run fails where none can be had."""
    with _one_at_a_time("postgres") as run:
        known = run / "postgres.uri"
        if not known.exists():
            try:
                known.write_text(postgres.obtain(run))
            except postgres.PostgresMissingError as error:
                pytest.fail(str(error), pytrace=False)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    server = postgres.PostgresServer(known.read_text(), f"{_run_folder().name}-{worker}")
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.PostgresServer) -> str:
    """Name of a migrated empty database, to be copied."""
    name = f"{_run_folder().name}-template"
    with _one_at_a_time("postgres-template") as run:
        if not (run / "postgres.migrated").exists():
            migrations.upgrade(postgres_server.create(name=name))
            (run / "postgres.migrated").touch()
    return name


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    """A migrated empty file, to be copied."""
    with _one_at_a_time("sqlite-template") as run:
        template = run / "template.sqlite"
        if not template.exists():
            making = run / "making.sqlite"
            migrations.upgrade(f"sqlite:///{making}")
            making.rename(template)
    return template


@pytest.fixture
def sqlite_uri(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated empty SQLite database of this test's own."""
    path = tmp_path / "petitions.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_uri(
    postgres_server: postgres.PostgresServer, postgres_template: str
) -> Iterator[str]:
    """A migrated empty PostgreSQL database of this test's own."""
    uri = postgres_server.create(template=postgres_template)
    yield uri
    postgres_server.drop(uri)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_uri(request: pytest.FixtureRequest) -> str:
    """A migrated empty database of this test's own; the test runs once on each engine."""
    uri: str = request.getfixturevalue(f"{request.param}_uri")
    return uri


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As `database_uri`, without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.sqlite'}"
        return
    server: postgres.PostgresServer = request.getfixturevalue("postgres_server")
    uri = server.create()
    yield uri
    server.drop(uri)


@pytest.fixture
def open_engine() -> Iterator[Callable[[str], Engine]]:
    """Opens engines for URIs and closes them after the test."""
    with contextlib.ExitStack() as stack:

        def open_one(uri: str, **settings: Any) -> Engine:
            engine = create_engine(uri, **settings)
            stack.callback(engine.dispose)
            return engine

        yield open_one


@pytest.fixture
def engine(database_uri: str, open_engine: Callable[[str], Engine]) -> Engine:
    """Of `database_uri`: the test runs once on each engine."""
    return open_engine(database_uri)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_engine(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Engine]:
    """As `engine`, one for all tests of a module: those only read, or each keeps to rows of its own."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("lasting") / "petitions.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        engine = create_engine(f"sqlite:///{path}")
        yield engine
        engine.dispose()
        return
    server: postgres.PostgresServer = request.getfixturevalue("postgres_server")
    uri = server.create(template=request.getfixturevalue("postgres_template"))
    engine = create_engine(uri)
    yield engine
    engine.dispose()
    server.drop(uri)


@pytest.fixture
def session_factory(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine)


@pytest.fixture(scope="session")
def token_folder() -> Path:
    """Where this worker's SoftHSM keeps its tokens; the module reads it when it is first loaded."""
    try:
        softhsm.find()
    except softhsm.SoftHsmMissingError as error:
        _report_missing_part(str(error))
    return softhsm.prepare(
        _run_folder() / f"softhsm-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    )


@pytest.fixture
def new_token(token_folder: Path) -> Callable[[str], softhsm.SoftToken]:
    """Makes initialised tokens of that label, each on its own."""
    return lambda label: softhsm.initialise(token_folder, label)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one per worker; make a context per test and close it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        try:
            program = chromium.find(playwright)
        except chromium.ChromiumMissingError as error:
            _report_missing_part(str(error))
        browser = playwright.chromium.launch(executable_path=program, args=chromium.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def outside_sites() -> tuple[str, str]:
    """Our addresses that providers of others let in: of Flask's test client, and of a server."""
    return "http://127.0.0.1:8000", f"http://127.0.0.1:{free_port()}"


def _outside(start: Any, folder: Path, sites: tuple[str, str]) -> Iterator[Outside]:
    with contextlib.ExitStack() as stack:
        try:
            provider = stack.enter_context(start(folder, sites))
        except ProviderMissingError as error:
            _report_missing_part(str(error))
        yield provider


@pytest.fixture(scope="session")
def mock_provider(outside_sites, tmp_path_factory) -> Iterator[Outside]:
    yield from _outside(starting.mock, tmp_path_factory.mktemp("mock"), outside_sites)


@pytest.fixture(scope="session")
def canaille_provider(outside_sites, tmp_path_factory) -> Iterator[Outside]:
    yield from _outside(starting.canaille, tmp_path_factory.mktemp("canaille"), outside_sites)


@pytest.fixture(scope="session")
def lemonldap_provider(outside_sites, tmp_path_factory) -> Iterator[Outside]:
    yield from _outside(lemonldap, tmp_path_factory.mktemp("lemonldap"), outside_sites)


@pytest.fixture(params=["mock", "canaille", "lemonldap"])
def outside(request: pytest.FixtureRequest) -> Outside:
    """A provider that nobody here wrote; the test runs once at each."""
    provider: Outside = request.getfixturevalue(f"{request.param}_provider")
    return provider


def _report_missing_part(sentence: str) -> NoReturn:
    """Where CI runs, a part that cannot run is a failure; elsewhere the last lines name it."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    with _one_at_a_time("not-run") as run, (run / "not-run").open("a") as listed:
        listed.write(f"{sentence}\n")
    pytest.skip(sentence)


@pytest.fixture
def report_missing_part() -> Callable[[str], NoReturn]:
    """For a program that is not there: the test ends here, and the run's last lines name it."""
    return _report_missing_part
