"""The whole site and its identity providers on one clock: logins as a browser makes them.

Our side is the real `create_app` behind Flask's test client; the providers answer on the loopback,
in a thread, so that the back channel is real HTTP. What lies is the provider, never the site.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from petitions import border
from petitions.app import create_app, create_worker
from petitions.demo.settings import CITIZENS_SECRET, STAFF_SECRET, write_settings
from petitions.ledger.entries import Entry, EntryType, parse
from petitions.platform.config import Settings, load_settings
from petitions.storage import tables as t
from petitions.storage.tables import Base, LogEntry
from petitions.web.edge import EXTENSION
from tests.identity.lying_provider import Claims, Lies, LyingProvider
from tests.web.site import FOUR, TWO, Site

HOST, PORT = "127.0.0.1", 8000
ADDRESS = f"http://{HOST}:{PORT}"
AMINA, BASTIEN = "amina haddad", "bastien leroy"
BORN, HOME = "1990-02-03", "valmont"


class ClockedProvider(LyingProvider):
    """Its tokens carry the site's time, which the test moves."""

    def __init__(self, clock: Callable[[], Any], **settings: Any) -> None:
        super().__init__(**settings)
        self.clock = lambda: clock().timestamp()

    def _id_token(self, asked: Claims, access: str) -> str:
        at = int(self.clock())
        self.claims |= {"iat": at, "exp": at + 60, "auth_time": at}
        return super()._id_token(asked, access)


@contextmanager
def town_of_a_module(
    folders: pytest.TempPathFactory, name: str, sqlite_template: Path
) -> Iterator[Town]:
    """One for all tests of a module: each has petitions and people of its own."""
    folder = folders.mktemp(name)
    shutil.copyfile(sqlite_template, folder / "petitions.sqlite")
    with open_town(folder, f"sqlite:///{folder / 'petitions.sqlite'}") as found:
        yield found


def key_of(person: str) -> str:
    """The `sub` of a citizen: stable, and nothing else of the engine knows how it is made."""
    return hashlib.sha256(f"at the provider: {person}".encode()).hexdigest() + "v1"


@dataclass
class Town:
    site: Site
    settings: Settings
    citizens: ClockedProvider
    staff: ClockedProvider
    folder: Path
    browsers: list[Browser] = field(default_factory=list)

    def browser(self, client: FlaskClient | None = None) -> Browser:
        made = Browser(self, client or self.site.visitor())
        self.browsers.append(made)
        return made

    def publish(self, title: str = "Un bus toutes les vingt minutes", **more: Any) -> str:
        return self.site.publish(title, **more)

    def work(self) -> None:
        """The worker's turns until nothing is left to do at this instant."""
        worker = create_worker(self.settings, self.site.sessions, clock=self.site.clock)
        for _ in range(20):
            if not worker.turn():
                return
        raise AssertionError("the worker finds no end")

    def integrate(self) -> None:
        """Everything that waits becomes a batch, is published and settled."""
        self.site.later(minutes=2)
        self.work()

    def count(self, table: type[Base], *where: Any) -> int:
        with self.site.session() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    def acts(self) -> tuple[int, int, int]:
        """Rows that an act on a petition leaves: signatures, waiting entries, spent passes."""
        signs = t.PendingEntry.type.between(int(EntryType.SIGN), int(EntryType.WITHDRAW_OPEN))
        return (
            self.count(t.Signature), self.count(t.PendingEntry, signs), self.count(t.SpentPass)
        )  # fmt: skip

    def entries(self, *kinds: EntryType) -> list[Entry]:
        with self.site.session() as session:
            raw = session.scalars(select(LogEntry.entry).order_by(LogEntry.idx)).all()
        found = [parse(entry) for entry in raw]
        return [entry for entry in found if not kinds or entry.type in kinds]

    def hide(self, ref: str) -> None:
        """As a decision with a ground that hides the petition."""
        with self.site.session() as session:
            self.site.petition(session, ref).state = "hidden"

    def end_signing(self, ref: str) -> None:
        with self.site.session() as session:
            petition = self.site.petition(session, ref)
            session.get_one(t.PetitionSigning, petition.id).signing = "closed"

    def pause_signing(self, ref: str) -> None:
        """As an outage of the calendar that goes on."""
        with self.site.session() as session:
            petition = self.site.petition(session, ref)
            session.get_one(t.PetitionSigning, petition.id).shut_from = self.site.clock()


