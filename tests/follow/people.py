"""A deployment with followers, its post, and a clock: what the tests of mails to followers share."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from petitions.app import composer
from petitions.domain.following import Happening, Rhythm, Scope
from petitions.follow_mails import Streams
from petitions.platform.mail import SmtpMailer
from petitions.post import Pace, Post
from petitions.services import following, telling
from petitions.services.follow_keys import Link, follow_keys
from petitions.services.following import Wish
from petitions.storage import tables as t
from tests.house import Precinct

BOUNCES = "bounces@news.example.org"


def address_of(number: int) -> str:
    return f"person{number}@example.org"


def follow(
    precinct: Precinct,
    number: int,
    petition: UUID | None = None,
    *,
    scope: Scope = Scope.PETITION,
    target: str = "",
    rhythm: Rhythm = Rhythm.AT_ONCE,
    language: str = "en",
) -> UUID:
    """Asked and confirmed, without the mail in between; the follower."""
    wanted = Wish(
        address=address_of(number), scope=scope, target=str(petition) if petition else target,
        rhythm=rhythm, language=language,
    )  # fmt: skip
    with precinct.session() as session:
        following.ask(session, precinct.house, wanted, precinct.clock.at)
        keys = follow_keys(precinct.house)
        row = session.scalars(
            select(t.Follower).where(t.Follower.mark == keys.mark(address_of(number)))
        ).one()
        for wish in following.wishes(session, row.id, waiting=True):
            token = keys.link(Link.CONFIRM, wish.id)
            following.confirm(session, precinct.house, token, precinct.clock.at)
        session.query(t.FollowMail).filter(t.FollowMail.kind != "happening").delete()
        return row.id


def happens(precinct: Precinct, petition: UUID, what: Happening, key: str, **facts: Any) -> None:
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        telling.tell_followers(session, found, what, precinct.clock.at, key=key, facts=facts)


def a_post(
    precinct: Precinct,
    port: int = 0,
    *,
    context: ssl.SSLContext | None = None,
    per_minute: int = 0,
    between: Callable[[str], None] = lambda _step: None,
    piece: int = 1000,
) -> Post:
    made = composer(precinct.settings, precinct.house)
    made = replace(made, streams=Streams("News <news@news.example.org>", "", BOUNCES))
    sender = precinct.settings.mail.sender
    mailer = SmtpMailer("127.0.0.1", port, sender, context is not None, timeout=5, context=context)
    return Post(
        sessions=precinct.sessions, house=precinct.house, mailer=mailer, composer=made,
        clock=precinct.clock, pace=Pace(per_minute), between=between, piece=piece,
    )  # fmt: skip


def work(post: Post, turns: int = 60) -> None:
    for _turn in range(turns):
        if not post.turn():
            return
    raise AssertionError("the post finds no end")


def standings(precinct: Precinct) -> dict[str, int]:
    with precinct.session() as session:
        found = session.scalars(select(t.FollowMail.standing)).all()
    return {each: found.count(each) for each in set(found)}


def a_quiet_petition(precinct: Precinct, **draft: str) -> UUID:
    """Published, and nobody is told of that any more."""
    petition = precinct.publish(**draft)
    with precinct.session() as session:
        session.query(t.FollowEvent).delete()
    return petition
