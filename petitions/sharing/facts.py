"""What a poster, a form or a picture says of a petition: public facts in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.channels import on_paper, online
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.predicates import Predicate
from petitions.domain.vocabulary import CountShown, SignerNames, Uniqueness
from petitions.platform.i18n import N_, current_locale
from petitions.services.ports import House
from petitions.services.targets import target
from petitions.services.texts import signed_text
from petitions.storage import reading
from petitions.storage.tables import Petition

BOXES = {
    "name": N_("Family name"),
    "first": N_("First names"),
    "birth": N_("Date of birth"),
    "home": N_("Address"),
    "citizen": N_("Nationality"),
    "area": N_("Area"),
    "day": N_("Date"),
    "hand": N_("Signature"),
}
"""Columns of a collection form, in their order; which of them stands there follows from the rules."""
_ASKED = {"age_min": "birth", "resident_of": "home", "citizen_of": "citizen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFacts:
    """`lang` is that of title and request, `full_request` the text that is signed."""

    ref: str
    title: str
    request: str
    lang: str
    state: State
    open: bool
    assembly: str
    assembly_id: str
    site: str
    address: str
    """The short address, with its scheme: what the QR code holds."""
    closes: date | None = None
    count: int | None = None
    """At the end of `counted_on`, as far as the rules show it: counts to share have no time of day."""
    counted_on: date | None = None
    needed: int = 0
    on_paper: bool = False
    one_per_person: bool = True
    unnamed: bool = True
    """The rules publish no names of signers."""
    boxes: tuple[str, ...] = ()
    signed_title: str = ""
    full_request: str = ""
    signed_lang: str = ""

    @property
    def shown_address(self) -> str:
        return self.address.partition("://")[2]


def share_facts(
    session: Session, house: House, petition: Petition, *, site: str, base_url: str, at: datetime
) -> ShareFacts:
    """In the language being spoken. The petition must have a public page that is in sight."""
    locale = current_locale()
    texts = reading.texts_of(session, petition.id)
    text = reading.text_shown(texts, locale.lang, petition.language)
    signed = signed_text(session, house, petition)
    book, kind = house.rulebook(session, petition), house.kind(session, petition)
    assembly = house.library.assembly(petition.assembly)
    today = local_day(at, book.zone)
    counted = _counted(session, house, petition, today)
    decisive = kind.decisive
    running = State(petition.state) in SIGNING_STATES and petition.signing_ended_at is None
    return ShareFacts(
        ref=petition.reference or "",
        title=text.title,
        request=text.request,
        lang=text.language,
        state=State(petition.state),
        open=running and (petition.closes_at is None or at < petition.closes_at),
        assembly=assembly.name(locale.lang),
        assembly_id=petition.assembly,
        site=site,
        address=f"{base_url}/p/{petition.reference}",
        closes=petition.last_day,
        count=counted[1] if counted else None,
        counted_on=counted[0] if counted else None,
        needed=target(house, kind, petition, decisive).threshold if decisive else 0,
        on_paper=on_paper(kind.signing, petition.choices),
        one_per_person=kind.signing.uniqueness is not Uniqueness.ACCOUNT
        and online(kind.signing, petition.choices),
        unnamed=kind.publicity.signers is SignerNames.NEVER,
        boxes=tuple(_boxes(kind.signing.who, by_area=kind.signing.areas is not None)),
        signed_title=signed.title,
        full_request=signed.request,
        signed_lang=signed.language,
    )


def _counted(
    session: Session, house: House, petition: Petition, today: date
) -> tuple[date, int] | None:
    """The last whole day with its count, where the rules show it at all."""
    rule = house.kind(session, petition).publicity.count
    if petition.published_at is None:
        return None
    ended = reading.ended(petition) is not None
    examined = petition.state in (State.EXAMINED, State.ARCHIVED)
    shown = {
        CountShown.LIVE: True,
        CountShown.ROUNDED: False,  # days would tell what rounding hides
        CountShown.COMMITTEE: examined,
    }.get(rule, ended)
    days = [each for each in reading.daily_counts(session, petition.id) if each[0] < today]
    return days[-1] if shown and days else None


def _boxes(who: Predicate, *, by_area: bool) -> Iterator[str]:
    asked = {key for _path, each in who.walk() for key in _ASKED if getattr(each, key) is not None}
    wanted = {"name", "first", "day", "hand", *(_ASKED[key] for key in asked)}
    if by_area:
        wanted.add("area")
    return (box for box in BOXES if box in wanted)
