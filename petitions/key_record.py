"""Whether the keys tell the same story as the database: an old copy or a lost folder is found here."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from petitions.domain.errors import ConfigurationError
from petitions.key_border import filed_keys, identity_keys, petition_keys
from petitions.platform.config import Settings, database_uri
from petitions.platform.database import create_engine
from petitions.storage.tables import AuthorContext, Gathering, PetitionSigning


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What the database says of keys: peppers that are needed, petitions unsealed and sealed."""

    kids: frozenset[str]
    unsealed: tuple[UUID, ...]
    sealed: tuple[UUID, ...]


_GATHERING = select(Gathering.petition_id, Gathering.kid)
"""Sponsors have given their codes before signing opens."""


def read_record(session: Session) -> KeyRecord:
    rows = session.execute(
        select(PetitionSigning.petition_id, PetitionSigning.kid, PetitionSigning.signing)
    ).all()
    unsealed = [row for row in rows if row.signing in {"open", "closed"}]
    opened = {row.petition_id for row in rows}
    early = [row for row in session.execute(_GATHERING).all() if row.petition_id not in opened]
    return KeyRecord(
        kids=frozenset(
            {row.kid for row in (*unsealed, *early)}
            | set(session.scalars(select(AuthorContext.kid)))
        ),
        unsealed=tuple(row.petition_id for row in (*unsealed, *early)),
        sealed=tuple(row.petition_id for row in rows if row.signing == "sealed"),
    )


def recorded(settings: Settings) -> KeyRecord | None:
    """None where the database cannot be asked, or has no tables yet: that is told elsewhere."""
    try:
        uri = database_uri(settings)
    except ConfigurationError:
        return None
    file = uri.removeprefix("sqlite:///")
    if file != uri and not Path(file).exists():
        return None  # asking would make it
    engine = create_engine(uri)
    try:
        with Session(engine) as session:
            return read_record(session)
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()


def contradictions(settings: Settings) -> list[str]:
    """Sentences about keys that the database needs and nobody has, or has and nobody may."""
    record = recorded(settings)
    if record is None:
        return []
    people, ours = identity_keys(settings), petition_keys(settings, with_log=False)
    wanted = [f"pepper/{kid}" for kid in sorted(record.kids) if not people.exists(f"pepper/{kid}")]
    wanted += [f"kek/{each}" for each in record.unsealed if not ours.exists(f"kek/{each}")]
    alive = [f"kek/{each}" for each in record.sealed if ours.exists(f"kek/{each}")]
    return [
        *(f"{key} is missing and petitions need it: restore it from a replica" for key in wanted),
        *(
            f"{key} exists although its petition is sealed: an old copy came back; run "
            "`petitions keys repair`, or take that copy away and destroy its medium"
            for key in alive
        ),
    ]


def refuse_lost_keys(settings: Settings) -> None:
    """ConfigurationError where making keys would give every signer a second signature.

    The keys' volume is not mounted, or lost: new peppers would make everybody a new person.
    """
    record = recorded(settings)
    lost = {f"pepper/{kid}" for kid in record.kids} if record else set()
    lost -= filed_keys(settings, "identity")
    if lost:
        with contextlib.suppress(ConfigurationError):  # a token that never held the zone
            people = identity_keys(settings)
            lost = {key for key in lost if not people.exists(key)}
    if lost:
        raise ConfigurationError(
            f"keys: {', '.join(sorted(lost))} missing, but the database holds petitions that need "
            "them: mount the volume or restore the keys; with new ones everybody could sign again"
        )
