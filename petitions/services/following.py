"""Following by e-mail: asking, confirming, changing, stopping. Apart from signing in every row.

Rules of this module:
- whatever an address did before, whoever types it sees the same page; what is true goes by mail to
  the address itself;
- nothing is active before its link was confirmed by a button; each wish is confirmed for itself, so
  that nobody subscribes somebody else;
- stopping works without a login and as often as it is asked; with the last wish the address goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.following import (
    ASKS_A_DAY,
    MOST,
    URGENT,
    MailKind,
    Rhythm,
    Scope,
    Standing,
    confirm_until,
    read_address,
)
from petitions.services.follow_keys import FollowKeys, Link, follow_keys
from petitions.services.ports import House
from petitions.storage.insertion import insert_once
from petitions.storage.tables import Follower, FollowMail, MailSuppression, Subscription

_NONCE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody typed. `target`: a petition's number (UUID), a code, an assembly's id, or ""."""

    address: str = field(repr=False)
    scope: Scope
    target: str
    rhythm: Rhythm
    language: str


class Confirmed(StrEnum):
    DONE = "done"
    ALREADY = "already"
    EXPIRED = "expired"


def ask(session: Session, house: House, wish: Wish, at: datetime) -> str:
    """Queue the mail with the link; returns the address as it will be written to.

    InvalidError at the field where it is no address. Nothing else shows what is known of it.
    """
    address = read_address(wish.address)
    if address is None:
        raise InvalidError(fields={"email": ("email_malformed", {})})
    keys, today = follow_keys(house), at.astimezone(UTC).date()
    if session.get(MailSuppression, keys.mark(address)) is not None:
        return address
    row = _known_or_new(session, house, keys, address, wish.language, today)
    if row.asked_on != today:
        row.asked_on, row.asked_times = today, 0
    if row.asked_times >= ASKS_A_DAY:
        return address
    row.asked_times += 1
    found = _wished(session, row, wish, today)
    if found is None or found.confirmed_on is not None:
        queue_mail(session, row.id, MailKind.KNOWN, f"known:{row.id}:{today}:{row.asked_times}", at)
        return address
    occasion = f"confirm:{found.id}:{today}:{row.asked_times}"
    queue_mail(session, row.id, MailKind.CONFIRM, occasion, at, subscription=found.id)
    return address


def _known_or_new(
    session: Session, house: House, keys: FollowKeys, address: str, language: str, today: date
) -> Follower:
    mark, row_id = keys.mark(address), uuid4()
    insert_once(
        session, Follower, id=row_id, mark=mark, language=language, asked_on=today, asked_times=0,
        bounced=0, sealed=keys.seal(address, row_id, house.random(_NONCE)),
    )  # fmt: skip
    row = session.scalars(select(Follower).where(Follower.mark == mark).with_for_update()).one()
    if row.id != row_id and not _anything_confirmed(session, row.id):
        row.language = language  # of somebody who follows already only their own page changes it
    return row


def _wished(session: Session, row: Follower, wish: Wish, today: date) -> Subscription | None:
    """The row of this wish, made where it is new; None where no further one is taken."""
    found = session.scalars(
        select(Subscription).where(
            Subscription.follower_id == row.id,
            Subscription.scope == wish.scope,
            Subscription.target == wish.target,
        )
    ).one_or_none()
    if found is None:
        if len(wishes(session, row.id, waiting=True)) >= MOST:
            return None
        found = Subscription(
            id=uuid4(), follower_id=row.id, scope=str(wish.scope), target=wish.target,
            rhythm=str(wish.rhythm), asked_on=today,
        )  # fmt: skip
        session.add(found)
        session.flush()
    elif found.confirmed_on is None:
        found.asked_on, found.rhythm = today, str(wish.rhythm)
    return found


