"""From a waiting mail to the one that leaves: facts, words, headers and the way back.

The words of a happening are made once for each language and kept for the batch; what is one person's
(their links, why they get it) is added to each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.following import MailKind, Rhythm, Scope
from petitions.follow_words import (
    Envelope,
    confirm_letter,
    known_letter,
    news_letter,
    reason,
    weekly_letter,
    weekly_reason,
)
from petitions.platform.i18n import Catalogues, speaking, text_for
from petitions.platform.letterhead import Letter, as_html, plain
from petitions.platform.mail import Mail
from petitions.services.follow_keys import FollowKeys, Link, follow_keys
from petitions.services.follow_letters import News, message_news, news, weekly
from petitions.services.follow_names import name_of
from petitions.services.follow_queue import Waiting
from petitions.services.ports import House
from petitions.services.suppressing import silent_among
from petitions.storage.tables import (
    Follower,
    FollowEvent,
    FollowMessage,
    Petition,
    PetitionText,
    Subscription,
)

MOST_READ: Final = 200
"""Happenings whose facts are kept, each in one language."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Who writes which mails, and where they come back to."""

    followers: str = ""
    """Sender of news; "" = the site's."""
    confirmations: str = ""
    bounces: str = ""
    """Address of returned mails; "" = none, they go back to the sender."""

    def return_path(self, token: str) -> str:
        """VERP: bounces+<token>@…, from which the follower is known without any text."""
        local, _, domain = parseaddr(self.bounces)[1].rpartition("@")
        return f"{local}+{token}@{domain}" if local else ""


