"""Every route, walked with planted values: nothing of a person stays, and no route is left out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from werkzeug.routing import Rule, UUIDConverter

from petitions.app import create_worker
from petitions.domain.lifecycle import Action
from petitions.domain.retention import Place, names
from petitions.domain.retention_table import TABLE
from petitions.web.edge import EXTENSION
from tests.privacy.canaries import Canary, search
from tests.privacy.elsewhere import ELSEWHERE
from tests.privacy.planted import (
    ADDRESS,
    MAIL,
    NAME,
    STAFF_SUB,
    Trace,
    Watched,
    file_as_author,
    log_in,
    plant,
)
from tests.privacy.test_canary import places_of, production_log
from tests.privacy.walk import (
    HEADERS,
    Form,
    Plants,
    Reached,
    Route,
    forms_in,
    header_plants,
    links_in,
    methods,
    names_read,
    recorded,
    routes_of,
)
from tests.web.site import token
from tests.web.test_reading_writes_nothing import ALL_GROUPS
from tests.web.town import Town, open_town

ENDING = ("suspend", "withdraw", "disable", "end_", "session", "sign_out", "_out", "delete_draft")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def town(tmp_path: Path, database_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """With a page cache, and temporary files where the search looks."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with open_town(tmp_path, database_uri, cache=1) as found:
        yield found


class Walker:
    """One person who goes everywhere: author, signer and staff in one browser."""

    def __init__(self, town: Town, trace: Trace, plants: Plants) -> None:
        self.town, self.trace, self.plants = town, trace, plants
        self.names = names_read(ROOT)
        self.forms: dict[Route, Form] = {}
        self.links: dict[str, dict[str, None]] = {}
        self.seen: set[str] = set()
        self.logins = 0
        self.browser = Watched(town, trace)
        self.browser.client.environ_base |= header_plants(HEADERS)
        self.browser.client.set_cookie("theirs", HEADERS["their cookie"])

    def settle_in(self, ref: str) -> None:
        """Logged in as author with a petition sent and a draft, and as staff with every role."""
        self.ref, browser = ref, self.browser
        self.sent = file_as_author(browser)
        with self.town.site.session() as session:
            self.petition = str(self.town.site.petition(session, self.sent).id)
        form = {"csrf_token": token(browser.client, "/fr/start/new"), "kind": "petition"}
        step = browser.post(
            "/fr/start/new", {**form, "title": "Un marché couvert", "language": "fr"}
        )
        self.draft = step.headers["Location"].split("/")[3]
        Watched(self.town, self.trace).log_in_staff(sub=STAFF_SUB)  # somebody else to act upon
        browser.log_in_staff(ALL_GROUPS)
        self.town.integrate()

    def read_everything(self) -> None:
        """Twice: the first time finds links and forms that lead further."""
        for _ in range(2):
            for rule in self.town.site.app.url_map.iter_rules():
                if "GET" in methods(rule):
                    self._come_prepared(rule.endpoint)
                    for path in self.addresses(rule):
                        if path not in self.seen or rule.endpoint.startswith("signing."):
                            self.seen.add(path)
                            self.read(with_plants(path, self.plants.one(rule.endpoint)))
                            if rule.endpoint.startswith("api."):
                                self.read(path)  # a parameter that nobody knows is refused there

    def read(self, path: str) -> Any:
        answer = self.browser.get(path)
        bare, app = path.partition("?")[0], self.town.site.app
        self.forms |= routes_of(app, forms_in(bare, answer.get_data()))
        for endpoint, found in links_in(app, bare, answer.get_data()).items():
            self.links.setdefault(endpoint, {}).update(dict.fromkeys(found))
        return answer

    def write_everything(self) -> None:
        """What ends something comes last, and signing out after everything."""
        rules = [r for r in self.town.site.app.url_map.iter_rules() if "POST" in methods(r)]
        for rule in sorted(rules, key=lambda r: sum(word in r.endpoint for word in ENDING)):
            self._come_prepared(rule.endpoint)
            form = self.forms.get((rule.endpoint, "POST"))
            path = form.action if form else (self.addresses(rule) or [rule.rule])[0]
            csrf = self._token()
            everything = self.plants.everything(rule.endpoint, self.names, csrf)
            self.browser.post(path, everything)
            if form:
                self.browser.post(path, self.plants.as_asked(rule.endpoint, form))

    def _token(self) -> str:
        """Of the anti-forgery session: the same for authors and staff."""
        answer = self.browser.get("/fr/start/new")
        if answer.status_code == 303:  # signed out by what came before
            log_in(self.browser, answer.headers["Location"] + "&assembly=valmont")
            self.browser.get("/fr/start/back")
            answer = self.browser.get("/fr/start/new")
        if self.browser.get("/office/shortcuts").status_code != 200:  # the shortest of the desk's
            self.logins += 1
            self.browser.log_in_staff(ALL_GROUPS, sub=f"staff-{self.logins}")
            answer = self.browser.get("/fr/start/new")
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        assert found
        return found[1]

    def _come_prepared(self, endpoint: str) -> None:
        """The rooms of a signer open with a fresh login only."""
        here = f"/fr/petitions/{self.ref}/sign"
        if endpoint in {"signing.confirm", "signing.sign"}:
            log_in(self.browser, here)
            self.read(f"{here}/confirm")
        elif endpoint in {"signing.withdraw_confirm", "signing.withdraw"}:
            log_in(self.browser, f"{here}/withdraw")
            self.read(f"{here}/withdraw/confirm")

    def addresses(self, rule: Rule) -> list[str]:
        """As links of the site lead there, and as the rule itself says."""
        found = [path for path in self.links.get(rule.endpoint, {}) if len(path) < 200][:2]
        values = {"lang": "fr", "ref": self.ref, "draft": self.draft, "petition_id": self.petition,
                  "name": "checkpoint", "provider": "demo", "log_id": 2026, "code": "council",
                  "entry": UUID(int=0), "number": 1, "language": "en"}  # fmt: skip
        if rule.endpoint.startswith(("api.", "uk.")):
            values["number"] = self.ref
        nobody = {
            name: UUID(int=0)
            if isinstance(rule._converters.get(name), UUIDConverter)
            else (rule.defaults or {}).get(name, "0" * 32)
            for name in rule.arguments
        }
        built = rule.build({name: values.get(name, nobody[name]) for name in rule.arguments})
        assert built is not None
        found.append(str(built[1]))
        return list(dict.fromkeys(found))


