"""The author's own petitions as page objects: state, next date, decisions, what can be done now."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from admissibility.checks import examine
from admissibility.checks.signal import FormRules
from admissibility.checks.signal import PetitionText as Checked
from petitions.domain.calendar import days_left, local_day
from petitions.domain.filing import Form
from petitions.domain.lifecycle import State
from petitions.domain.sponsors import Progress
from petitions.domain.vocabulary import Visibility
from petitions.domain.words import Words
from petitions.platform.i18n import _, current_locale
from petitions.services import drafts, gathering
from petitions.storage import reading
from petitions.storage.reading import Row
from petitions.storage.tables import MilestoneReached, Petition
from petitions.storage.tables import PetitionText as Written
from petitions.web import (
    author_clock,
    author_drafts,
    author_offers,
    author_paper,
    author_together,
    author_wording,
    page_heads,
    petition_view,
    public_pages,
    rule_words,
    staff_words,
)
from petitions.web.author_steps import draft_href, mine_href
from petitions.web.author_summary import summary
from petitions.web.edge import Engine
from petitions.web.pages import Link
from petitions.web.pages_author import (
    Correction,
    MineCard,
    MinePage,
    MinePetitionPage,
    SentPage,
)
from petitions.web.petition_file import File, open_file

_WITHDRAWABLE = frozenset(
    {
        State.GATHERING_SPONSORS,
        State.IN_ADMISSIBILITY,
        State.RETURNED,
        State.PUBLISHED,
    }
)
_HINTS_MAX = 6


def hints(words: Words, language: str, form: Form) -> tuple[str, ...]:
    """What the fixed rules notice in the text, in words; the author may always go on."""
    rules = FormRules(
        title_max=form.title_max, text_max=form.text_max, unit=form.unit, links=form.links
    )
    text = Checked(
        title=words.title, request=words.request, reasons=words.reasons, language=language
    )
    found = [staff_words.signal_explained(signal) for signal in examine(text, rules)]
    return tuple(dict.fromkeys(found))[:_HINTS_MAX]


def mine_page(session: Session, engine: Engine, rows: list[Row], assembly: str) -> MinePage:
    lang = current_locale().lang
    others = [each for each in public_pages.assemblies(engine) if each != assembly]
    back = f"/{lang}/mine"
    return MinePage(
        cards=tuple(_card(session, engine, row) for row in rows),
        start_href=f"/{lang}/start" + (f"?{urlencode({'assembly': assembly})}" if others else ""),
        leave_action=f"/{lang}/mine/sign-out",
        elsewhere=tuple(
            Link(
                f"/{lang}/start/login?{urlencode({'assembly': each, 'back': back})}",
                rule_words.assembly_words(engine.house.library, each),
            )
            for each in others
        ),
    )


def _card(session: Session, engine: Engine, row: Row) -> MineCard:
    petition = row.petition
    state = State(petition.state)
    line, due = "", None
    if state is State.RETURNED:
        line, due = _("Please correct your petition"), petition.correction_due
    elif state is State.IN_ADMISSIBILITY:
        review = reading.open_review(session, petition.id)
        line = _("The petition is checked against the rules")
        due = review.due_on if review else None
    zone = engine.house.rulebook(session, petition).zone
    if state is State.DRAFT:
        day = current_locale().date(drafts.kept_until(petition, zone))
        line = _("Not sent yet; kept until %(day)s", day=day)
    return MineCard(
        href=mine_href(petition),
        title=row.text.title,
        state=state,
        ref=petition.reference or "",
        since=local_day(petition.state_since, zone),
        next_line=line,
        next_due=due,
        count=row.count if petition.published_at is not None else None,
    )


def mine_petition(session: Session, engine: Engine, petition: Petition) -> MinePetitionPage:
    file = open_file(session, engine, petition)
    text = file.texts[petition.language]
    state = file.state
    shown = petition_view.petition_page(session, engine, petition)
    public = reading.public_petition(session, (petition.assembly,), petition.reference or "-")
    card = shown.card
    page = MinePetitionPage(
        href=mine_href(petition),
        title=text.title,
        state=state,
        request=text.request,
        reasons=text.reasons,
        ref=petition.reference or "",
        language=text.language,
        phases=shown.phases,
        public_href=file.href
        if public is not None and file.kind.visibility is not Visibility.PRIVATE
        else "",
        count=card.count if card else None,
        timeline=shown.timeline,
        correction=_correction(session, file),
        refusal=petition_view.refusal(session, file)
        if state in {State.REFUSED, State.HIDDEN}
        else None,
        edit_href=author_drafts.next_page(session, petition) if state is State.DRAFT else "",
        delete_action=f"{mine_href(petition)}/delete" if state is State.DRAFT else "",
        withdraw_action=f"{mine_href(petition)}/withdraw" if _may_withdraw(session, file) else "",
        joint=author_together.joint(session, engine, petition),
        discussed=author_together.discussed(session, engine, petition),
        version=petition.version,
        export_href=f"{mine_href(petition)}/export.json",
        letters_href=f"{mine_href(petition)}/letters",
        short_url=_short(engine, petition),
        email=petition.author_email or "",
        sponsors_href=_sponsors_href(session, petition),
        start_day=author_clock.start_day(session, engine, petition),
        handover=author_clock.handing_over(session, engine, petition),
        merging=author_offers.merge_offer(session, petition),
        wording=author_wording.wording_offer(session, petition),
        removal=author_offers.removal(session, petition),
        paper=author_paper.paper_card(session, engine, petition),
        share=page_heads.share_kit(session, petition, shown),
        chart=shown.chart,
    )
    return replace(page, summary=summary(session, file, page))


def _short(engine: Engine, petition: Petition) -> str:
    return f"{engine.settings.site.base_url.partition('://')[2]}/p/{petition.reference}"


def _correction(session: Session, file: File) -> Correction | None:
    petition = file.petition
    if file.state is not State.RETURNED or petition.correction_due is None:
        return None
    returned = [d for d in reading.decisions_of(session, petition.id) if d.outcome == "return"]
    texts = returned[0].texts if returned else {}
    points = texts.get(petition.language) or next(iter(texts.values()), "")
    return Correction(
        points=str(points),
        due=petition.correction_due,
        days_left=days_left(petition.correction_due, file.today),
        edit_href=draft_href(petition, "text"),
    )


def _may_withdraw(session: Session, file: File) -> bool:
    """Before the decisive milestone (transition 21): the service decides, the button follows."""
    if file.state not in _WITHDRAWABLE:
        return False
    reached = session.scalars(
        select(MilestoneReached.rule).where(MilestoneReached.petition_id == file.petition.id)
    )
    return not any(file.kind.milestones[rule].decisive for rule in reached)


def _sponsors_href(session: Session, petition: Petition) -> str:
    return f"{mine_href(petition)}/sponsors" if gathering.stages(session, petition.id) else ""


def sent_page(session: Session, petition: Petition, text: Written) -> SentPage:
    review = reading.open_review(session, petition.id)
    stages = gathering.stages(session, petition.id)
    waiting = petition.state == State.GATHERING_SPONSORS
    wanted = next((row.needed for row in stages if waiting and row.progress == Progress.OPEN), 0)
    return SentPage(
        ref=petition.reference or "",
        title=text.title,
        mine_href=mine_href(petition),
        email=petition.author_email or "",
        decision_by=review.due_on if review else None,
        provisional=bool(review and review.due_provisional),
        sponsors_needed=wanted,
        sponsors_by=next((row.due_on for row in stages if row.progress == Progress.OPEN), None),
        sponsors_href=_sponsors_href(session, petition),
    )


def exported(session: Session, engine: Engine, petition: Petition) -> dict[str, object]:
    """The author's whole file, as stored: what they wrote, what was decided, what was counted."""
    count = reading.public_count(session, petition.id)
    zone = engine.house.rulebook(session, petition).zone
    return {
        "reference": petition.reference,
        "state": petition.state,
        "language": petition.language,
        "topic": petition.topic,
        "rulebook": f"{petition.rulebook_id} {petition.rulebook_version}",
        "author": {"name": petition.author_name, "email": petition.author_email},
        "difference": petition.difference,
        "texts": {
            lang: {"title": text.title, "request": text.request, "reasons": text.reasons}
            for lang, text in reading.texts_of(session, petition.id).items()
        },
        "steps": [
            {"action": each.action, "on": local_day(each.legal_instant, zone).isoformat()}
            for each in reading.steps_of(session, petition.id)
        ],
        "decisions": [
            {
                "number": each.number,
                "on": local_day(each.at, zone).isoformat(),
                "body": each.body,
                "outcome": each.outcome,
                "grounds": each.grounds,
                "texts": each.texts,
            }
            for each in reading.decisions_of(session, petition.id)
        ],
        "verified_signatures": count.valid if count else None,
        "days": [
            {"day": day.isoformat(), "verified": valid}
            for day, valid in reading.daily_counts(session, petition.id)
        ],
    }
