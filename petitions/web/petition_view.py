"""A petition of the database as the page that shows it: what is public in its state, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from petitions.domain.calendar import add, days_left, local_day
from petitions.domain.channels import online
from petitions.domain.lifecycle import END_STATES, SIGNING_STATES, State
from petitions.domain.vocabulary import AuthorName, CountShown, Uniqueness
from petitions.platform.i18n import current_locale, native_name
from petitions.services import suspended_times, taking_back, windows
from petitions.services.hiding import is_out_of_sight
from petitions.services.targets import target
from petitions.services.texts import signed_language
from petitions.storage import open_rows, reading
from petitions.storage.tables import Petition, PetitionSigning
from petitions.web import (
    charts,
    competing,
    counted_view,
    petition_ends,
    petition_texts,
    phase_bar,
    rule_words,
    scope,
    timeline,
)
from petitions.web.answer_view import answer_shown
from petitions.web.edge import Engine
from petitions.web.pages import (
    Level,
    Link,
    PetitionPage,
    Refusal,
    SignCard,
    TopicShown,
)
from petitions.web.petition_discussion import with_discussion
from petitions.web.petition_file import File, open_file
from petitions.web.topic_words import topic_words

_BEFORE_PUBLICATION = frozenset(
    {State.DRAFT, State.GATHERING_SPONSORS, State.IN_ADMISSIBILITY, State.RETURNED}
)
_ROUNDED_TO = 100


def petition_page(session: Session, engine: Engine, petition: Petition) -> PetitionPage:
    """The public page. A hidden petition gives its reference, its date and a category: no text."""
    file = open_file(session, engine, petition)
    if is_out_of_sight(petition):
        return _hidden(session, file)
    page = PetitionPage(
        ref=petition.reference or "",
        href=file.href,
        state=file.state,
        title=file.text.title,
        request=file.text.request,
        reasons=file.text.reasons,
        author=public_author(file),
        kind=rule_words.kind_words(file.library, file.book.id, petition.kind)
        if len(file.book.kinds) > 1
        else "",
        assembly=_assembly(engine, petition),
        published=file.day(petition.published_at),
        submitted=file.day(petition.submitted_at),
        timeline=timeline.timeline(session, file.library, file),
        phases=phase_bar.phases_shown(session, file),
        text_language=file.text.language,
        languages=_languages(file),
        topic=_topic(engine, petition),
    )
    if file.state in _BEFORE_PUBLICATION:
        return replace(page, for_author=True)
    page = petition_ends.with_ends(session, file, petition_texts.with_texts(session, file, page))
    page = with_discussion(session, engine, file, page)
    return _with_outcome(session, _with_signatures(session, engine, page, file), file)


def _assembly(engine: Engine, petition: Petition) -> str:
    if len(engine.settings.rulebooks.assemblies) < 2:
        return ""
    return rule_words.assembly_words(engine.house.library, petition.assembly)


def _topic(engine: Engine, petition: Petition) -> TopicShown | None:
    name = topic_words(engine.house.library.assembly(petition.assembly), petition.topic)
    href = f"{scope.href('/petitions')}?topic={petition.topic}"
    return TopicShown(href, name) if name else None


def _languages(file: File) -> tuple[Link, ...]:
    return tuple(
        Link(f"/{lang}/petitions/{file.petition.reference}", native_name(lang), lang)
        for lang in sorted(file.texts)
        if lang != current_locale().lang
    )


def public_author(file: File) -> str:
    """The public name, as long as the rules make it public."""
    rule = file.kind.publicity
    if rule.author is AuthorName.HIDDEN:
        return ""
    ended = reading.ended(file.petition)
    if ended is not None:
        if rule.author is AuthorName.WHILE_OPEN:
            return ""
        until = rule.author_hidden_after
        if until is not None and add(local_day(ended, file.zone), until) < file.today:
            return ""
    return file.petition.author_name


def _hidden(session: Session, file: File) -> PetitionPage:
    return petition_ends.hidden_page(session, file.library, file)


def _with_signatures(
    session: Session, engine: Engine, page: PetitionPage, file: File
) -> PetitionPage:
    petition = file.petition
    if petition.published_at is None or not file.kind.signable:
        return page
    signed = signed_language(file.book, petition)
    shown = reading.text_shown(file.texts, signed, petition.language)
    card = sign_card(session, engine, file)
    days = reading.daily_counts(session, petition.id) if card.count is not None else []
    return replace(
        page,
        card=card,
        closes=petition.last_day,
        closing=current_locale().end_of(petition.closes_at, file.zone)
        if petition.closes_at
        else "",
        days_left=days_left(petition.last_day, file.today) if petition.last_day else None,
        ended=_ended(file),
        chart=_hours(session, file, card) or charts.draw(days, _reached(file)),
        figures=counted_view.area_figures(session, file),
        counted=counted_view.counted(session, engine, file) if card.count is not None else None,
        text_hash=shown.text_hash.hex() if shown.text_hash else "",
        licence=engine.settings.data.licence,
    )


def _hours(session: Session, file: File, card: SignCard) -> charts.Chart | None:
    """The first three days hour by hour, where the rules show the count as it is."""
    opened, found = file.petition.opens_at, reading.public_count(session, file.petition.id)
    if opened is None or file.at - opened > charts.HOURS or found is None:
        return None
    if card.count != found.valid or found.paper:  # batches of the log know nothing of paper
        return None
    batches = open_rows.batches_of(session, file.petition.id)
    return charts.draw_hours(batches, opened, ZoneInfo(file.zone))


def _ended(file: File) -> date | None:
    ended = reading.ended(file.petition)
    return file.last_day_of(ended) if ended is not None else None


def _last_day(file: File) -> date | None:
    """The last day on which people could sign: what ended early did not wait for its date."""
    days = [day for day in (_ended(file), file.petition.last_day) if day is not None]
    return min(days, default=None)


def _reached(file: File) -> list[tuple[date, int]]:
    """Milestones met, oldest first: (local day of the batch, threshold)."""
    return [(each.on, each.threshold) for each in file.met]


def shown_count(file: File, valid: int) -> int | None:
    """The count as the rules let it be shown: live, rounded down, or only after the end."""
    rule = file.kind.publicity.count
    if rule is CountShown.ROUNDED:
        return valid - valid % _ROUNDED_TO
    if rule is CountShown.COMMITTEE:  # the committee's alone until its answer is public
        return valid if file.state in (State.EXAMINED, State.ARCHIVED) else None
    if rule is CountShown.LIVE or reading.ended(file.petition) is not None:
        return valid
    return None


def sign_card(session: Session, engine: Engine, file: File) -> SignCard:
    petition, kind = file.petition, file.kind
    found = reading.public_count(session, petition.id)
    count = shown_count(file, found.valid if found else 0)
    levels = _levels(session, engine, file, count)
    decisive = kind.decisive
    needed = target(engine.house, kind, petition, decisive).threshold if decisive else 0
    reason = why_not(file) or _paused(session, file)
    late = taking_back.after_signing(session, kind.signing.withdrawal, petition.id, file.at)
    days = dict(reading.daily_counts(session, petition.id)) if count is not None else {}
    return SignCard(
        count=count,
        levels=levels,
        bar_max=needed or max((level.threshold for level in levels), default=0),
        can_sign=not reason,
        why_not=reason,
        paused_why=_paused_why(session, file) if reason == "paused" else "",
        since=_last_day(file) if reason == "closed" else None,
        opens_on=file.day(petition.opens_at)
        if reason == "not_open" and windows.opened(petition)
        else None,
        sign_href=f"{file.href}/sign",
        withdraw_href=_withdraw_href(file, "" if late else reason),
        identity=engine.border.identity_label(file.book.realm),
        last_week=_gained(days, file.today, 7),
        last_day=_gained(days, file.today, 1),
        final=not late and (file.state in END_STATES or petition.signing_ended_at is not None),
        by_email=engine.border.by_email(file.book.realm),
        per_account=kind.signing.uniqueness is Uniqueness.ACCOUNT,
        cooling_off=rule_words.period(kind.extras.cooling_off) if kind.extras.cooling_off else "",
        rivals=competing.links(session, petition, current_locale().lang) or (),
        who=rule_words.who(kind.signing.who, file.library),
    )


def _gained(days: dict[date, int], today: date, back: int) -> int | None:
    """New signatures in the `back` days up to today; None without history."""
    if len(days) < 2:
        return None
    before = [total for day, total in days.items() if (today - day).days >= back]
    return max(days.values()) - max(before, default=0)


def _withdraw_href(file: File, reason: str) -> str:
    if reason or str(file.kind.signing.withdrawal) == "never":
        return ""
    return f"{file.href}/sign/withdraw"


def _paused(session: Session, file: File) -> str:
    signing = session.get(PetitionSigning, file.petition.id)
    return "paused" if windows.paused_now(file.petition, signing, file.at) else ""


def _paused_why(session: Session, file: File) -> str:
    """Why the office suspended signing; the calendar's pauses explain themselves."""
    row = suspended_times.standing(session, file.petition.id, file.at)
    if row is None:
        return ""
    return file.told(row.texts)