def with_plants(path: str, word: str) -> str:
    """The address with planted parameters behind its own; what is longer is never cached."""
    names = ("x", "q") if "/sign" not in path and "/identity" not in path else (
        "x", "code", "state", "ref", "back", "iss",
    )  # fmt: skip
    return f"{path}{'&' if '?' in path else '?'}" + "&".join(f"{name}={word}" for name in names)


def caches_of(town: Town) -> dict[str, bytes]:
    """What the page cache holds: each page with its headers, plain and packed."""
    cache = town.site.app.wsgi_app
    pages = {path: place.page for path, place in cache._places.items()}  # type: ignore[attr-defined]
    return {
        f"cached {path.partition('?')[0]}": repr(page.headers).encode() + page.body
        for path, page in pages.items()
        if page is not None
    }


def unlisted_files(folder: Path) -> list[str]:
    """Files of the site that the table of what is kept does not name."""
    patterns = [part for row in TABLE if row.place is Place.FILE for part in row.parts]
    paths = [str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file()]
    return [path for path in paths if not any(fnmatchcase(path, each) for each in patterns)]


def unlisted_cookies(trace: Trace) -> set[str]:
    """Names that were set (the name of an open login goes on with a hash of its state)."""
    found = {"login" if name.startswith("login-") and name != "login-step" else name
             for name, _ in trace.cookies}  # fmt: skip
    assert len(found) > 6
    return found - names(TABLE, Place.COOKIE)


@contextmanager
def failing_database(town: Town) -> Iterator[None]:
    """Whatever needs the database fails with a text that names the person."""

    def fail(*_told: Any) -> None:
        raise RuntimeError(f"planted: {NAME} {MAIL} {ADDRESS}")

    the = town.site.app.extensions[EXTENSION]
    engines = [each.kw["bind"] for each in (the.sessions, the.quick_sessions) if each is not None]
    for engine in engines:
        event.listen(engine, "checkout", fail)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "checkout", fail)


