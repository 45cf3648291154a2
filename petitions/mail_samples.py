"""Every mail of the site with invented facts: for the page that shows them, and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from petitions.domain.following import Happening, Rhythm, Scope
from petitions.follow_words import (
    Envelope,
    confirm_letter,
    known_letter,
    news_letter,
    reason,
    weekly_letter,
    weekly_reason,
)
from petitions.mail_sample_facts import invented
from petitions.platform.i18n import N_, _, current_locale
from petitions.platform.letterhead import Letter
from petitions.services.follow_letters import News

_AT: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_DAY: Final = date(2026, 9, 14)
_SAMPLE_LINK: Final = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
TITLES: Final[Mapping[str, str]] = {
    "confirm": N_("Follow: confirm the address"),
    "known": N_("Follow: asked again"),
    "week": N_("Follow: the weekly mail"),
    "published": N_("Follow: a new petition"),
    "milestone": N_("Follow: a level is reached"),
    "threshold": N_("Follow: the threshold is reached"),
    "step": N_("Follow: a step is announced"),
    "answered": N_("Follow: an answer"),
    "refused": N_("Follow: refused"),
    "closed": N_("Follow: closed under the threshold"),
    "lapsed": N_("Follow: lapsed"),
    "withdrawn": N_("Follow: withdrawn"),
    "merged": N_("Follow: merged"),
    "taken_down": N_("Follow: taken down"),
    "restored": N_("Follow: shown again"),
    "archived": N_("Follow: archived"),
    "message": N_("Follow: a message of the office"),
}


def sample(code: str, site: str, base: str, assembly: str) -> Letter:
    """The mail `code` in the current language. KeyError for a mail that does not exist."""
    if code not in TITLES:
        raise KeyError(code)
    title = invented(current_locale().lang).title
    if code == "confirm":
        link = f"{base}/follow/confirm/{_SAMPLE_LINK}"
        return confirm_letter(site, title, Scope.PETITION, Rhythm.AT_ONCE, link)
    if code == "known":
        return known_letter(site, f"{base}/follow/mine/{_SAMPLE_LINK}")
    if code == "week":
        some = (Happening.PUBLISHED, Happening.STEP, Happening.ANSWERED)
        found = [_news(each, assembly) for each in some]
        return weekly_letter(found, _envelope(site, base, weekly_reason()))
    news = _news(Happening(code), assembly)
    # a petition out of sight is called by its number
    why = reason(Scope.PETITION, news.title or news.reference)
    return news_letter(news, _envelope(site, base, why))


def _envelope(site: str, base: str, why: str) -> Envelope:
    return Envelope(
        site=site, base=base, manage=f"{base}/follow/mine/{_SAMPLE_LINK}",
        stop=f"{base}/follow/stop/{_SAMPLE_LINK}", why=why,
    )  # fmt: skip


def _news(what: Happening, assembly: str) -> News:
    lang = current_locale().lang
    return News(
        what=what, petition=UUID(int=1), reference="2026-0142",
        title="" if what is Happening.TAKEN_DOWN else invented(lang).title, title_language=lang,
        assembly="", assembly_name=assembly, at=_AT + timedelta(days=1),
        facts=_facts(what, lang),
    )  # fmt: skip


def _facts(what: Happening, lang: str) -> Mapping[str, Any]:
    told = invented(lang)
    every: Mapping[Happening, Mapping[str, Any]] = {
        Happening.PUBLISHED: {"request": told.request, "last_day": _DAY},
        Happening.MILESTONE: {"count": 5_012, "threshold": 5_000, "meaning": told.meaning},
        Happening.THRESHOLD: {"count": 100_204, "threshold": 100_000, "meaning": told.meaning},
        Happening.STEP: {
            "title": told.step, "change": "", "planned": True, "day": _DAY, "time": "14:30",
            "place": told.place, "body": told.body, "text": told.step_text,
        },
        Happening.ANSWERED: {
            "body": told.body, "outcome": told.outcome, "summary": told.summary,
        },
        Happening.CLOSED: {"count": 412, "threshold": 500},
        Happening.MERGED: {"target": "2026-00007", "target_title": told.other_title},
        Happening.MESSAGE: {"subject": told.subject, "text": told.message},
    }  # fmt: skip
    return every.get(what, {})


def titles() -> dict[str, str]:
    """Code → name in the reader's language."""
    return {code: _(title) for code, title in TITLES.items()}
