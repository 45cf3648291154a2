"""Samples of the pages that speak of drafts, and of a form that came after its login had ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from admissibility.differences import pieces
from petitions.domain.lifecycle import State
from petitions.domain.phases import Standing
from petitions.web.pages_drafts import DraftChanged, DraftLine, FieldTwice, TypedTooLate
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
MINE_SAYS, STORED_SAYS = "Rain falls.\nOften, and on all of us.", "Rain falls.\nSeldom, but on all."
CHANGED = DraftChanged(
    action="/en/drafts/x/text",
    opened=datetime(2026, 5, 1, 9, 5, tzinfo=UTC),
    fields=(("request", "A shelter at every stop."), ("seen", "y")),
    shown=f"1777626300.{'a' * 64}",
    twice=(
        FieldTwice("title", "Title", "A shelter", "A roof", "en", 2),
        FieldTwice(
            "reasons", "Reasons", MINE_SAYS, STORED_SAYS, "en", 6, pieces(MINE_SAYS, STORED_SAYS)
        ),
        FieldTwice("summary", "Summary", "", "Shelters.", "en", 6),
        FieldTwice("topic", "Topic", "", "Streets and traffic"),
    ),
    there=(
        FieldTwice("request", "Request", "", "A shelter.\nSoon.", "en", 6),
        FieldTwice("also", "Address it also to", "Bellerive", ""),
    ),
    language="fr",
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
    "changed elsewhere": ("author/changed.html", CHANGED),
    "choice changed elsewhere": (
        "author/changed.html",
        replace(CHANGED, twice=CHANGED.twice[-1:], there=(), opened=None, language=""),
    ),
    "nothing typed, changed elsewhere": ("author/changed.html", replace(CHANGED, twice=())),
    "check of a draft in one of several languages": (
        "author/check.html", replace(journeys.CHECK, language_href="/en/drafts/x/title#language"),
    ),
}  # fmt: skip
