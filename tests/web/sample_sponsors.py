"""Sample pages of sponsors: the author's, and those of somebody who was invited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from petitions.web.pages_signing import FieldFault
from petitions.web.pages_sponsors import (
    InvitationLine,
    ProvePage,
    SponsorsPage,
    StageBox,
    SupportConfirm,
    SupportDone,
    SupportPage,
)

AREAS = (("57", "Moselle"), ("67", "Bas-Rhin"))
FAULTS = (FieldFault("area", "Choose your area."), FieldFault("declare", "Tick it."))
LINES = (
    InvitationLine(2, "invited", "Waiting", False, "substitute", date(2026, 3, 2), date(2026, 4, 1), True),
    InvitationLine(1, "refused", "Declined", True, "", date(2026, 3, 2), date(2026, 4, 1)),
)  # fmt: skip
STAGE = StageBox(
    id="organisers", title="Organisers", text="Seven citizens of seven states.", progress="open",
    needed=7, counted=3, places_left=4, author_counts=True, signs=False, by_desk=False,
    due=date(2026, 4, 1), days_left=12, attempts=1, attempts_used=0,
    roles=(("representative", "representative", 0), ("substitute", "substitute", 1)),
    own_role="representative", areas_missing=4, invitations=LINES, inviting=True,
)  # fmt: skip
MEMBER = replace(
    STAGE, id="member", title="Member of parliament", roles=(), attempts=5, attempts_used=1,
    by_desk=True, areas_missing=0, invitations=(), places_left=None,
)  # fmt: skip
SPONSORS = SponsorsPage(
    href="/en/mine/1/sponsors", mine_href="/en/mine/1", title="A bus every twenty minutes",
    ref="2026-0142", gathering=True, held=3,
    stages=(STAGE, MEMBER, replace(STAGE, id="later", title="Later", progress="waiting", due=None, inviting=False)),
)  # fmt: skip
INVITED = SupportPage(
    body="Example Parliament", stage="Organisers", stage_text="Seven citizens.", role="substitute",
    until=date(2026, 4, 1), login_href="/en/support/x/login", leave_href="/en/support/x/login?act=leave",
    decline_action="/en/support/x/decline", identity="DemoConnect", who="citizens of age 18",
    signs=True, contact="office@example.org",
)  # fmt: skip
CONFIRM = SupportConfirm(
    body="Example Parliament", title="A bus every twenty minutes", request="We ask for buses.",
    reasons="People wait.", language="en", stage="Organisers", role="substitute",
    action="/en/support/confirm", declaration="I support this petition.", signs=True, leaving=False,
)  # fmt: skip
PROVE = ProvePage(
    title="A bus every twenty minutes", action="/en/drafts/1/prove", back_href="/en/drafts/1/check",
    version=3, signs=True, counts=True,
)  # fmt: skip

TEMPLATES: dict[str, tuple[str, object]] = {
    "sponsors": ("author/sponsors.html", SPONSORS),
    "sponsors, a new link": (
        "author/sponsors.html",
        replace(SPONSORS, link="https://p.example/en/support/x", mail_href="mailto:?body=x", number=3),
    ),
    "sponsors refused": ("author/sponsors.html", replace(SPONSORS, faults=(FieldFault("main", "Too many."),))),
    "prove": ("author/prove.html", PROVE),
    "prove with fault": ("author/prove.html", replace(PROVE, areas=AREAS, faults=FAULTS[:1])),
    "invited": ("support/invitation.html", INVITED),
    **{
        f"invited, {cause}": ("support/invitation.html", replace(INVITED, cause=cause, login_href=""))
        for cause in ("over", "used", "link", "early", "full")
    },
    "invited by office": ("support/invitation.html", replace(INVITED, by_desk=True, login_href="")),
    "support": ("support/confirm.html", CONFIRM),
    "support with fault": (
        "support/confirm.html", replace(CONFIRM, areas=AREAS, places=AREAS, faults=FAULTS),
    ),
    "support taken back": ("support/confirm.html", replace(CONFIRM, leaving=True)),
    **{
        f"thanks, {what}": ("support/thanks.html", SupportDone(what, "/en/"))
        for what in ("supported", "signed", "left", "declined", "nothing")
    },
}  # fmt: skip