def why_not(file: File) -> str:
    """Why nobody can sign online at this instant; "" where one can."""
    petition = file.petition
    if not online(file.kind.signing, petition.choices):
        return "not_online"
    if petition.closes_at is not None and file.at >= petition.closes_at:
        return "closed"
    if file.state not in SIGNING_STATES or petition.signing_ended_at is not None:
        return "ended" if file.state is State.EXAMINED else "closed"
    if petition.opens_at is not None and file.at < petition.opens_at:
        return "not_open"
    return ""


def _levels(session: Session, engine: Engine, file: File, count: int | None) -> tuple[Level, ...]:
    goes_on = reading.ended(file.petition) is None
    met_on = {each.milestone: each.on for each in file.met}
    found = []
    for milestone in file.kind.milestones:
        wanted = target(engine.house, file.kind, file.petition, milestone)
        level = rule_words.level(
            file.library, file.book.id, file.petition.assembly, milestone, wanted
        )
        level = replace(
            level,
            reached=milestone.id in met_on,
            reached_on=met_on.get(milestone.id),
            to_go=max(0, wanted.threshold - count) if count is not None and goes_on else 0,
        )
        if count is not None or milestone.id in met_on:
            level = counted_view.told_level(session, engine, file, level, milestone, wanted)
        found.append(level)
    return tuple(sorted(found, key=lambda level: level.threshold))


def _with_outcome(session: Session, page: PetitionPage, file: File) -> PetitionPage:
    if State.REFUSED in (file.state, page.archived_from):
        return replace(page, refusal=refusal(session, file))
    outcomes = reading.outcomes_of(session, file.petition.id)
    if not outcomes:
        return page
    return replace(page, answer=answer_shown(file, outcomes[0], outcomes[0].body))


def refusal(session: Session, file: File) -> Refusal | None:
    """The grounds, their rules and the reasons given; None where no decision was recorded."""
    refused = [
        each for each in reading.decisions_of(session, file.petition.id) if each.outcome == "refuse"
    ]
    if not refused:
        return None
    decision, library = refused[0], file.library
    codes = tuple(str(code) for code in decision.grounds)
    texts = [rule_words.words_for(library, "grounds", code, file.book.id) for code in codes]
    return Refusal(
        on=local_day(decision.at, file.zone),
        body=rule_words.body_words(library, file.petition.assembly, decision.body),
        grounds=rule_words.grounds(library, file.book.id, codes),
        reasons=file.told(decision.texts),
        appeal=next((text.appeal for text in texts if text.appeal), ""),
    )
