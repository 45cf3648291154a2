"""More time for a duty: as often and as long as the rulebook says, with a public notice (rule T7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError, NotFoundError, TransitionRefusedError
from petitions.domain.procedure import Duty
from petitions.domain.text import normalised
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.ports import Actor, House
from petitions.services.tracks import lay_out
from petitions.storage.tables import Petition, Track, TrackExtension


def extensions_left(session: Session, house: House, petition: Petition, track: Track) -> int:
    """How often this duty can still be extended; 0 where it cannot."""
    duty = _duty(session, house, petition, track)
    if duty is None or duty.extension is None or track.due_on is None or track.status != "due":
        return 0
    return max(0, duty.extension.times - _given(session, track))


def extend_duty(
    session: Session,
    house: House,
    petition: Petition,
    code: str,
    texts: Mapping[str, str],
    actor: Actor,
    *,
    at: datetime,
) -> TrackExtension:
    """Record one extension. Refused after the last day, or where the rules give no (more) time."""
    track = session.get(Track, (petition.id, code))
    if track is None:
        raise NotFoundError("track")
    duty = _duty(session, house, petition, track)
    late = track.overdue_at is not None and at >= track.overdue_at and not track.provisional
    if late or extensions_left(session, house, petition, track) == 0:
        raise TransitionRefusedError("no_extension", track=code)
    assert duty is not None
    assert duty.extension is not None
    missing = missing_texts(house, session, petition, texts) if duty.extension.notice else []
    if missing:
        raise InvalidError(fields={f"text_{language}": ("required", {}) for language in missing})
    before = track.due_on
    kept = {language: normalised(text) for language, text in texts.items() if text.strip()}
    row = TrackExtension(
        petition_id=petition.id, code=code, number=_given(session, track) + 1,
        length=duty.extension.length.text, due_before=before, due_after=None, texts=kept, at=at,
        actor=actor.code,
    )  # fmt: skip
    given = (*_lengths(session, track), row.length)
    lay_out(session, house, petition, track, given)
    row.due_after = track.due_on
    session.add(row)
    petition.version += 1
    detail = {
        "track": code,
        "before": before.isoformat() if before else "",
        "day": track.due_on.isoformat() if track.due_on else "",
    }
    record(
        session, actor, "duty_extended", at=at, petition=petition, public_texts=kept, detail=detail
    )
    return row


def _duty(session: Session, house: House, petition: Petition, track: Track) -> Duty | None:
    duties = house.kind(session, petition).after.duties
    return next((duty for duty in duties if duty.id == track.code), None)


def _given(session: Session, track: Track) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(TrackExtension)
            .where(
                TrackExtension.petition_id == track.petition_id, TrackExtension.code == track.code
            )
        )
        or 0
    )


def _lengths(session: Session, track: Track) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(TrackExtension.length)
            .where(
                TrackExtension.petition_id == track.petition_id, TrackExtension.code == track.code
            )
            .order_by(TrackExtension.number)
        )
    )
