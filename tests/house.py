"""A small parliament for tests: real services, real keys in files, a clock that stands still.

Nothing of the engine is replaced. A `Precinct` holds one deployment (database, keys, log folder,
mailbox); each verb of it is one transaction, committed on return. The functions below the class
work inside a transaction of the caller's.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from petitions import border
from petitions.app import address, mailer, render_letter, shelf
from petitions.domain.lifecycle import Action, Role
from petitions.domain.rulebook_files import Library, load_directory
from petitions.domain.words import Words
from petitions.ledger.commitments import commitment as commitment_of
from petitions.ledger.entries import EntryType, parse
from petitions.platform.config import Settings, settings_from
from petitions.services import choosing, decisions, filing, form_answers, moves, signing, texts
from petitions.services.decisions import Verdict
from petitions.services.log_publishing import Shelf
from petitions.services.ports import Actor, House, Policy
from petitions.services.reviews import open_reviews
from petitions.services.salts import unwrap
from petitions.services.signing import Act, AlreadySigned, Signed
from petitions.storage import tables as t
from petitions.storage.tables import Petition
from petitions.web.open_petitions import sign_once
from petitions.worker import Worker
from tests.edited import RULEBOOKS, edited, shipped_library
from tests.founding import a_founder, u_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASSEMBLIES = {"town": "valmont", "fr-senat": "senat"}
CLERK = Actor("petit", Role.CLERK, "A. Petit")
OTHER_CLERK = Actor("morel", Role.CLERK, "J. Morel")
SECOND_READER = Actor("lund", Role.SECOND_READER, "K. Lund")
COMMITTEE = Actor("voss", Role.COMMITTEE, "E. Voss")
TITLE = "Des bancs sur la place du marché"
REQUEST = "Nous demandons au conseil municipal d’installer des bancs sur la place du marché."
REASONS = "Les personnes âgées n’ont nulle part où se reposer entre les deux arrêts du tramway."
MAIL = "claire@example.org"


class KilledError(BaseException):
    """The process died here: no handler of ordinary errors may see it."""


@dataclass
class Clock:
    """Time stands where the test puts it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


def changed_library(
    folder: Path, rulebook: str, changes: dict[str, str], worded: tuple[str, ...] = ()
) -> Library:
    """The shipped rulebooks with one of them edited: each key, found once, becomes its value.

    `worded` names what the edit adds that needs words of its own, as "milestones.thanks".
    """
    place = folder / "rulebooks"
    shutil.copytree(RULEBOOKS, place)
    file = place / f"{rulebook}.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    for words in (place / "wording").glob("??.toml"):
        with words.open("a", encoding="utf-8") as out:
            for code in worded:
                out.write(f'\n[rulebooks.{rulebook}.{code}]\ntitle = "Test"\ntext = "Test."\n')
    return load_directory(place) if worded else edited(rulebook, text)


def settings_in(folder: Path, uri: str, *, batch_min: int = 10, max_wait: int = 3600) -> Settings:
    return settings_from(
        {
            "environment": "test",
            "site": {
                "base_url": "https://petitions.example.org",
                "deployment": "petitions.example.org",
                "name": {"en": "Petitions", "fr": "Pétitions"},
                "contact": "clerk@example.org",
            },
            "database": {"uri": uri if uri.startswith("sqlite") else "", "uri_file": ""},
            "keys": {"directory": str(folder / "keys"), "runtime_directory": str(folder / "run")},
            "log": {
                "directory": str(folder / "log"),
                "anchor": str(folder / "anchor.txt"),
                "batch_min": batch_min,
                "batch_max_wait": max_wait,
            },
            "mail": {
                "transport": "folder",
                "sender": "Petitions <office@example.org>",
                "folder": str(folder / "mailbox"),
            },
            "rulebooks": {"assemblies": ["valmont", "senat"]},
            "identity": {},
        }
    )


def a_house(settings: Settings, library: Library | None = None) -> House:
    """Keys are made where they are missing; the log's key is within reach, as for the worker."""
    border.make_keys(settings)
    return House(
        library=library or shipped_library(),
        keys=border.petition_keys(settings, with_log=True),
        random=secrets.token_bytes,
        policy=Policy(
            deployment=settings.site.deployment,
            kid=settings.keys.pepper,
            batch_min=settings.log.batch_min,
            batch_max_wait=settings.log.batch_max_wait,
        ),
        kinds=border.KINDS,
    )


