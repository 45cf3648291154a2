"""`petitions rulebook`: check, explain, simulate, versions, activate. Thin: the work is elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.assembly import RealmFacts
from petitions.domain.errors import ConfigurationError, PetitionError
from petitions.domain.lifecycle import Role
from petitions.domain.rulebook_files import InForce
from petitions.domain.schema import RulebookErrors
from petitions.explaining.playing import LANGUAGES
from petitions.platform.config import Settings, database_uri, load_settings
from petitions.platform.database import create_engine, read_only
from petitions.rulebook_command import (
    SHIPPED,
    check,
    drawn,
    explained,
    good_lines,
    simulated,
)
from petitions.services.ports import Actor

_FILE = click.Path(exists=True, path_type=Path)
_LANG = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="In this language.",
)
REFUSED = {
    "rulebook_version": "the rulebooks of this site hold no such version",
    "activated_already": "this version was put into force already",
    "version_changed": "this version is in force with other content; give the file a higher version",
}


@click.group()
def rulebook() -> None:
    """Procedures as data."""


def _config(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--config", "-c", type=click.Path(path_type=Path),
        default=Path("config.toml") if required else None,
        envvar="PETITIONS_CONFIG" if required else None,
        show_default=required, help="The settings file.",
    )  # fmt: skip


@contextmanager
def _sentences() -> Iterator[None]:
    """Errors of a rulebook, all of them, or why it cannot be played: status 1, no traceback."""
    from petitions.explaining.refusals import refusal

    try:
        yield
    except RulebookErrors as errors:
        click.echo(str(errors), err=True)
        sys.exit(1)
    except ConfigurationError:
        raise
    except PetitionError as error:
        click.echo(refusal(error), err=True)
        sys.exit(1)


@contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    database = create_engine(database_uri(settings), pool_size=1)
    try:
        with sessionmaker(database)() as session:
            yield session
    finally:
        database.dispose()


@rulebook.command("check")
@click.argument("place", type=_FILE, required=False)
@_config(required=False)
def rulebook_check(place: Path | None, config: Path | None) -> None:
    """Read PLACE (a rulebook, or a folder of them) and report all errors at once.

    With --config also against the realms and the stored versions of that site.
    """
    with _sentences():
        realms, stored = _site(config) if config else (None, None)
        library = check(place or SHIPPED, realms=realms, in_force=stored)
    for line in good_lines(library):
        click.echo(line)


def _site(config: Path) -> tuple[Mapping[str, RealmFacts], Mapping[str, InForce]]:
    from petitions import border
    from petitions.services.activations import stored_versions

    settings = load_settings(config)
    with _session(settings) as session:
        stored = stored_versions(read_only(session))
    return border.realm_facts(border.load_identity(settings)), stored


@rulebook.command("explain")
@click.argument("file", type=_FILE)
@_LANG
@click.option("--svg", type=click.Path(path_type=Path), help="Also draw the states into this file.")
@click.option("--kind", default="", help="The kind to draw; by default the first.")
def rulebook_explain(file: Path, lang: str, svg: Path | None, kind: str) -> None:
    """Print the procedure of FILE in plain words, with its states."""
    with _sentences():
        text = explained(file, lang)
        if svg is not None:
            svg.write_text(drawn(file, lang, kind), encoding="utf-8")
    click.echo(text, nl=False)


@rulebook.command("simulate")
@click.argument("file", type=_FILE)
@click.option(
    "--signatures", "curve", type=_FILE, required=True,
    help="CSV with a time (at, minute, observed_at, date or day) and count or total; may be .gz.",
)  # fmt: skip
@_LANG
@click.option("--kind", default="", help="The kind to play; by default the first.")
@click.option("--choice", "choices", multiple=True, help="ID=OPTION: what the author chose.")
@click.option("--published", default="", help="Move the curve to begin then, and publish then.")
@click.option("--submitted", default="", help="When it was filed; by default when published.")
@click.option("--length", default="", help="The time for signing the author picked, as P3M.")
@click.option(
    "--event", "events", multiple=True,
    help="NAME=TIME[..TIME]: dissolution, chosen, gazette, handover:accepted, outcome:granted …",
)  # fmt: skip
def rulebook_simulate(
    file: Path, curve: Path, lang: str, choices: tuple[str, ...], **given: object
) -> None:
    """Play a petition's life under FILE against a signature curve, and print the timeline."""
    chosen = dict(each.partition("=")[::2] for each in choices)
    with _sentences():
        click.echo(simulated(file, curve, lang, choices=chosen, **given), nl=False)


@rulebook.command("versions")
@_config(required=True)
def rulebook_versions(config: Path) -> None:
    """List the versions this site serves: which are in force, and what is still to be confirmed."""
    from petitions.app import rulebook_library
    from petitions.services.activations import standings

    settings = load_settings(config)
    library = rulebook_library(settings)
    with _session(settings) as session:
        found = standings(read_only(session), library, settings.rulebooks.assemblies)
    for each in found:
        word = "changed" if each.changed else "in force" if each.stored else "not in force"
        click.echo(f"{each.book.id} {each.book.version} from {each.book.valid_from}: {word}")
        for path in () if each.activation else each.book.confirm:
            click.echo(f"  to be confirmed: {path}")


@rulebook.command("activate")
@click.argument("name")
@click.argument("version", type=int)
@click.option(
    "--acknowledge", multiple=True, help="A key that is to be confirmed; for each of them."
)
@click.option("--by", required=True, help="Name of the person who answers.")
@_config(required=True)
def rulebook_activate(
    name: str, version: int, acknowledge: tuple[str, ...], by: str, config: Path
) -> None:
    """Put VERSION of rulebook NAME into force, acknowledging what is still to be confirmed."""
    from petitions.app import rulebook_library
    from petitions.services.activations import activate

    settings = load_settings(config)
    library = rulebook_library(settings)
    actor = Actor("command line", Role.ADMINISTRATOR, by.strip())
    with _session(settings) as session:
        try:
            activate(session, library, name, version, acknowledge, actor, at=datetime.now(UTC))
        except PetitionError as error:
            if error.code == "confirm_missing":
                paths = "\n".join(
                    f"  --acknowledge {p}" for p in str(error.facts["paths"]).split(", ")
                )
                raise ConfigurationError(f"rulebook: still to be acknowledged:\n{paths}") from None
            raise ConfigurationError(f"rulebook: {REFUSED.get(error.code, error.code)}") from None
        session.commit()
    click.echo(f"{name} {version} is in force; a running site takes it up at its next start")
