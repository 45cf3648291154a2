"""An office to test in: the real services on a migrated database, staff signed in by a session row.

Nothing of the core is replaced; only the key store lives in memory, and the clock stands where the
test puts it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.engine import Engine as Database
from sqlalchemy.orm import Session, sessionmaker

from admissibility.similar import similar
from petitions.domain.lifecycle import Role
from petitions.domain.rulebook_files import Library, load_directory
from petitions.domain.words import Words
from petitions.platform.config import Data, Mail, Rulebooks, Site
from petitions.platform.i18n import load_catalogues
from petitions.services import filing, moves
from petitions.services.ports import Actor, House, KeyKinds, Policy
from petitions.storage.tables import Petition, Review, Staff, WebSession
from petitions.web import staff as office_views
from petitions.web.edge import EXTENSION, Engine
from petitions.web.errors import install_errors
from petitions.web.face import Face, install_face

ROOT = Path(__file__).resolve().parents[2]
RULEBOOKS = ROOT / "petitions" / "rulebooks"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PEOPLE = {
    "petit": ("A. Petit", (Role.CLERK,)),
    "morel": ("J. Morel", (Role.CLERK, Role.SECOND_READER)),
    "lund": ("K. Lund", (Role.COMMITTEE,)),
    "voss": ("E. Voss", (Role.AUDITOR,)),
    "adams": ("B. Adams", (Role.ADMINISTRATOR,)),
    "iyer": ("S. Iyer", (Role.INTEGRITY,)),
    "costa": ("M. Costa", (Role.COMMUNICATION,)),
    "okafor": ("N. Okafor", (Role.SECOND_READER,)),
}


class MemoryKeys:
    """Keys that live as long as the test."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def create(self, key: str, kind: Any) -> None:
        self.held[key] = secrets.token_bytes(32)

    def exists(self, key: str) -> bool:
        return key in self.held

    def _key(self, key: str) -> bytes:
        return self.held.setdefault(key, secrets.token_bytes(32))

    def prf(self, key: str, message: bytes) -> bytes:
        return hashlib.sha256(self._key(key) + message).digest()

    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._key(key)).encrypt(nonce, plain, aad)

    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes:
        return AESGCM(self._key(key)).decrypt(blob[:12], blob[12:], aad)

    def replicas(self, key: str) -> list[tuple[str, bytes]]:
        return []

    def sign(self, key: str, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self._key(key)).sign(message)

    def public(self, key: str) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self._key(key)).public_key().public_bytes_raw()


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: int) -> datetime:
        self.at += timedelta(**by)
        return self.at


class NoLogins:
    """Nobody signs in this house: the desk shows only what a realm is called."""

    def by_email(self, realm: str) -> bool:
        return False

    def identity_label(self, realm: str) -> str:
        return realm


@dataclass(frozen=True)
class _Settings:
    site: Site
    data: Data = field(default_factory=Data)
    mail: Mail = field(
        default_factory=lambda: Mail("folder", "Petitions <office@example.org>", "mailbox")
    )
    rulebooks: Rulebooks = field(default_factory=lambda: Rulebooks(assemblies=["valmont", "senat"]))


@cache
def shipped() -> Library:
    return load_directory(RULEBOOKS)


def make_house(library: Library) -> House:
    return House(
        library=library,
        keys=MemoryKeys(),
        random=secrets.token_bytes,
        policy=Policy(deployment="test", kid="k1", batch_min=1, batch_max_wait=60),
        kinds=KeyKinds("hmac", "aes", "ed25519"),
    )


