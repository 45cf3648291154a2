"""The whole site as `create_app` builds it, on a migrated SQLite file, with a clock of the test's."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petitions import border
from petitions.app import create_app
from petitions.demo.settings import write_settings
from petitions.domain.lifecycle import Action, Role
from petitions.domain.words import Words
from petitions.platform.config import load_settings
from petitions.services import decisions, examination, filing
from petitions.services.decisions import Verdict
from petitions.services.examination import Examination
from petitions.services.ports import Actor, House
from petitions.storage.tables import (
    DailyCount,
    FilingAnswer,
    Petition,
    PublicCount,
    Review,
    WebSession,
)
from petitions.web.edge import EXTENSION

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLERK = Actor("clerk-1", Role.CLERK, "A. Petit")
COMMITTEE = Actor("committee-1", Role.COMMITTEE, "K. Lund")
TAG = b"\x07" * 32
REASONS = (
    "Depuis plusieurs années, les habitants des hauteurs attendent le bus plus de quarante minutes, "
    "et beaucoup renoncent à leurs soins ou à leur travail."
)
REQUEST = "Nous demandons au conseil municipal un bus toutes les vingt minutes, tous les jours."


@dataclass
class Site:
    app: Flask
    house: House
    at: datetime = START
    sessions: Any = None
    mine: list[str] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.at

    def later(self, **by: int) -> datetime:
        self.at += timedelta(**by)
        return self.at

    @contextmanager
    def session(self) -> Iterator[Session]:
        session = self.sessions()
        try:
            yield session
            session.commit()
        finally:
            session.close()

    def close(self) -> None:
        """Give the connections back: one left open is a warning, and warnings are errors."""
        self.sessions.kw["bind"].dispose()
        quick = self.app.extensions[EXTENSION].quick_sessions
        if quick is not None:
            quick.kw["bind"].dispose()

    def visitor(self) -> FlaskClient:
        return self.app.test_client()

    def author(self, tag: bytes = TAG, assembly: str = "valmont") -> FlaskClient:
        """A browser in which an author is logged in."""
        token = secrets.token_urlsafe(32)
        with self.session() as session:
            session.add(
                WebSession(
                    token_hash=hashlib.sha256(token.encode()).digest(),
                    audience="author",
                    subject=tag.hex(),
                    assembly=assembly,
                    name="",
                    roles=[],
                    language="en",
                    seen_at=self.at,
                    expires_at=self.at + timedelta(days=400),
                )
            )
        client = self.app.test_client()
        client.set_cookie("author", token)
        return client

    def petition(self, session: Session, ref: str) -> Petition:
        return session.scalars(select(Petition).where(Petition.reference == ref)).one()

    def file(
        self, title: str = "Un bus toutes les vingt minutes", *, language: str = "fr", **more: Any
    ) -> str:
        """Sent by its author; the reference."""
        tag = more.pop("tag", None) or secrets.token_bytes(32)
        book = self.house.library.rulebook("town", self.at.date())
        with self.session() as session:
            petition = filing.start_draft(
                session, book, assembly="valmont", kind="petition", tag=tag,
                language=language, title=title, at=self.at,
            )  # fmt: skip
            filing.see_similar(petition, "")
            words = Words.of(title, more.get("request", REQUEST), more.get("reasons", REASONS))
            filing.write_text(session, self.house, petition, words)
            filing.write_author(petition, "Claire Lefort", "claire@example.org")
            for field, value in more.get("answers", {}).items():
                session.add(FilingAnswer(petition_id=petition.id, field=field, value=value))
            filing.submit(session, self.house, book, petition, self.at)
            return petition.reference or ""

    def decide(
        self, ref: str, outcome: Action, grounds: tuple[str, ...] = (), text: str = ""
    ) -> None:
        with self.session() as session:
            petition = self.petition(session, ref)
            review = session.scalars(
                select(Review).where(Review.petition_id == petition.id, Review.closed_at.is_(None))
            ).one()
            texts = {"fr": text or "Motifs.", "en": text or "Reasons."}
            verdict = Verdict(outcome, grounds, texts)
            decisions.decide(session, self.house, petition, review, verdict, CLERK, at=self.at)

    def publish(self, title: str = "Un bus toutes les vingt minutes", **more: Any) -> str:
        ref = self.file(title, **more)
        self.decide(ref, Action.ACCEPT)
        return ref

    def count(self, ref: str, *totals: int) -> None:
        """As the worker publishes them: one total per day, the last one yesterday."""
        with self.session() as session:
            petition = self.petition(session, ref)
            for back, valid in enumerate(reversed(totals), start=1):
                day = (self.at - timedelta(days=back)).date()
                session.add(DailyCount(petition_id=petition.id, day=day, valid=valid))
            session.execute(
                update(PublicCount)
                .where(PublicCount.petition_id == petition.id)
                .values(valid=totals[-1], batch_no=1)
            )

    def examine(self, ref: str, summary: str, english: str = "") -> None:
        with self.session() as session:
            petition = self.petition(session, ref)
            found = Examination(
                code="adopted", decided_on=self.at.date(),
                summaries={"fr": summary, "en": english or summary},
                texts={"fr": "Texte complet.", "en": "Full text."}, reason="urgent",
            )  # fmt: skip
            examination.examine(session, self.house, petition, found, COMMITTEE, at=self.at)

    def state(self, ref: str) -> str:
        with self.session() as session:
            return self.petition(session, ref).state


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, path
    return found[1]


def hidden(client: FlaskClient, path: str) -> dict[str, str]:
    """What a browser sends with the form of a page, without being asked: token, mark of what it shows."""
    page = client.get(path).text
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, path
    return {"csrf_token": found[1], **({"shown": shown[1]} if shown else {})}


FOUR, TWO = 'languages = ["en", "fr", "nl", "de"]', 'languages = ["en", "fr"]'
"""The demonstration speaks four languages; what most tests look at, two are enough for."""


def build(folder: Path, uri: str, rulebooks: Path | None = None, *, dressed: bool = False) -> Site:
    config = write_settings(folder, "127.0.0.1", 8000, 8001, dressed=dressed)
    text = config.read_text().replace(f"sqlite:///{folder}/petitions.sqlite", uri)
    text = text.replace(FOUR, TWO)
    if rulebooks is not None:
        text = text.replace("[rulebooks]", f'[rulebooks]\ndirectory = "{rulebooks}"', 1)
    config.write_text(text.replace("[web]", "[web]\npage_cache_seconds = 0", 1))
    settings = load_settings(config)
    border.make_keys(settings)
    site = Site(None, None)  # type: ignore[arg-type]
    app = create_app(settings, clock=site.clock, legal_clock=site.clock)
    engine = app.extensions[EXTENSION]
    site.app, site.house, site.sessions = app, engine.house, engine.sessions
    return site
