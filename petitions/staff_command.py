"""`petitions staff`: rights by access to the server, where two administrators cannot give them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.errors import ConfigurationError, ConflictError, NotFoundError
from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.staffing import RolesFrom
from petitions.platform.config import Settings, database_uri, load_settings
from petitions.platform.database import create_engine

REFUSALS = {
    "enough_administrators": "there are two administrators already: they name further ones at the "
    "desk, under People",
    "disabled_already": "the access of this person is switched off already",
    "not_disabled": "the access of this person is not switched off",
    "person": "nobody at the desk has this code; the page People shows them",
}


@click.group()
def staff() -> None:
    """People at the desk."""


def _config(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
        envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.",
    )(command)  # fmt: skip


@contextmanager
def _writing(settings: Settings) -> Iterator[Session]:
    """Commits at the end; a refusal becomes one sentence."""
    database = create_engine(database_uri(settings), pool_size=1)
    try:
        with sessionmaker(database)() as session:
            yield session
            session.commit()
    except (ConflictError, NotFoundError) as error:
        raise ConfigurationError(f"staff: {REFUSALS.get(error.code, error.code)}") from None
    finally:
        database.dispose()


@staff.command()
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(sorted(map(str, STAFF_ROLES))),
    help="A role the code gives; may be repeated. Without it: administrator.",
)  # fmt: skip
@_config
def invite(roles: tuple[str, ...], config: Path) -> None:
    """Print a one-time code, valid for an hour, that gives a role to whoever logs in and types it."""
    from petitions.border import load_identity
    from petitions.services.staff_codes import invite as make_code
    from petitions.staff_border import roles_from

    settings = load_settings(config)
    if roles_from(load_identity(settings)) is RolesFrom.CLAIM:
        raise ConfigurationError(
            "identity.staff.roles_from: roles come from a claim here, so no code can give one; put the "
            'person into a group of your directory, or set roles_from = "desk"'
        )
    wanted = [Role(role) for role in roles or (Role.ADMINISTRATOR,)]
    with _writing(settings) as session:
        code = make_code(session, wanted, secrets.token_bytes, datetime.now(UTC))
    click.echo(code)
    click.echo(
        f"Log in at {settings.site.base_url}/office/ and type it in within an hour (if a role is "
        f"there already: {settings.site.base_url}/office/code). It serves once.",
        err=True,
    )


@staff.command()
@click.argument("person")
@click.option("--reason", required=True, help="For the audit trail.")
@_config
def disable(person: str, reason: str, config: Path) -> None:
    """Switch off the access of PERSON (a code such as staff-1f…, from the page People), at once."""
    _switch(person, reason, config, disabled=True)


@staff.command()
@click.argument("person")
@click.option("--reason", required=True, help="For the audit trail.")
@_config
def enable(person: str, reason: str, config: Path) -> None:
    """Switch the access of PERSON (a code such as staff-1f…, from the page People) on again."""
    _switch(person, reason, config, disabled=False)


def _switch(person: str, reason: str, config: Path, *, disabled: bool) -> None:
    from petitions.services.staff_codes import set_disabled_by_command

    with _writing(load_settings(config)) as session:
        set_disabled_by_command(session, person, reason, disabled=disabled, at=datetime.now(UTC))
    click.echo(f"{person}: access switched {'off' if disabled else 'on'}")
