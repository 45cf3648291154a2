"""A town whose limits a test sets, visitors from networks of its choice, and what they are told."""

from __future__ import annotations

import logging
from html import unescape
from typing import Any
from uuid import UUID

from werkzeug.routing import IntegerConverter, Rule, UUIDConverter

from petitions.platform.limits import Bucket, Limiter
from petitions.web.rate_limits import EXTENSION, Doorkeeper
from tests.web.town import Browser, Town

SCHOOL, CAFE = "203.0.113.77", "198.51.100.201"
HOUSE = "2001:db8:55:66::1"


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


def author_of(town: Town) -> Any:
    client = town.site.author()
    client.environ_base["REMOTE_ADDR"] = SCHOOL
    return client


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


def address_of(rule: Rule, ref: str = "2026-0001", draft: str = "") -> str:
    """An address of this route, whatever its places are called."""
    known: dict[str, Any] = {"lang": "en", "ref": ref, "provider": "demo"}
    for name, converter in rule._converters.items():
        if isinstance(converter, UUIDConverter):
            known[name] = UUID(draft or "0" * 32)
        elif isinstance(converter, IntegerConverter):
            known[name] = 1
    built = rule.build({name: known.get(name, "x") for name in rule.arguments})
    assert built is not None
    return str(built[1])


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