@dataclass
class Browser:
    """One browser: cookies of its own, redirects followed by hand."""

    town: Town
    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path.removeprefix(ADDRESS), **more)

    def post(self, path: str, form: Mapping[str, str], **more: Any) -> TestResponse:
        return self.client.post(path, data=dict(form), **more)

    def twin(self) -> Browser:
        """The same browser at this moment: another tab, or a request sent twice."""
        other = self.town.browser()
        other.client._cookies = dict(self.client._cookies)
        return other

    def cookies(self) -> dict[str, str]:
        return {each.key: each.value for each in (self.client._cookies or {}).values()}

    def leave(self, start: str) -> str:
        """From a link of the site to the provider: the authorization URL."""
        answer = self.get(start)
        for _ in range(3):
            assert answer.status_code == 303, (answer.request.path, answer.text[-600:])
            if answer.headers["Location"].startswith("http"):
                return answer.headers["Location"]
            answer = self.get(answer.headers["Location"])
        raise AssertionError("the login never leaves the site")

    def log_in(
        self,
        start: str,
        person: str = AMINA,
        *,
        lie: Callable[[ClockedProvider], Any] | None = None,
    ) -> TestResponse:
        """A whole login of a citizen; the answer of the callback."""
        provider = self.town.citizens
        provider.lies = Lies()
        provider.claims["sub"] = key_of(person)
        url = self.leave(start)
        if lie is not None:
            lie(provider)
        return self.get(provider.log_in(url))

    def confirm(self, ref: str, person: str = AMINA, *, lang: str = "en") -> dict[str, str]:
        """As far as the confirm page; its form as it would be sent, ticked."""
        back = self.log_in(f"/{lang}/petitions/{ref}/sign", person)
        assert back.status_code == 303, back.text[-800:]
        assert back.headers["Location"] == f"/{lang}/petitions/{ref}/sign/confirm"
        page = self.get(back.headers["Location"])
        assert page.status_code == 200, page.text[-800:]
        return {**form_of(page.text, back.headers["Location"]), "declare": "y"}

    def sign(self, ref: str, person: str = AMINA, *, lang: str = "en") -> TestResponse:
        """The whole way; the answer to the form."""
        form = self.confirm(ref, person, lang=lang)
        return self.post(f"/{lang}/petitions/{ref}/sign/confirm", form)

    def withdraw(self, ref: str, person: str = AMINA, *, lang: str = "en") -> TestResponse:
        path = f"/{lang}/petitions/{ref}/sign/withdraw"
        back = self.log_in(path, person)
        assert back.headers["Location"] == f"{path}/confirm", back.text[-800:]
        page = self.get(f"{path}/confirm")
        assert page.status_code == 200, page.text[-800:]
        if "You have not signed" in page.text:  # there is nothing to send
            return page
        return self.post(f"{path}/confirm", form_of(page.text, f"{path}/confirm"))

    def log_in_staff(
        self,
        groups: object = ("petitions-clerk",),
        *,
        name: str = "Ana Petit",
        sub: str = "ana",
        start: str = "/office/sign-in",
    ) -> TestResponse:
        """A whole login of staff; the answer of /office/welcome."""
        provider = self.town.staff
        provider.lies = Lies()
        provider.claims |= {"sub": sub, "acr": "mfa", "name": name, "groups": list(groups)}  # type: ignore[call-overload]
        back = self.get(provider.log_in(self.leave(start)))
        assert back.status_code == 303, back.text[-800:]
        return self.get(back.headers["Location"])


