"""Samples of the pages that speak of drafts, and of a form that came after its login had ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from petitions.domain.lifecycle import State
from petitions.domain.phases import Standing
from petitions.web.pages_drafts import DraftLine, TypedTooLate
from petitions.web.pages_standing import PhaseShown
from petitions.web.pages_summary import Summary, Todo
from tests.web import sample_journeys as journeys

DRAFTS = (
    DraftLine(
        "Un abri à chaque arrêt", "fr", "/en/drafts/x/text", date(2026, 5, 1), date(2026, 5, 31)
    ),
    DraftLine("A right to repair", "en", "/en/drafts/y/check", date(2026, 5, 2), date(2026, 6, 1)),
)
MINE_DRAFT = replace(
    journeys.MINE_PETITION,
    state=State.DRAFT,
    ref="",
    phases=(PhaseShown(Standing.NOW, "Draft"), PhaseShown(Standing.COMING, "Signatures")),
    timeline=(),
    correction=None,
    summary=Summary(
        "This is a draft. Only you see it, and nobody has received it.",
        (Todo("Finish it and send it", "/en/drafts/x/text", date(2026, 5, 31), 30),),
        None,
    ),
    edit_href="/en/drafts/x/text",
    withdraw_action="",
    delete_action="/en/mine/x/delete",
)
TOO_LATE = TypedTooLate(
    action="/en/drafts/x/text",
    login_href="/en/start/login?back=%2Fen%2Fmine",
    fields=(("title", "A shelter"), ("reasons", "Rain falls.\nOften.")),
    shown=("A shelter", "Rain falls.\nOften."),
    with_files=True,
)

TEMPLATES = {
    "start with drafts": ("author/start.html", replace(journeys.START, drafts=DRAFTS, known=True)),
    "start known": ("author/start.html", replace(journeys.START, known=True)),
    "title with draft": ("author/title.html", replace(journeys.TITLE_STEP, drafts=DRAFTS[:1])),
    "title in no language of the reader": (
        "author/title.html", replace(journeys.TITLE_STEP, foreign=True),
    ),
    "mine draft": ("author/petition.html", MINE_DRAFT),
    "mine after deleting": ("author/mine.html", replace(journeys.MINE, deleted=True)),
    "logged out": ("author/logged_out.html", TOO_LATE),
}  # fmt: skip
