"""Where a petition stands, the filters of a list, and words of another language, on the real site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from petitions.domain.lifecycle import Action
from petitions.platform import migrations
from tests.web.site import Site, build


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    place: Path = tmp_path_factory.mktemp("standing")
    uri = f"sqlite:///{place}/petitions.sqlite"
    migrations.upgrade(uri)
    return build(place, uri)


def bar(html: str) -> list[tuple[str, str, str]]:
    """(class, what is said before, title and note) of each phase."""
    found = re.search(r'<ol class="phases">(.*?)</ol>', html, re.DOTALL)
    assert found, "no bar"
    return [
        (kind, said.strip(), " ".join(re.sub(r"<[^>]+>", " ", rest).split()))
        for kind, said, rest in re.findall(
            r'<li class="(\w+)"[^>]*><span class="vh">([^<]*)</span>(.*?)</li>',
            found.group(1),
            re.DOTALL,
        )
    ]


def page(site: Site, ref: str, lang: str = "en") -> str:
    return site.visitor().get(f"/{lang}/petitions/{ref}").text


def test_an_open_petition_shows_the_check_done_and_the_council_to_come(site: Site) -> None:
    found = bar(page(site, site.publish()))
    assert [each[:2] for each in found] == [
        ("done", "Done:"),
        ("now", "Now:"),
        ("coming", "Still to come:"),
    ]
    assert found[1][2].startswith("Signatures")
    assert found[1][2].endswith("days left")
    assert found[2][2] == "Town council from 25 signatures"
    assert 'aria-current="step"' in page(site, site.publish())


def test_a_refused_petition_ended_in_the_check(site: Site) -> None:
    ref = site.file()
    site.decide(ref, Action.REFUSE, ("outside-competence",), "C’est l’affaire de la région.")
    found = bar(page(site, ref))
    assert [each[0] for each in found] == ["stopped", "missed", "missed"]
    assert found[0][1] == "It ended here:"
    assert found[0][2].endswith("Refused")


def test_the_bar_speaks_the_language_of_the_page(site: Site) -> None:
    found = bar(page(site, site.publish(), "fr"))
    assert found[0][2].startswith("Examen de recevabilité")
    assert found[2][2] == "Conseil municipal à partir de 25 signatures"


def test_filters_are_folded_away_and_each_can_be_taken_off(site: Site) -> None:
    site.publish("Une fontaine sur la place")
    html = site.visitor().get("/en/petitions?state=published&q=fontaine&sort=newest").text
    assert "<details><summary>Filter and sort (2 filters are set)</summary>" in html
    chips = re.search(r'<ul class="active small">(.*?)</ul>', html, re.DOTALL)
    assert chips
    assert chips.group(1).count("Take this filter away:") == 2
    hrefs = re.findall(r'href="([^"]+)"', chips.group(1))
    assert "/en/petitions?state=published&amp;sort=newest" in hrefs
    assert "/en/petitions?q=fontaine&amp;sort=newest" in hrefs
    assert "filters are set" not in site.visitor().get("/en/petitions").text


def test_a_filter_that_finds_nothing_can_still_be_taken_off(site: Site) -> None:
    html = site.visitor().get("/en/petitions?state=examined&q=zzzzzz").text
    assert html.count("Take this filter away:") == 2


def test_a_body_that_decided_is_done_on_the_day_of_its_decision(site: Site) -> None:
    ref = site.publish("Un abri pour les vélos")
    site.later(days=3)
    site.count(ref, *range(5, 31, 5))
    with site.session() as session:  # as the batch that reaches the number leaves it
        site.petition(session, ref).state = "threshold_reached"
    site.examine(ref, "Le conseil construira l’abri.")
    found = bar(page(site, ref))
    assert [each[0] for each in found] == ["done", "done", "done"]
    assert found[2][2].startswith("Town council ")
    assert found[2][2] != "Town council "
