"""What the institution does after the milestone: settle a duty, record the examination's outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import ForbiddenError, InvalidError, NotFoundError
from petitions.domain.lifecycle import Action, Facts, State
from petitions.domain.rulebook import Kind
from petitions.domain.text import normalised
from petitions.domain.vocabulary import Entry
from petitions.ledger.entries import Answer
from petitions.services import moves
from petitions.services.answers import answer_file
from petitions.services.audit import record
from petitions.services.closing import OUTCOME, close_signing
from petitions.services.decisions import missing_texts
from petitions.services.pending import queue
from petitions.services.ports import Actor, House
from petitions.services.reviews import open_reviews
from petitions.services.tracks import open_duties, settle_track
from petitions.storage import log_paper_rows
from petitions.storage.tables import Outcome, Petition, PetitionSigning, Track

SUMMARY_MAX = 300
TEXT_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Examination:
    """What a clerk records for the body. Texts by language; `reason` where an early entry needs one."""

    code: str
    decided_on: date
    summaries: Mapping[str, str]
    texts: Mapping[str, str]
    links: tuple[str, ...] = ()
    reason: str = ""
    settles: bool = True
    """The decision settles every open track of the petition."""


@dataclass(frozen=True, slots=True)
class Possibility:
    """Whether the examination can be recorded now, and what is in the way."""

    allowed: bool
    needs_reason: bool = False
    missing: tuple[str, ...] = field(default_factory=tuple)


def window_over(petition: Petition, at: datetime) -> bool:
    return petition.signing_ended_at is not None or (
        petition.closes_at is not None and at >= petition.closes_at
    )


def _entry_allows(kind: Kind, petition: Petition, reason: str, at: datetime) -> bool:
    if kind.after.entry is Entry.PUBLICATION:
        return True
    if kind.after.entry is Entry.CLOSING and window_over(petition, at):
        return True
    return kind.after.early and bool(reason.strip())


def open_tracks(session: Session, petition: Petition) -> list[Track]:
    return list(
        session.scalars(
            select(Track)
            .where(Track.petition_id == petition.id, Track.status != "decided")
            .order_by(Track.due_on)
        )
    )


def check(
    session: Session, house: House, petition: Petition, found: Examination, at: datetime
) -> None:
    """Whether everything is there that the rules ask for; InvalidError names the fields."""
    kind = house.kind(session, petition)
    today = local_day(at, house.rulebook(session, petition).zone)
    bad: dict[str, tuple[str, dict[str, object]]] = {}
    if found.code not in kind.after.outcomes:
        bad["outcome"] = ("required", {})
    if found.decided_on > today:
        bad["decided_on"] = ("in_the_future", {})
    for language in missing_texts(house, session, petition, found.texts):
        bad[f"text_{language}"] = ("required", {})
    for language in missing_texts(house, session, petition, found.summaries):
        bad[f"summary_{language}"] = ("required", {})
    for language, summary in found.summaries.items():
        if len(summary) > SUMMARY_MAX:
            over = len(summary) - SUMMARY_MAX
            bad[f"summary_{language}"] = ("too_long", {"max": SUMMARY_MAX, "over": over})
    for language, text in found.texts.items():
        if len(text) > TEXT_MAX:
            bad[f"text_{language}"] = ("too_long", {"max": TEXT_MAX, "over": len(text) - TEXT_MAX})
    if any(not link.startswith(("https://", "http://")) for link in found.links):
        bad["links"] = ("link_malformed", {})
    if bad:
        raise InvalidError(fields=bad)


def examine(
    session: Session,
    house: House,
    petition: Petition,
    found: Examination,
    actor: Actor,
    *,
    at: datetime,
    proposed_by: str = "",
) -> Outcome:
    """Transitions 26 and 27: outcome, reasons, answer; open tracks are settled; signing may end.

    `proposed_by`: the first of two people, where the rules ask for two.
    """
    kind = house.kind(session, petition)
    if kind.after.four_eyes and proposed_by in {"", actor.code}:
        raise ForbiddenError("second_person_needed")
    check(session, house, petition, found, at)
    tracks = open_tracks(session, petition)
    ends_signing = found.code in kind.after.ends_signing
    facts = Facts(
        window_over=window_over(petition, at),
        ends_signing=ends_signing,
        stage_open=bool(open_reviews(session, petition)),
        tracks_settled=found.settles or not tracks,
        reasons_given=True,
        entry_allows=_entry_allows(kind, petition, found.reason, at),
    )
    body = kind.after.body or next((m.body for m in kind.milestones if m.decisive and m.body), "")
    outcome = Outcome(
        id=uuid4(),
        petition_id=petition.id,
        code=found.code,
        body=body,
        at=at,
        decided_on=found.decided_on,
        summaries={lang: normalised(text) for lang, text in found.summaries.items()},
        texts={lang: normalised(text) for lang, text in found.texts.items()},
        links=list(found.links),
        actor=actor.code,
    )
    session.add(outcome)
    moves.move(
        session, petition, Action.EXAMINE, actor, facts, at=at, reason=found.code,
        public_texts=outcome.summaries, detail=_detail(found, proposed_by),
    )  # fmt: skip
    for track in tracks:
        settle_track(track, at)
    if not window_over(petition, at):  # examined is no state in which one signs
        close_signing(session, petition, at=at, reason=OUTCOME)
    _log_answer(session, petition, outcome, at)
    event = f"outcome:{found.code}"
    open_duties(session, house, petition, event, at=at, day=found.decided_on)
    return outcome


def _detail(found: Examination, proposed_by: str) -> dict[str, str] | None:
    told = {"reason": found.reason, "by": proposed_by}
    return {name: value for name, value in told.items() if value} or None


def decide_track(
    session: Session,
    house: House,
    petition: Petition,
    code: str,
    texts: Mapping[str, str],
    actor: Actor,
    *,
    at: datetime,
    declined: bool = False,
    reason: str = "",
) -> Track:
    """Record that a duty was done (a reply given, a hearing held) without ending the petition.

    `declined`: the body will not do it, which only what is no obligation allows; `texts` are then
    its public reasons. `reason`: why it is settled before the rules want it.
    """
    track = session.get(Track, (petition.id, code))
    if track is None:
        raise NotFoundError("track")
    if track.status == "decided":
        raise InvalidError("track_decided")
    zone = house.rulebook(session, petition).zone
    bad: dict[str, tuple[str, dict[str, object]]] = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, texts)
    }
    if declined and track.force == "must":
        bad["declined"] = ("must_be_done", {})
    too_early = track.not_before is not None and local_day(at, zone) < track.not_before
    if too_early and not reason.strip():
        bad["reason"] = ("too_early", {})
    if bad:
        raise InvalidError(fields=bad)
    settle_track(track, at, "declined" if declined else "")
    track.texts = {language: normalised(text) for language, text in texts.items()}
    petition.version += 1
    detail = {"track": code, "late": track.late, "declined": declined}
    if too_early:
        detail["reason"] = normalised(reason)
    record(
        session, actor, "track_decided", at=at, petition=petition, public_texts=track.texts,
        detail=detail,
    )  # fmt: skip
    open_duties(session, house, petition, f"duty:{code}", at=at)
    return track


def _log_answer(session: Session, petition: Petition, outcome: Outcome, at: datetime) -> None:
    """The answer's hash goes into the petition's log: it cannot be reworded in silence."""
    signing = session.get(PetitionSigning, petition.id)
    if signing is None:
        return
    content = answer_file(petition, outcome)
    digest = log_paper_rows.keep(session, signing.log_id, "answers", content, petition.id)
    queue(session, signing.log_id, petition.id, Answer(digest), due_at=at)


def can_examine(session: Session, house: House, petition: Petition, at: datetime) -> Possibility:
    """What the page says before anybody fills in the form."""
    kind = house.kind(session, petition)
    state = State(petition.state)
    if state is State.THRESHOLD_REACHED:
        missing = ("stage_open",) if open_reviews(session, petition) else ()
        ends = bool(kind.after.ends_signing)
        if not ends and not window_over(petition, at):
            missing = (*missing, "window_over")
        return Possibility(not missing, missing=missing)
    if state in {State.PUBLISHED, State.CLOSED_BELOW}:
        if _entry_allows(kind, petition, "", at):
            return Possibility(allowed=True)
        if kind.after.early:
            return Possibility(allowed=True, needs_reason=True)
    return Possibility(allowed=False, missing=("wrong_state",))
