"""The top of an author's page: where the petition stands, what is theirs to do, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import days_left
from petitions.domain.lifecycle import State
from petitions.domain.sponsors import Progress
from petitions.domain.vocabulary import OnWhom
from petitions.platform.i18n import N_, _
from petitions.services import drafts, gathering
from petitions.storage.tables import Track
from petitions.web import rule_words
from petitions.web.author_steps import mine_href
from petitions.web.pages import TimelineEntry
from petitions.web.pages_author import MinePetitionPage
from petitions.web.pages_summary import Summary, Todo
from petitions.web.petition_file import File

SENTENCES: Mapping[State, str] = {
    State.DRAFT: N_("This is a draft. Only you see it, and nobody has received it."),
    State.GATHERING_SPONSORS: N_("It is sent. Before it goes on, others must stand behind it."),
    State.IN_ADMISSIBILITY: N_("It is being checked against the rules for petitions."),
    State.RETURNED: N_("It was returned to you for correction. It is not refused."),
    State.PUBLISHED: N_("It is public and can be signed."),
    State.THRESHOLD_REACHED: N_("It reached its threshold: now the institution has to act."),
    State.EXAMINED: N_("It was examined. The answer is public."),
    State.REFUSED: N_("It was refused: a rule is not met."),
    State.HIDDEN: N_("It is not shown to the public."),
    State.CLOSED_BELOW: N_("It closed below its threshold. It was not refused."),
    State.WITHDRAWN: N_("You withdrew it."),
    State.MERGED: N_("It was merged with another petition, as you agreed."),
    State.LAPSED: N_("It lapsed: a time of the rules ran out. It was not refused."),
    State.ARCHIVED: N_("It is over and archived."),
}


def summary(session: Session, file: File, page: MinePetitionPage) -> Summary:
    """Made from the page's own parts, so that it never says something else than they do."""
    todo = tuple(
        sorted(
            _todo(session, file, page), key=lambda each: (each.due is None, each.due or file.today)
        )
    )
    return Summary(
        sentence=_sentence(file),
        todo=todo,
        following=_following(page.timeline, todo, file.today),
    )


def _sentence(file: File) -> str:
    petition, state = file.petition, file.state
    if state is State.PUBLISHED and petition.signing_ended_at is not None:
        return _("It is public. Signing has ended.")
    if state is State.PUBLISHED and (petition.opens_at is None or petition.opens_at > file.at):
        return _("It is public. Signing has not opened yet.")
    return _(SENTENCES[state])


def _todo(session: Session, file: File, page: MinePetitionPage) -> Iterator[Todo]:
    if file.state is State.DRAFT:
        kept_until = drafts.kept_until(file.petition, file.book.zone)
        yield _dated(file, _("Finish it and send it"), page.edit_href, kept_until)
    if page.correction is not None:
        yield _dated(file, _("Correct the text, or answer"), "#correct", page.correction.due)
    if file.state is State.GATHERING_SPONSORS:
        yield from _sponsors(session, file)
    if page.start_day is not None:
        yield _dated(file, _("Choose the first day of signing"), "#first-day", page.start_day.last)
    if page.handover is not None and page.handover.action:
        told = _("Report: %(step)s", step=page.handover.name)
        yield _dated(file, told, "#handover", page.handover.due)
    if page.merging is not None:
        yield Todo(_("Accept or refuse the merger"), "#merging")
    yield from _duties(session, file)


def _dated(file: File, title: str, href: str, due: date | None, text: str = "") -> Todo:
    if due is None:
        return Todo(title, href, text=text)
    left = days_left(due, file.today) if due >= file.today else None
    return Todo(title, href, due, left, max(0, (file.today - due).days), text)


def _sponsors(session: Session, file: File) -> Iterator[Todo]:
    for row in gathering.stages(session, file.petition.id):
        if row.progress == Progress.OPEN:
            href = f"{mine_href(file.petition)}/sponsors"
            yield _dated(file, _("Find those who stand behind it"), href, row.due_on)


def _duties(session: Session, file: File) -> Iterator[Todo]:
    """What the rules want from the author (`on = "author"`), internal or not: it is theirs."""
    own = {each.id: each for each in file.kind.after.duties if each.on is OnWhom.AUTHOR}
    rows = session.scalars(
        select(Track).where(
            Track.petition_id == file.petition.id,
            Track.status != "decided",
            Track.code.in_(sorted(own)),
        )
    )
    for track in rows:
        words = rule_words.words_for(file.library, "duties", track.code, file.book.id)
        yield _dated(file, words.title, "", track.due_on, words.text)


def _following(
    timeline: tuple[TimelineEntry, ...], todo: tuple[Todo, ...], today: date
) -> TimelineEntry | None:
    own = {each.due for each in todo if each.due is not None}
    coming = [each for each in timeline if each.on is None and each.due not in own]
    dated = [each for each in coming if each.due is not None and each.due >= today]
    return min(dated, key=lambda each: each.due or today) if dated else next(iter(coming), None)
