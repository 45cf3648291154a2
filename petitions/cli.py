"""The command `petitions`: demo, serve, worker, db, keys, rulebook, doctor.

Every refusal is one sentence on stderr and exit status 1; nobody ever reads a traceback.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from petitions.domain.errors import ConfigurationError, PetitionError
from petitions.log_key_command import log  # the group, with the commands about keys
from petitions.mail_command import mail
from petitions.outage_page import outage
from petitions.platform import migrations
from petitions.platform.config import Settings, database_uri, load_settings
from petitions.platform.database import create_engine, translate
from petitions.platform.faults import forbid_memory_images, install_hooks
from petitions.platform.logs import install_logging
from petitions.rulebook_commands import rulebook
from petitions.search_command import search
from petitions.staff_command import staff
from petitions.term_command import term_end

F = TypeVar("F", bound=Callable[..., Any])
DEMO_FOLDER = "demo-data"


def config_option(command: F) -> F:
    return click.option(
        "--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
        envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.",
    )(command)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="petition-engine")
def petitions() -> None:
    """The petition engine of parliaments and cities."""
    os.umask(0o077)  # database, keys, letters: for this account alone; the log opens its own files
    forbid_memory_images()


@petitions.command()
@click.option("--fresh", is_flag=True, help="Throw the demonstration's data away first.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(DEMO_FOLDER))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=int)
@click.option("--provider-port", default=8001, show_default=True, type=int)
@click.option("--scale", default=1.0, show_default=True, help="Share of the invented signatures.")
def demo(fresh: bool, folder: Path, host: str, port: int, provider_port: int, scale: float) -> None:
    """Run a demonstration parliament: site, worker, identity provider."""
    from petitions.demo.run import run_demo

    run_demo(folder, fresh=fresh, host=host, port=port, provider_port=provider_port, scale=scale)


@petitions.command()
@config_option
def serve(config: Path) -> None:
    """Serve the site (SIGHUP reloads, SIGTERM stops; both let running requests finish)."""
    settings = load_settings(config)
    os.environ["PETITIONS_CONFIG"] = str(config.resolve())
    from petitions.app import create_app

    create_app(settings)  # says what is wrong here, once, not in each worker process
    _server(settings).serve()


def _server(settings: Settings) -> Any:
    from granian.constants import Interfaces
    from granian.server import Server

    return Server(
        "petitions.wsgi:app",
        address=settings.web.host,
        port=settings.web.port,
        interface=Interfaces.WSGI,
        workers=settings.web.workers,
        blocking_threads=settings.web.threads,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_access=False,
        log_enabled=True,
        websockets=False,
    )


@petitions.command()
@config_option
@click.option("--once", is_flag=True, help="One turn, then stop.")
def worker(config: Path, once: bool) -> None:
    """Run the worker: deadlines, tally, log, letters. Two at once are safe."""
    from petitions.app import check_database, create_worker

    install_logging()
    settings = load_settings(config)
    uri = database_uri(settings)
    check_database(uri)
    database = create_engine(uri, pool_size=2, statement_timeout_ms=600_000)
    working = create_worker(settings, sessionmaker(database, expire_on_commit=False))
    if once:
        while working.turn():
            pass
        return
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_told: stop.set())
    working.run(stop, settings.log.tick)
    database.dispose()


@petitions.group()
def db() -> None:
    """The database's tables."""


@db.command()
@config_option
def upgrade(config: Path) -> None:
    """Bring the tables up to this version of the engine."""
    migrations.upgrade(database_uri(load_settings(config)))
    click.echo(f"database: at revision {migrations.recorded_head()}")


@db.command("check")
@config_option
def db_check(config: Path) -> None:
    """Say whether the tables fit this version."""
    from petitions.search_command import index_faults

    uri = database_uri(load_settings(config))
    problems = migrations.check(uri) or index_faults(uri)
    click.echo("\n".join(problems) if problems else "database: up to date")
    sys.exit(1 if problems else 0)


@petitions.group()
def keys() -> None:
    """The key store."""


@keys.command()
@config_option
def init(config: Path) -> None:
    """Create the keys that a new deployment needs; existing ones stay as they are."""
    from petitions.border import make_keys
    from petitions.key_record import refuse_lost_keys

    settings = load_settings(config)
    refuse_lost_keys(settings)
    made = make_keys(settings)
    click.echo("\n".join(f"created {key}" for key in made) if made else "keys: all there")


@keys.command("list")
@config_option
def keys_list(config: Path) -> None:
    """Name every key: zone, kind, state, where it lies, since when. Never a secret."""
    from petitions.key_border import listed_keys

    click.echo("\n".join(listed_keys(load_settings(config))))


@keys.command("repair")
@config_option
def keys_repair(config: Path) -> None:
    """Copy keys to replicas that lack them; finish destructions. Never brings a destroyed key back."""
    from petitions.key_border import repair_keys

    acts = repair_keys(load_settings(config))
    click.echo("\n".join(acts) if acts else "keys: every place holds what it should")


