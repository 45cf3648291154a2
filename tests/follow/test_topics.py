"""Following a topic of an assembly: chosen from its list, told like a subject, stopped with one click."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from petitions.domain.following import Happening, Rhythm, Scope
from petitions.storage.tables import Petition, Subscription
from tests.follow.people import a_post, a_quiet_petition, address_of, follow, happens, work
from tests.follow.postbox import open_postbox
from tests.follow.test_following import asks, count, follows, link_in, post, text_of
from tests.house import Precinct, a_precinct
from tests.web.town import Town, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


@pytest.mark.both_engines
def test_who_follows_a_topic_is_told_what_is_wide_and_of_no_other(
    tmp_path: Path, engine: Engine
) -> None:
    precinct: Precinct = a_precinct(tmp_path, engine, batch_min=1)
    petition = a_quiet_petition(precinct)
    with precinct.session() as session:
        session.get_one(Petition, petition).topic = "parks"
    for number, target in enumerate(("valmont/parks", "valmont/streets", "senat/parks")):
        follow(precinct, number, scope=Scope.TOPIC, target=target)
    follow(precinct, 3, scope=Scope.TOPIC, target="valmont/parks", rhythm=Rhythm.WEEKLY)
    happens(precinct, petition, Happening.PUBLISHED, "one")
    happens(precinct, petition, Happening.STEP, "two", step="none")  # told to those of the petition
    with open_postbox() as box:
        work(a_post(precinct, box.port))
        assert Counter(box.recipients) == Counter([address_of(0)])
        precinct.clock.forward(days=8)
        work(a_post(precinct, box.port))
    assert Counter(box.recipients) == Counter([address_of(0), address_of(3)])
    told = " ".join(text_of(box.mails[0]).split())
    assert "asked to follow petitions on “Parks and trees – Town of Valmont”" in told


def test_a_topic_is_chosen_confirmed_and_stopped_like_everything_else(town: Town) -> None:
    visitor = town.site.visitor()
    form = visitor.get("/en/follow?topic=parks").text
    assert 'value="topic valmont/parks" checked' in form
    assert 'value="topic valmont/streets"' in form
    asks(town, "topic valmont/parks")
    (mail,) = post(town)
    assert "> Parks and trees – Town of Valmont" in text_of(mail)
    link = link_in(mail, "confirm")
    assert "Topic: Parks and trees" in visitor.get(link).text
    page = visitor.post(link).text
    assert "Done: you follow this" in page
    assert "topic=parks" in page
    ref = town.publish()
    with town.site.session() as session:
        town.site.petition(session, ref).topic = "parks"
    (news,) = [each for each in post(town) if "New petition" in each["Subject"]]
    assert visitor.post(link_in(news, "stop")).status_code == 200
    assert count(town, Subscription) == 0


def test_the_own_page_names_the_topic_and_leads_to_its_list(town: Town) -> None:
    mine = follows(town, "topic valmont/parks")
    page = town.site.visitor().get(mine).text
    assert "Topic: Parks and trees" in page
    assert "topic=parks" in page


def test_a_petition_offers_its_topic_beside_itself(town: Town) -> None:
    ref = town.publish()
    with town.site.session() as session:
        town.site.petition(session, ref).topic = "parks"
    form = town.site.visitor().get(f"/en/follow?petition={ref}").text
    assert f'value="petition {ref}" checked' in form
    assert (
        form.index(f"petition {ref}") < form.index("topic valmont/parks") < form.index("<details")
    )


@pytest.mark.parametrize(
    "what", ["topic valmont/energy", "topic parks", "topic mars/parks", "topic "]
)
def test_a_topic_that_no_list_has_cannot_be_followed(town: Town, what: str) -> None:
    answer = town.site.visitor().post("/en/follow", data={"what": what, "email": "a@example.org"})
    assert answer.status_code in {404, 422}
    assert count(town, Subscription) == 0
