"""What is kept of people who follow petitions by e-mail, column by column. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Unpack

from petitions.domain.following import CONFIRM_LIFE, EVENT_LIFE, MAIL_LIFE, SILENCE_LIFE
from petitions.domain.retention import Ended, Kept, More, Naming, Place, Whom

_STOP = "stopping, or the end of the file; {life} where it was never confirmed"


def _rows(
    name: str,
    columns: str,
    what: str,
    why: str,
    until: str,
    lasts: timedelta,
    **more: Unpack[More],
) -> Kept:
    more.setdefault("whom", Whom.FOLLOWER)
    more["life"] = lasts
    return Kept(
        Place.TABLE, name, tuple(columns.split()), what, why, until, Ended.FOLLOWERS, **more
    )


FOLLOWERS: tuple[Kept, ...] = (
    _rows("follower", "id mark sealed language asked_on asked_times bounced",
          "an address, encrypted under a key outside the database, and its keyed hash; language; on "
          "which day it was typed last and how often; how many mails came back. No path leads to a "
          "signature",
          "mails that somebody asked for", _STOP, CONFIRM_LIFE, naming=Naming.WITH_KEYS,
          told="follower"),
    _rows("subscription", "id follower_id scope target rhythm asked_on confirmed_on",
          "what one address follows, how often it is told, on which day it was asked and confirmed; "
          "no time of day", "mails that somebody asked for", _STOP, CONFIRM_LIFE,
          naming=Naming.WITH_KEYS, told="follower"),
    _rows("follow_mail",
          "occasion follower_id kind subscription_id standing urgency due_at claimed_until attempts "
          "sealed",
          "that a mail waits for an address, or left; the address of a test mail of staff, encrypted, "
          "until it left", "nobody gets a mail twice", "{life} after it was due", MAIL_LIFE,
          naming=Naming.WITH_KEYS, told="follow-mail"),
    _rows("mail_suppression", "mark why on_day",
          "keyed hash of an address to which mails came back, or that complained",
          "nothing more is sent to it", "{life}", SILENCE_LIFE, naming=Naming.WITH_KEYS,
          told="suppressed"),
    _rows("follow_event", "id petition_id what at facts part after mails spread_at",
          "what followers are told of, and how far their list is written; a public fact of a petition",
          "mails in pieces", "{life}", EVENT_LIFE, whom=Whom.HOUSE),
    Kept(Place.TABLE, "follow_message",
         ("id", "petition_id", "subjects", "texts", "status", "proposed_at", "proposed_by",
          "settled_at", "settled_by"),
         "messages of the office to followers of a petition, by whom written and sent",
         "two people answer for it", "as long as the database", Ended.OFFICE, whom=Whom.STAFF,
         naming=Naming.PERSON),
    Kept(Place.KEY, "follow", (),
         "encrypts followers' addresses, makes their hashes and the secrets of their links",
         "see the decision on two zones", "as long as the database", Ended.OPERATOR,
         whom=Whom.FOLLOWER, naming=Naming.WITH_KEYS, told="follower"),
    Kept(Place.MAIL, "mails to followers", (),
         "what happened to petitions that somebody follows; never whether they signed. The mail "
         "server's log holds address and time", "they asked for them",
         "with the person, and at the mail servers on the way", Ended.NOTHING, told="follow-letters",
         whom=Whom.FOLLOWER, naming=Naming.PERSON),
)  # fmt: skip
