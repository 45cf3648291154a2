"""The pages of following (C18–C20) in each of their states, with invented facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from petitions.domain.following import Rhythm
from petitions.web.pages_follow import (
    Choice,
    FollowAsked,
    FollowConfirm,
    FollowDone,
    FollowForm,
    FollowMine,
    FollowStop,
    Wished,
)
from petitions.web.pages_signing import FieldFault

BUS = Choice(
    "petition 2026-0142", "Un bus toutes les vingt minutes", "Thresholds, steps, answers, its end.",
    "fr",
)  # fmt: skip
ALL = Choice("all", "All petitions of this site", "New ones, thresholds and answers.")
TOPIC = Choice("topic valmont/transport", "Topic: Transport", ALL.text)
ACTION = "/en/follow/mine/aaaa"
SENT = "What happens to this petition: thresholds, steps, answers, its end. As soon as it happens."
FORM = FollowForm(choices=(BUS, ALL), chosen=BUS.value, rhythm=Rhythm.AT_ONCE)
WRONG = replace(
    FORM, email="camille at example.org", rhythm=Rhythm.WEEKLY, topics=(TOPIC,),
    faults=(
        FieldFault("what", "This choice is not offered."),
        FieldFault("email", "This does not look like an e-mail address. Example: name@example.org"),
    ),
)  # fmt: skip
ASKED = FollowAsked(
    email="camille.de.la.longue.adresse@parlement-europeen.example.org", choice=BUS,
    rhythm=Rhythm.AT_ONCE, sender="Petitions <confirm@petitions.example.org>",
    back_href="/en/petitions/2026-0142",
)  # fmt: skip
CONFIRM = FollowConfirm(action="/en/follow/confirm/aaaa", choice=BUS, sent=SENT)
DONE = FollowDone(
    choice=BUS, sent=SENT, already=False, manage_href=ACTION, back_href="/en/petitions/2026-0142"
)
MINE = FollowMine(
    action=ACTION, email="c…@example.org", language="en",
    languages=(("en", "English"), ("fr", "français")),
    wishes=(
        Wished(
            id="1", choice=BUS, rhythm=Rhythm.AT_ONCE, confirmed=True,
            href="/en/petitions/2026-0142",
        ),
        Wished(id="2", choice=ALL, rhythm=Rhythm.WEEKLY, confirmed=True, href="/en/petitions"),
    ),
)  # fmt: skip
SILENT = replace(MINE, silence="bounce", silent_since=date(2026, 3, 2), saved=True)

TEMPLATES: dict[str, tuple[str, object]] = {
    "follow": ("follow/form.html", FORM),
    "follow with faults": ("follow/form.html", WRONG),
    "follow asked": ("follow/asked.html", ASKED),
    "follow confirm": ("follow/confirm.html", CONFIRM),
    "follow link over": ("follow/confirm.html", FollowConfirm(action="", choice=None)),
    "follow done": ("follow/done.html", DONE),
    "follow already": ("follow/done.html", replace(DONE, already=True, back_href="")),
    "follow mine": ("follow/mine.html", MINE),
    "follow mine silent": ("follow/mine.html", SILENT),
    "follow mine unwanted": ("follow/mine.html", replace(SILENT, silence="complaint")),
    "follow mine empty": ("follow/mine.html", replace(MINE, wishes=())),
    "follow stop": ("follow/stop.html", FollowStop(action=ACTION, stopped=False)),
    "follow stopped": ("follow/stop.html", FollowStop(action=ACTION, stopped=True)),
    "follow gone": ("follow/gone.html", None),
}
