"""The adapter: an address is asked, a message proves it, the address becomes the person's key."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from identity.cookies import ROOM, OpenLogin, state_name
from identity.daily_keys import DailyKeys
from identity.eligibility import Attributes
from identity.errors import Cause, LoginRefused
from identity.providers.adapter import Departure, Login, Wish
from identity.providers.attributes import Facts
from identity.providers.breaker import Breaker
from identity.providers.email.address import (
    Address,
    AddressRefused,
    Folding,
    counted,
    is_under,
    read_address,
)
from identity.providers.email.allowance import Allowance
from identity.providers.email.code import hash_of, new_code, written
from identity.providers.email.letter import (
    Letter,
    LetterLost,
    LetterNotTaken,
    LettersSpent,
    Post,
    Told,
)
from identity.providers.email.pending import LETTER_LIFE, Link, Pending
from identity.providers.email.record import EmailSettings

_SPREAD: Final = Folding(drop_plus=True)  # anna+1 and anna+2 fill the same mailbox


class Letterbox:
    """begin → a message → finish. One per provider and process; holds no address."""

    def __init__(
        self,
        settings: EmailSettings,
        *,
        base_url: str,
        post: Post,
        keys: DailyKeys,
        now: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self.breaker = Breaker()
        self._base_url = base_url
        self._post = post
        self._keys = keys
        self._now = now
        self._allowance = Allowance(settings.record.letters_per_hour)

    @property
    def room(self) -> str:
        """Our own pages, where others have an address of the provider."""
        return f"{ROOM}/email/{self.settings.name}"

    def begin(self, _wish: Wish, /) -> Departure:
        """To our own page: nothing is asked of anybody yet."""
        state = secrets.token_hex(32)
        url = f"{self.room}?{urlencode({'state': state})}"
        return Departure(url, state, "", None, self._now().timestamp())

    def read(self, typed: str) -> Address:
        """The address typed. AddressRefused, also for mailboxes that the operator excludes."""
        address = read_address(typed)
        if is_under(address.domain, self.settings.disposable):
            raise AddressRefused("disposable")
        return address

    def write_to(self, address: Address, login: OpenLogin, lang: str) -> Pending:
        """Send the message now. LoginRefused: it could not leave. LettersSpent: this address had
        enough of them. AddressRefused: the mail server takes none to this address.
        """
        now, code, secret = self._now(), new_code(), secrets.token_bytes(16)
        letter, state = secrets.token_bytes(16), login.departure.state
        link = Link(lang, now, state_name(state), secret).seal(self._keys)
        pending = Pending(
            provider=login.provider,
            state=state,
            request=login.request_token,
            begun=datetime.fromtimestamp(login.departure.at, now.tzinfo),
            sent=now,
            letter=letter,
            address=address.text,
            code=hash_of("code", letter, code.encode()),
            link=hash_of("link", letter, secret),
        )
        url = f"{self._base_url}{self.room}/link?{urlencode({'t': link})}"
        minutes = int(LETTER_LIFE.total_seconds() // 60)
        subject, text = self._post.word(Told(written(code), url, minutes, lang))
        self._send(Letter(address.text, subject, text, lang, self.settings.record.sender), address)
        return pending

    def finish(self, _departure: Departure, brought: str, _wish: Wish, /) -> Login:
        """`brought`: the address that was proved. The key is its one spelling."""
        return Login(
            namespace=self.settings.record.namespace,
            key=counted(read_address(brought), self.settings.folding),
            assurance=self.settings.record.level,
            facts=Facts(Attributes()),
        )

    def _send(self, letter: Letter, address: Address) -> None:
        now, mailbox = self._now(), counted(address, _SPREAD)
        until = self._allowance.take(mailbox, now)
        if until is not None:
            raise LettersSpent(until)
        try:
            self._post.send(letter)
        except LetterLost:
            self._allowance.give_back(mailbox, now)
            self.breaker.failed()
            raise LoginRefused(Cause.LETTER_NOT_SENT, "letter_not_sent") from None
        except LetterNotTaken:
            # The server answered: whoever types five such addresses must not close the door.
            self.breaker.answered()
            raise AddressRefused("not_taken") from None
        self.breaker.answered()