def signed_by_three(town: Town) -> str:
    """The number of a petition with three signatures in the log."""
    found = town.publish()
    for person in ("amina haddad", "bastien leroy", "chloé martin"):
        town.browser().sign(found, person)
    town.integrate()
    return found


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    found = re.search(
        rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.DOTALL
    )
    assert found, f"no form {action}"
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0])
    return {name: unescape(value) for name, value in fields}


class SilentRequests(WSGIRequestHandler):
    """Writes no line per request: what the provider says is no part of our log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


@contextmanager
def served(app: Any) -> Iterator[int]:
    """A WSGI application on a port of the loopback, until the block ends."""
    server = make_server(HOST, 0, app, threaded=True, request_handler=SilentRequests)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def write_config(
    folder: Path,
    uri: str,
    provider_port: int,
    *,
    cache: int = 0,
    timeouts: str = "",
    roles_from: str = "claim",
    rulebooks: Path | None = None,
    postcodes: Path | None = None,
) -> Path:
    """The demonstration's settings on this database; `timeouts` as TOML, for the citizens.

    `roles_from` as in `[identity.staff]`: with desk, the claim's table is left out.
    """
    config = write_settings(folder, HOST, PORT, provider_port)
    text = config.read_text().replace(f"sqlite:///{folder}/petitions.sqlite", uri)
    text = text.replace(FOUR, TWO).replace("[web]", f"[web]\npage_cache_seconds = {cache}", 1)
    if timeouts:
        text = text.replace("page = {", f"timeouts = {timeouts}\npage = {{", 1)
    if roles_from == "desk":
        text, _, roles = text.partition("[identity.staff.roles]")
        assert roles.count("[") == 1, "only the map comes after it"
        text = text.replace("[identity.staff]", '[identity.staff]\nroles_from = "desk"', 1)
    if rulebooks is not None:
        text = text.replace("[rulebooks]", f'[rulebooks]\ndirectory = "{rulebooks}"', 1)
    if postcodes is not None:
        text = text.replace("[rulebooks]", f'[rulebooks]\npostcodes = "{postcodes}"', 1)
    config.write_text(text)
    return config


def build_site(config: Path) -> tuple[Site, Settings]:
    settings = load_settings(config)
    border.make_keys(settings)
    site = Site(None, None)  # type: ignore[arg-type]
    site.app = create_app(settings, clock=site.clock, legal_clock=site.clock)
    engine = site.app.extensions[EXTENSION]
    site.house, site.sessions = engine.house, engine.sessions
    return site, settings


def close_site(site: Site) -> None:
    """Give every connection back: one left open is a warning, and warnings are errors."""
    quick = site.app.extensions[EXTENSION].quick_sessions
    if quick is not None:
        quick.kw["bind"].dispose()
    site.close()


@contextmanager
def open_town(folder: Path, uri: str, **settings: Any) -> Iterator[Town]:
    """Site and lying providers, until the block ends. `settings`: as for `write_config`."""
    rooms = DispatcherMiddleware(Response("no such issuer", 404))
    with served(rooms) as port:
        site, read = build_site(write_config(folder, uri, port, **settings))
        secrets = folder / "secrets"
        citizens = ClockedProvider(site.clock, secret=(secrets / CITIZENS_SECRET).read_text())
        citizens.claims["sub"] = key_of(AMINA)
        citizens.user = {"birthdate": BORN, "residence": HOME, "nationality": "FR"}
        staff = ClockedProvider(
            site.clock, client_id="office", secret=(secrets / STAFF_SECRET).read_text(),
            userinfo="json",
        )  # fmt: skip
        for name, provider in (("citizens", citizens), ("staff", staff)):
            provider.issuer = f"http://{HOST}:{port}/{name}"
            rooms.mounts[f"/{name}"] = provider
        town = Town(site, read, citizens, staff, folder)
        try:
            yield town
        finally:
            close_site(site)
