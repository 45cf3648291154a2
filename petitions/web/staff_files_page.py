"""Duties and files put together for their pages."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from admissibility import duties
from admissibility.correspondence import title_of
from admissibility.duties import Owed, Waiting
from admissibility.services.tasks import ANSWERS, Answer, TaskKind
from admissibility.storage import days_to
from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import Role, State
from petitions.domain.milestones_met import REACHING
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import OnWhom, Visibility
from petitions.platform.i18n import N_, _, current_locale
from petitions.services.decisions import required_languages
from petitions.services.examination import Possibility, can_examine
from petitions.services.extensions import extensions_left
from petitions.services.targets import target
from petitions.storage.tables import (
    Audit,
    FileCare,
    MilestoneReached,
    Outcome,
    Petition,
    PetitionText,
    PublicCount,
    Track,
)
from petitions.web import staff_words as words
from petitions.web import step_timeline
from petitions.web.edge import engine
from petitions.web.letter_words import LETTERS
from petitions.web.pages import TimelineEntry
from petitions.web.petition_file import open_file
from petitions.web.staff_case_page import public_author
from petitions.web.staff_desk import Desk
from petitions.web.staff_pages import AnswerCard, DutyRow, FilePage, TaskRow
from petitions.web.staff_trail import TrailEntry, entries
from petitions.web.topic_words import topic_words

HISTORY_SHOWN = 12
STEPS_SHOWN = 3
PAGED = frozenset(
    {
        State.PUBLISHED,
        State.THRESHOLD_REACHED,
        State.EXAMINED,
        State.REFUSED,
        State.CLOSED_BELOW,
        State.MERGED,
        State.WITHDRAWN,
    }
)
FORCES = {
    "must": N_("The rules oblige it"),
    "should": N_("The rules expect it; not doing it needs a public reason"),
    "may": N_("At its discretion; not doing it needs a public reason"),
}
MISSING = {
    "wrong_state": N_("The petition is not at a step where it can be examined."),
    "window_over": N_("Signing is still open, and no outcome of these rules ends it."),
    "stage_open": N_("A check after the threshold is still open: decide it first."),
}
TASKS = {
    TaskKind.COUNT_BELOW: N_("Count below a threshold that was reached"),
    TaskKind.MAY_CLOSE: N_("Too few signatures at an intermediate date"),
    TaskKind.REMOVAL_NOT_STANDING: N_("A signature was not declared invalid"),
    TaskKind.SPONSORS_BELOW: N_("Fewer supporters than the rules ask for"),
    TaskKind.COUNT_CORRECTED: N_("Count over the threshold after the close"),
    TaskKind.INFORM_BODY: N_("A body is to be informed"),
    TaskKind.TRANSLATE_AGAIN: N_("A text was edited after it was translated"),
    TaskKind.LETTER_UNDELIVERED: N_("A letter could not be delivered"),
}
ANSWER_WORDS = {
    Answer.STANDS: N_("The effect stands"),
    Answer.SET_ASIDE: N_("Set the effect aside"),
    Answer.KEEP_OPEN: N_("Keep it open"),
    Answer.CLOSE: N_("Close the petition"),
    Answer.SEEN: N_("I have read this"),
    Answer.DONE: N_("It was done"),
}


def duty_title(desk: Desk, petition: Petition, track: Track) -> str:
    """A duty's own title, else its milestone's effect, else the code."""
    lang, shelf = current_locale().lang, desk.house.shelf(desk.session, petition)
    for noun, code in (("duties", track.code), ("effects", track.effect or "")):
        title = title_of(shelf, petition, noun, code, lang) if code else code
        if title != code:
            return title
    return track.code


def body_words(desk: Desk, petition: Petition, body: str | None) -> str:
    if not body:
        return ""
    try:
        return desk.house.library.assembly(petition.assembly).body(body, current_locale().lang)
    except KeyError:
        return body


def duty_row(desk: Desk, owed: Owed) -> DutyRow:
    track, petition = owed.track, owed.petition
    today = local_day(desk.at, desk.house.rulebook(desk.session, petition).zone)
    lang = current_locale().lang
    return DutyRow(
        ref=petition.reference or "",
        title=owed.text.title,
        language=owed.text.language,
        duty=duty_title(desk, petition, track),
        code=track.code,
        body=_who_owes(desk, petition, track),
        force=_(FORCES[track.force]) if track.force in FORCES else track.force,
        due_on=track.due_on,
        days_left=days_to(track.due_on, today) if track.due_on else None,
        provisional=track.provisional,
        internal=track.internal,
        state_word=words.state(petition.state),
        state_tone=words.state_tone(petition.state),
        decided_at=track.decided_at,
        late=track.late,
        text=str(track.texts.get(lang) or next(iter(track.texts.values()), "")),
        not_before=track.not_before,
        declined=track.cause == "declined",
        must=track.force == "must",
        extensions_left=extensions_left(desk.session, desk.house, petition, track),
        panel=panel_of(desk.house.kind(desk.session, petition), petition, track),
        carer=_carer(desk, petition)[1],
    )


def _who_owes(desk: Desk, petition: Petition, track: Track) -> str:
    """The body, or the author where the rules put it on them (`on = "author"`)."""
    duties_ = desk.house.kind(desk.session, petition).after.duties
    duty = next((each for each in duties_ if each.id == track.code), None)
    if duty is not None and duty.on is OnWhom.AUTHOR:
        return _("The author")
    return body_words(desk, petition, track.body)


def panel_of(kind: Kind, petition: Petition, track: Track) -> tuple[int, int] | None:
    """Members and people drawn by lot of the committee that the duty's milestone sets up."""
    deciding = kind.milestone(track.milestone) if track.milestone else kind.decisive
    panel = deciding.panel if deciding is not None else {}
    found = panel.get(petition.assembly)
    return (found[0], found[1]) if found else None


