"""How a count is made up, for the public: by area, by class, on paper, by certificate.

Figures by area come from the published map of the day and from nothing else: exact live figures would
tell where somebody has just signed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.channels import certified_online
from petitions.domain.collecting import Milestone
from petitions.domain.counting import Paper
from petitions.domain.milestones import Target
from petitions.domain.reading_order import as_listed
from petitions.domain.rulebook import Kind
from petitions.domain.rulebook_files import Library
from petitions.ledger.batch import Count
from petitions.platform.i18n import _, current_locale
from petitions.services import rolling, verification
from petitions.storage import log_rows, paper_rows, reading
from petitions.storage.tables import Certificate, Verification
from petitions.web.edge import Engine
from petitions.web.pages import AreaCount, Level
from petitions.web.petition_file import File
from petitions.web.rule_words import class_words, period, place_words

HIDDEN = 0
"""In a map: fewer than the smallest figure shown."""


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """The map of a day. `hidden_under`: the smallest figure that is told."""

    areas: tuple[AreaCount, ...] = ()
    word: str = ""
    day: date | None = None
    hidden_under: int = 10
    share: int | None = None
    """Per cent of all signatures that come from these areas, where the rules want it shown."""
    share_of: str = ""

    @property
    def leading(self) -> tuple[str, ...]:
        """The three areas with most signatures, by name; fewer where fewer are told."""
        return tuple(each.name for each in self.areas if each.count)[:3]


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One certificate or declaration as the public reads it. `valid` None: too few to be told."""

    about: str
    """online, paper or declaration."""
    area: str
    authority: str
    on: date
    valid: int | None
    examined: int | None
    href: str


@dataclass(frozen=True, slots=True)
class CountedClass:
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What stands beside the number of the card."""

    paper: int = 0
    certified: int | None = None
    """All that authorities certified, where signatures given online count only then; else None."""
    being_verified: bool = False
    verified_by: date | None = None
    declared: int | None = None
    declared_on: date | None = None
    declarations: int = 0
    declarations_needed: int = 0
    classes: tuple[CountedClass, ...] = ()
    certificates: tuple[CertificateLine, ...] = ()
    certificates_under: int = 10

    @property
    def anything(self) -> bool:
        return bool(self.beside or self.classes)

    @property
    def beside(self) -> bool:
        """Whether there is something that the levels of the card do not say themselves."""
        return bool(
            self.paper or self.certified is not None or self.declared is not None
            or self.declarations_needed or self.being_verified
        )  # fmt: skip


def area_word(library: Library, kind: Kind) -> str:
    """What the areas are called, several of them: "departments"."""
    areas = kind.signing.areas
    if areas is None:
        return ""
    noun = library.areas(areas.file).noun
    return noun.get(current_locale().lang) or noun.get("en", "")


def area_figures(session: Session, file: File) -> AreaFigures:
    areas = file.kind.signing.areas
    if areas is None:
        return AreaFigures()
    word = area_word(file.library, file.kind)
    found = paper_rows.shown_map(session, file.petition.id)
    if found is None:
        return AreaFigures(word=word)
    names = file.library.areas(areas.file).names
    told = sorted(
        ((names.get(code, code), int(number)) for code, number in found.figures.items()),
        key=lambda each: (-each[1], as_listed(each[0])),
    )
    count = reading.public_count(session, file.petition.id)
    share = None
    if areas.show_share and count is not None and count.valid > count.paper:
        inside = sum(number for _name, number in told)
        share = min(100, 100 * inside // (count.valid - count.paper))
    return AreaFigures(
        tuple(AreaCount(name, number or None) for name, number in told), word, found.day,
        found.area_min, share, place_words(file.library, areas.show_share or ""),
    )  # fmt: skip


def told_level(
    session: Session,
    engine: Engine,
    file: File,
    level: Level,
    milestone: Milestone,
    wanted: Target,
) -> Level:
    """The level with its quorum in words and the class that counts toward it."""
    count = reading.public_count(session, file.petition.id)
    if milestone.counts != "all":
        number = int((count.classes if count else {}).get(milestone.counts, 0))
        level = replace(
            level, counted=number,
            counted_who=class_words(file.library, file.book.id, file.kind, milestone.counts),
            to_go=max(0, wanted.threshold - number) if level.to_go else 0,
        )  # fmt: skip
    if rolling.rolls(file.kind) and count is not None:
        level = _aged(session, engine, file, level, wanted)
    if milestone.quorum is not None:
        found = paper_rows.shown_map(session, file.petition.id)
        met = found.met.get(milestone.id) if found else None
        level = replace(
            level,
            areas_met=wanted.k if level.reached else int(met or 0),
            areas_known=met is not None or level.reached,
            area_word=area_word(file.library, file.kind),
            own_minima=bool(wanted.minima or wanted.fixed),
        )
    return level


def _aged(session: Session, engine: Engine, file: File, level: Level, wanted: Target) -> Level:
    """What of the count is young enough to count toward a level."""
    counts = log_rows.last_counts(session, [file.petition.id])
    held = counts.get(file.petition.id, Count())
    number = rolling.young(session, engine.house, file.petition, file.kind, held, file.at).valid
    time = period(file.kind.signing.window.statement_age)
    return replace(
        level, counted=number, counted_who=_("given in the last %(time)s", time=time),
        to_go=max(0, wanted.threshold - number) if level.to_go else 0,
    )  # fmt: skip


def counted(session: Session, engine: Engine, file: File) -> Counted:
    petition, kind = file.petition, file.kind
    count = reading.public_count(session, petition.id)
    row = session.get(Verification, petition.id)
    papers = paper_rows.published_certificates(session, petition.id)
    classes = count.classes if count else {}
    routes = [each.alternative for each in kind.milestones if each.alternative]
    by_certificate = certified_online(kind.signing)
    ended = petition.signing_ended_at is not None
    left = ended and verification.left_to_verify(session, engine.house, petition)
    paper = count.paper if count else 0
    return Counted(
        paper=paper,
        certified=(count.certified if count else 0) + paper if by_certificate else None,
        being_verified=left,
        verified_by=verification.verifier_due(session, engine.house, petition) if left else None,
        declared=row.declared_lines if row else None,
        declared_on=local_day(row.declared_at, file.zone) if row and row.declared_at else None,
        declarations=sum(each.about == Paper.DECLARATION for each in papers),
        declarations_needed=routes[0].declarations if routes else 0,
        classes=tuple(
            CountedClass(
                class_words(file.library, file.book.id, kind, name), int(classes.get(name, 0))
            )
            for name in kind.signing.classes
            if any(each.counts == name for each in kind.milestones)
        ),
        certificates=tuple(_line(file, each) for each in papers),
        certificates_under=kind.publicity.area_min,
    )


def _line(file: File, row: Certificate) -> CertificateLine:
    """As in the published paper: an area with few signatures is not named, nor its number told."""
    few = row.about != Paper.DECLARATION and row.counted < file.kind.publicity.area_min
    tables = file.library.context.areas.values()
    name = next((table.names[row.area] for table in tables if row.area in table), row.area)
    digest = (row.evidence_hash or b"").hex()
    return CertificateLine(
        about=row.about,
        area="" if few else name,
        authority="" if few else row.authority,
        on=row.issued_on,
        valid=None if few else row.counted,
        examined=None if few else row.raw,
        href=f"/log/{row.log_id}/evidence/{digest}.json",
    )
