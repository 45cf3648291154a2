"""Sample pages: one petition in each state, and each page of the journeys. Everything is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from petitions.domain.lifecycle import State
from petitions.domain.phases import Standing
from petitions.platform.spoken import Spoken
from petitions.web import charts
from petitions.web.counted_view import AreaFigures, Counted, CountedClass
from petitions.web.pages import (
    Answer,
    AreaCount,
    Facet,
    FacetValue,
    Ground,
    Level,
    Link,
    ListPage,
    PetitionCard,
    PetitionLink,
    PetitionPage,
    Refusal,
    SignCard,
    TimelineEntry,
    TopicShown,
)
from petitions.web.pages_home import HomePage, SiteFigures, TopicLink
from petitions.web.pages_standing import PhaseShown

HREF = "/en/petitions/2026-0142"
REQUEST = (
    "We ask Parliament to write into the Transport Code a right to at least one night connection, "
    "by rail or by road, for every commune of more than 2,000 inhabitants."
)
REASONS = (
    "In three départements out of four there is no public transport after 9 p.m. Nurses, carers and "
    "young people pay for it: they drive tired, or they turn down the job.\n\n"
    "A minimum service exists in Switzerland and Austria. Their cost per inhabitant is known, and it "
    "is lower than that of one school bus."
)

LEVELS = (
    Level(
        10_000,
        "a committee examines the petition",
        reached=True,
        reached_on=date(2026, 4, 2),
    ),
    Level(
        100_000,
        "a debate in the chamber may be held",
        limits="The presiding body decides; it must give its reasons.",
        to_go=51_787,
        areas_needed=30,
        areas_met=41,
        area_minimum=1,
        area_word="departments",
    ),
)
CARD = SignCard(
    count=48_213,
    levels=LEVELS,
    bar_max=100_000,
    can_sign=True,
    sign_href=HREF + "/sign",
    withdraw_href=HREF + "/withdraw",
    identity="FranceConnect",
    last_day=812,
    last_week=6_204,
)
CLOSED_CARD = replace(
    CARD, can_sign=False, why_not="closed", since=date(2026, 7, 14), final=True, withdraw_href=""
)
TIMELINE = (
    TimelineEntry(
        "The Transport Committee decides what to do",
        due=date(2026, 6, 12),
        days_left=20,
        text="It may hear the petitioner, ask the Government, propose a debate, or close the "
        "petition with reasons.",
    ),
    TimelineEntry(
        "10,000 signatures: sent to the Transport Committee",
        on=date(2026, 4, 2),
        links=(Link("https://example.org/file", "Committee file", "fr"),),
    ),
    TimelineEntry(
        "Found admissible and published",
        on=date(2026, 1, 14),
        text="Checked in 6 days; the rule is 15.",
    ),
)


def curve() -> charts.Chart:
    first = date(2026, 1, 14)
    counts, total = [], 0
    for day in range(130):
        total += 90 + (600 if 75 < day < 95 else 0) + (day * 7) % 180 + day
        counts.append((first + timedelta(days=day), total))
    chart = charts.draw(counts, [(date(2026, 4, 2), 10_000), (date(2026, 4, 20), 25_000)])
    assert chart is not None
    return chart


PHASES = (
    PhaseShown(Standing.DONE, "First supporters"),
    PhaseShown(Standing.DONE, "Check against the rules", "14 January 2026"),
    PhaseShown(Standing.NOW, "Signatures", "52 days left"),
    PhaseShown(Standing.NOW, "Transport Committee", "12 days late", is_late=True),
    PhaseShown(
        Standing.COMING, Spoken("Conférence des présidents", "fr"), "from 100,000 signatures"
    ),
)
STOPPED = (
    PhaseShown(Standing.STOPPED, "Check against the rules", "Refused"),
    PhaseShown(Standing.MISSED, "Signatures"),
    PhaseShown(Standing.MISSED, "Transport Committee"),
)
OPEN = PetitionPage(
    ref="2026-0142",
    href=HREF,
    state=State.PUBLISHED,
    title="Give every commune a night train or night bus",
    request=REQUEST,
    reasons=REASONS,
    author="Claire Dubreuil",
    published=date(2026, 1, 14),
    closes=date(2026, 7, 14),
    days_left=52,
    topic=TopicShown("/en/petitions?topic=transport", "Transport"),
    card=CARD,
    timeline=TIMELINE,
    phases=PHASES,
    chart=curve(),
    figures=AreaFigures(
        (
            AreaCount("Nord", 6110),
            AreaCount("Gironde", 4870),
            AreaCount("Finistère", 4010),
            AreaCount("Lozère", None),
        ),
        "departments",
        date(2026, 5, 23),
    ),
    counted=Counted(
        paper=213,
        declared=3000,
        declared_on=date(2026, 5, 1),
        declarations=2,
        declarations_needed=8,
        classes=(CountedClass("resident in Brussels, aged 16 or over", 999),),
    ),
    similar=(
        PetitionLink(
            "2025-0031",
            "/en/petitions/2025-0031",
            "Reopen small stations",
            State.EXAMINED,
            "The committee asked the Government for a plan.",
        ),
    ),
    text_language="en",
    text_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    short_url="petitions.example.org/p/2026-0142",
    feed_href=HREF + "/feed.atom",
)
REFUSAL = Refusal(
    on=date(2026, 1, 20),
    body="Petitions office",
    grounds=(
        Ground(
            "Outside Parliament’s competence",
            "The request concerns a decision that belongs to the communes.",
            "Rules of Procedure, rule 87, paragraph 2",
        ),
    ),
    reasons="Night buses inside one commune are decided by its council.",
    appeal="You may ask for a review within two months.",
    duplicate_of=PetitionLink("2025-0031", HREF, "Reopen small stations", State.PUBLISHED),
)
ANSWER = Answer(
    on=date(2026, 9, 3),
    body="Transport Committee",
    outcome="Debated in the chamber",
    summary="The Government will present a plan for night connections before the end of the year.",
    text="On 3 September the chamber debated the petition.\n\nThe Minister answered in full.",
    links=(Link("https://example.org/debate", "Record of the debate"),),
)

PETITION_PAGES: dict[str, PetitionPage] = {
    "draft": replace(
        OPEN,
        state=State.DRAFT,
        card=None,
        timeline=(),
        chart=None,
        figures=None,
        counted=None,
        for_author=True,
    ),
    "in_admissibility": replace(
        OPEN,
        state=State.IN_ADMISSIBILITY,
        card=None,
        chart=None,
        figures=None,
        counted=None,
        published=None,
        submitted=date(2026, 1, 8),
        decision_by=date(2026, 1, 23),
        for_author=True,
        text_hash="",
    ),
    "published": OPEN,
    "not_open_yet": replace(
        OPEN,
        card=replace(
            CARD,
            count=0,
            can_sign=False,
            why_not="not_open",
            withdraw_href="",
            opens_on=date(2026, 6, 1),
        ),
        chart=None,
    ),
    "paused": replace(OPEN, card=replace(CARD, can_sign=False, why_not="paused", withdraw_href="")),
    "threshold_reached": replace(
        OPEN,
        state=State.THRESHOLD_REACHED,
        timeline=(
            replace(TIMELINE[0], days_left=None, days_late=12),
            *TIMELINE[1:],
        ),
    ),
    "examined": replace(
        OPEN,
        state=State.EXAMINED,
        card=replace(CLOSED_CARD, why_not="ended"),
        answer=ANSWER,
        ended=date(2026, 9, 3),
    ),
    "closed_below": replace(
        OPEN, state=State.CLOSED_BELOW, card=CLOSED_CARD, ended=date(2026, 7, 14)
    ),
    "refused": replace(
        OPEN,
        state=State.REFUSED,
        card=None,
        chart=None,
        figures=None,
        counted=None,
        refusal=REFUSAL,
        published=None,
        submitted=date(2026, 1, 8),
        text_hash="",
        timeline=TIMELINE[2:],
        phases=STOPPED,
    ),
    "hidden": PetitionPage(
        ref="2026-0142",
        href=HREF,
        state=State.HIDDEN,
        title="",
        ended=date(2026, 2, 1),
        removed_category="Names or accuses a private person",
    ),
    "withdrawn": replace(OPEN, state=State.WITHDRAWN, card=CLOSED_CARD, ended=date(2026, 3, 1)),
    "merged": replace(
        OPEN,
        state=State.MERGED,
        card=CLOSED_CARD,
        merged_into=PetitionLink("2025-0031", HREF, "Reopen small stations", State.PUBLISHED),
    ),
    "lapsed": replace(OPEN, state=State.LAPSED, card=CLOSED_CARD),
    "archived": replace(
        OPEN, state=State.ARCHIVED, archived_from=State.CLOSED_BELOW, card=CLOSED_CARD
    ),
    "other_language": replace(
        OPEN, text_language="de", languages=(Link("/fr/petitions/2026-0142", "Français", "fr"),)
    ),
}


def card(number: int, state: State, **more: object) -> PetitionCard:
    titles = (
        "Give every commune a night train or night bus",
        "Let carers count their years of care for their pension",
        "Publish the voting record of each committee",
        "A right to repair for farm machinery",
        "Sign language interpretation of all plenary sittings",
    )
    base = PetitionCard(
        ref=f"2026-{number:04}",
        href=f"/en/petitions/2026-{number:04}",
        title=titles[number % len(titles)],
        state=state,
        count=number * 1_377,
        language="en",
    )
    return replace(base, **more)  # type: ignore[arg-type]


OPEN_CARDS = tuple(
    card(n, State.PUBLISHED, threshold=100_000, closes=date(2026, 7, n), days_left=n)
    for n in range(3, 6)
)
HOME = HomePage(
    figures=SiteFigures(open=214, signatures=1_204_551, answered=37, median_days=61),
    reached=(card(88, State.THRESHOLD_REACHED, count=120_412, days_late=12),),
    most_signed=OPEN_CARDS,
    answered=(
        card(
            12,
            State.EXAMINED,
            line="“The Government will present a plan before the end of the year.”",
        ),
    ),
    near=OPEN_CARDS[:2],
    newest=(card(14, State.PUBLISHED, count=0, threshold=100_000),),
    topics=(
        TopicLink("/en/petitions?topic=health", "Health and care", 1_204),
        TopicLink("/en/petitions?topic=transport", Spoken("Transports", "fr"), 80),
    ),
)
LIST = ListPage(
    cards=(
        *OPEN_CARDS,
        card(12, State.REFUSED, count=None, line="Outside Parliament’s competence"),
    ),
    total=1_284,
    query="train",
    sorts=(
        FacetValue("Newest", 0, "?sort=newest", chosen=True),
        FacetValue("Most signed", 0, "?sort=most_signed"),
        FacetValue("Closing soon", 0, "?sort=closing"),
    ),
    facets=(
        Facet(
            "state",
            "State",
            (
                FacetValue("Open for signatures", 214, "?state=published", chosen=True),
                FacetValue("Closed under the threshold", 903, "?state=closed_below"),
            ),
            "?",
        ),
        Facet("language", "Language", (FacetValue("French", 1_204, "?language=fr"),), "?"),
    ),
    kept=(("state", "published"),),
    active=(
        FacetValue("“train”", 0, "?state=published", chosen=True),
        FacetValue("Open for signatures", 0, "?q=train", chosen=True),
    ),
    clear_href="/en/petitions",
    next_href="?page=3",
    previous_href="?page=1",
    start_href="/en/start",
)
EMPTY_LIST = replace(LIST, cards=(), total=0, next_href="", previous_href="")