def _carer(desk: Desk, petition: Petition) -> tuple[str, str]:
    row = desk.session.get(FileCare, petition.id)
    return (row.actor, row.name) if row else ("", "")


def _steps(desk: Desk, petition: Petition) -> tuple[TimelineEntry, ...]:
    file = open_file(desk.session, engine(), petition)
    planned, told = step_timeline.entries(desk.session, file.library, file)
    return (*planned, *told[::-1][:STEPS_SHOWN])


def task_row(desk: Desk, waiting: Waiting) -> TaskRow:
    task, petition = waiting.task, waiting.petition
    kind = TaskKind(task.kind)
    return TaskRow(
        id=str(task.id),
        ref=petition.reference or "",
        title=waiting.text.title,
        language=waiting.text.language,
        name=_(TASKS[kind]),
        explained=_explained(kind, task.facts),
        opened_at=task.opened_at,
        answers=tuple((str(answer), _(ANSWER_WORDS[answer])) for answer in ANSWERS[kind]),
        languages=_reasons_in(desk, petition, kind),
        href=f"/office/cases/{petition.reference}#letters"
        if kind is TaskKind.LETTER_UNDELIVERED
        else f"/office/files/{petition.reference}",
    )


def _reasons_in(desk: Desk, petition: Petition, kind: TaskKind) -> tuple[str, ...]:
    """The languages of a public reason, where an answer to the task can end something."""
    if not {Answer.SET_ASIDE, Answer.CLOSE} & set(ANSWERS[kind]):
        return ()
    return required_languages(desk.house, desk.session, petition)


def _explained(kind: TaskKind, facts: dict[str, object]) -> str:
    """Both counts in words; a count the task does not carry is left out."""
    locale = current_locale()
    now, wanted = facts.get("valid"), facts.get("threshold")
    shown = {
        "now": locale.number(now) if isinstance(now, int) else "?",
        "wanted": locale.number(wanted) if isinstance(wanted, int) else "?",
    }
    if kind is TaskKind.REMOVAL_NOT_STANDING:
        return _(
            "Entry %(index)s was to be declared invalid; it no longer stood, and nothing was taken "
            "away twice.",
            index=current_locale().number(int(str(facts["index"]))),
        )
    if kind is TaskKind.SPONSORS_BELOW:
        return _(
            "Supporters stepped back after they had been complete: %(now)s are left of %(wanted)s. "
            "The petition goes on; the decision is yours.",
            now=locale.number(int(str(facts["number"]))),
            wanted=locale.number(int(str(facts["needed"]))),
        )
    if kind is TaskKind.COUNT_BELOW:
        return _(
            "Invalid or withdrawn signatures took the count to %(now)s; the threshold of "
            "%(wanted)s had been reached. Counting never undoes it by itself: decide.",
            **shown,
        )
    if kind is TaskKind.TRANSLATE_AGAIN:
        return _(
            "Its author edited the text in public. The translations of the office say what it said "
            "before: please bring them up to date before signing opens."
        )
    if kind is TaskKind.LETTER_UNDELIVERED:
        return _undelivered(str(facts.get("letter", "")))
    if kind is TaskKind.INFORM_BODY:
        return _(
            "The rules want the body in charge informed that a threshold was reached. Its assembly's "
            "file names no address: please write to it."
        )
    if kind is TaskKind.COUNT_CORRECTED:
        return _(
            "What was certified since the close takes the count to %(now)s; the threshold is "
            "%(wanted)s. Two people may correct the final count, under “Paper and certificates”.",
            **shown,
        )
    return _(
        "It has %(now)s signatures; the rules expected %(wanted)s by now. It may be closed.",
        **shown,
    )


