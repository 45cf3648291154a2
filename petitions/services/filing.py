"""What an author does: start a draft, write it, send it, correct it, withdraw it."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError, NotFoundError, TransitionRefusedError
from petitions.domain.lifecycle import Action, Facts, Role, State
from petitions.domain.rulebook import Rulebook
from petitions.domain.text import Limits, folded, normalised, problem
from petitions.domain.vocabulary import FilingChannel, Freeze, SnapshotAt
from petitions.domain.words import Words
from petitions.services import (
    calendars,
    change_requests,
    choosing,
    completeness,
    gathering,
    joint_withdrawal,
    moves,
    text_versions,
    texts,
)
from petitions.services.audit import record
from petitions.services.closing import WITHDRAWN_BY_AUTHOR, close_signing
from petitions.services.filing_limits import respect
from petitions.services.gathering import Founder
from petitions.services.pinning import pin
from petitions.services.ports import Actor, House
from petitions.services.reviews import (
    next_stage,
    open_review,
    open_reviews,
    restart_clock,
    stage_of,
)
from petitions.services.surroundings import pin_surroundings
from petitions.services.targets import AREA, fix_targets
from petitions.services.tracks import open_duties, release_tracks
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    AuthorContext,
    MilestoneReached,
    Petition,
    PetitionText,
    ReferenceCounter,
)

_EMAIL = re.compile(r"[^@\s\x00-\x1f<>\"',;:]+@[^@\s\x00-\x1f<>\"',;:]+\.[^@\s\x00-\x1f<>\"',;:.]+")
NAME_MAX, EMAIL_MAX, DIFFERENCE_MAX, DRAFTS_MAX = 120, 254, 1000, 10


def author_context(session: Session, house: House, assembly: str) -> AuthorContext:
    """The opaque context in which authors of this assembly log in, drawn once."""
    insert_once(
        session, AuthorContext, assembly=assembly, context=uuid4(), kid=house.policy.author_kid
    )
    return session.get_one(AuthorContext, assembly)


def author_tag(house: House, u: bytes) -> bytes:
    """32 bytes that stand for an author at the desk; never comparable to any signer's tag."""
    return house.keys.prf("author-tag", u)


def author(tag: bytes) -> Actor:
    """The author as the audit trail names them: a pseudonym, not the public name."""
    return Actor(f"author-{tag[:6].hex()}", Role.AUTHOR)


def start_draft(
    session: Session,
    rulebook: Rulebook,
    *,
    assembly: str,
    kind: str,
    tag: bytes,
    language: str,
    title: str,
    at: datetime,
    channel: FilingChannel = FilingChannel.ONLINE,
) -> Petition:
    """Transition 1. Who is logged in as an author has met the conditions of filing already."""
    words = Words.of(title)
    if kind not in rulebook.kinds:
        raise InvalidError(fields={"kind": ("not_accepted", {})})
    if channel not in rulebook.kinds[kind].filing.channels:
        raise InvalidError("filing_channel", channel=str(channel))
    bad = problem(words.title, Limits(rulebook.kinds[kind].filing.form.title_max))
    if bad:
        raise InvalidError(fields={"title": bad})
    if language not in rulebook.languages.accepted:
        raise InvalidError(fields={"language": ("not_accepted", {})})
    calendars.refuse_if_barred(session, rulebook.kinds[kind], assembly, zone=rulebook.zone, at=at)
    drafts = session.scalar(
        select(func.count())
        .select_from(Petition)
        .where(Petition.author_tag == tag, Petition.state == State.DRAFT)
    )
    if (drafts or 0) >= DRAFTS_MAX:  # each leaves a row in the audit trail for ever
        raise InvalidError("too_many_drafts", max=DRAFTS_MAX)
    pin(session, rulebook, at)
    petition = Petition(
        id=uuid4(),
        assembly=assembly,
        rulebook_id=rulebook.id,
        rulebook_version=rulebook.version,
        kind=kind,
        choices={},
        targets={},
        state=State.DRAFT,
        language=language,
        author_tag=tag,
        author_name="",
        channel=str(channel),
        similar_shown=False,
        difference="",
        created_at=at,
        state_since=at,
        time_zone_data="",
        version=1,
    )
    session.add(petition)
    session.flush()
    session.add(
        PetitionText(
            petition_id=petition.id,
            language=language,
            title=words.title,
            request="",
            reasons="",
            folded=folded(words.title),
            authoritative=True,
            frozen=False,
            origin="author",
            bound=[],
        )
    )
    record(session, author(tag), Action.CREATE, at=at, petition=petition, target=State.DRAFT)
    return petition


