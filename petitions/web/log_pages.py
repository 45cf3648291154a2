"""The log and one petition's count, for people: sizes, batches, decisions; nothing of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.certificate.words import REASONS
from petitions.domain.calendar import local_day
from petitions.domain.removals import RemovalReason
from petitions.platform.i18n import N_, _, current_locale
from petitions.storage import log_reading, reading
from petitions.storage.log_reading import BatchRow, LogStatus
from petitions.storage.tables import Removal
from petitions.web.counted_view import AreaFigures, Counted
from petitions.web.petition_file import File

BATCHES = 50
STATUSES = {
    "confirmed": N_("Decided; it takes effect on %(day)s unless an objection changes it"),
    "carried_out": N_("In effect since %(day)s"),
    "called_off": N_("Called off on %(day)s"),
}


@dataclass(frozen=True, slots=True)
class RemovalCard:
    """One public decision to declare signatures invalid."""

    reason: str
    leaves: int
    text: str
    lang: str
    status: str
    decided: date
    href: str
    """The decision's file in the log, once it is there."""


@dataclass(frozen=True, slots=True)
class CountPage:
    ref: str
    title: str
    lang: str
    href: str
    collected: int
    withdrawn: int
    invalid: int
    valid: int
    by_reason: tuple[tuple[str, int], ...]
    batches: tuple[BatchRow, ...]
    batches_in_all: int
    older_href: str
    removals: tuple[RemovalCard, ...]
    log_id: int
    origin: str
    uuid: str
    counted_at: datetime | None
    sealed_on: date | None
    kept: bool
    """False where the rules do not show the count now."""
    certificate_href: str
    """Of closing.json; empty while there is none."""
    figures: AreaFigures | None = None
    counted: Counted | None = None


def count_page(
    session: Session, file: File, *, shown: bool, before: int | None, certified: bool = False
) -> CountPage | None:
    """None where the petition never collected signatures."""
    petition = file.petition
    signing = log_reading.opening(session, petition.id)
    count = reading.public_count(session, petition.id)
    if signing is None or count is None:
        return None
    batches = (
        log_reading.batches_of(
            session, petition.id, signing.log_id, before=before, limit=BATCHES + 1
        )
        if shown
        else []
    )
    more = len(batches) > BATCHES
    sealing = log_reading.sealing_of(session, petition.id)
    origin = next(
        (s.origin for s in log_reading.statuses(session) if s.log_id == signing.log_id), ""
    )
    here = f"{file.href}/count"
    return CountPage(
        ref=petition.reference or "",
        title=file.text.title,
        lang=file.text.language,
        href=file.href,
        collected=count.valid - count.paper + count.withdrawn + count.invalid,
        withdrawn=count.withdrawn,
        invalid=count.invalid,
        valid=count.valid - count.paper,
        by_reason=tuple(
            (_(REASONS[RemovalReason(reason)]), number)
            for reason, number in sorted(
                log_reading.removed_by_reason(session, petition.id).items()
            )
        ),
        batches=tuple(batches[:BATCHES]),
        batches_in_all=log_reading.batches_in_all(session, petition.id),
        older_href=f"{here}?before={batches[BATCHES - 1].number}" if more else "",
        removals=tuple(
            _removal(file, row) for row in log_reading.public_removals(session, petition.id)
        ),
        log_id=signing.log_id,
        origin=origin,
        uuid=str(petition.id),
        counted_at=count.at if count.batch_no else None,
        sealed_on=file.day(sealing.sealed_at) if sealing else None,
        kept=shown,
        certificate_href=f"/petitions/{petition.reference}/closing.json" if certified else "",
    )


def _removal(file: File, row: Removal) -> RemovalCard:
    assert row.confirmed_at is not None
    assert row.decision_hash is not None
    wanted = current_locale().lang
    lang = wanted if wanted in row.texts else next(iter(row.texts))
    when = row.ended_at or row.effective_at
    assert when is not None
    day = local_day(when, file.zone)
    done = row.status == "carried_out"
    return RemovalCard(
        reason=_(REASONS[RemovalReason(row.reason)]),
        leaves=len(row.leaves),
        text=str(row.texts[lang]),
        lang=lang,
        status=_(STATUSES[row.status], day=current_locale().date(day)),
        decided=local_day(row.confirmed_at, file.zone),
        href=f"/log/{row.log_id}/decisions/{row.decision_hash.hex()}.json" if done else "",
    )


def log_page(session: Session) -> tuple[LogStatus, ...]:
    return tuple(log_reading.statuses(session))