def _undelivered(code: str) -> str:
    letter = _(LETTERS[code]) if code in LETTERS else code
    if code == "body_informed":
        return _("“%(letter)s” did not reach the body: please write to it.", letter=letter)
    return _(
        "“%(letter)s” did not reach its author by mail. It stands in the author’s own space; please "
        "reach the author in another way.",
        letter=letter,
    )


def why_not(possible: Possibility) -> str:
    return " ".join(_(MISSING[code]) for code in possible.missing if code in MISSING)


def file_page(desk: Desk, petition: Petition) -> FilePage:
    session, house = desk.session, desk.house
    kind, rulebook = house.kind(session, petition), house.rulebook(session, petition)
    text = session.get_one(PetitionText, (petition.id, petition.language))
    possible = can_examine(session, house, petition, desk.at)
    count = session.get(PublicCount, petition.id)
    lang = current_locale().lang
    public = State(petition.state) in PAGED and kind.visibility is Visibility.PUBLIC
    return FilePage(
        ref=petition.reference or "",
        title=text.title,
        language=text.language,
        version=petition.version,
        state_word=words.state(petition.state),
        state_tone=words.state_tone(petition.state),
        public_href=f"/{lang}/petitions/{petition.reference}" if public else "",
        topic=topic_words(desk.house.library.assembly(petition.assembly), petition.topic),
        request=text.request,
        reasons=text.reasons,
        author=public_author(kind, petition),
        rules=f"{rulebook.id} {rulebook.version}",
        count=count.valid if count else 0,
        published=petition.published_at,
        last_day=petition.last_day,
        levels=_levels(desk, petition, kind),
        tracks=tuple(
            duty_row(desk, Owed(track, petition, text))
            for track in duties.tracks_of(session, petition)
        ),
        answer=_answer(desk, petition),
        outcomes=_outcomes(desk, petition, kind),
        body=body_words(desk, petition, examining_body(kind)),
        languages=required_languages(house, session, petition),
        may_examine=possible.allowed,
        needs_reason=possible.needs_reason,
        why_not=why_not(possible),
        today=local_day(desk.at, rulebook.zone),
        history=_history(desk, petition),
        carer=_carer(desk, petition)[1],
        cared_by_me=_carer(desk, petition)[0] == desk.staff.actor,
        steps=_steps(desk, petition),
    )


def examining_body(kind: Kind) -> str:
    """The body the outcome is recorded for."""
    return kind.after.body or next((m.body for m in kind.milestones if m.decisive and m.body), "")


def _outcomes(desk: Desk, petition: Petition, kind: Kind) -> tuple[tuple[str, str, bool], ...]:
    lang, shelf = current_locale().lang, desk.house.shelf(desk.session, petition)
    return tuple(
        (
            code,
            title_of(shelf, petition, "outcomes", code, lang),
            code in kind.after.ends_signing,
        )
        for code in kind.after.outcomes
    )


def _levels(desk: Desk, petition: Petition, kind: Kind) -> tuple[tuple[str, int, date | None], ...]:
    """(what it triggers, number, day reached) of each milestone; the day of its audit entry."""
    reached = {
        row.rule: row
        for row in desk.session.scalars(
            select(MilestoneReached).where(MilestoneReached.petition_id == petition.id)
        )
    }
    zone = desk.house.rulebook(desk.session, petition).zone
    days = {
        row.reason: local_day(row.legal_instant, zone)
        for row in desk.session.scalars(
            select(Audit).where(
                Audit.petition_id == petition.id,
                Audit.action.in_(REACHING),
            )
        )
    }
    lang, shelf = current_locale().lang, desk.house.shelf(desk.session, petition)
    found = []
    for rule, milestone in enumerate(kind.milestones):
        title = title_of(shelf, petition, "milestones", milestone.id, lang)
        hit = reached.get(rule)
        number = hit.threshold if hit else target(desk.house, kind, petition, milestone).threshold
        found.append((title, number, days.get(milestone.id) if hit else None))
    return tuple(found)


def _answer(desk: Desk, petition: Petition) -> AnswerCard | None:
    row = desk.session.scalars(
        select(Outcome).where(Outcome.petition_id == petition.id).order_by(Outcome.at.desc())
    ).first()
    if row is None:
        return None
    lang = current_locale().lang
    return AnswerCard(
        outcome=title_of(
            desk.house.shelf(desk.session, petition), petition, "outcomes", row.code, lang
        ),
        body=body_words(desk, petition, row.body),
        on=row.decided_on,
        texts=tuple(
            (language, str(row.summaries.get(language, "")), str(text))
            for language, text in row.texts.items()
        ),
    )


def _history(desk: Desk, petition: Petition) -> tuple[TrailEntry, ...]:
    rows = desk.session.scalars(
        select(Audit)
        .where(Audit.petition_id == petition.id, Audit.role != Role.AUDITOR)
        .order_by(Audit.seq.desc())
        .limit(HISTORY_SHOWN)
    )
    return entries(desk.session, rows)
