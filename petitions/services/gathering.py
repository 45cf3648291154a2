"""Gathering sponsors: from sending to the last stage met (transitions 2, 4 and 6).

The text is frozen while sponsors are found: they stand behind what they read, and its hash is kept.
Stages run in the order of the rulebook. When all are met the system moves the petition on, in the
transaction of the last sponsor, so that nothing can happen in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.calendar import deadline, local_day
from petitions.domain.errors import InvalidError
from petitions.domain.filing import SponsorStage
from petitions.domain.lifecycle import Action, Facts, State
from petitions.domain.periods import Period
from petitions.domain.rulebook import Kind, Rulebook
from petitions.domain.sponsors import Backer, Progress, Standing
from petitions.domain.vocabulary import FilingChannel
from petitions.services import held, moves
from petitions.services.audit import record
from petitions.services.calendars import calendar_of
from petitions.services.held import Signer
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.publication import publish
from petitions.services.reviews import next_stage, open_review
from petitions.services.sponsor_keys import SponsorKeys, open_gathering
from petitions.services.tracks import open_duties
from petitions.storage.insertion import insert_once
from petitions.storage.tables import GatheringStage, Petition, Sponsor


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """What the author's login proves when a petition is sent; none of it is kept but the codes.

    `u`: 32 bytes in the sponsors' context; `signer`: where filing counts as a signature; `area`: for
    a spread; `exempt`: stages whose `unless` holds for this author.
    """

    kid: str
    u: bytes = field(repr=False)
    signer: Signer | None = None
    area: str = ""
    exempt: frozenset[str] = frozenset()


def at_submission(
    session: Session,
    house: House,
    petition: Petition,
    rulebook: Rulebook,
    kind: Kind,
    founder: Founder | None,
) -> bool:
    """Whether sponsors come before anything else. Fixes what each stage asks for.

    An author whose petition came on paper is known to the office and logs in nowhere: they count where
    authors count, and nothing more.

    InvalidError("author_login_needed") where the rules need to know the author and nobody logged in.
    """
    if not rules.asks_author(kind):
        return False
    if founder is None:
        if petition.channel == FilingChannel.ONLINE:
            raise InvalidError("author_login_needed")
        founder = Founder(kid=house.policy.kid, u=house.random(32))  # the office knows the author
    applying = [stage for stage in kind.sponsors if stage.id not in founder.exempt]
    if not applying and founder.signer is None:
        return False
    keys = open_gathering(
        session, house, petition, rulebook, kid=founder.kid,
        text_hash=held.words_hash(session, petition),
    )  # fmt: skip
    _prepare(session, house, petition, keys, applying, founder)
    if founder.signer is not None and kind.signing.author_signs:
        held.hold(session, house, keys, founder.signer)
    session.flush()
    return bool(applying)


def _prepare(
    session: Session,
    house: House,
    petition: Petition,
    keys: SponsorKeys,
    applying: Sequence[SponsorStage],
    founder: Founder,
) -> None:
    populations = house.shelf(session, petition).context.populations
    for position, stage in enumerate(applying):
        session.add(
            GatheringStage(
                petition_id=keys.petition_id, stage=stage.id, position=position,
                needed=rules.needed(stage, populations),
                progress=Progress.WAITING, attempts_used=0,
            )
        )  # fmt: skip
        _author_in(session, keys, stage, founder)


def _author_in(session: Session, keys: SponsorKeys, stage: SponsorStage, founder: Founder) -> None:
    """The author's code stands in every stage: to be counted, or to be kept from sponsoring."""
    insert_once(
        session, Sponsor, petition_id=keys.petition_id, stage=stage.id,
        tag=keys.tag(stage.id, founder.u), standing=Standing.AUTHOR, role="",
        area=founder.area if stage.spread else "", invitation=None,
    )  # fmt: skip


def stages(session: Session, petition_id: UUID) -> list[GatheringStage]:
    """In the order in which they run."""
    return list(
        session.scalars(
            select(GatheringStage)
            .where(GatheringStage.petition_id == petition_id)
            .order_by(GatheringStage.position)
        )
    )


def to_come(session: Session, petition: Petition) -> bool:
    """Whether sponsors are still to be found."""
    unmet = {Progress.WAITING, Progress.OPEN}
    return any(row.progress in unmet for row in stages(session, petition.id))


def backers(session: Session, petition_id: UUID, stage: str) -> tuple[Backer, ...]:
    rows = session.execute(
        select(Sponsor.standing, Sponsor.role, Sponsor.area).where(
            Sponsor.petition_id == petition_id, Sponsor.stage == stage
        )
    )
    return tuple(Backer(Standing(standing), role, area) for standing, role, area in rows)


def last_day(
    session: Session, house: House, petition: Petition, start: date, period: Period | None
) -> date | None:
    """Last day of a period that starts with an event of this day."""
    if period is None:
        return None
    calendar = calendar_of(session, house, petition.assembly)
    return deadline(start, period, calendar=calendar).day


def go_on(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """Close every stage that is met, open the next, and move on after the last. Idempotent."""
    kind = house.kind(session, petition)
    rows = stages(session, petition.id)
    for row in rows:
        stage = rules.stage_of(kind, row.stage)
        if row.progress == Progress.WAITING:
            _open(session, house, petition, stage, row, at)
        if row.progress == Progress.OPEN:
            if not rules.met(stage, row.needed, backers(session, petition.id, row.stage)):
                return
            row.progress, row.ended_at = Progress.MET, at
            record(
                session, SYSTEM, "sponsor_stage_met", at=at, petition=petition,
                detail={"stage": row.stage},
            )  # fmt: skip
    session.flush()
    if rows and petition.state == State.GATHERING_SPONSORS and _all_met(rows):
        _complete(session, house, petition, at)


def _all_met(rows: Sequence[GatheringStage]) -> bool:
    return all(row.progress == Progress.MET for row in rows)


def _open(
    session: Session,
    house: House,
    petition: Petition,
    stage: SponsorStage,
    row: GatheringStage,
    at: datetime,
) -> None:
    zone = house.rulebook(session, petition).zone
    row.progress, row.opened_at = Progress.OPEN, at
    row.due_on = last_day(session, house, petition, local_day(at, zone), stage.within)


def _complete(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """Transition 4: to the check that is left, or straight to publication."""
    following = next_stage(session, house, petition)
    facts = Facts(sponsors_met=True, stages_left=following is not None)
    if following is None:
        publish(session, house, petition, SYSTEM, Action.COMPLETE, facts, at=at)
        open_duties(session, house, petition, "published", at=at)
        return
    moves.move(session, petition, Action.COMPLETE, SYSTEM, facts, at=at)
    open_review(session, house, petition, following, at)


def after_check(
    session: Session,
    house: House,
    petition: Petition,
    actor: Actor,
    action: Action,
    facts: Facts,
    *,
    at: datetime,
    detail: dict[str, Any],
) -> None:
    """Transition 6: the checks at filing are done, sponsors are found next."""
    moves.move(session, petition, action, actor, facts, at=at, detail=detail)
    go_on(session, house, petition, at)