@dataclass
class Composer:
    house: House
    names: Mapping[str, str]
    """Of the site, by language."""
    base_url: str
    catalogues: Catalogues
    streams: Streams = field(default_factory=Streams)
    _keys: FollowKeys | None = field(default=None, repr=False)
    _read: dict[tuple[UUID, int, str], News | None] = field(default_factory=dict, repr=False)

    def compose(self, session: Session, waiting: Waiting, at: datetime) -> Mail | None:
        """None where it is not wanted any more, or may not be told any more."""
        return self.compose_some(session, [waiting], at)[0]

    def compose_some(
        self, session: Session, every: Sequence[Waiting], at: datetime
    ) -> list[Mail | None]:
        """Several at once: whom they go to and why is read together, not mail by mail."""
        to = [each.key[1] for each in every]
        rows = {row.id: row for row in session.scalars(select(Follower).where(Follower.id.in_(to)))}
        silent = silent_among(session, rows.values())
        held = _about(session, every)
        made = [self._one(session, each, rows.get(each.key[1]), silent, at) for each in every]
        del held  # the session forgets what nobody holds
        return made

    def _one(
        self,
        session: Session,
        waiting: Waiting,
        row: Follower | None,
        silent: Container[UUID],
        at: datetime,
    ) -> Mail | None:
        if waiting.kind == MailKind.TEST:
            return self._test(session, waiting, at)
        if row is None or row.id in silent:
            return None
        with speaking(self.catalogues.locale(row.language)) as locale:
            written = self._written(session, waiting, row, locale.lang)
        if written is None:
            return None
        letter, stop, wish = written
        address = self._own().open(row.sealed, row.id)
        return self._mail(letter, waiting, address, at, stop=stop, wish=wish, row=row)

    def _own(self) -> FollowKeys:
        self._keys = self._keys or follow_keys(self.house)
        return self._keys

    def site(self, lang: str) -> str:
        return text_for(self.names, lang)

    def base(self, lang: str) -> str:
        return f"{self.base_url}/{lang}"

    def manage(self, row: Follower, lang: str) -> str:
        return f"{self.base(lang)}/follow/mine/{self._own().link(Link.MANAGE, row.id)}"

    def _written(
        self, session: Session, waiting: Waiting, row: Follower, lang: str
    ) -> tuple[Letter, str, Subscription | None] | None:
        wish = session.get(Subscription, waiting.subscription) if waiting.subscription else None
        match waiting.kind:
            case MailKind.CONFIRM:
                return (self._confirm(session, wish, lang), "", None) if wish else None
            case MailKind.KNOWN:
                return known_letter(self.site(lang), self.manage(row, lang)), "", None
            case MailKind.WEEKLY:
                return self._weekly(session, waiting, row, lang)
            case _:
                return self._news(session, waiting, row, wish, lang)

    def _confirm(self, session: Session, wish: Subscription, lang: str) -> Letter:
        link = f"{self.base(lang)}/follow/confirm/{self._own().link(Link.CONFIRM, wish.id)}"
        scope = Scope(wish.scope)
        name = name_of(session, self.house, scope, wish.target, lang)
        return confirm_letter(self.site(lang), name, scope, Rhythm(wish.rhythm), link)

    def _news(
        self,
        session: Session,
        waiting: Waiting,
        row: Follower,
        wish: Subscription | None,
        lang: str,
    ) -> tuple[Letter, str, Subscription | None] | None:
        found = self._event_news(session, waiting, lang) if wish is not None else None
        if found is None or wish is None or waiting.event is None:
            return None
        stop = f"{self.base(lang)}/follow/stop/{self._own().link(Link.STOP, wish.id)}"
        scope = Scope(wish.scope)
        why = reason(scope, name_of(session, self.house, scope, wish.target, lang))
        to = Envelope(
            site=self.site(lang), base=self.base(lang), manage=self.manage(row, lang), stop=stop,
            why=why,
        )  # fmt: skip
        return news_letter(found, to), stop, wish

    def _event_news(self, session: Session, waiting: Waiting, lang: str) -> News | None:
        """Read once for each language, and again as soon as anything about the petition changed."""
        event = session.get(FollowEvent, waiting.event)
        petition = session.get(Petition, event.petition_id) if event is not None else None
        if event is None or petition is None:
            return None
        key = (event.id, petition.version, lang)
        if key not in self._read:
            if len(self._read) >= MOST_READ:
                self._read.clear()
            self._read[key] = news(session, self.house, event, lang)
        return self._read[key]

    def _weekly(
        self, session: Session, waiting: Waiting, row: Follower, lang: str
    ) -> tuple[Letter, str, Subscription | None] | None:
        found = weekly(session, self.house, row.id, waiting.due_at, lang)
        if not found:
            return None
        stop = f"{self.base(lang)}/follow/stop/{self._own().link(Link.STOP_WEEKLY, row.id)}"
        to = Envelope(
            site=self.site(lang), base=self.base(lang), manage=self.manage(row, lang), stop=stop,
            why=weekly_reason(),
        )  # fmt: skip
        return weekly_letter(found, to), stop, None

    def _test(self, session: Session, waiting: Waiting, at: datetime) -> Mail | None:
        """A message of the office as its writer sees it before anybody else: to one typed address."""
        _test, message, lang, _number = waiting.key[0].split(":")
        row = session.get(FollowMessage, UUID(message))
        if row is None or waiting.sealed is None:
            return None
        with speaking(self.catalogues.locale(lang)) as locale:
            letter = self.message_letter(session, row, locale.lang)
        address = self._own().open(waiting.sealed, waiting.key[1])
        return self._mail(letter, waiting, address, at)

    def message_letter(self, session: Session, row: FollowMessage, lang: str) -> Letter:
        """As followers get it, with links that lead nowhere: nobody's are shown to the office."""
        petition = session.get_one(Petition, row.petition_id)
        told = message_news(session, self.house, row, petition, lang)
        to = Envelope(
            site=self.site(lang), base=self.base(lang), manage=f"{self.base(lang)}/follow",
            stop=f"{self.base(lang)}/follow", why=reason(Scope.PETITION, told.title),
        )  # fmt: skip
        return news_letter(told, to)

    def _mail(
        self,
        letter: Letter,
        waiting: Waiting,
        address: str,
        at: datetime,
        *,
        stop: str = "",
        wish: Subscription | None = None,
        row: Follower | None = None,
    ) -> Mail:
        """Headers by kind: a series has its name and its way out, a confirmation has neither."""
        headers: dict[str, str] = {}
        if stop:
            headers["List-Id"] = self._list(wish)
            headers["List-Unsubscribe"] = f"<{stop}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        back = self.streams.return_path(self._own().return_path(row.id)) if row is not None else ""
        series = waiting.kind in {MailKind.HAPPENING, MailKind.WEEKLY, MailKind.TEST}
        return Mail(
            to=address, subject=letter.subject, text=plain(letter), html=as_html(letter),
            key=f"follow:{waiting.key[0]}:{waiting.key[1]}", at=at, language=letter.lang,
            headers=headers, return_path=back,
            sender=self.streams.followers if series else self.streams.confirmations,
        )  # fmt: skip

    def _list(self, wish: Subscription | None) -> str:
        """RFC 2919: a name that stays, under the site's own domain."""
        host = self.base_url.partition("://")[2].partition(":")[0]
        if wish is None:
            return f"<weekly.followers.{host}>"
        name = wish.scope
        if wish.target:
            name = f"{hashlib.sha256(wish.target.encode()).hexdigest()[:16]}.{name}"
        return f"<{name}.followers.{host}>"


def _about(session: Session, every: Sequence[Waiting]) -> list[object]:
    """The rows that several mails are about, read once for all of them."""
    why = [each.subscription for each in every if each.subscription is not None]
    what = {each.event for each in every if each.event is not None}
    events = session.scalars(select(FollowEvent).where(FollowEvent.id.in_(what))).all()
    where = {event.petition_id for event in events}
    return [
        *events,
        *session.scalars(select(Subscription).where(Subscription.id.in_(why))),
        *session.scalars(select(Petition).where(Petition.id.in_(where))),
        *session.scalars(select(PetitionText).where(PetitionText.petition_id.in_(where))),
    ]