def own(session: Session, petition_id: UUID, tag: bytes) -> Petition:
    """The author's petition, locked. Somebody else's answers as if it did not exist."""
    petition = moves.lock(session, petition_id)
    if petition.author_tag != tag:
        raise NotFoundError("petition")
    return petition


def text_of(session: Session, petition: Petition) -> PetitionText:
    return session.get_one(PetitionText, (petition.id, petition.language))


def _editable(petition: Petition) -> None:
    if petition.state not in {State.DRAFT, State.RETURNED} or (
        petition.state == State.RETURNED and petition.published_at is not None
    ):
        raise InvalidError("text_frozen")


def editable(session: Session, petition: Petition) -> None:
    """The text may be written: it is with its author, and the rules did not freeze it before."""
    _editable(petition)
    if text_of(session, petition).frozen:
        raise InvalidError("text_frozen")


def see_similar(petition: Petition, difference: str) -> None:
    """The author has been shown what exists and says, if asked, how this one differs."""
    _editable(petition)
    words = normalised(difference)
    bad = problem(words, Limits(DIFFERENCE_MAX, required=False))
    if bad:
        raise InvalidError(fields={"difference": bad})
    petition.similar_shown = True
    petition.difference = words


def write_text(
    session: Session,
    house: House,
    petition: Petition,
    words: Words,
    language: str = "",
    *,
    unfinished: bool = False,
) -> None:
    """The text within the limits of the rulebook, or every field that is not. `language`: of the
    rulebook's; by default the one the petition was begun in. `unfinished`: to be gone on with
    later, so request and reasons may still be empty; sending asks for them again.
    """
    editable(session, petition)
    language = language or petition.language
    if language not in house.rulebook(session, petition).languages.accepted:
        raise InvalidError(fields={"language": ("not_accepted", {})})
    bad = texts.problems(house.kind(session, petition), words)
    if unfinished:
        bad = {
            field: each for field, each in bad.items() if field == "title" or each[0] != "required"
        }
    if bad:
        raise InvalidError(fields=bad)
    texts.write(session, petition, language, words, "author")


def remove_text(session: Session, petition: Petition, language: str) -> None:
    """The author gives up one of several languages; never the one the petition was begun in."""
    editable(session, petition)
    text = session.get(PetitionText, (petition.id, language))
    if text is None or language == petition.language or text.origin != "author":
        raise NotFoundError("text")
    session.delete(text)


def write_author(petition: Petition, name: str, email: str) -> None:
    """The public name, and the address that receives the letters. Who files on paper may have none."""
    _editable(petition)
    name, email = " ".join(normalised(name).split()), normalised(email)
    if not email and petition.channel != FilingChannel.ONLINE:
        petition.author_email = None
        bad_name = problem(name, Limits(NAME_MAX))
        if bad_name:
            raise InvalidError(fields={"name": bad_name})
        petition.author_name = name
        return
    bad = {
        field: found
        for field, found in {
            "name": problem(name, Limits(NAME_MAX)),
            "email": problem(email, Limits(EMAIL_MAX)),
        }.items()
        if found
    }
    if "email" not in bad and not _EMAIL.fullmatch(email):
        bad["email"] = ("email_malformed", {})
    if bad:
        raise InvalidError(fields=bad)
    petition.author_name, petition.author_email = name, email


def _reference(session: Session, year: int) -> str:
    insert_once(session, ReferenceCounter, year=year, last=0)
    counter = session.scalars(
        select(ReferenceCounter).where(ReferenceCounter.year == year).with_for_update()
    ).one()
    counter.last += 1
    return f"{year}-{counter.last:04d}"