def a_draft(
    session: Session,
    house: House,
    at: datetime,
    rulebook: str = "town",
    *,
    tag: bytes | None = None,
    title: str = TITLE,
) -> Petition:
    """Complete and not sent yet. Each draft has its own author unless `tag` names one."""
    book = house.library.rulebook(rulebook, at.date())
    petition = filing.start_draft(
        session, book, assembly=ASSEMBLIES[rulebook], kind=book.default_kind.id,
        tag=tag or secrets.token_bytes(32), language="fr", title=title, at=at,
    )  # fmt: skip
    filing.see_similar(petition, "")
    filing.write_text(session, house, petition, Words.of(title, REQUEST, REASONS))
    filing.write_author(petition, "Claire Lefort", MAIL)
    answer_everything(session, house, petition, at)
    return petition


def answer_everything(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """What else this kind asks at filing: the first option of each choice, the form's fields."""
    kind = house.kind(session, petition)
    if choosing.asks(kind):
        answers = {choice: options[0].id for choice, options in kind.filing.choices.items()}
        answers["channel"] = "online"
        if kind.signing.window.choices:
            answers["window"] = str(kind.signing.window.choices[0])
        choosing.choose(session, house, petition, answers, at.date())
    fields = {
        field: "1990-02-03" if field in form_answers.DAYS else "Rue du Test 1"
        for field in form_answers.fields_of(kind)
    }
    form_answers.write(session, petition, kind, fields, at.date())
    book = house.rulebook(session, petition)
    for language in texts.missing_of_author(session, book, petition):
        words = Words.of(petition_title(session, petition), REQUEST, REASONS)
        filing.write_text(session, house, petition, words, language)


def petition_title(session: Session, petition: Petition) -> str:
    return filing.text_of(session, petition).title


def a_filed_petition(
    session: Session, house: House, at: datetime, rulebook: str = "town", **draft: Any
) -> Petition:
    petition = a_draft(session, house, at, rulebook, **draft)
    book = house.library.rulebook(rulebook, at.date())
    return filing.submit(session, house, book, petition, at, a_founder(house, petition.id))


def decide(
    session: Session, house: House, petition: Petition, outcome: Action, at: datetime, **words: Any
) -> t.Decision:
    """The clerk's decision on the petition's open check; `words`: grounds, texts, actor, second."""
    petition = moves.lock(session, petition.id)
    verdict = Verdict(outcome, tuple(words.get("grounds", ())), words.get("texts", {}))
    review = words.get("review") or open_reviews(session, petition)[0]
    return decisions.decide(
        session, house, petition, review, verdict, words.get("actor", CLERK), at=at,
        second=words.get("second"),
    )  # fmt: skip


def a_published_petition(
    session: Session, house: House, at: datetime, rulebook: str = "town", **draft: Any
) -> Petition:
    petition = a_filed_petition(session, house, at, rulebook, **draft)
    decide(session, house, petition, Action.ACCEPT, at)
    return petition


def an_act(
    house: House,
    petition: UUID,
    person: int,
    at: datetime,
    *,
    commitment: bytes | None = None,
    jti: bytes | None = None,
    area: str = "",
    classes: tuple[str, ...] = (),
    u_group: bytes = b"",
) -> Act:
    """One finished login, by default with a fresh pass and a fresh commitment."""
    origin = f"{house.policy.deployment}/{at.year}"
    return Act(
        petition_id=petition,
        u=u_of(person, petition),
        jti=jti or secrets.token_bytes(16),
        jti_expires=at + timedelta(minutes=10),
        commitment=commitment or commitment_of(origin, petition, secrets.token_bytes(32)),
        area=area,
        classes=classes,
        u_group=u_group,
    )


def sign_as(
    session: Session, house: House, petition: UUID, person: int, at: datetime, **act: Any
) -> Signed | AlreadySigned:
    """One attempt in the caller's transaction, which rolls back on any error."""
    keys = unwrap(session, house, petition)
    return signing.sign(session, house, keys, an_act(house, petition, person, at, **act), at)


def a_worker(
    house: House,
    sessions: Callable[[], Session],
    settings: Settings,
    clock: Callable[[], datetime],
    between: Callable[[str], None] | None = None,
) -> Worker:
    worker = Worker(
        sessions=sessions, house=house, shelf=shelf(settings), mailer=mailer(settings),
        address=address(settings), render=render_letter, clock=clock,
    )  # fmt: skip
    if between is not None:
        worker.between = between
    return worker


@dataclass
class Precinct:
    """One deployment: database, house, log folder, mailbox, clock."""

    folder: Path
    settings: Settings
    house: House
    engine: Engine
    clock: Clock

    @property
    def sessions(self) -> sessionmaker[Session]:
        return sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error."""
        with self.sessions.begin() as session:
            yield session

    def file(self, rulebook: str = "town", **draft: Any) -> UUID:
        with self.session() as session:
            return a_filed_petition(session, self.house, self.clock.at, rulebook, **draft).id

    def publish(self, rulebook: str = "town", **draft: Any) -> UUID:
        with self.session() as session:
            return a_published_petition(session, self.house, self.clock.at, rulebook, **draft).id

    def decide(self, petition: UUID, outcome: Action, **words: Any) -> None:
        with self.session() as session:
            found = session.get_one(Petition, petition)
            decide(session, self.house, found, outcome, self.clock.at, **words)

    def sign(
        self, petition: UUID, person: int, *, at: datetime | None = None, **act: Any
    ) -> Signed | AlreadySigned:
        """As the web does it, in transactions of its own."""
        at = at or self.clock.at
        with self.sessions() as session:
            keys = unwrap(session, self.house, petition)
        the: Any = SimpleNamespace(
            sessions=self.sessions,
            quick_sessions=self._quick_sessions(),
            house=self.house,
            settings=self.settings,
            legal_clock=lambda: at,
        )
        return sign_once(the, keys, an_act(self.house, petition, person, at, **act))

    def _quick_sessions(self) -> Any:
        """Autocommit on PostgreSQL, as the web has it; nothing on SQLite."""
        with self.sessions() as session:
            database = session.get_bind()
        if database.dialect.name == "sqlite":
            return None
        return sessionmaker(database.execution_options(isolation_level="AUTOCOMMIT"))

    def sign_many(self, petition: UUID, people: range) -> None:
        for person in people:
            self.sign(petition, person)

    def withdraw(self, petition: UUID, person: int, **act: Any) -> bool:
        with self.session() as session:
            keys = unwrap(session, self.house, petition)
            wanted = an_act(self.house, petition, person, self.clock.at, **act)
            return signing.withdraw(session, self.house, keys, wanted, self.clock.at).done

    def worker(self, between: Callable[[str], None] | None = None) -> Worker:
        return a_worker(self.house, self.sessions, self.settings, self.clock, between)

    def work(self) -> None:
        """A worker's turns until nothing is left to do at this instant."""
        worker = self.worker()
        for _ in range(20):
            if not worker.turn():
                return
        raise AssertionError("the worker finds no end")

    def state(self, petition: UUID) -> str:
        with self.session() as session:
            return session.get_one(Petition, petition).state

    def published_shelf(self) -> Shelf:
        return shelf(self.settings)

    def mailbox(self) -> list[str]:
        folder = self.folder / "mailbox"
        return sorted(path.read_text(encoding="utf-8") for path in folder.glob("*.eml"))

    def entries(self, *kinds: EntryType) -> list[Any]:
        """The log's `Entry` values in its order; of these kinds only where any is named.

        Any, since `fields` is a union that a test narrows by the kind it asked for.
        """
        with self.session() as session:
            raw = session.scalars(
                select(t.LogEntry.entry).order_by(t.LogEntry.log_id, t.LogEntry.idx)
            ).all()
        found = [parse(entry) for entry in raw]
        return [entry for entry in found if not kinds or entry.type in kinds]

    def count(self, table: type[t.Base], *where: Any) -> int:
        with self.session() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def a_precinct(
    folder: Path,
    engine: Engine,
    *,
    at: datetime = START,
    library: Library | None = None,
    batch_min: int = 10,
    max_wait: int = 3600,
) -> Precinct:
    uri = engine.url.render_as_string(hide_password=False)
    settings = settings_in(folder, uri, batch_min=batch_min, max_wait=max_wait)
    return Precinct(folder, settings, a_house(settings, library), engine, Clock(at))
