"""A text that is public and not final: until when it may change, and what it said before (P20)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.services import public_drafting, windows
from petitions.web.edge import Engine
from petitions.web.pages import PetitionPage
from petitions.web.petition_file import File


@dataclass(frozen=True, slots=True)
class EarlierText:
    number: int
    until: date
    title: str
    request: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Discussion:
    """`going_on`: the author may still edit. `opens`: first day of signing, where it is known."""

    going_on: bool
    opens: date | None
    number: int
    """Of the version shown."""
    earlier: tuple[EarlierText, ...]


def with_discussion(
    session: Session, engine: Engine, file: File, page: PetitionPage
) -> PetitionPage:
    """Nothing where the rules fix a text at its publication."""
    petition = file.petition
    if not file.kind.extras.author_edits or petition.published_at is None:
        return page
    rows = public_drafting.versions(session, petition, file.text.language)
    going_on = public_drafting.may_edit(session, engine.house, petition, file.at)
    if not rows and not going_on:
        return page
    first = petition.opens_at if windows.opened(petition) else None
    return replace(
        page,
        discussion=Discussion(
            going_on=going_on,
            opens=local_day(first, file.zone) if first else None,
            number=len(rows) + 1,
            earlier=tuple(
                EarlierText(
                    row.number, local_day(row.until, file.zone), row.title, row.request, row.reasons
                )
                for row in reversed(rows)
            ),
        ),
    )
