"""Every route, walked with planted values: nothing of a person stays, and no route is left out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from tests.privacy.canaries import Canary
from tests.privacy.planted import Trace, Watched, file_as_author, live, log_in, plant
from tests.privacy.test_canary import production_log
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

ENDING = ("withdraw", "disable", "end_", "session", "sign_out", "_out")
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
        browser.log_in_staff(ALL_GROUPS)

    def read_everything(self) -> None:
        """Twice: the first time finds links and forms that lead further."""
        for _ in range(2):
            for rule in self.town.site.app.url_map.iter_rules():
                if "GET" in methods(rule):
                    self._come_prepared(rule.endpoint)
                    for path in self._addresses(rule):
                        self.read(with_plants(path, self.plants.one(rule.endpoint)))

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
            path = form.action if form else (self._addresses(rule) or [rule.rule])[0]
            csrf = self._token(rule.endpoint)
            everything = self.plants.everything(rule.endpoint, self.names, csrf)
            self.browser.post(path, everything)
            if form:
                self.browser.post(path, self.plants.as_asked(rule.endpoint, form))

    def _token(self, endpoint: str) -> str:
        """Of the anti-forgery session: the same for authors and staff."""
        answer = self.browser.get("/fr/start/new")
        if answer.status_code == 303:  # signed out by what came before
            log_in(self.browser, answer.headers["Location"])
            self.browser.get("/fr/start/back")
            print("RELOG", endpoint)
        return token(self.browser.client, "/fr/start/new")

    def _come_prepared(self, endpoint: str) -> None:
        """The rooms of a signer open with a fresh login only."""
        here = f"/fr/petitions/{self.ref}/sign"
        if endpoint in {"signing.confirm", "signing.sign"}:
            log_in(self.browser, here)
            self.read(f"{here}/confirm")
        elif endpoint in {"signing.withdraw_confirm", "signing.withdraw"}:
            log_in(self.browser, f"{here}/withdraw")
            self.read(f"{here}/withdraw/confirm")

    def _addresses(self, rule: Rule) -> list[str]:
        """As links of the site lead there, and as the rule itself says."""
        found = [path for path in self.links.get(rule.endpoint, {}) if len(path) < 200][:3]
        values = {"lang": "fr", "ref": self.ref, "draft": self.draft, "petition_id": self.petition,
                  "name": "site.css", "provider": "demo", "log_id": 2026}  # fmt: skip
        if rule.arguments <= set(values):
            built = rule.build({name: values[name] for name in rule.arguments})
            assert built is not None
            found.append(str(built[1]))
        return list(dict.fromkeys(found))


def with_plants(path: str, word: str) -> str:
    """The address with planted parameters behind its own."""
    return f"{path}{'&' if '?' in path else '?'}" + "&".join(
        f"{name}={word}" for name in ("x", "q", "code", "state", "ref", "back")
    )


def test_no_route_keeps_anything_of_a_person(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    trace, plants, reached = Trace(), Plants(), Reached()
    canaries = [*plant(town, trace), *(Canary.of(n, v) for n, v in HEADERS.items())]
    with production_log(capsys, trace), recorded(town.site.app, reached):
        live(town, trace)
        walker = Walker(town, trace, plants)
        walker.settle_in(town.publish("Des bancs sur la place du marché"))
        walker.read_everything()
        walker.write_everything()
        town.integrate()
    assert reached.missing(town.site.app) == []
