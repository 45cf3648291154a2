"""Too many attempts from one network: a page that says until when, and nothing typed is lost."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from identity.providers.email.rooms import POSTING
from petitions.platform.limits import Bucket, Limiter
from petitions.storage import tables as t
from petitions.web.access import MARK
from petitions.web.edge import EXTENSION as ENGINE
from petitions.web.rate_limits import COUNTED, EXTENSION, UNCOUNTED, Doorkeeper, counted
from tests.privacy.canaries import Canary, dumped, files_under, search
from tests.web.site import REASONS, REQUEST, build, token
from tests.web.test_author import TITLE, drafts, start
from tests.web.test_logins import log_in_author
from tests.web.test_reading_writes_nothing import ALL_GROUPS, address
from tests.web.town import Browser, Town, form_of, open_town

SCHOOL, CAFE = "203.0.113.77", "198.51.100.201"
HOUSE = "2001:db8:55:66::1"


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def keeper_of(town: Town) -> Doorkeeper:
    found: Doorkeeper = town.site.app.extensions[EXTENSION]
    return found


def allow(town: Town, number: int = 0, *, hops: int = 0, **buckets: int) -> None:
    """From now on so many of each in ten minutes; 0 = as many as anybody likes."""
    limits = {bucket: buckets.get(str(bucket), number) for bucket in Bucket}
    keeper = keeper_of(town)
    keeper.limiter = Limiter(limits, keeper.limiter._salt_of)
    keeper.hops = hops


def coming_from(browser: Browser, network: str) -> Browser:
    browser.client.environ_base["REMOTE_ADDR"] = network
    return browser


def somebody(town: Town, network: str = SCHOOL) -> Browser:
    return coming_from(town.browser(), network)


def assert_refused(answer: Any, lang: str, until: str) -> None:
    words = {
        "en": "too many attempts from your connection. Please wait until {}, then",
        "fr": "trop de tentatives depuis votre connexion. Attendez jusqu’à {}, puis",
    }[lang]
    assert answer.status_code == 429, answer.text[-800:]
    assert words.format(until) in unescape(answer.text)
    assert f'<html lang="{lang}"' in answer.text
    assert {"en": "Nothing was recorded.", "fr": "Rien n’a été enregistré."}[lang] in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert answer.headers["Cache-Control"] == "no-store"


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


def author_of(town: Town) -> Any:
    client = town.site.author()
    client.environ_base["REMOTE_ADDR"] = SCHOOL
    return client


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
    assert "Votre saisie est conservée ci-dessous." in page
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


def address_of(rule: Any) -> str:
    from uuid import uuid4

    values = {"lang": "en", "ref": "2026-0001", "name": "x", "provider": "demo", "code": "x"}
    wanted = {name: values.get(name, uuid4()) for name in rule.arguments}
    built = rule.build(wanted)
    assert built is not None
    return str(built[1])


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
        for _ in range(3):
            answer = browser.twin().client.get(
                address(rule, ref, draft), environ_overrides={"REMOTE_ADDR": SCHOOL}
            )
            assert answer.status_code != 429, rule.rule
            read += 1
    assert read > 100
    assert len(keeper_of(town).limiter) == 0, "they were not even counted"


# --- where it comes from --------------------------------------------------------------------------


def statuses(town: Town, path: str, told: list[str], peer: str = SCHOOL) -> list[int]:
    """The same request again and again, with what each one says about itself."""
    client = somebody(town, peer).client
    return [client.get(path, headers={"X-Forwarded-For": one}).status_code for one in told]


def test_a_header_that_nobody_vouches_for_changes_nothing(town: Town) -> None:
    allow(town, staff_logins=2)
    lies = [f"10.9.8.{number}" for number in range(5)]
    assert statuses(town, "/office/sign-in", lies) == [303, 303, 429, 429, 429]


def test_behind_a_proxy_each_visitor_is_one_network_and_cannot_lie_about_it(town: Town) -> None:
    allow(town, staff_logins=2, hops=1)
    lies = [f"10.9.8.{number}, {SCHOOL}" for number in range(4)]
    assert statuses(town, "/office/sign-in", lies, "10.0.0.1") == [303, 303, 429, 429]
    others = [f"{SCHOOL}, {CAFE}"] * 3
    assert statuses(town, "/office/sign-in", others, "10.0.0.1") == [303, 303, 429]


def test_a_house_with_ipv6_is_one_network(town: Town) -> None:
    allow(town, staff_logins=2)
    inside = ["2001:db8:55:66::1", "2001:db8:55:66:ffff::2", "2001:db8:55:66:1:2:3:4"]
    found = [somebody(town, each).get("/office/sign-in").status_code for each in inside]
    assert found == [303, 303, 429]
    assert somebody(town, "2001:db8:55:67::1").get("/office/sign-in").status_code == 303


def test_a_proxy_that_names_nobody_limits_nobody_and_is_told_once(town: Town) -> None:
    """Else one silent proxy would be one network, and the site closed after the first thousand."""
    allow(town, staff_logins=1, hops=1)
    with told() as lines:
        for _ in range(3):
            assert somebody(town, "10.0.0.1").get("/office/sign-in").status_code == 303
    assert len([line for line in lines if "limits idle" in line]) == 1


def test_the_machine_itself_is_never_limited(town: Town) -> None:
    allow(town, 1)
    for _ in range(5):
        assert town.browser().get("/office/sign-in").status_code == 303


# --- what is left behind --------------------------------------------------------------------------


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class told:  # noqa: N801 - a block, not a thing
    """Everything that is logged in the block."""

    def __enter__(self) -> list[str]:
        self.heard, self.root = _Lines(), logging.getLogger()
        self.level = self.root.level
        self.root.addHandler(self.heard)
        self.root.setLevel(logging.DEBUG)
        return self.heard.lines

    def __exit__(self, *_fault: object) -> None:
        self.root.removeHandler(self.heard)
        self.root.setLevel(self.level)


def test_no_address_is_in_database_files_logs_cookies_or_pages(town: Town) -> None:
    ref = town.publish()
    allow(town, 1)
    seen: list[bytes] = []
    with told() as lines:
        for network in (SCHOOL, HOUSE):
            for _ in range(3):
                browser = somebody(town, network)
                for path in (f"/en/petitions/{ref}/sign", "/identity/start", "/office/sign-in"):
                    answer = browser.get(path)
                    seen += [answer.data, str(answer.headers).encode()]
                answer = browser.post(f"/en/petitions/{ref}/sign/confirm", {"draw": "x"})
                seen += [answer.data, str(answer.headers).encode()]
        author = author_of(town)
        for _ in range(3):
            seen.append(author.post("/en/start/new", data={"title": "x"}).data)
    assert sum(b"Too many" in page for page in seen) > 8, "the limits were met"
    canaries = [Canary.of("IPv4", SCHOOL), Canary.of("IPv6", HOUSE), Canary.of("/64", HOUSE[:15])]
    canaries += [Canary.of("hex", "cb00714d"), Canary("packed", bytes.fromhex("20010db800550066"))]
    places = {"log": "\n".join(lines).encode(), "answers": b"\n".join(seen)}
    places |= dict(dumped(town.site.sessions.kw["bind"]))
    places |= dict(files_under(town.folder))
    assert any("network-" in name for name in places), "the salt is one of the files"
    assert search(places, canaries) == []


def test_a_refused_attempt_writes_nothing_and_opens_no_connection(town: Town) -> None:
    ref = town.publish()
    allow(town, 1)
    paths = (f"/en/petitions/{ref}/sign", "/en/start/login", "/office/sign-in")
    for path in paths:
        somebody(town).get(path)
    taken: list[str] = []

    def note(*_told: Any) -> None:
        taken.append("a connection")

    engine = town.site.app.extensions[ENGINE].sessions.kw["bind"]
    event.listen(engine, "checkout", note)
    try:
        for path in paths:
            assert somebody(town).get(path).status_code == 429
        assert somebody(town).post(f"/en/petitions/{ref}/sign/confirm", {}).status_code != 429
        taken.clear()
        assert somebody(town).post(f"/en/petitions/{ref}/sign/confirm", {}).status_code == 429
    finally:
        event.remove(engine, "checkout", note)
    assert taken == []


def test_a_program_reads_the_refusal_as_a_problem_document(town: Town) -> None:
    allow(town, staff_logins=1)
    wanted = {"Accept": "application/json"}
    somebody(town).client.get("/office/sign-in")
    answer = somebody(town).client.get("/office/sign-in", headers=wanted)
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "too_many"
    assert answer.headers["Retry-After"] == "600"


def test_the_limits_of_the_settings_are_those_of_the_site(tmp_path: Path, sqlite_uri: str) -> None:
    site = build(tmp_path, sqlite_uri)
    keeper: Doorkeeper = site.app.extensions[EXTENSION]
    assert keeper.limiter._limits[Bucket.LOGINS] == 1200
    assert (keeper.hops, keeper.clock()) == (0, site.at)
    site.later(days=1)
    assert keeper.clock() == site.at
    here = {"REMOTE_ADDR": CAFE}
    found = [
        site.visitor().get("/office/sign-in", environ_overrides=here).status_code
        for _ in range(301)
    ]
    assert found == [303] * 300 + [429]
    site.close()
