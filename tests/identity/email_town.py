"""A town whose rulebook accepts an e-mail address: the whole site, its mailbox a folder."""

from __future__ import annotations

import email
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

import petitions
from identity.service import IdentityService
from petitions import border
from tests.identity.office import CHEAP
from tests.web.town import Browser, Town, build_site, close_site, form_of, write_config

ROOM = "/identity/email/email"
ANNA = "anna.muster@example.org"
PROVIDER = """
[identity.providers.email]
kind = "email"
namespace = "valmont-email"
"""
REALM = """[identity.realms.town]
providers = ["email"]
declared = ["resident_of", "age_min"]
"""
_OIDC_REALM = (
    '[identity.realms.town]\nproviders = ["demo"]\nattributes = ["birthdate", "resident_of"]\n'
)


@dataclass
class Mail:
    """One message as it left."""

    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def code(self) -> str:
        return re.findall(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", self.text)[0]

    @property
    def link(self) -> str:
        """Path and query of the link."""
        found = urlsplit(re.findall(r"https?://\S+/link\?\S+", self.text)[0])
        return f"{found.path}?{found.query}"


@dataclass
class EmailTown(Town):
    def mails(self) -> list[Mail]:
        """Oldest first."""
        folder = self.folder / "mailbox"
        files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [Mail(path.read_bytes()) for path in files]

    def begin(self, browser: Browser, start: str) -> TestResponse:
        """From a link of the site to the page that asks for the address."""
        answer = browser.get(start)
        for _ in range(3):
            assert answer.status_code == 303, (answer.request.path, answer.text[-600:])
            answer = browser.get(answer.headers["Location"])
            if answer.request.path == ROOM:
                break
        assert "Your e-mail address" in answer.text or "Votre adresse" in answer.text
        return answer

    def ask(self, browser: Browser, page: TestResponse, address: str) -> TestResponse:
        """Type the address; the answer to the form."""
        return browser.post(ROOM, {**form_of(page.text, ROOM), "address": address})

    def write(self, browser: Browser, start: str, address: str = ANNA) -> tuple[TestResponse, Mail]:
        """As far as the page that asks for the code, and the message that came."""
        before = len(self.mails())
        sent = self.ask(browser, self.begin(browser, start), address)
        assert sent.status_code == 303, sent.text[-900:]
        page = browser.get(sent.headers["Location"])
        assert page.status_code == 200, page.text[-900:]
        mails = self.mails()
        assert len(mails) == before + 1
        return page, mails[-1]

    def prove(self, browser: Browser, page: TestResponse, code: str) -> TestResponse:
        form = form_of(page.text, f"{ROOM}/code")
        return browser.post(f"{ROOM}/code", {**form, "code": code})

    def log_in(self, browser: Browser, start: str, address: str = ANNA) -> TestResponse:
        page, mail = self.write(browser, start, address)
        return self.prove(browser, page, mail.code)

    def sign(self, ref: str, address: str = ANNA, *, lang: str = "en") -> TestResponse:
        """The whole way in a browser of its own; the answer to the last form."""
        browser, path = self.browser(), f"/{lang}/petitions/{ref}/sign"
        back = self.log_in(browser, path, address)
        assert back.headers.get("Location") == f"{path}/confirm", back.text[-900:]
        return self.confirm(browser, path)

    def confirm(self, browser: Browser, path: str) -> TestResponse:
        page = browser.get(f"{path}/confirm")
        assert page.status_code == 200, page.text[-900:]
        form = form_of(page.text, f"{path}/confirm")
        return browser.post(f"{path}/confirm", {**form, "declare": "y"})


def write_settings_by_email(folder: Path, uri: str, more: str = "", limits: str = "") -> Path:
    """The demonstration's settings, with a town that asks for an address and nothing else."""
    config = write_config(folder, uri, 1)
    books = folder / "rulebooks"
    shutil.copytree(Path(petitions.__file__).parent / "rulebooks", books)
    town = (books / "town.toml").read_text()
    for old, new in (
        ('assurance = "low"', 'assurance = "email"'),
        ("[signing]\n", '[signing]\nuniqueness = "account"\n'),
    ):
        assert town.count(old) == 1
        town = town.replace(old, new)
    (books / "town.toml").write_text(town)
    text = config.read_text()
    assert _OIDC_REALM in text
    text = text.replace(_OIDC_REALM, f"{PROVIDER}{more}{REALM}")
    text = text.replace('assemblies = ["senat", "valmont"]',
                        f'assemblies = ["valmont"]\ndirectory = "{books}"')  # fmt: skip
    config.write_text(text + limits)
    return config


@contextmanager
def open_email_town(
    folder: Path, uri: str, more: str = "", limits: str = ""
) -> Iterator[EmailTown]:
    """`more`: lines for the provider's record; `limits`: a table of its own."""
    config = write_settings_by_email(folder, uri, more, limits)
    with patch.object(border, "IdentityService", partial(IdentityService, cost=CHEAP)):
        site, settings = build_site(config)
    try:
        yield EmailTown(site, settings, None, None, folder)  # type: ignore[arg-type]
    finally:
        close_site(site)
