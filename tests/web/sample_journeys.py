"""Sample pages of the journeys: signing, logging in, starting a petition, errors, explanations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from markupsafe import Markup

from admissibility.letters import Letter
from petitions.domain.lifecycle import State
from petitions.platform.spoken import Spoken
from petitions.web.author_letters import KeptLetter, MyLettersPage
from petitions.web.pages import Again, ErrorPage, Link, PetitionLink
from petitions.web.pages_author import (
    CheckPage,
    Correction,
    HandoverCard,
    Limits,
    MineCard,
    MinePage,
    MinePetitionPage,
    Procedure,
    SentPage,
    SimilarPage,
    StartDay,
    StartPage,
    StepPage,
)
from petitions.web.pages_content import ContentPage, Statement
from petitions.web.pages_signing import (
    AlreadyPage,
    ChooserPage,
    ConfirmPage,
    DonePage,
    Draw,
    FailedPage,
    FieldFault,
    IneligiblePage,
    Provider,
    ReceiptBox,
    WithdrawPage,
)
from petitions.web.pages_summary import Summary, Todo
from tests.web import sample_emails, sample_follow, sample_sponsors
from tests.web.sample_checking import TO_CHECK, WRITTEN
from tests.web.samples import (
    EMPTY_LIST,
    HOME,
    HREF,
    LEVELS,
    LIST,
    OPEN,
    PETITION_PAGES,
    PHASES,
    REASONS,
    REFUSAL,
    REQUEST,
    TIMELINE,
)

CONFIRM = ConfirmPage(
    ref="2026-0142",
    petition_href=HREF,
    title=OPEN.title,
    request=REQUEST,
    text_from=date(2026, 1, 14),
    action=HREF + "/sign/confirm",
    declaration="I support this petition, and I am a citizen or legal resident aged 18 or over.",
    identity="FranceConnect",
    areas=(("29", "Finistère"), ("59", "Nord")),
    area_word="Your département",
    area_reason="The rules ask for signatures from 30 départements.",
    withdraw_until=date(2026, 7, 14),
    hidden=(("commitment", "a0"), ("c", "")),
    draw=Draw("00112233-4455-6677-8899-aabbccddeeff", "petitions.example.org/2026", "0" * 32),
)
CONFIRM_WITH_FAULT = replace(
    CONFIRM,
    faults=(FieldFault("declare", "Tick the declaration to sign."),),
)
QR = Markup('<svg viewBox="0 0 10 10" aria-hidden="true"><path d="M0 0h5v5H0z"/></svg>')
DONE = DonePage(
    ref="2026-0142",
    petition_href=HREF,
    title=OPEN.title,
    count=48_214,
    receipt=ReceiptBox(
        "K7QF-2M9P-XX4T",
        HREF + "/sign/receipt",
        "/en/verify",
        QR,
        text="petition-receipt/v1\nextra AAAA\n",
    ),
    next_step=TIMELINE[0],
    withdraw_href=HREF + "/withdraw",
    withdraw_until=date(2026, 7, 14),
    short_url="petitions.example.org/p/2026-0142",
    leave=Link("/identity/leave", "FranceConnect"),
)
DONE_DRAWN_HERE = replace(
    DONE,
    receipt=ReceiptBox(
        "K7QF-2M9P-XX4T",
        "",
        "/en/receipt",
        check_address="https://petitions.example.org/en/receipt",
        promised_by=datetime(2026, 5, 4, 10, tzinfo=UTC),
        promise="petition-promise/v1\n",
        promise_href="data:text/plain;base64,cGV0aXRpb24=",
        petition="00112233-4455-6677-8899-aabbccddeeff",
        origin="petitions.example.org/2026",
        c="00" * 32,
    ),
)
ALREADY = AlreadyPage(
    ref="2026-0142",
    petition_href=HREF,
    title=OPEN.title,
    on=date(2026, 5, 3),
    withdraw_href=HREF + "/withdraw",
    withdraw_until=date(2026, 7, 14),
    leave=Link("/identity/leave", "FranceConnect"),
)
WITHDRAW_STAGES = {
    stage: WithdrawPage(
        ref="2026-0142",
        petition_href=HREF,
        title=OPEN.title,
        stage=stage,
        action=HREF + "/withdraw/confirm",
        until=date(2026, 7, 14),
    )
    for stage in ("confirm", "done", "not_signed", "paused", "early", "closed", "definitive")
}


CAUSES = (
    "cancelled",
    "other_browser",
    "too_late",
    "already_used",
    "over",
    "ended",
    "other_tab",
    "no_answer",
    "known_down",
    "set_up",
    "not_verified",
    "key_changed",
    "too_low",
    "fact_missing",
    "too_many",
    *sample_emails.FAILURES,
)
CONDITIONS = (
    "age_min",
    "resident_of",
    "citizen_of",
    "in_register",
    "permit",
    "office",
    "natural_person",
    "organisation",
    "any",
)
STATUSES = (400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503)
CHOOSER = ChooserPage(
    OPEN.title,
    (
        Provider("FranceConnect", "/identity/start/fc", "https://franceconnect.gouv.fr/"),
        Provider("eIDAS", "/identity/start/eidas", down_since="10:40"),
    ),
    HREF,
)
FAILED = {
    cause: FailedPage(cause, "R7KQ-22XD", HREF + "/sign", HREF, OPEN.title, wait_minutes=3)
    for cause in CAUSES
}
INELIGIBLE = {
    condition: IneligiblePage(condition, "18", HREF, OPEN.title, service="DemoConnect")
    for condition in CONDITIONS
}
ERRORS = {status: ErrorPage(status, reference="R7KQ-22XD", wait_seconds=9) for status in STATUSES}
ERRORS[503] = replace(ERRORS[503], again=Again(""))  # read, and asked for once more

LIMITS = Limits(150, 10_000, languages=(("en", "English"), ("fr", "French")))
PROCEDURE = Procedure(
    kind="Petition",
    author_who="any citizen or resident aged 18 or over",
    signer_who="anyone in the register of natural persons",
    levels=LEVELS,
    grounds=REFUSAL.grounds,
    limits=LIMITS,
    check_within="15 days",
    checked_by="the petitions office",
    open_for="6 months",
    sponsors_needed=5,
    rulebook="fr-senat 1",
    after_body="The Conference of Presidents",
    retention=(("Signatures", "the final outcome", "6 months"),),
)
START = StartPage(PROCEDURE, "/en/start/login")
CONTENT = {
    name: ContentPage(
        name,
        (PROCEDURE,),
        assembly="Example Parliament",
        contact_email="petitions@parliament.example",
        contact_address="Petitions office\n1 Parliament Square",
        providers=("FranceConnect", "eIDAS"),
        source_url="https://example.org/source",
    )
    for name in (
        "how-it-works",
        "verify",
        "privacy",
        "rules",
        "contact",
        "legal",
    )
}
CONTENT["legal"] = replace(CONTENT["legal"], is_draft=True)
CONTENT["verify"] = replace(CONTENT["verify"], check=TO_CHECK)
for _status in ("not audited", "not compliant", "partly compliant", "compliant"):
    CONTENT[f"accessibility {_status}"] = ContentPage(
        "accessibility",
        statement=Statement(_status)
        if _status == "not audited"
        else Statement(
            _status, date(2026, 5, 31), "An auditor", "82 %", "help@parliament.example",
            "Defender of Rights", "https://defender.example.org", ("Scanned annexes",),
        ),
    )  # fmt: skip
SIMILAR = SimilarPage(
    StepPage(2, "/en/drafts/x/similar", "/en/start/new"),
    OPEN.title,
    open=(PetitionLink("2025-0031", HREF, "Reopen small stations", State.PUBLISHED),),
    refused=(
        PetitionLink("2025-0032", HREF, "Trains at night", State.REFUSED, "Outside competence"),
    ),
)
NOTHING_SIMILAR = SimilarPage(StepPage(2, "/en/drafts/x/similar", "/en/start/new"), OPEN.title)
TITLE_STEP = StepPage(1, "/en/start/new", "/en/start", LIMITS)
TEXT_STEP = StepPage(
    3, "/en/drafts/x/text", "/en/drafts/x/similar", LIMITS, "en", hints=("A telephone number?",)
)
YOU_STEP = StepPage(4, "/en/drafts/x/you", "/en/drafts/x/text")
CHECK = CheckPage(
    step=StepPage(5, "/en/drafts/x/check", "/en/drafts/x/you"),
    title=OPEN.title,
    request=REQUEST,
    reasons=REASONS,
    author_name="Claire Dubreuil",
    author_public="name",
    email="claire@example.org",
    language="en",
    version=3,
    title_href="/en/drafts/x/text",
    text_href="/en/drafts/x/text",
    you_href="/en/drafts/x/you",
    difference="Ours asks for a right.",
    difference_href="/en/drafts/x/similar",
)
INCOMPLETE = replace(CHECK, missing=(Link("/en/drafts/x/you", "Your name"),))
SENT = SentPage("2026-0142", OPEN.title, "/en/mine/x", "claire@example.org", date(2026, 1, 23))
MINE = MinePage(
    (
        MineCard("/en/mine/x", OPEN.title, State.PUBLISHED, "2026-0142", count=48_213),
        MineCard(
            "/en/mine/y",
            "A right to repair",
            State.RETURNED,
            "2026-0150",
            next_line="Please correct your petition",
            next_due=date(2026, 6, 1),
        ),
    ),
    "/en/start",
    "/en/mine/leave",
    elsewhere=(Link("/en/start/login?assembly=senat", Spoken("Sénat", "fr")),),
)

MINE_PETITION = MinePetitionPage(
    href="/en/mine/x",
    title=OPEN.title,
    state=State.RETURNED,
    request=REQUEST,
    reasons=REASONS,
    ref="2026-0142",
    language="en",
    phases=PHASES,
    timeline=TIMELINE,
    summary=Summary(
        "It was returned to you for correction. It is not refused.",
        (
            Todo("Correct the text, or answer", "#correct", date(2026, 6, 1), 9),
            Todo(
                "Report on the use of the money", due=date(2026, 5, 1), late=22, text="In a letter."
            ),
        ),
        TIMELINE[0],
    ),
    correction=Correction("Say which law should change.", date(2026, 6, 1), 9, "/en/drafts/x/text"),
    withdraw_action="/en/mine/x/withdraw",
    version=3,
    export_href="/en/mine/x/export.json",
    letters_href="/en/mine/x/letters",
    email="claire@example.org",
)
NOTHING_TO_DO = Summary("It is public and can be signed.", (), TIMELINE[0])
MINE_WAITING = replace(
    MINE_PETITION,
    summary=replace(NOTHING_TO_DO, todo=(Todo("Choose the first day of signing", "#first-day"),)),
    state=State.PUBLISHED,
    correction=None,
    start_day=StartDay("/en/mine/x/first-day", date(2026, 5, 20), date(2026, 8, 10)),
)
MINE_HANDED_OVER = replace(
    MINE_PETITION,
    summary=replace(NOTHING_TO_DO, todo=(Todo("Report: received", "#handover"),)),
    state=State.THRESHOLD_REACHED,
    correction=None,
    handover=HandoverCard(
        "/en/mine/x/handover", "received", "Received", date(2027, 5, 15),
        (("Sent", date(2026, 5, 18)),), "/petitions/2026-0142/closing.json",
    ),
)  # fmt: skip
MINE_REFUSED = replace(
    MINE_PETITION, state=State.REFUSED, correction=None, refusal=REFUSAL, withdraw_action="",
    summary=NOTHING_TO_DO,
)  # fmt: skip
MINE_OPEN = replace(
    MINE_PETITION,
    summary=NOTHING_TO_DO,
    state=State.PUBLISHED,
    correction=None,
    count=48_213,
    public_href=HREF,
    short_url="petitions.example.org/p/2026-0142",
)

Templates = dict[str, tuple[str, object]]
MY_LETTERS = MyLettersPage(
    "/en/mine/x",
    (
        KeptLetter(
            "Petition received", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "sent", "ok", "fr",
            Letter("Votre pétition 2026-0142", "Madame, Monsieur,\n\nElle est arrivée.\n"),
        ),
        KeptLetter(
            "Petition refused", datetime(2026, 3, 1, 9, 0, tzinfo=UTC), "came back", "bad", "fr", None
        ),
    ),
)  # fmt: skip
TEMPLATES: Templates = {
    **{f"petition {name}": ("public/petition.html", page) for name, page in PETITION_PAGES.items()},
    "home": ("public/home.html", HOME),
    "list": ("public/list.html", LIST),
    "empty list": ("public/list.html", EMPTY_LIST),
    "confirm": ("signing/confirm.html", CONFIRM),
    "confirm with fault": ("signing/confirm.html", CONFIRM_WITH_FAULT),
    **sample_emails.templates(CONFIRM),
    **sample_follow.TEMPLATES,
    "done": ("signing/done.html", DONE),
    "done, drawn here": ("signing/done.html", DONE_DRAWN_HERE),
    "already": ("signing/already.html", ALREADY),
    **{f"withdraw {name}": ("signing/withdraw.html", p) for name, p in WITHDRAW_STAGES.items()},
    "chooser": ("identity/chooser.html", CHOOSER),
    "chooser to withdraw": ("identity/chooser.html", replace(CHOOSER, purpose="withdraw")),
    "left": ("identity/left.html", Link(HREF, OPEN.title)),
    **{f"failed {cause}": ("identity/failed.html", page) for cause, page in FAILED.items()},
    **{f"ineligible {key}": ("identity/ineligible.html", p) for key, p in INELIGIBLE.items()},
    **{f"error {status}": ("errors/error.html", page) for status, page in ERRORS.items()},
    **{f"content {name}": (f"content/{page.name}.html", page) for name, page in CONTENT.items()},
    "content written": ("content/written.html", WRITTEN),
    "content written in German": ("content/written.html", replace(WRITTEN, language="de")),
    "content pages": ("content/pages.html", (Link("/en/pages/help", "Help"),)),
    "start": ("author/start.html", START),
    "start closed": ("author/start.html", replace(START, closed_reason="Parliament is dissolved.")),
    "similar": ("author/similar.html", SIMILAR),
    "nothing similar": ("author/similar.html", NOTHING_SIMILAR),
    "title": ("author/title.html", TITLE_STEP),
    "text": ("author/text.html", TEXT_STEP),
    "you": ("author/you.html", YOU_STEP),
    "check": ("author/check.html", CHECK),
    "check incomplete": ("author/check.html", INCOMPLETE),
    "sent": ("author/sent.html", SENT),
    **sample_sponsors.TEMPLATES,
    "mine": ("author/mine.html", MINE),
    "mine empty": ("author/mine.html", replace(MINE, cards=())),
    "mine petition": ("author/petition.html", MINE_PETITION),
    "mine refused": ("author/petition.html", MINE_REFUSED),
    "mine open": ("author/petition.html", MINE_OPEN),
    "mine waiting": ("author/petition.html", MINE_WAITING),
    "mine handed over": ("author/petition.html", MINE_HANDED_OVER),
    "mine letters": ("author/letters.html", MY_LETTERS),
    "mine no letters": ("author/letters.html", replace(MY_LETTERS, letters=())),
}
"""Name of the sample → (template, page)."""
