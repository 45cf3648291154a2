"""Until when, who is late, and what one can still do: date and number agree, and a body is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from petitions.platform.i18n import load_catalogues
from petitions.storage.tables import Track
from petitions.web.petition_texts import TextShown
from tests.web import samples
from tests.web.rendering import LANGUAGES, render, stage
from tests.web.site import Site, build

CATALOGUES = load_catalogues(LANGUAGES)
PARIS = "Europe/Paris"
MIDNIGHT = datetime(2026, 5, 3, 22, tzinfo=UTC)
"""The first instant of 4 May in Paris: 3 May is the last day."""


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    found = build(tmp_path, database_uri)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "3 May 2026 at 23:59"), ("fr", "3 mai 2026 à 23:59"),
     ("nl", "3 mei 2026 om 23:59"), ("de", "3. Mai 2026 um 23:59 Uhr")],
)  # fmt: skip
def test_the_last_day_ends_at_one_to_midnight_in_the_zone_of_the_assembly(
    lang: str, words: str
) -> None:
    assert CATALOGUES.locale(lang).end_of(MIDNIGHT, PARIS) == words


def test_an_end_in_the_middle_of_a_day_keeps_its_own_time() -> None:
    noon = datetime(2026, 5, 3, 10, tzinfo=UTC)
    assert CATALOGUES.locale("en").end_of(noon, PARIS) == "3 May 2026 at 12:00"


@pytest.mark.parametrize(
    ("lang", "one", "many"),
    [("en", "today is the last day", "2 days left, today included"),
     ("fr", "aujourd’hui est le dernier jour", "encore 2 jours, aujourd’hui compris"),
     ("nl", "vandaag is de laatste dag", "nog 2 dagen, vandaag meegerekend"),
     ("de", "heute ist der letzte Tag", "noch 2 Tage, heute mitgezählt")],
)  # fmt: skip
def test_days_beside_a_date_say_that_today_is_one_of_them(lang: str, one: str, many: str) -> None:
    assert CATALOGUES.locale(lang).days_left_told(1) == one
    assert CATALOGUES.locale(lang).days_left_told(2) == many


def test_an_open_petition_says_until_when_and_how_many_days_that_is(site: Site) -> None:
    ref = site.publish()
    with site.session() as session:
        last = site.petition(session, ref).last_day
    assert last is not None
    page = site.visitor().get(f"/en/petitions/{ref}").text
    told = re.search(r'open until <time datetime="([-\d]+)">([^<]+)</time> \((\d+) days left', page)
    assert told
    assert told[1] == last.isoformat()
    assert told[2].endswith("at 23:59")
    today = datetime.fromisoformat(site.at.isoformat()).date()
    assert int(told[3]) == (last - today).days + 1


def test_what_its_author_withdrew_does_not_tell_a_last_day_to_come(site: Site) -> None:
    ref = site.publish()
    site.later(days=3)
    with site.session() as session:
        petition = site.petition(session, ref)
        petition.state, petition.signing_ended_at = "withdrawn", site.at
        planned = petition.last_day
    page = site.visitor().get(f"/en/petitions/{ref}").text
    told = re.search(r"The last day was ([^.]+)\.", page)
    assert told
    assert told[1] == CATALOGUES.locale("en").date(site.at.date())
    assert planned is not None
    assert CATALOGUES.locale("en").date(planned) not in told[1]


@pytest.mark.parametrize("state", ["closed_below", "withdrawn", "lapsed"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_finds_a_petition_ended_is_told_what_is_still_possible(state: str, lang: str) -> None:
    page = replace(samples.PETITION_PAGES[state], timeline=samples.TIMELINE[2:])
    shown = render(stage(), "public/petition.html", page, lang)
    assert f'href="/{lang}/petitions?state=published"' in shown
    assert f'href="/{lang}/start"' in shown
    for words in ("What has happened, and what comes next", "Ce qui s’est passé, et la suite"):
        assert words not in shown, "nothing comes next"


def test_similar_petitions_are_offered_only_where_one_is_open() -> None:
    app, ended = stage(), samples.PETITION_PAGES["closed_below"]
    assert 'href="#similar"' not in render(app, "public/petition.html", ended)
    (one,) = ended.similar
    opened = replace(ended, similar=(replace(one, state=samples.State.PUBLISHED),))
    assert 'href="#similar"' in render(app, "public/petition.html", opened)


def test_a_petition_that_nobody_signed_speaks_of_the_text_that_was_sent() -> None:
    texts = {"en": "the text that the author sent", "de": "der eingereichte Text"}
    page = samples.PETITION_PAGES["refused"]
    two = (
        TextShown("fr", "Français", "/fr/petitions/2026-0142", "signed"),
        TextShown("en", "English", "/en/petitions/2026-0142", "translation", shown=True),
    )
    for lang, words in texts.items():
        assert words in render(stage(), "public/petition.html", replace(page, texts=two), lang)
    signed = replace(samples.OPEN, texts=two)
    assert texts["en"] not in render(stage(), "public/petition.html", signed)


def test_a_late_step_names_who_owes_it_on_the_page_and_in_the_list(site: Site) -> None:
    ref = site.publish("Un abri pour les vélos")
    with site.session() as session:
        petition = site.petition(session, ref)
        petition.state = "threshold_reached"
        duty = site.house.kind(session, petition).after.duties[0]
        session.add(
            Track(
                petition_id=petition.id, code=duty.id, body=duty.body, status="overdue",
                opened_at=site.at, due_on=site.at.date() - timedelta(days=81),
            )
        )  # fmt: skip
    page = site.visitor().get(f"/en/petitions/{ref}").text
    assert re.search(r'<span class="tag bad">Town council: 81 days late</span>', page)
    listed = site.visitor().get("/fr/petitions").text
    assert re.search(r'<span class="tag bad">Conseil municipal\s: 81\sjours de retard', listed)
