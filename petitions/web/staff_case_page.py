"""One case put together for the page: text with marks, signals, likeness, options, history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import select

from admissibility import cases, letters, signals
from admissibility.cases import Case
from admissibility.checks.passages import Run, marked, visible
from admissibility.checks.signal import Part, Signal
from admissibility.correspondence import Ruling, preview
from admissibility.criteria import ADMITTING, Checklist, Ground, Verdict
from admissibility.review import Standing, confirmation_refusal, options
from admissibility.services import drafting
from admissibility.similar import DESK_STATES, similar
from admissibility.storage import days_to, stands
from petitions.domain.calendar import add, local_day
from petitions.domain.lifecycle import Action, State
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import AuthorName
from petitions.platform.i18n import _, current_locale
from petitions.services import change_requests, held, texts
from petitions.services.decisions import required_languages
from petitions.services.letter_languages import languages_of
from petitions.storage.tables import Audit, CaseNote, Decision, Petition, Staff
from petitions.web import staff_assemblies, staff_changes, staff_drafts
from petitions.web import staff_words as words
from petitions.web.sponsor_pages import stage_boxes
from petitions.web.staff_desk import Desk
from petitions.web.staff_pages import (
    CaseEntry,
    CasePage,
    Changed,
    DecisionCard,
    ProposalCard,
)
from petitions.web.staff_topic import topic_field
from petitions.web.staff_trail import TrailEntry, entries

SIMILAR_SHOWN = 6
HISTORY_SHOWN = 8


def public_author(kind: Kind, petition: Petition) -> str:
    """The name the public page shows; at the desk nobody sees more of the author than that."""
    if kind.publicity.author is AuthorName.HIDDEN:
        return ""
    return petition.author_name


def grounds_of(desk: Desk, case: Case) -> tuple[Ground, ...]:
    """The checklist of this step, in the clerk's language."""
    lang = current_locale().lang
    shelf = desk.house.shelf(desk.session, case.petition)
    return cases.grounds(shelf, case.kind, case.petition.rulebook_id, lang, case.stage)


def every_ground(desk: Desk, case: Case) -> tuple[Ground, ...]:
    """Those of every step: an earlier decision may rest on one that this step does not look at."""
    lang = current_locale().lang
    shelf = desk.house.shelf(desk.session, case.petition)
    return cases.grounds(shelf, case.kind, case.petition.rulebook_id, lang)


def text_languages(desk: Desk, case: Case) -> tuple[str, ...]:
    return required_languages(desk.house, desk.session, case.petition)


def _untranslated(desk: Desk, case: Case) -> tuple[str, ...]:
    """What stands in the way of admitting it, before anybody tries."""
    if not case.open or case.petition.published_at is not None:
        return ()
    have = texts.complete_languages(desk.session, case.petition)
    return tuple(each for each in text_languages(desk, case) if each not in have)


def stored_entry(desk: Desk, case: Case) -> CaseEntry:
    """The form as it stands in the record: findings saved, nothing chosen yet."""
    listed = cases.checklist(desk.session, case, grounds_of(desk, case))
    return CaseEntry(findings=findings_of(listed))


def findings_of(listed: Checklist) -> dict[str, Verdict]:
    return {ground.code: listed.verdict(ground.code) for ground in listed.grounds}


def titles(grounds: tuple[Ground, ...]) -> Callable[[Iterable[str]], list[str]]:
    """A function from ground codes to their titles; an unknown code stands for itself."""
    by_code = {ground.code: ground.title for ground in grounds}
    return lambda codes: [by_code.get(code, code) for code in codes]


def case_page(desk: Desk, case: Case) -> CasePage:
    petition, review, text = case.petition, case.review, case.text
    grounds, known = grounds_of(desk, case), every_ground(desk, case)
    alike = tuple(
        similar(
            desk.session,
            text.title,
            text.request,
            text.language,
            SIMILAR_SHOWN,
            (petition.id,),
            reasons=text.reasons,
            states=DESK_STATES,
        )
    )
    found = signals.signals_of(desk.session, desk.house, case, alike, current_locale().lang)
    holder = case.holder(desk.at)
    mine = holder is not None and holder.actor == desk.staff.actor
    history, more = _history(desk, petition)
    rulebook = desk.house.rulebook(desk.session, petition)
    today = local_day(desk.at, rulebook.zone)
    situation = case.situation(desk.staff.actor, desk.roles, desk.at)
    return CasePage(
        ref=petition.reference or "",
        title=text.title,
        language=text.language,
        state_word=words.state(petition.state),
        state_tone=words.state_tone(petition.state),
        standing=stands(review, petition) if review else Standing.DECIDED,
        open=case.open,
        version=review.version if review else 0,
        petition_version=petition.version,
        title_runs=_shown(text.title, Part.TITLE, found),
        request_runs=_shown(text.request, Part.REQUEST, found),
        reasons_runs=_shown(text.reasons, Part.REASONS, found),
        difference=petition.difference,
        sponsors=stage_boxes(desk.session, desk.house, petition, desk.at),
        sponsors_held=held.held(desk.session, petition.id),
        asks=staff_assemblies.addressed(desk, [petition.id]).get(petition.id, ""),
        author=public_author(case.kind, petition),
        submitted=petition.submitted_at,
        rules=f"{rulebook.id} {rulebook.version}",
        body=_body(desk, petition, review.body) if review else "",
        due_on=review.due_on if review else None,
        days_left=days_to(review.due_on, today) if review and review.due_on else None,
        provisional=review.due_provisional if review else False,
        returned_until=petition.correction_due,
        correction_due=add(today, case.stage.correction) if case.stage else None,
        assigned_name=(review.assigned_name or "") if review else "",
        returns_used=review.returns_used if review else 0,
        returns_max=case.stage.returns_max if case.stage else 0,
        four_eyes=case.stage.four_eyes if case.stage else False,
        holder="" if holder is None else "me" if mine else "other",
        holder_name=holder.name if holder else "",
        held_since=holder.since if holder else None,
        grounds=grounds,
        options=options(situation),
        text_languages=text_languages(desk, case),
        untranslated=_untranslated(desk, case),
        signals=found,
        similar=alike,
        notes=_notes(desk, petition),
        history=history,
        history_more=more,
        decisions=_decisions(desk, petition, known),
        proposal=_proposal(desk, case, grounds),
        confirm_refusal=confirmation_refusal(situation),
        ground_titles=titles(known),
        drafts=staff_drafts.notes(desk, case),
        moved_on=_moved_on(desk, case),
        reworded=staff_changes.reworded(desk, case),
        wording_barred=wording_barred(desk, case),
        fellows=signals.fellows(desk.session, petition),
        topic=topic_field(desk, petition),
    )


