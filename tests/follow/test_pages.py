"""The pages of following: the same answer for everybody, nothing by GET, nothing without a button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from petitions.services.follow_keys import Link, follow_keys
from petitions.storage import tables as t
from tests.follow.test_following import ADDRESS, asks, count, follows, link_in, post, text_of
from tests.web.town import Town, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def test_the_petition_page_carries_the_form_without_cookie_or_token(town: Town) -> None:
    ref = town.publish()
    page = town.site.visitor().get(f"/en/petitions/{ref}")
    assert f'value="petition {ref}"' in page.text
    assert "csrf_token" not in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"].startswith("public")
    form = town.site.visitor().get(f"/en/follow?petition={ref}")
    assert "Set-Cookie" not in form.headers
    assert form.headers["Cache-Control"].startswith("public")


def test_unknown_known_refused_and_trapped_addresses_see_the_same_page(town: Town) -> None:
    ref = town.publish()
    post(town)
    fresh = asks(town, f"petition {ref}", address="fresh@example.org")
    follows(town, f"petition {ref}")
    known = asks(town, f"petition {ref}")
    (mail,) = [m for m in post(town) if m["To"] == ADDRESS]
    assert "/follow/mine/" in text_of(mail)
    with town.site.session() as session:
        mark = follow_keys(town.site.house).mark("gone@example.org")
        session.add(t.MailSuppression(mark=mark, why="bounce", on_day=town.site.at.date()))
    gone = asks(town, f"petition {ref}", address="gone@example.org")
    trapped = town.site.visitor().post(
        "/en/follow",
        data={"what": f"petition {ref}", "email": "bot@example.org", "website": "http://x"},
    )
    for other, address in (
        (known, ADDRESS), (gone, "gone@example.org"), (trapped.text, "bot@example.org"),
    ):  # fmt: skip
        assert other.replace(address, "fresh@example.org") == fresh
    assert [m["To"] for m in post(town) if m["To"] in {"gone@example.org", "bot@example.org"}] == []


def test_a_malformed_address_is_told_at_its_field_and_kept(town: Town) -> None:
    ref = town.publish()
    answer = town.site.visitor().post(
        "/en/follow", data={"what": f"petition {ref}", "email": "nadia at example"}
    )
    assert answer.status_code == 422
    assert 'value="nadia at example"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert count(town, t.Follower) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
    ],
)
def test_a_form_on_somebody_elses_page_asks_for_nothing(
    town: Town, headers: dict[str, str], status: int
) -> None:
    data = {"what": "all", "email": ADDRESS}
    answer = town.site.visitor().post("/en/follow", data=data, headers=headers)
    assert answer.status_code == status
    assert count(town, t.Follower) == (1 if status == 200 else 0)


def test_a_machine_that_opens_every_link_changes_nothing(town: Town) -> None:
    ref = town.publish()
    post(town)
    asks(town, f"petition {ref}")
    (mail,) = post(town)
    visitor = town.site.visitor()
    page = visitor.get(link_in(mail, "confirm"))
    assert "Yes, send me these mails" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    with town.site.session() as session:
        (row,) = session.scalars(select(t.Subscription))
        assert row.confirmed_on is None


def test_a_link_runs_out_after_seven_days_and_nothing_is_kept(town: Town) -> None:
    ref = town.publish()
    post(town)
    asks(town, f"petition {ref}")
    (mail,) = post(town)
    town.site.later(days=8)
    visitor = town.site.visitor()
    answer = visitor.post(link_in(mail, "confirm"))
    assert answer.status_code == 410
    assert "This link has run out" in answer.text
    assert count(town, t.Follower) == count(town, t.Subscription) == 0
    asks(town, f"petition {ref}")
    town.site.later(days=8)
    town.work()
    assert count(town, t.Follower) == count(town, t.Subscription) == 0


def test_one_address_is_written_to_five_times_a_day_whoever_types_it(town: Town) -> None:
    for _time in range(9):
        asks(town, "all")
    assert len(post(town)) == 5
    town.site.later(days=1)
    asks(town, "all")
    assert len(post(town)) == 1


def test_the_private_page_changes_stops_and_deletes(town: Town) -> None:
    ref = town.publish()
    post(town)
    mine = follows(town, f"petition {ref}")
    follows(town, "subject bus scolaire")
    visitor = town.site.visitor()
    page = visitor.get(mine).text
    assert "N…@example.org" in page
    assert ADDRESS not in page
    assert "bus scolaire" in page
    wishes = re.findall(r'name="wish" value="([^"]+)"', page)
    assert len(set(wishes)) == 2
    assert visitor.post(mine, data={"act": "weekly", "wish": wishes[0]}).status_code == 303
    assert visitor.post(mine, data={"act": "language", "language": "fr"}).status_code == 303
    with town.site.session() as session:
        rhythms = session.scalars(select(t.Subscription.rhythm)).all()
        assert sorted(rhythms) == ["at_once", "weekly"]
        assert session.scalars(select(t.Follower.language)).one() == "fr"
    visitor.post(mine, data={"act": "stop", "wish": wishes[0]})
    assert count(town, t.Subscription) == 1
    gone = visitor.post(mine, data={"act": "erase"})
    assert "Nothing is kept" in gone.text
    assert count(town, t.Follower) == count(town, t.Subscription) == 0
    assert "Nothing is kept" in visitor.get(mine).text
    with town.site.session() as session:
        assert session.scalar(select(func.count()).select_from(t.FollowMail)) == 0


def test_a_forged_link_of_any_kind_is_no_page(town: Town) -> None:
    ref = town.publish()
    mine = follows(town, f"petition {ref}")
    token = mine.rpartition("/")[2]
    visitor = town.site.visitor()
    for path in (
        f"/en/follow/mine/{token[:-2]}AA", f"/en/follow/confirm/{token}", f"/en/follow/stop/{token}",
        "/en/follow/stop/x", "/en/follow/mine/é",
    ):  # fmt: skip
        assert visitor.get(path).status_code == 404, path
        assert visitor.post(path).status_code == 404, path


def test_a_suppressed_address_is_told_on_its_own_page_alone(town: Town) -> None:
    ref = town.publish()
    post(town)
    mine = follows(town, f"petition {ref}")
    with town.site.session() as session:
        row = session.scalars(select(t.Follower)).one()
        session.add(t.MailSuppression(mark=row.mark, why="complaint", on_day=town.site.at.date()))
    visitor = town.site.visitor()
    assert "our mails were unwanted" in visitor.get(mine).text
    visitor.post(mine, data={"act": "works"})
    assert "our mails were unwanted" not in visitor.get(mine).text
    assert count(town, t.MailSuppression) == 0


def test_signing_offers_to_follow_by_a_link_that_knows_nothing_of_the_signature(
    town: Town,
) -> None:
    from tests.web.town import AMINA

    ref = town.publish()
    browser = town.browser()
    browser.sign(ref, AMINA)
    page = browser.get(f"/en/petitions/{ref}/sign/done").text
    assert f'href="/en/follow?petition={ref}" rel="nofollow noreferrer"' in page
    form = browser.get(f"/en/follow?petition={ref}")
    assert form.text == town.site.visitor().get(f"/en/follow?petition={ref}").text
    assert "Set-Cookie" not in form.headers


def test_one_click_is_never_limited_by_the_network(town: Town) -> None:
    ref = town.publish()
    follows(town, f"petition {ref}")
    with town.site.session() as session:
        wish = session.scalars(select(t.Subscription.id)).one()
    path = f"/en/follow/stop/{follow_keys(town.site.house).link(Link.STOP, wish)}"
    visitor = town.site.visitor()
    where = {"REMOTE_ADDR": "203.0.113.7"}
    answers = {
        visitor.post(path, data={"List-Unsubscribe": "One-Click"}, environ_base=where).status_code
        for _time in range(320)
    }
    assert answers == {200}
