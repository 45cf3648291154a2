"""The table of everything that is kept: rows, cookies, keys, files, log lines, letters. Pure.

A test fails where a cookie, a key prefix, a logger, a letter or a file exists that is not listed
here. What is in the database stands in `petitions.domain.retention_rows`.
"""

from __future__ import annotations

from typing import Unpack

from petitions.domain.retention import (
    AUTHOR_SESSION,
    DATABASE_COPIES,
    DATABASE_JOURNAL,
    DAY_KEYS_LIFE,
    FIGURES_IN_MEMORY,
    LEAVE_LIFE,
    LETTER_LIFE,
    LOGIN_LIFE,
    PAGE_IN_MEMORY,
    PASS_LIFE,
    SALT_IN_MEMORY,
    SERVER_LOGS,
    STAFF_SESSION,
    STAFF_SESSION_ROW,
    STATE_KEYS_LIFE,
    STEP_LIFE,
    Ended,
    Kept,
    More,
    Naming,
    Place,
    Whom,
)
from petitions.domain.retention_follow import FOLLOWERS
from petitions.domain.retention_rows import ALWAYS, DATABASE, ROWS, SEALED
from petitions.domain.retention_time import TIME
from petitions.domain.staffing import KEPT_FORM_LIFE, NEWCOMER_LIFE


def _cookie(name: str, what: str, why: str, **more: Unpack[More]) -> Kept:
    return Kept(Place.COOKIE, name, (), what, why, "{life}", Ended.BROWSER, **more)