def submit(
    session: Session,
    house: House,
    rulebook: Rulebook,
    petition: Petition,
    at: datetime,
    founder: Founder | None = None,
) -> Petition:
    """Transitions 2 and 3: the version in force today is pinned, the text hashed, the clock set.

    `rulebook` is the version in force on the local date of `at`; `founder` is what the author proved
    where sponsors are asked for or filing counts as a signature. Raises InvalidError with the fields
    that are missing or too long; the draft stays as it is.
    """
    if petition.state != State.DRAFT:  # a second click, before anything is pinned anew
        raise TransitionRefusedError("wrong_state", state=petition.state, action=Action.SUBMIT)
    kind = completeness.check(session, rulebook, petition, at)
    choosing.check_area(house, kind, str(petition.choices.get(AREA, "")))
    calendars.refuse_if_barred(session, kind, petition.assembly, zone=rulebook.zone, at=at)
    respect(session, kind, petition, rulebook.zone, at)
    pin(session, rulebook, at)
    petition.rulebook_id, petition.rulebook_version = rulebook.id, rulebook.version
    petition.reference = _reference(session, local_day(at, rulebook.zone).year)
    petition.submitted_at = at
    pin_surroundings(session, house.library, rulebook, petition, at)
    fix_targets(house, kind, petition, SnapshotAt.SUBMISSION)
    if kind.publicity.freeze is Freeze.SUBMISSION:
        texts.freeze_all(session, house, petition, at, to_sign=False)
    first_at_filing = next_stage(session, house, petition, "filing")
    sponsored = gathering.at_submission(session, house, petition, rulebook, kind, founder)
    facts = Facts(
        form_valid=True,
        similar_shown=petition.similar_shown,
        limits_respected=True,
        sponsors_to_come=sponsored,
        stage_at_filing=first_at_filing is not None,
    )
    made = moves.move(session, petition, Action.SUBMIT, author(petition.author_tag), facts, at=at)
    text_versions.keep(session, petition, at)
    open_duties(session, house, petition, "submitted", at=at)
    if made.target is State.GATHERING_SPONSORS:
        gathering.go_on(session, house, petition, at)
    if made.target is State.IN_ADMISSIBILITY:
        stage = first_at_filing or next_stage(session, house, petition)
        if stage is not None:
            open_review(session, house, petition, stage, at)
    return petition


def resubmit(
    session: Session, house: House, petition: Petition, at: datetime, answer: str = ""
) -> None:
    """Transition 9: the corrected text goes back to the clerk and the stage's clock goes on.

    `answer`: a word of the author to the office, where it had proposed a wording.
    """
    rulebook = house.rulebook(session, petition)
    today = local_day(at, rulebook.zone)
    completeness.check_texts(session, rulebook, house.kind(session, petition), petition)
    over = petition.correction_due is None or today > petition.correction_due
    facts = Facts(correction_over=over, form_valid=True)
    settled = change_requests.settle(session, petition, at, answer)
    moves.move(
        session, petition, Action.RESUBMIT, author(petition.author_tag), facts, at=at,
        detail={"change": settled} if settled else None,
    )  # fmt: skip
    text_versions.keep(session, petition, at)
    for review in open_reviews(session, petition):
        stage = stage_of(session, house, petition, review)
        restart_clock(session, house, petition, review, stage, today, rulebook.zone)
        review.back_from_author = True
        review.version += 1


def withdraw_petition(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """Transition 21: the author takes the petition back; signing ends, the page stays. Where several
    promote it, InvalidError until all of them have agreed.
    """
    joint_withdrawal.must_agree(session, house, petition)
    reached = session.scalars(
        select(MilestoneReached.rule).where(MilestoneReached.petition_id == petition.id)
    ).all()
    kind = house.kind(session, petition)
    decisive = {i for i, milestone in enumerate(kind.milestones) if milestone.decisive}
    facts = Facts(before_decisive=decisive.isdisjoint(reached))
    published = petition.published_at is not None
    moves.move(session, petition, Action.WITHDRAW, author(petition.author_tag), facts, at=at)
    if published:
        close_signing(session, petition, at=at, reason=WITHDRAWN_BY_AUTHOR)
    release_tracks(session, petition, "withdrawn", at=at)
    for review in open_reviews(session, petition):
        review.closed_at, review.outcome = at, "withdrawn"
        review.version += 1