def fail_everywhere(walker: Walker) -> set[int]:
    """Every route once more while the database fails; the statuses."""
    found = set()
    with failing_database(walker.town):
        for rule in walker.town.site.app.url_map.iter_rules():
            for path in walker.addresses(rule)[-1:]:
                for method in methods(rule):
                    answer = walker.browser.client.open(path, method=method, data={"x": "y"})
                    walker.trace.answered(answer)
                    found.add(answer.status_code)
    return found


def fail_in_the_worker(town: Town) -> None:
    """A letter, a turn and a step between two transactions fail with a text that names the person."""
    worker = create_worker(town.settings, town.site.sessions, clock=town.site.clock)

    def fail(*_told: Any) -> None:
        raise RuntimeError(f"planted: {NAME} {MAIL}")

    class Post:
        send = staticmethod(fail)

    worker.mailer = Post()
    town.site.later(minutes=1)
    town.site.decide(town.site.file("Un kiosque à musique"), Action.ACCEPT)
    worker.turn()
    worker.between = fail
    worker.turn()


def test_no_route_keeps_anything_of_a_person(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    trace, plants, reached = Trace(), Plants(), Reached()
    canaries = [*plant(town, trace), *(Canary.of(n, v) for n, v in HEADERS.items())]
    with production_log(capsys, trace), recorded(town.site.app, reached):
        walker = Walker(town, trace, plants)
        walker.settle_in(town.publish("Des bancs sur la place du marché"))
        walker.read_everything()
        cached = caches_of(town)
        walker.write_everything()
        town.integrate()
        assert 500 in fail_everywhere(walker)
        fail_in_the_worker(town)
    assert reached.missing(town.site.app) == [], "the walk must come to every route"
    assert {route[0] for route in reached.not_there(town.site.app)} <= set(ELSEWHERE)
    assert "job letter failed: RuntimeError" in trace.log
    assert unlisted_files(town.folder) == []
    assert unlisted_cookies(trace) == set()
    assert len(cached) > 10
    places = places_of(town, trace) | cached
    assert search(places, [*canaries, *trace.secrets]) == []
    # what is typed into the rooms of a signer goes back to that browser and nowhere else
    kept = {place: held for place, held in places.items() if not place.startswith("page ")}
    assert search(kept | trace.heads, plants.canaries(private=True)) == []
    # what authors and staff type is their petition or file; it is in no log, cookie, header or cache
    content = ("page ", "table ", "petitions.sqlite", "mailbox/", "log/2026/texts/")
    passing = {place: held for place, held in places.items() if not place.startswith(content)}
    typed = plants.canaries(private=False)
    assert len(typed) > 40
    found = search(passing | trace.heads, typed)
    # words of a search stand on the page of that search and in its feed, cached for a second, and at
    # the desk in the way back to it
    assert {(leak.canary, leak.place.split()[0]) for leak in found} <= {
        ("typed at public.petitions", "cached"),
        ("typed at feeds.list_feed", "cached"),
        ("typed at office.queue", "page"),
    }


@pytest.mark.parametrize("where", sorted(set(ELSEWHERE.values())))
def test_what_the_walk_finds_empty_is_carried_through_by_a_test_of_its_own(where: str) -> None:
    path, _, name = where.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_a_route_that_the_walk_does_not_come_to_is_missing(tmp_path: Path, sqlite_uri: str) -> None:
    with open_town(tmp_path, sqlite_uri) as town:
        app, reached = town.site.app, Reached()
        rule = next(r for r in app.url_map.iter_rules() if r.endpoint == "office.queue")
        with recorded(app, reached):
            # the guard sends away whoever is not logged in: the view itself was not entered
            assert town.site.visitor().get("/office/queue").status_code == 303
            assert town.site.visitor().get("/healthz").status_code == 200
        assert (rule.endpoint, "GET") in reached.missing(app)
        assert ("health.alive", "GET") not in reached.missing(app)


def test_a_file_and_a_cookie_that_nobody_listed_are_found(tmp_path: Path) -> None:
    (tmp_path / "log" / "2026").mkdir(parents=True)
    for name in ("petitions.sqlite", "log/2026/checkpoint", "log/2026/signers.csv"):
        (tmp_path / name).touch()
    assert unlisted_files(tmp_path) == ["log/2026/signers.csv"]
    trace = Trace(cookies=dict.fromkeys((name, "x") for name in (
        "who", "ask", "login-0123456789abcdef", "login-step", "pass", "author", "staff")))  # fmt: skip
    assert unlisted_cookies(trace) == {"who"}