COOKIES: tuple[Kept, ...] = (
    _cookie("ask",
            "signed request to the identity part: which conditions, an opaque number; no person",
            "logging in",
            life=LOGIN_LIFE, whom=Whom.SIGNER, told="cookie-login"),
    _cookie("login", "encrypted: provider, random numbers of this login",
            "the answer belongs to this browser",
            life=LOGIN_LIFE, whom=Whom.SIGNER, told="cookie-login"),
    _cookie("letter", "encrypted: the address of a login by e-mail, hashes of its code and link",
            "the code belongs to this browser; without the address once it is proved",
            life=LETTER_LIFE, told="cookie-login", whom=Whom.SIGNER, naming=Naming.PERSON),
    _cookie("pass", "encrypted to a key of the day, signed: the value from which the code is made",
            "the result of the login",
            life=PASS_LIFE, told="cookie-login", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _cookie("signing", "encrypted: which step of signing", "the form belongs to this browser",
            life=STEP_LIFE,
            whom=Whom.SIGNER, told="cookie-sign"),
    _cookie("outcome", "encrypted: the receipt, shown once", "the receipt is on the next page",
            life=LOGIN_LIFE,
            whom=Whom.SIGNER, told="cookie-sign"),
    _cookie("support", "encrypted: the private link that was followed",
            "the form belongs to this browser", life=STEP_LIFE, whom=Whom.SIGNER, told="cookie-sign"),
    _cookie("proving", "encrypted: a random number of the login that sends a petition",
            "the answer belongs to this browser", life=STEP_LIFE, whom=Whom.AUTHOR,
            told="cookie-author"),
    _cookie("leave", "encrypted: the provider's token for its logout; deleted at use",
            "leaving the provider",
            life=LEAVE_LIFE, told="cookie-leave", whom=Whom.SIGNER, naming=Naming.PERSON),
    _cookie("leave", "encrypted: the token of the house's login for its logout; deleted at use",
            "leaving the house's login", life=STAFF_SESSION, whom=Whom.STAFF,
            naming=Naming.PERSON),
    _cookie("left", "encrypted: the random number of a logout", "coming back from the provider",
            life=LEAVE_LIFE,
            whom=Whom.SIGNER, told="cookie-leave"),
    _cookie("login-step", "encrypted: where an author or clerk goes after the login", "logging in",
            life=STEP_LIFE,
            whom=Whom.AUTHOR, told="cookie-author"),
    _cookie("author", "random token of a session", "the author's own space", life=AUTHOR_SESSION,
            whom=Whom.AUTHOR,
            told="cookie-author"),
    _cookie("staff", "random token of a session", "the desk", life=STAFF_SESSION_ROW,
            whom=Whom.STAFF),
    _cookie("kept", "random key of a form that was sent too late", "no text is lost",
            life=KEPT_FORM_LIFE, whom=Whom.STAFF),
    _cookie("newcomer", "encrypted: who has just logged in and has no role", "a one-time code",
            life=NEWCOMER_LIFE, whom=Whom.STAFF),
    Kept(Place.COOKIE, "form", (), "random number against forged forms",
         "forms of authors and staff",
         "the end of the browser's session", Ended.BROWSER, whom=Whom.AUTHOR, told="cookie-author"),
)  # fmt: skip


def _key(name: str, what: str, until: str, ended: Ended, **more: Unpack[More]) -> Kept:
    return Kept(Place.KEY, name, (), what, "see the decision on two zones", until, ended, **more)


KEYS: tuple[Kept, ...] = (
    _key("pepper", "makes the value of a person in a petition",
         "sealing of the last petition under it", Ended.SEALING_PEPPER, told="key",
         whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _key("kek", "encrypts a petition's salt; one per petition", SEALED, Ended.SEALING_KEY,
         told="key", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _key("staff-pepper", "makes the code of a clerk", DATABASE, Ended.OPERATOR, whom=Whom.STAFF,
         naming=Naming.WITH_KEYS),
    _key("author-tag", "makes the code of an author", DATABASE, Ended.OPERATOR, whom=Whom.AUTHOR,
         naming=Naming.WITH_KEYS, told="author"),
    _key("ask-sign", "signs requests to log in", "a year", Ended.OPERATOR),
    _key("pass-sign", "signs results of logins", "a year", Ended.OPERATOR),
    _key("promise", "signs the promise on a receipt", "life of the log", Ended.OPERATOR),
    _key("log", "signs the log; only the worker has it", "life of the log", Ended.OPERATOR),
    _key("replica", "signs the statement that a key is gone", "life of that folder",
         Ended.OPERATOR),
    _key("pass-enc", "opens the results of one day's logins", "{life} after that day began",
         Ended.DAY_KEYS,
         life=DAY_KEYS_LIFE, told="login", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _key("state", "opens one day's short cookies", "{life} after that day began", Ended.DAY_KEYS,
         life=STATE_KEYS_LIFE,
         told="login", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _key("network", "hides networks while a day's attempts are counted in memory",
         "the end of that day", Ended.DAY_KEYS),
)  # fmt: skip


def _file(
    name: str, patterns: str, what: str, until: str, ended: Ended, **more: Unpack[More]
) -> Kept:
    return Kept(
        Place.FILE,
        name,
        tuple(patterns.split()),
        what,
        "see the paper for operators",
        until,
        ended,
        **more,
    )


FILES: tuple[Kept, ...] = (
    _file("database", "petitions.sqlite", "all tables above", "see there", Ended.OPERATOR,
          naming=Naming.PERSON),
    _file("database journal", "petitions.sqlite-wal petitions.sqlite-shm",
          "what was written last, emptied after each batch",
          "the next batch", Ended.BATCH, naming=Naming.WITH_KEYS),
    _file("archived journal of PostgreSQL", "", "each change with its time", "{life} at most",
          Ended.OPERATOR,
          life=DATABASE_JOURNAL, naming=Naming.WITH_KEYS, whom=Whom.SIGNER, told="copies"),
    _file("copies of the database", "", "all tables above", "{life}", Ended.OPERATOR,
          life=DATABASE_COPIES,
          naming=Naming.PERSON, whom=Whom.SIGNER, told="copies"),
    _file("published log",
          "log/*/checkpoint log/*/checkpoint-latest log/*/policy log/*/counts.json log/*/keys.json "
          "log/*/handovers log/*/tile/* log/*/evidence/* log/*/geo/* "
          "log/*/texts/* log/*/rules/* log/*/answers/* log/*/decisions/* log/*/statements/* "
          "log/*/notices/*",
          "the log as files", ALWAYS, Ended.NOTHING),
    _file("locks", "log/*/.turn keys/*/.lock", "empty; one process at a time holds it",
          "life of the log", Ended.OPERATOR),
    _file("anchor", "anchor.txt", "size and root of each published state", ALWAYS, Ended.NOTHING),
    _file("keys", "keys/*/*.key", "the keys above", "see there", Ended.OPERATOR,
          naming=Naming.WITH_KEYS),
    _file("statements of destruction", "keys/*/*.gone", "signed statement that a key is gone",
          ALWAYS, Ended.NOTHING),
    _file("keys of the day", "run/*/pass-enc-*.key run/*/state-*.key run/*/network-*.key",
          "the keys of the day above; in memory",
          "{life} after that day began", Ended.DAY_KEYS, life=STATE_KEYS_LIFE,
          naming=Naming.WITH_KEYS),
    _file("posters and pictures to share", "share/*/*.pdf share/*/*.png",
          "title, request, count of a day: what the public page says",
          "a minute after the petition is out of sight", Ended.PURGE),
    _file("settings and secrets", "config.toml secrets/*", "addresses, secrets of the site",
          "changed by the operator", Ended.OPERATOR),
    _file("letters in a folder", "mailbox/*.eml",
          "in place of a mail server: demonstration and rehearsal only; production refuses it",
          "deleted with the demonstration", Ended.OPERATOR, whom=Whom.AUTHOR, naming=Naming.PERSON),
)  # fmt: skip


def _log(name: str, what: str) -> Kept:
    return Kept(
        Place.LOG, name, (), what, "seeing faults", "{life}", Ended.OPERATOR, life=SERVER_LOGS
    )


LOGS: tuple[Kept, ...] = (
    _log("petitions.access",
         "method, pattern of the address, status, milliseconds; nothing for logins and signing"),
    _log("petitions.web.errors",
         "random reference, code, places in the code; no text of an exception"),
    _log("petitions.web.limits", "that limits are idle: the proxy names no network; never a network"),
    _log("identity.alarm", "cause and number of refused logins of a provider; nobody in particular"),
    _log("petitions.keys", "path or key that failed, and what to do; a petition's number, nobody"),
    _log("petitions.faults", "class and places in the code of what nobody foresaw; no text of it"),
    _log("petitions.witnessing", "which witness answered, by its name; sizes of the log"),
    _log("petitions.post",
         "that no mail server answers, failures by name of the error; no address"),
    _log("petitions.worker", "batches with their size, jobs that failed by name of the error"),
    _log("identity", "random reference, step, provider, cause, class of duration; no petition"),
)  # fmt: skip

MAIL: tuple[Kept, ...] = (
    Kept(Place.MAIL, "letters to authors",
         ("admitted", "closed_below", "examined", "hidden", "lapsed", "refused", "returned",
         "correction_reminder",
         "sponsors_complete", "sponsors_wanted", "taken_down", "restored", "reopened",
         "merge_asked", "merged",
         "submitted", "threshold_reached"),
         "what happened to the author's petition; no signer ever gets one of these",
         "the author must know",
         "with the author, and at the mail servers on the way", Ended.NOTHING, told="letters",
         whom=Whom.AUTHOR, naming=Naming.PERSON),
    Kept(Place.MAIL, "letters to bodies", ("body_informed",),
         "that a petition reached a number from which the rules want the body informed",
         "the body must know", "with the body, and at the mail servers on the way", Ended.NOTHING,
         whom=Whom.STAFF),
    Kept(Place.MAIL, "messages of logins by e-mail", (),
         "a code and a link; no petition. The mail server's log holds address and time",
         "rules that accept an address as identity", "{life} in that log", Ended.OPERATOR,
         life=SERVER_LOGS, told="login-letter", whom=Whom.SIGNER, naming=Naming.PERSON),
)  # fmt: skip


def _memory(name: str, what: str, until: str, **more: Unpack[More]) -> Kept:
    return Kept(Place.MEMORY, name, (), what, "answering", until, Ended.REQUEST, **more)


MEMORY: tuple[Kept, ...] = (
    _memory("claims", "what the provider tells: identifier, date of birth, residence and the like",
            "the end of the request",
            told="claims", whom=Whom.SIGNER, naming=Naming.PERSON),
    _memory("u", "the value of a person in a petition", "the end of the request", told="claims",
            whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _memory("salts", "the unwrapped salt of a petition", "{life}", life=SALT_IN_MEMORY, told="key",
            whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _memory("letters of an hour",
            "how many messages of logins went to an address, under a hash whose salt ends with the day",
            "an hour, at the latest the end of the day"),
    _memory("pages",
            "public pages as everybody sees them, by their address; the words of a search too",
            "{life}, then the next page takes its place",
            life=PAGE_IN_MEMORY),
    _memory("figures",
            "how many petitions of each sort a great list has; the words of a search too",
            "{life}, then the next list that somebody opens",
            life=FIGURES_IN_MEMORY),
)  # fmt: skip

TABLE: tuple[Kept, ...] = (
    *ROWS, *TIME, *FOLLOWERS, *COOKIES, *KEYS, *FILES, *LOGS, *MAIL, *MEMORY,
)  # fmt: skip