def queue_mail(
    session: Session,
    follower: UUID,
    kind: MailKind,
    occasion: str,
    at: datetime,
    *,
    subscription: UUID | None = None,
    sealed: bytes | None = None,
) -> None:
    """A mail that somebody waits for. Due since the day began: no row tells when they asked."""
    day = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    insert_once(
        session, FollowMail, occasion=occasion, follower_id=follower, kind=str(kind),
        subscription_id=subscription, standing=str(Standing.WAITING), urgency=URGENT, due_at=day,
        attempts=0, sealed=sealed,
    )  # fmt: skip


def wishes(session: Session, follower: UUID, *, waiting: bool = False) -> list[Subscription]:
    """What one address follows; with `waiting` also what is not confirmed."""
    rows = select(Subscription).where(Subscription.follower_id == follower)
    if not waiting:
        rows = rows.where(Subscription.confirmed_on.is_not(None))
    return list(session.scalars(rows.order_by(Subscription.scope, Subscription.target)))


def _anything_confirmed(session: Session, follower: UUID) -> bool:
    found = select(func.count()).where(
        Subscription.follower_id == follower, Subscription.confirmed_on.is_not(None)
    )
    return bool(session.scalar(found))


def asked(session: Session, house: House, token: str) -> Subscription | None:
    """The wish behind a link of confirmation; None where nothing is kept of it any more.

    NotFoundError for what is no link of ours.
    """
    found = follow_keys(house).read_link(Link.CONFIRM, token)
    if found is None:
        raise NotFoundError("follow_link")
    return session.get(Subscription, found)


def confirm(session: Session, house: House, token: str, at: datetime) -> tuple[Confirmed, str]:
    """The button of the mail's page: the outcome, and the token of the private page ("" if none)."""
    row = asked(session, house, token)
    today = at.astimezone(UTC).date()
    if row is not None and row.confirmed_on is None and today > confirm_until(row.asked_on):
        let_go(session, row)
        row = None
    if row is None:
        return Confirmed.EXPIRED, ""
    manage = follow_keys(house).link(Link.MANAGE, row.follower_id)
    if row.confirmed_on is not None:
        return Confirmed.ALREADY, manage
    row.confirmed_on = row.asked_on = today
    session.get_one(Follower, row.follower_id).bounced = 0
    return Confirmed.DONE, manage


def stop(session: Session, house: House, token: str) -> None:
    """One click: RFC 8058. What is stopped already stays stopped. NotFoundError for a forged link."""
    keys = follow_keys(house)
    one = keys.read_link(Link.STOP, token)
    if one is not None:
        row = session.get(Subscription, one)
        if row is not None:
            let_go(session, row)
        return
    follower = keys.read_link(Link.STOP_WEEKLY, token)
    if follower is None:
        raise NotFoundError("follow_link")
    for row in wishes(session, follower):
        if row.rhythm == Rhythm.WEEKLY:
            let_go(session, row)


def let_go(session: Session, row: Subscription) -> None:
    """End one wish; with the last one the address goes, and what waits for it."""
    follower = row.follower_id
    session.execute(delete(Subscription).where(Subscription.id == row.id))
    left = select(func.count()).where(Subscription.follower_id == follower)
    if not session.scalar(left):
        erase(session, follower)


def erase(session: Session, follower: UUID) -> None:
    """Everything of one address but the keyed hash of a suppression."""
    session.execute(delete(Subscription).where(Subscription.follower_id == follower))
    session.execute(delete(FollowMail).where(FollowMail.follower_id == follower))
    session.execute(delete(Follower).where(Follower.id == follower))


def holder(session: Session, house: House, token: str) -> Follower | None:
    """Whose private page it is; None: everything was deleted. NotFoundError for a forged link."""
    found = follow_keys(house).read_link(Link.MANAGE, token)
    if found is None:
        raise NotFoundError("follow_link")
    return session.get(Follower, found)


def one_of(session: Session, follower: Follower, wish: UUID) -> Subscription | None:
    row = session.get(Subscription, wish)
    return row if row is not None and row.follower_id == follower.id else None