@dataclass
class Office:
    app: Flask
    sessions: Callable[[], Session]
    house: House
    clock: Clock
    tag: bytes = b"\x07" * 32
    tokens: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def session(self) -> Iterator[Session]:
        session = self.sessions()
        try:
            yield session
            session.commit()
        finally:
            session.close()

    def actor(self, code: str) -> Actor:
        name, roles = PEOPLE[code]
        return Actor(code, roles[0], name)

    def file_petition(
        self,
        title: str,
        request: str = "",
        reasons: str = "",
        *,
        rulebook: str = "town",
        assembly: str = "valmont",
        kind: str = "",
        language: str = "fr",
    ) -> str:
        """File as an author does; returns the reference. Each petition has its own author."""
        book = self.house.library.rulebook(rulebook, self.clock.at.date())
        with self.session() as session:
            petition = filing.start_draft(
                session,
                book,
                assembly=assembly,
                kind=kind or book.default_kind.id,
                tag=secrets.token_bytes(32),
                language=language,
                title=title,
                at=self.clock.at,
            )
            words = Words.of(title, request or "Nous demandons au conseil d’agir.", reasons or WHY)
            filing.see_similar(petition, "")
            filing.write_text(session, self.house, petition, words)
            filing.write_author(petition, "Claire Lefort", "claire@example.org")
            filing.submit(session, self.house, book, petition, self.clock.at)
            return petition.reference or ""

    def petition(self, session: Session, ref: str) -> Petition:
        return session.scalars(select(Petition).where(Petition.reference == ref)).one()

    def review(self, session: Session, ref: str) -> Review:
        petition = self.petition(session, ref)
        return session.scalars(select(Review).where(Review.petition_id == petition.id)).one()

    def state(self, ref: str) -> str:
        with self.session() as session:
            return self.petition(session, ref).state

    def lock(self, session: Session, ref: str) -> Petition:
        return moves.lock(session, self.petition(session, ref).id)

    def sign_in(self, who: str, language: str = "en") -> FlaskClient:
        """A browser in which this person is signed in."""
        client = self.app.test_client()
        client.set_cookie("staff", self.open_session(who, language))
        return client

    def open_session(self, who: str, language: str = "en") -> str:
        token = secrets.token_urlsafe(32)
        name, roles = PEOPLE[who]
        with self.session() as session:
            session.add(
                WebSession(
                    token_hash=hashlib.sha256(token.encode()).digest(),
                    audience="staff",
                    subject=who,
                    assembly="",
                    name=name,
                    roles=list(roles),
                    language=language,
                    seen_at=self.clock.at,
                    expires_at=self.clock.at + timedelta(days=400),
                )
            )
        return token

    def post(self, client: FlaskClient, path: str, from_page: str, /, **form: Any) -> Any:
        """Post with the token of the page that shows the form, as a browser does."""
        return client.post(path, data={**form, "csrf_token": self.csrf(client, from_page)})

    def csrf(self, client: FlaskClient, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
        assert found, path
        return found[1]

    def versions(self, ref: str) -> dict[str, str]:
        """The versions a form of this case carries now."""
        with self.session() as session:
            petition = self.petition(session, ref)
            review = session.scalars(
                select(Review).where(Review.petition_id == petition.id, Review.closed_at.is_(None))
            ).first()
            return {
                "version": str(review.version if review else 0),
                "petition_version": str(petition.version),
            }

    def grounds(self, ref: str) -> tuple[str, ...]:
        with self.session() as session:
            kind = self.house.kind(session, self.petition(session, ref))
            return kind.admissibility.grounds.every

    def decision_form(self, ref: str, decision: str, **more: str) -> dict[str, str]:
        """A whole form: every ground cleared except those named in `applies`, comma separated."""
        applies = set(more.pop("applies", "").split(","))
        findings = {
            f"finding-{code}": "applies" if code in applies else "clear"
            for code in self.grounds(ref)
        }
        return {**self.versions(ref), **findings, "decision": decision, **more}


WHY = (
    "La situation actuelle dure depuis plusieurs années et touche tous les quartiers de la ville, "
    "sans que la commune ait présenté de plan à ce jour."
)


def make_office(database: Database, library: Library | None = None) -> Office:
    clock = Clock()
    house = make_house(library or shipped())
    sessions = sessionmaker(database, expire_on_commit=False)
    app = Flask("office", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config |= {"SECRET_KEY": "test only", "TESTING": False, "WTF_CSRF_TIME_LIMIT": None}
    CSRFProtect(app)
    zone = ZoneInfo("Europe/Paris")
    face = Face(
        catalogues=load_catalogues(("en", "fr"), zone),
        names={"en": "Valmont town council", "fr": "Conseil municipal de Valmont"},
        address="https://petitions.example.org",
    )
    install_face(app, face)
    install_errors(app)
    app.extensions[EXTENSION] = Engine(
        settings=_Settings(
            Site(
                base_url="https://petitions.example.org",
                deployment="test",
                name=dict(face.names),
                contact="petitions@example.org",
            )
        ),  # type: ignore[arg-type]
        house=house,
        sessions=sessions,
        border=NoLogins(),  # type: ignore[arg-type]
        seal=None,  # type: ignore[arg-type]
        clock=clock,
        signer=URLSafeTimedSerializer("test only"),
        similar=similar,
        secure=False,
    )
    app.register_blueprint(office_views.office)
    app.add_url_rule("/office/sign-in", "logins.staff_sign_in", lambda: "sign in")
    office = Office(app, sessions, house, clock)
    with office.session() as session:
        for code, (name, roles) in PEOPLE.items():
            session.add(
                Staff(actor=code, name=name, roles=list(roles), disabled=False, last_login=START)
            )
    return office
