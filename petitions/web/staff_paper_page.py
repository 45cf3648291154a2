"""What the page of paper and certificates shows of one petition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.domain.channels import certified_online, on_paper
from petitions.domain.counting import Paper
from petitions.domain.reading_order import as_listed
from petitions.domain.rulebook import Kind
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import _
from petitions.services import corrections, verification
from petitions.services import sheets as sheets_of
from petitions.services.certificates import waits_for_others
from petitions.services.decisions import required_languages
from petitions.storage import paper_rows, reading
from petitions.storage.tables import Certificate, CountCorrection, Petition, Sheet, Staff
from petitions.storage.tables import Verification as Standing
from petitions.web.staff_desk import Desk
from petitions.web.staff_paper_words import ABOUT, CERTIFICATE_STATUS, SHEET_STATUS

SHEETS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class SheetRow:
    number: int
    area: str
    status: str
    lines: int
    valid: int
    invalid: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class CertificateRow:
    id: UUID
    about: str
    area: str
    authority: str
    document: str
    issued_on: date
    examined: int
    valid: int
    invalid: int
    duplicate: int
    sampled_of: int
    """Lines received, where only a sample was looked at; else 0."""
    status: str
    proposed_by: str
    confirmed_by: str
    may_confirm: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    id: UUID
    was: int
    becomes: int
    texts: tuple[tuple[str, str], ...]
    proposed_by: str
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class PaperPage:
    ref: str
    title: str
    lang: str
    counted: int
    on_paper: int
    certified: int
    declared: int | None
    takes_paper: bool
    kinds: tuple[tuple[str, str], ...]
    """What a certificate can be about in this procedure: (code, words)."""
    areas: tuple[tuple[str, str], ...]
    declaring: tuple[tuple[str, str], ...]
    per_area: bool
    samples: bool
    samples_wait: bool
    sheets: tuple[SheetRow, ...]
    sheets_in_all: int
    certificates: tuple[CertificateRow, ...]
    due: date | None
    sheets_until: date | None
    ended: bool
    may_close: bool
    closed: bool
    corrected: tuple[int, int] | None
    """(valid, threshold) of a closed petition that reaches its threshold after all."""
    corrections: tuple[CorrectionRow, ...]
    languages: tuple[str, ...]


def paper_page(at: Desk, petition: Petition) -> PaperPage:
    session, house = at.session, at.house
    kind, shelf = house.kind(session, petition), house.shelf(session, petition)
    count = reading.public_count(session, petition.id)
    standing = session.get(Standing, petition.id)
    papers = paper_rows.certificates(session, petition.id)
    sheets = paper_rows.sheets(session, petition.id)
    areas = kind.signing.areas
    names = shelf.areas(areas.file).names if areas else {}
    hit = corrections.possible(session, house, petition)
    ended = petition.signing_ended_at is not None
    closed = standing is not None and standing.closed_at is not None
    return PaperPage(
        ref=petition.reference or "",
        title=reading.texts_of(session, petition.id)[petition.language].title,
        lang=petition.language,
        counted=count.valid if count else 0,
        on_paper=count.paper if count else 0,
        certified=count.certified if count else 0,
        declared=standing.declared_lines if standing else None,
        takes_paper=on_paper(kind.signing, petition.choices),
        kinds=tuple((str(each), _(ABOUT[each])) for each in kinds_of(kind, petition)),
        areas=tuple(sorted(names.items(), key=lambda item: as_listed(item[1]))),
        declaring=_declaring(shelf, kind),
        per_area=kind.signing.sheet_per_area,
        samples=kind.signing.verification.sample is not None,
        samples_wait=any(waits_for_others(row) for row in papers),
        sheets=tuple(_sheet(row, dict(names)) for row in sheets[-SHEETS_SHOWN:][::-1]),
        sheets_in_all=len(sheets),
        certificates=tuple(_certificate(at, shelf, row) for row in papers),
        due=verification.verifier_due(session, house, petition),
        sheets_until=sheets_of.last_day(kind, petition),
        ended=ended,
        may_close=ended and verification.verifies(kind, petition) and not closed,
        closed=closed,
        corrected=(hit.valid, hit.threshold) if hit else None,
        corrections=tuple(
            _correction(at, row)
            for row in corrections.of_petition(session, petition.id)
            if row.status == "proposed"
        ),
        languages=required_languages(house, session, petition),
    )


def kinds_of(kind: Kind, petition: Petition) -> tuple[Paper, ...]:
    found = [Paper.PAPER] if on_paper(kind.signing, petition.choices) else []
    found += [Paper.ONLINE] if certified_online(kind.signing) else []
    found += [Paper.DECLARATION] if any(each.alternative for each in kind.milestones) else []
    return tuple(found)


def _declaring(shelf: Library, kind: Kind) -> tuple[tuple[str, str], ...]:
    """Areas that may declare themselves, where the rules know that route."""
    files = {each.alternative.areas for each in kind.milestones if each.alternative}
    named = (shelf.areas(file).names.items() for file in sorted(files))
    return tuple(
        each for all_of in named for each in sorted(all_of, key=lambda it: as_listed(it[1]))
    )


def area_name(shelf: Library, code: str) -> str:
    tables = shelf.context.areas.values()
    return next((table.names[code] for table in tables if code in table), code)


def _sheet(row: Sheet, names: dict[str, str]) -> SheetRow:
    return SheetRow(
        row.number, names.get(row.area, row.area), _(SHEET_STATUS[row.status]), row.lines,
        row.valid, row.invalid, row.duplicate,
    )  # fmt: skip


def _certificate(at: Desk, shelf: Library, row: Certificate) -> CertificateRow:
    return CertificateRow(
        id=row.id,
        about=_(ABOUT[Paper(row.about)]),
        area=area_name(shelf, row.area) if row.area else "",
        authority=row.authority,
        document=row.document,
        issued_on=row.issued_on,
        examined=row.examined,
        valid=row.valid,
        invalid=row.invalid,
        duplicate=row.duplicate,
        sampled_of=row.raw if row.sampled else 0,
        status=_(CERTIFICATE_STATUS[row.status]),
        proposed_by=_name(at.session, row.proposed_by),
        confirmed_by=_name(at.session, row.confirmed_by),
        may_confirm=row.proposed_by != at.staff.actor,
        waits=row.status == "proposed",
    )


def _correction(at: Desk, row: CountCorrection) -> CorrectionRow:
    return CorrectionRow(
        row.id, row.was, row.becomes, tuple((lang, str(text)) for lang, text in row.texts.items()),
        _name(at.session, row.proposed_by), row.proposed_by != at.staff.actor,
    )  # fmt: skip


def _name(session: Session, code: str | None) -> str:
    staff = session.get(Staff, code) if code else None
    return staff.name if staff else code or ""