def wording_barred(desk: Desk, case: Case) -> str:
    """Why no wording may be proposed to the author any more, in words."""
    found = change_requests.why_no_wording(desk.session, case.petition)
    return _(words.NO_WORDING[found]) if found else ""


def _moved_on(desk: Desk, case: Case) -> tuple[Changed, ...]:
    """What changed since this person's draft, if it is of an older case."""
    mine = drafting.own(desk.session, case, desk.staff.actor) if case.open else None
    if mine is None or not mine.stale(case):
        return ()
    return staff_changes.since(desk, case, mine.seen, staff_drafts.entry_of(mine))


def _shown(text: str, part: Part, found: tuple[Signal, ...]) -> tuple[Run, ...]:
    return tuple(replace(run, text=visible(run.text)) for run in marked(text, part, found))


def _body(desk: Desk, petition: Petition, body: str) -> str:
    try:
        return desk.house.library.assembly(petition.assembly).body(body, current_locale().lang)
    except KeyError:
        return body


def _notes(desk: Desk, petition: Petition) -> tuple[CaseNote, ...]:
    found = select(CaseNote).where(CaseNote.petition_id == petition.id).order_by(CaseNote.at.desc())
    return tuple(desk.session.scalars(found))


def _history(desk: Desk, petition: Petition) -> tuple[tuple[TrailEntry, ...], bool]:
    rows = desk.session.scalars(
        select(Audit)
        .where(Audit.petition_id == petition.id)
        .order_by(Audit.seq.desc())
        .limit(HISTORY_SHOWN + 1)
    ).all()
    return entries(desk.session, rows[:HISTORY_SHOWN]), len(rows) > HISTORY_SHOWN


def _decisions(
    desk: Desk, petition: Petition, grounds: tuple[Ground, ...]
) -> tuple[DecisionCard, ...]:
    rows = desk.session.scalars(
        select(Decision).where(Decision.petition_id == petition.id).order_by(Decision.number.desc())
    ).all()
    name_of = dict(
        desk.session.execute(
            select(Staff.actor, Staff.name).where(
                Staff.actor.in_([row.second_actor for row in rows if row.second_actor])
            )
        ).all()
    )
    titled = titles(grounds)
    return tuple(
        DecisionCard(
            title=words.decided(row.outcome),
            at=row.at,
            name=row.actor_name,
            second=name_of.get(row.second_actor or "", row.second_actor or ""),
            grounds=tuple(titled(map(str, row.grounds))),
            text=str(row.texts.get(petition.language) or next(iter(row.texts.values()), "")),
        )
        for row in rows
    )


def _proposal(desk: Desk, case: Case, grounds: tuple[Ground, ...]) -> ProposalCard | None:
    proposed = case.review.proposed if case.review and case.open else None
    if not proposed:
        return None
    ruling = proposed_ruling(case, grounds)
    spoken = desk.address.spoken(*languages_of(desk.session, desk.house, case.petition))
    letter = None
    if spoken in letters.languages(ruling.letter):
        letter = preview(desk.session, desk.house, case, ruling, desk.address, desk.at)
    return ProposalCard(
        decision=str(ruling.outcome),
        name=str(proposed["name"]),
        at=words.instant(str(proposed["at"])),
        grounds=tuple(titles(grounds)(ruling.grounds)),
        letter=letter,
    )


def proposed_ruling(case: Case, grounds: tuple[Ground, ...]) -> Ruling:
    """The decision that waits for a second reader."""
    proposed = (case.review.proposed or {}) if case.review else {}
    codes = tuple(map(str, proposed["grounds"]))
    hidden = {ground.code for ground in grounds if ground.hidden}
    return Ruling(
        outcome=Action(proposed["decision"]),
        grounds=codes,
        texts=cases.proposed_texts(case),
        hides=not hidden.isdisjoint(codes),
    )


def last_of_stage(case: Case, outcome: Action) -> bool:
    """False where admitting only hands the petition to the next body: no letter goes out then."""
    if outcome not in ADMITTING or case.stage is None:
        return True
    if case.stage.at.startswith("milestone:"):
        return False
    listed = case.kind.admissibility.stages
    before = [stage for stage in listed if not stage.at.startswith("milestone:")]
    return before[-1].id == case.stage.id


def state_after(case: Case, outcome: Action, *, hides: bool) -> str:
    """The public word for the state a decision leads to."""
    if outcome is Action.REFUSE:
        return _("Refused and hidden") if hides else words.state(State.REFUSED)
    if outcome is Action.RETURN:
        return words.state(State.RETURNED)
    if last_of_stage(case, outcome):
        return words.state(State.PUBLISHED)
    return words.state(case.petition.state)