@petitions.group()
def realm() -> None:
    """Realms: who may vouch for a person."""


@realm.command("accept")
@click.argument("name")
@config_option
def realm_accept(name: str, config: Path) -> None:
    """Confirm that the person keys of a changed realm are still the same (an issuer renamed)."""
    from petitions.border import load_identity, realm_fingerprint
    from petitions.services.realms import accept_realm

    settings = load_settings(config)
    database = create_engine(database_uri(settings))
    fingerprint = realm_fingerprint(load_identity(settings))(name)
    if fingerprint == "gone":
        raise ConfigurationError(f"identity.realms.{name}: there is no such realm")
    with sessionmaker(database)() as session:
        changed = accept_realm(session, name, fingerprint)
        session.commit()
    database.dispose()
    click.echo(f"realm {name}: accepted for {changed} running petitions")


@petitions.command()
@click.argument("reference", required=False)
@config_option
@click.option("--due", is_flag=True, help="List only petitions whose term of retention is over.")
@click.option("--for-good", is_flag=True, help="Seal it. Without this nothing is changed.")
@click.option("--by", "name", default="", help="Name of the person who answers for it.")
@click.option("--reason", default="", help="Why, as the record will say it.")
@click.option("--yes", is_flag=True, help="Do not ask for the reference a second time.")
@click.option("--report", "report_", is_flag=True, help="Print the record of a sealing.")
@click.option("--lang", default="en", show_default=True, help="Language of the record.")
def seal(
    reference: str | None,
    config: Path,
    due: bool,
    for_good: bool,
    name: str,
    reason: str,
    yes: bool,
    report_: bool,
    lang: str,
) -> None:
    """Destroy for good what could tell who signed a petition. First a dry run, then --for-good."""
    from petitions import seal_command as command

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with command.opened(load_settings(config)) as desk:
        if reference is None:
            sys.exit(command.list_all(desk, due_only=due))
        if report_:
            click.echo(command.print_report(desk, reference, lang))
            return
        if not for_good:
            sys.exit(0 if command.dry_run(desk, reference) else 1)
        if not name.strip() or not reason.strip():
            raise ConfigurationError("seal: --by and --reason are needed: the record names both")
        if not command.under_way(desk, reference):
            if not command.dry_run(desk, reference):
                sys.exit(1)
            if not yes and click.prompt("Type the reference again to seal it") != reference:
                raise ConfigurationError("seal: that is another reference; nothing was changed")
        command.carry_out(desk, reference, name.strip(), reason.strip())
        click.echo(command.print_report(desk, reference, lang))


@petitions.command()
@click.argument("reference")
@config_option
@click.option("--pdf", type=click.Path(path_type=Path), help="Write the PDF here.")
@click.option("--json", "document", type=click.Path(path_type=Path), help="Write the JSON here.")
@click.option("--lang", default="en", show_default=True, help="Language of the PDF.")
def certificate(
    reference: str, config: Path, pdf: Path | None, document: Path | None, lang: str
) -> None:
    """Make the closing certificate: numbers, proofs, a sealed PDF. Both files where none is named."""
    from petitions.certificate_command import certify

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    settings = load_settings(config)
    for path in certify(settings, reference, pdf=pdf, document=document, lang=lang):
        click.echo(f"wrote {path}")
    if not settings.certificate.key_file:
        click.echo("certificate: no key is configured ([certificate] key_file): it bears no seal")


@petitions.command()
@config_option
@click.option(
    "--ask-providers/--offline", default=True, help="Also ask identity providers and mail server."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def doctor(config: Path, ask_providers: bool, as_json: bool) -> None:
    """Check the whole site before citizens do; say what is wrong and what to do (status 1)."""
    from petitions.doctor import examine

    findings = examine(load_settings(config), ask_providers=ask_providers)
    good = all(finding.good for finding in findings)
    if as_json:
        listed = [
            {"level": each.level, "subject": each.subject, "sentence": each.sentence}
            for each in findings
        ]
        click.echo(json.dumps({"good": good, "findings": listed}, indent=1, ensure_ascii=False))
    else:
        for each in findings:
            click.echo(f"{each.level:5} {each.subject}: {each.sentence}")
    sys.exit(0 if good else 1)


petitions.add_command(rulebook)
petitions.add_command(staff)
petitions.add_command(search)
petitions.add_command(term_end)
petitions.add_command(log)
petitions.add_command(mail)
petitions.add_command(outage)


def main() -> None:
    """Entry point: every error of ours as one sentence."""
    install_hooks()
    try:
        petitions(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        sys.exit(130)
    except PetitionError as error:
        click.echo(f"petitions: {error}", err=True)
        sys.exit(1)
    except SQLAlchemyError as error:
        told = translate(error)
        sentence = told.code if told else type(error).__name__
        click.echo(f"petitions: the database answered: {sentence}", err=True)
        sys.exit(1)
