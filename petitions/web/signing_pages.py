"""What the pages of signing show, made from the petition and its rulebook."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import days_left, local_day
from petitions.domain.predicates import Predicate
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import _, current_locale
from petitions.services.cooling_off import counts_from
from petitions.services.signing_terms import terms_of
from petitions.services.targets import target
from petitions.services.texts import signed_text
from petitions.storage.tables import Petition, PetitionText, PublicCount
from petitions.web import competing
from petitions.web.edge import Proof, engine
from petitions.web.pages import Link, TimelineEntry
from petitions.web.pages_signing import (
    AlreadyPage,
    ConfirmPage,
    DonePage,
    ReceiptBox,
    WithdrawPage,
)
from petitions.web.rule_words import class_words, who
from petitions.web.signing_areas import areas_to_choose


def shown_text(session: Session, petition: Petition, lang: str) -> PetitionText:
    """The text in the reader's language where there is one, else the original."""
    translated = session.get(PetitionText, (petition.id, lang))
    return translated or session.get_one(PetitionText, (petition.id, petition.language))


def _href(petition: Petition, lang: str) -> str:
    return f"/{lang}/petitions/{petition.reference}"


def declaration(proof: Proof, library: Library) -> str:
    """What the tick says: support, and the conditions that the login could not prove."""
    if not proof.declare:
        return _("I support this petition.")
    conditions = current_locale().together(
        [who(Predicate.from_toml(each), library) for each in proof.declare]
    )
    return _("I support this petition, and I declare that I am: %(conditions)s.",
             conditions=conditions)  # fmt: skip


def confirm_page(
    session: Session, petition: Petition, lang: str, proof: Proof, drawn: str
) -> ConfirmPage:
    the = engine()
    rulebook = the.house.rulebook(session, petition)
    kind = the.house.kind(session, petition)
    text = signed_text(session, the.house, petition)
    asked = areas_to_choose(the, the.house.shelf(session, petition), kind)
    published = petition.published_at or the.clock()
    read = shown_text(session, petition, lang)
    return ConfirmPage(
        ref=petition.reference or "",
        petition_href=_href(petition, lang),
        title=text.title,
        request=text.request,
        text_from=local_day(published, rulebook.zone),
        action=f"{_href(petition, lang)}/sign/confirm",
        declaration=declaration(proof, the.house.shelf(session, petition)),
        text_hash=(text.text_hash or b"").hex(),
        identity=the.border.identity_label(rulebook.realm),
        text_language=text.language,
        title_read=read.title if read.language != text.language else "",
        areas=asked.areas,
        by_postcode=asked.by_postcode,
        area_reason=asked.reason,
        area_optional=asked.optional,
        withdraw_until=petition.last_day,
        withdrawal=str(kind.signing.withdrawal),
        by_email=the.border.by_email(rulebook.realm),
        left_out_of=_left_out_of(session, petition, proof),
        rivals=competing.links(session, petition, lang),
        hidden=(("draw", drawn), ("c", "")),
    )


def _left_out_of(session: Session, petition: Petition, proof: Proof) -> tuple[tuple[int, str], ...]:
    """Thresholds toward which this signature will not count: known from the pass, and kept nowhere."""
    house = engine().house
    kind, shelf = house.kind(session, petition), house.shelf(session, petition)
    book = house.rulebook(session, petition).id
    return tuple(
        (target(house, kind, petition, each).threshold, class_words(shelf, book, kind, each.counts))
        for each in kind.milestones
        if each.counts != "all" and each.counts not in proof.classes
    )


def _withdraw_href(petition: Petition, lang: str) -> str:
    return f"{_href(petition, lang)}/sign/withdraw"


def _withdrawal(session: Session, petition: Petition) -> str:
    return str(engine().house.kind(session, petition).signing.withdrawal)


def leave_link(session: Session, petition: Petition) -> Link | None:
    """None where nobody is logged in anywhere, as after a proof by e-mail."""
    realm = engine().house.rulebook(session, petition).realm
    if not engine().border.keeps_login(realm):
        return None
    return Link(href="/identity/leave", text=engine().border.identity_label(realm))


def done_page(
    session: Session, petition: Petition, lang: str, receipt: ReceiptBox | None
) -> DonePage:
    count = session.get(PublicCount, petition.id)
    base = engine().settings.site.base_url
    return DonePage(
        ref=petition.reference or "",
        petition_href=_href(petition, lang),
        title=shown_text(session, petition, lang).title,
        count=count.valid if count else 0,
        counted_within=engine().settings.log.batch_max_wait + 10,
        counts_from=_counts_from(session, petition),
        receipt=receipt,
        next_step=_end_of_signing(session, petition),
        withdraw_href=_withdraw_href(petition, lang),
        withdraw_until=petition.last_day,
        withdrawal=_withdrawal(session, petition),
        short_url=f"{base.partition('://')[2]}/p/{petition.reference}",
        leave=leave_link(session, petition),
    )


def _counts_from(session: Session, petition: Petition) -> date | None:
    """None where a signature counts with the next batch. The end of signing ends the time to think."""
    the = engine()
    terms = terms_of(session, the.house, petition)
    found = counts_from(terms, the.clock())
    if found is None:
        return None
    end = petition.closes_at
    return local_day(min(found, end) if end else found, terms.zone)


def _end_of_signing(session: Session, petition: Petition) -> TimelineEntry | None:
    if petition.last_day is None:
        return None
    zone = engine().house.rulebook(session, petition).zone
    left = days_left(petition.last_day, local_day(engine().clock(), zone))
    return TimelineEntry(_("Signing ends"), due=petition.last_day, to_act=True, days_left=left)


def already_page(
    session: Session, petition: Petition, lang: str, on: datetime | None
) -> AlreadyPage:
    zone = engine().house.rulebook(session, petition).zone
    return AlreadyPage(
        ref=petition.reference or "",
        petition_href=_href(petition, lang),
        title=shown_text(session, petition, lang).title,
        on=local_day(on, zone) if on else None,
        withdraw_href=_withdraw_href(petition, lang),
        withdraw_until=petition.last_day,
        withdrawal=_withdrawal(session, petition),
        leave=leave_link(session, petition),
    )


def withdraw_page(session: Session, petition: Petition, lang: str, stage: str) -> WithdrawPage:
    return WithdrawPage(
        ref=petition.reference or "",
        petition_href=_href(petition, lang),
        title=shown_text(session, petition, lang).title,
        stage=stage,
        action=f"{_withdraw_href(petition, lang)}/confirm",
        until=petition.last_day,
        over=petition.signing_ended_at is not None
        or (petition.closes_at is not None and engine().clock() >= petition.closes_at),
        withdrawal=_withdrawal(session, petition),
        leave=leave_link(session, petition) if stage in {"done", "not_signed"} else None,
    )
