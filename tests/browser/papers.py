"""The page that checks receipts, in front of a log in memory: no site, no server, every fault at will."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from flask import Flask, render_template
from playwright.sync_api import Browser, Page, Request, Route

from petitions.ledger.receipt_check import KnownLog
from petitions.web.assets import STATIC_FOLDER
from petitions.web.face import frame
from petitions.web.receipt_words import checked
from petitions.web.receipts import page_facts
from petitions.web.verifier_file import ToCheck, program
from tests.ledger.receipts import LOGS, Paper
from tests.web.rendering import stage

HOME = "http://localhost:9"
"""Nothing listens there: every answer is made here."""
CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'"


@cache
def _stage() -> Flask:
    return stage()


@contextmanager
def reading_in(lang: str) -> Iterator[None]:
    app = _stage()
    with app.test_request_context(f"/{lang}/receipt"):
        app.preprocess_request()
        yield


@cache
def check_page(lang: str, logs: tuple[KnownLog, ...]) -> str:
    with reading_in(lang):
        facts = page_facts(logs, 2026)
        paper = ToCheck(program(), HOME, logs)
        return render_template(
            "public/receipt.html", result=None, check=paper, frame=frame("verify"), **facts
        )


def told_by_the_server(paper: Paper, lang: str = "en") -> tuple[str, list[str], str]:
    """Verdict, sentences and proof, as the page without scripts shows them."""
    outcome = paper.judged()
    with reading_in(lang):
        shown = checked(outcome, "")
    return shown.verdict, [line for line, _wrong in shown.lines], shown.proof


@dataclass
class Desk:
    """One browser tab on that page. `requests`: what it sent, with bodies."""

    page: Page
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    logs: tuple[KnownLog, ...] = LOGS

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(HOME)
        if path in {"/en/receipt", "/fr/receipt", "/de/receipt"}:
            headers = {"content-security-policy": CSP, "content-type": "text/html; charset=utf-8"}
            route.fulfill(body=check_page(path[1:3], self.logs), headers=headers)
            return
        if path.startswith("/static/"):
            stem, _, suffix = path.removeprefix("/static/").rpartition(".")
            route.fulfill(path=STATIC_FOLDER / f"{stem.rpartition('.')[0]}.{suffix}")
            return
        raw = self.files.get(path.removeprefix("/log/2026/"))
        route.fulfill(body=raw or b"", status=200 if raw else 404)

    def open(self, lang: str = "en") -> None:
        self.page.goto(f"{HOME}/{lang}/receipt")
        self.page.locator("[data-where=here]").wait_for()

    def judge(self, paper: Paper) -> tuple[str, list[str], str]:
        """Verdict, sentences and proof as the page shows them."""
        self.files = paper.files
        self.page.clock.set_fixed_time(datetime.fromtimestamp(paper.now, UTC))
        self.page.locator("#result").evaluate("each => { each.hidden = true }")
        self.page.locator("#text").evaluate("(each, text) => { each.value = text }", paper.text)
        self.page.locator("main form button").click()
        self.page.locator("#result").wait_for()
        lines = self.page.locator("#findings li").all_inner_texts()
        proof = self.page.locator("#proof-text").text_content() or ""
        assert self.page.evaluate("document.activeElement.id") == "verdict"
        shown = self.page.locator("#proof").is_visible()
        return self.page.inner_text("#verdict"), lines, proof if shown else ""


@contextmanager
def desk(browser: Browser, **settings: object) -> Iterator[Desk]:
    context = browser.new_context(**settings)
    context.set_default_timeout(15_000)
    found = Desk(context.new_page())
    found.page.on("request", lambda each: found.requests.append(each))  # noqa: PLW0108 - it wants a function
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    context.route("**/*", found.answer)
    try:
        yield found
    finally:
        context.close()
