"""The closed vocabularies of a rulebook: each word stands in a file as written here. Pure."""

from __future__ import annotations

from enum import StrEnum


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


class Unit(StrEnum):
    CHARS = "chars"
    WORDS = "words"


class Links(StrEnum):
    ANY = "any"
    OFFICIAL = "official"
    NONE = "none"


class FilingChannel(StrEnum):
    ONLINE = "online"
    PAPER = "paper"
    IN_PERSON = "in_person"
    EMAIL = "email"
    POST = "post"
    FAX = "fax"


class Channel(StrEnum):
    ONLINE = "online"
    PAPER = "paper"
    IN_PERSON = "in_person"


class OpenSame(StrEnum):
    WARN = "warn"
    REFUSE = "refuse"
    ALLOW = "allow"


class Round(StrEnum):
    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


class StageOutcome(StrEnum):
    ACCEPT = "accept"
    RETURN = "return"
    REFUSE = "refuse"
    ACCEPT_IN_PART = "accept_in_part"
    ACCEPT_WITH_CONDITIONS = "accept_with_conditions"


class Silence(StrEnum):
    OVERDUE = "overdue"
    ACCEPT = "accept"
    REFUSE = "refuse"


class Overdue(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"


class WindowMode(StrEnum):
    FIXED = "fixed"
    LIST = "list"
    RANGE = "range"
    OPEN = "open"
    NONE = "none"
    PRIOR = "prior"
    ROLLING = "rolling"


class FirstDay(StrEnum):
    NEXT = "next"
    EVENT = "event"


class AreaSource(StrEnum):
    CLAIM = "claim"
    DECLARED = "declared"
    POSTCODE = "postcode"
    CITIZENSHIP = "citizenship"
    SHEET = "sheet"


class AttritionElse(StrEnum):
    CLOSE = "close"
    MAY_CLOSE = "may_close"
    HIDE = "hide"


class Method(StrEnum):
    AT_SIGNING = "at_signing"
    CERTIFICATE = "certificate"
    AFTER_CLOSE = "after_close"
    SAMPLE = "sample"


class Uniqueness(StrEnum):
    PETITION = "petition"
    GROUP = "group"
    ACCOUNT = "account"  # once per petition and account (an address), not per person


class Withdrawal(StrEnum):
    NEVER = "never"
    CLOSE = "close"
    HANDOVER = "handover"


class Combine(StrEnum):
    BOTH = "both"
    ONE = "one"


class Basis(StrEnum):
    VERIFIED = "verified"
    RAW = "raw"


class Evaluate(StrEnum):
    LIVE = "live"
    CLOSE = "close"
    HANDOVER = "handover"


class SnapshotAt(StrEnum):
    ADMISSION = "admission"
    SUBMISSION = "submission"
    HANDOVER = "handover"


class Force(StrEnum):
    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Entry(StrEnum):
    MILESTONE = "milestone"
    PUBLICATION = "publication"
    CLOSING = "closing"


class Roll(StrEnum):
    NONE = "none"
    NEXT_WORKING = "next_working"


class OnWhom(StrEnum):
    INSTITUTION = "institution"
    AUTHOR = "author"


class CalendarEffect(StrEnum):
    PAUSE = "pause"
    EXTEND = "extend"
    CLOSE = "close"
    LAPSE = "lapse"
    CARRY_OVER = "carry_over"
    REFUSE_NEW = "refuse_new"


class AuthorName(StrEnum):
    NAME = "name"
    WHILE_OPEN = "while_open"
    HIDDEN = "hidden"


class SignerNames(StrEnum):
    NEVER = "never"
    OPT_IN = "opt_in"
    ON_SUCCESS = "on_success"


class CountShown(StrEnum):
    LIVE = "live"
    CLOSE = "close"
    COMMITTEE = "committee"
    ROUNDED = "rounded"


class Freeze(StrEnum):
    PUBLICATION = "publication"
    SUBMISSION = "submission"
