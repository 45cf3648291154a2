"""Too many attempts from one network: a page that says until when, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from identity.providers.email.rooms import POSTING
from petitions.platform.limits import Bucket
from petitions.storage import tables as t
from petitions.web.access import MARK
from petitions.web.rate_limits import COUNTED, UNCOUNTED, counted
from tests.web.limited import (
    CAFE,
    SCHOOL,
    address_of,
    allow,
    assert_refused,
    author_of,
    keeper_of,
    somebody,
    told,
)
from tests.web.site import REASONS, REQUEST, token
from tests.web.test_author import TITLE, drafts, start
from tests.web.test_logins import log_in_author
from tests.web.test_reading_writes_nothing import ALL_GROUPS
from tests.web.town import Town, form_of, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


# --- the beginning of a login --------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_who_begins_too_many_logins_reads_until_when_to_wait_and_others_go_on(
    town: Town, lang: str
) -> None:
    ref = town.publish()
    allow(town, logins=2)
    path = f"/{lang}/petitions/{ref}/sign"
    for _ in range(2):
        assert somebody(town).get(path).status_code == 303
    for _ in range(3):
        answer = somebody(town).get(path)
    assert_refused(answer, lang, "10:05")  # 09:00 UTC is ten in Paris
    assert answer.headers["Retry-After"] == "300"
    assert f'href="{path}"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert somebody(town, CAFE).get(path).status_code == 303
    town.site.later(seconds=300)
    assert somebody(town).get(path).status_code == 303


def test_the_steps_of_one_login_are_counted_each_for_itself(town: Town) -> None:
    ref = town.publish()
    allow(town, logins=2, confirmations=2)
    for person in ("a", "b"):
        assert somebody(town).sign(ref, person).headers["Location"].endswith("/sign/done")
    assert somebody(town).get(f"/en/petitions/{ref}/sign").status_code == 429


@pytest.mark.parametrize("step", ["start", "go/demo"])
def test_the_login_itself_answers_in_the_language_of_the_petition(town: Town, step: str) -> None:
    ref = town.publish()
    browser = somebody(town)
    browser.get(f"/fr/petitions/{ref}/sign")
    allow(town, logins=1)
    assert somebody(town).get(f"/identity/{step}").status_code == 400, "no request, but counted"
    with told() as lines:
        answer = browser.get(f"/identity/{step}")
    assert_refused(answer, "fr", "10:10")
    assert f'href="/fr/petitions/{ref}"' in answer.text
    outcome = [line for line in lines if "cause=too_many" in line]
    assert len(outcome) == 1
    assert SCHOOL not in "".join(lines)
    stranger = somebody(town).get(f"/identity/{step}")
    assert stranger.status_code == 429, "a flood without any request token costs as little"
    town.site.later(minutes=10)
    assert browser.get(f"/identity/{step}").status_code == 303, "the same request still serves"


def test_authors_and_staff_are_counted_where_their_logins_begin(town: Town) -> None:
    allow(town, logins=1, staff_logins=2)
    author = "/fr/start/login?assembly=valmont&back=/fr/mine"
    assert somebody(town).get(author).status_code == 303
    answer = somebody(town).get(author)
    assert_refused(answer, "fr", "10:10")
    assert f'href="{author}"' in unescape(answer.text), "where to, and at which assembly"
    for wanted in (303, 303, 429):
        assert somebody(town).get("/office/sign-in").status_code == wanted


def test_whoever_comes_back_from_the_provider_is_never_turned_away_for_it(town: Town) -> None:
    ref = town.publish()
    browsers = [somebody(town) for _ in range(4)]
    urls = [town.citizens.log_in(b.leave(f"/en/petitions/{ref}/sign")) for b in browsers]
    allow(town, 1)
    for browser, url in zip(browsers, urls, strict=True):
        assert browser.get(url).headers["Location"].endswith("/sign/confirm")


# --- what is confirmed and typed ------------------------------------------------------------------


def test_a_signature_that_came_too_often_can_be_sent_again_from_the_page(town: Town) -> None:
    ref = town.publish()
    browser, path = somebody(town), f"/en/petitions/{ref}/sign/confirm"
    form = browser.confirm(ref)
    other = somebody(town)
    others = other.confirm(ref, "bastien leroy")
    allow(town, confirmations=1)
    assert other.post(path, others).headers["Location"].endswith("/sign/done")
    answer = browser.post(path, form)
    assert_refused(answer, "en", "10:10")
    assert town.acts()[0] == 1
    kept = form_of(answer.text, path)
    assert kept == form, "the very form, with the token it came with and no other"
    town.site.later(minutes=9)
    assert browser.post(path, kept).status_code == 429
    town.site.later(minutes=1)
    done = browser.post(path, kept)
    assert done.status_code in {303, 400}, "a pass lives ten minutes"
    assert town.acts()[0] == 1 + (done.status_code == 303)


def test_the_form_sent_again_in_time_signs(town: Town) -> None:
    ref = town.publish()
    browser, path = somebody(town), f"/en/petitions/{ref}/sign/confirm"
    form = browser.confirm(ref)
    allow(town, confirmations=5)
    for _ in range(5):
        somebody(town).post(path, {})
    refused = browser.post(path, form)
    assert_refused(refused, "en", "10:02")
    town.site.later(minutes=2)
    kept = form_of(refused.text, path)
    assert browser.post(path, kept).headers["Location"].endswith("/sign/done")


def test_a_withdrawal_is_counted_with_the_signatures(town: Town) -> None:
    ref = town.publish()
    town.browser().sign(ref)
    path = f"/en/petitions/{ref}/sign/withdraw/confirm"
    browser = somebody(town)
    assert browser.log_in(path.removesuffix("/confirm")).headers["Location"] == path
    form = form_of(browser.get(path).text, path)
    allow(town, confirmations=1)
    somebody(town).post(f"/en/petitions/{ref}/sign/confirm", {})
    assert_refused(browser.post(path, form), "en", "10:10")
    assert town.count(t.Signature, t.Signature.standing == "signed") == 1


def test_the_text_of_an_author_survives_and_nothing_of_it_is_written(town: Town) -> None:
    author = author_of(town)
    draft = start(author)
    allow(town, author_forms=1)
    form = {"csrf_token": token(author, f"{draft}/text"), "title": TITLE, "seen": "y"}
    form |= {"request": REQUEST, "reasons": f"{REASONS} « Voilà » & <tout>."}
    author.post(f"{draft}/similar", data={**form, "difference": "x"})
    answer = author.post(f"{draft}/text".replace("/en/", "/fr/"), data=form)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 600
    assert answer.headers["Cache-Control"] == "no-store"
    page = unescape(answer.text)
    assert "Attendez jusqu’à 10:10" in page
    assert "Ce que vous venez de saisir figure ci-dessous et n’est pas encore enregistré." in page
    for name in ("request", "reasons"):
        shown = re.search(rf'<textarea id="{name}".*?>\n(.*?)</textarea>', answer.text, re.DOTALL)
        assert shown
        assert unescape(shown[1]) == form[name]
    assert f'value="{TITLE}"' in page
    with town.site.session() as session:
        kept = session.query(t.PetitionText).one()
        assert (kept.request, kept.reasons) == ("", "")
    town.site.later(minutes=10)
    assert author.post(f"{draft}/text", data=form).status_code == 303
    with town.site.session() as session:
        assert session.query(t.PetitionText).one().reasons == form["reasons"]


def test_every_page_of_an_author_shows_what_was_typed(town: Town) -> None:
    town.publish(TITLE)  # so that there is something to be different from
    author = author_of(town)
    draft = start(author)
    csrf = {"csrf_token": token(author, "/en/start/new")}
    allow(town, author_forms=1)
    author.post(f"{draft}/similar", data={**csrf, "difference": "x"})
    typed = {
        "/en/start/new": {"title": "Un marché couvert", "language": "fr", "kind": "petition"},
        f"{draft}/similar": {"difference": "La nôtre vise le soir."},
        f"{draft}/text": {"title": "Le bus", "request": REQUEST, "reasons": REASONS, "seen": "y"},
        f"{draft}/you": {"name": "Claire Lefort", "email": "claire@example.org"},
    }
    before = drafts(town.site)
    for path, form in typed.items():
        answer = author.post(path, data={**csrf, **form})
        assert answer.status_code == 429, path
        assert "Please wait until 10:10" in answer.text, path
        for value in set(form.values()) - {"fr", "petition", "y"}:
            assert value in unescape(answer.text), (path, value)
    assert drafts(town.site) == before
    check = author.post(f"{draft}/check", data={**csrf, "version": version_of(town)})
    assert check.status_code == 429
    withdraw = author.post(
        f"{draft.replace('drafts', 'mine')}/withdraw", data={**csrf, "version": 1}
    )
    assert_refused(withdraw, "en", "10:10")
    with town.site.session() as session:
        mine = t.Petition.reference.is_(None)
        assert [p.state for p in session.query(t.Petition).where(mine)] == ["draft"]


def version_of(town: Town) -> str:
    with town.site.session() as session:
        mine = t.Petition.reference.is_(None)
        return str(session.query(t.Petition.version).where(mine).scalar())


def test_a_form_that_was_open_too_long_says_so_also_over_the_limit(town: Town) -> None:
    """The anti-forgery check comes first; its page keeps its own status."""
    author = author_of(town)
    draft = start(author)
    allow(town, author_forms=1)
    for _ in range(3):
        answer = author.post(f"{draft}/text", data={"csrf_token": "x", "title": "y"})
        assert answer.status_code == 422


# --- which requests are counted --------------------------------------------------------------------


def test_every_form_is_counted_but_those_of_staff_and_those_that_end_a_session(town: Town) -> None:
    app, free = town.site.app, set()
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        path = address_of(rule)
        with app.test_request_context(path, method="POST"):
            found = counted(app)
        access = getattr(app.view_functions[rule.endpoint], MARK, "")
        if access == "author":
            assert found == (Bucket.AUTHOR_FORMS, ""), path
        elif found is None and not access.startswith("staff:"):
            free.add(rule.endpoint)
    assert free == UNCOUNTED | POSTING, "the forms of a login by e-mail ask at the login's own door"


def test_what_is_listed_exists_under_that_method(town: Town) -> None:
    methods = {rule.endpoint: rule.methods or set() for rule in town.site.app.url_map.iter_rules()}
    for method, endpoint in COUNTED:
        assert method in methods[endpoint], endpoint
    for endpoint in UNCOUNTED:
        assert "POST" in methods[endpoint]


def test_a_message_of_a_provider_that_ends_sessions_has_a_bucket_of_its_own(town: Town) -> None:
    app = town.site.app
    allow(town, logouts=1)
    with app.test_request_context("/identity/start", method="GET"):
        assert counted(app) is None
    (rule,) = [r for r in app.url_map.iter_rules() if r.endpoint == "identity.staff_logout"]
    for wanted in (400, 429, 429):
        answer = somebody(town).client.post(address_of(rule), data={"logout_token": "x"})
        assert answer.status_code == wanted
        assert answer.headers["Cache-Control"] == "no-store"


def test_reading_is_never_limited_wherever_it_comes_from(town: Town) -> None:
    ref = town.publish()
    browser = somebody(town)
    log_in_author(browser)
    browser.log_in_staff(ALL_GROUPS)
    draft = start(author_of(town)).rsplit("/", 1)[1]
    allow(town, 1)
    beginnings = {endpoint for _method, endpoint in COUNTED} | {"identity.start", "identity.go"}
    read = 0
    for rule in town.site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in beginnings:
            continue
        for _ in range(2):
            answer = browser.twin().client.get(
                address_of(rule, ref, draft), environ_overrides={"REMOTE_ADDR": SCHOOL}
            )
            assert answer.status_code != 429, rule.rule
            read += 1
    assert read > 100
    assert len(keeper_of(town).limiter) == 0, "they were not even counted"
