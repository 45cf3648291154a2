"""The composition root: the only module that knows every room.

`create_app(settings)` gives the web application, `create_worker(settings)` the worker. Both refuse to
start on anything that is wrong, with one sentence for the operator.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from gettext import NullTranslations
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

import petitions
from admissibility import letters as desk_letters
from admissibility.detector import detector
from admissibility.readings import read_some
from admissibility.services import sifting
from admissibility.similar import similar
from identity.settings import IdentitySettings
from identity.web import blueprint as identity_rooms
from petitions import border, staff_border
from petitions.area_border import area_codes, postcode_tables
from petitions.area_outlines import outlines_of
from petitions.domain.errors import ConfigurationError
from petitions.domain.rulebook_files import Library, load_directory
from petitions.domain.schema import RulebookErrors
from petitions.domain.vocabulary import Visibility
from petitions.follow_mails import Composer, Streams
from petitions.letter_border import LoginPost
from petitions.login_pages import render_login_page
from petitions.platform import migrations
from petitions.platform.config import Settings, database_uri, read_secret
from petitions.platform.database import FlaskDatabase, create_engine
from petitions.platform.i18n import Locale, load_catalogues, text_for
from petitions.platform.letterhead import as_html, of_text
from petitions.platform.limits import Bucket, Limiter
from petitions.platform.mail import FolderMailer, Mailer, SmtpMailer
from petitions.platform.stamps import Stamps, file_stamps
from petitions.post import Pace, Post
from petitions.public_holidays import with_public_holidays
from petitions.rooms import install_rooms
from petitions.rulebooks_in_force import with_versions_in_force
from petitions.services.follow_keys import follow_keys
from petitions.services.letters import Address
from petitions.services.log_publishing import Shelf
from petitions.services.ports import House, Policy
from petitions.services.witnessing import panel_of
from petitions.share_press import press_of
from petitions.storage.kept_numbers import Kept
from petitions.web.edge import EXTENSION, Engine, Similar
from petitions.web.looks import theme_files
from petitions.web.page_cache import PageCache
from petitions.web.rate_limits import Doorkeeper, install_limits, login_step
from petitions.web.scope import hosts
from petitions.worker import Worker

MAX_BODY = 512 * 1024
"""Bytes of a form: the longest text the rulebooks allow, in four-byte letters, with room."""


def trusted_hosts(settings: Settings) -> list[str]:
    """Names this site answers to: its public one, and loopback for probes and proxies."""
    public = settings.site.base_url.partition("://")[2].partition(":")[0]
    return [public, *hosts(settings), "127.0.0.1", "localhost", "[::1]"]


def utc_now() -> datetime:
    return datetime.now(UTC)


@lru_cache(maxsize=8)
def _read_library(place: Path, _stamps: Stamps) -> Library:
    return with_public_holidays(load_directory(place))


def rulebook_library(settings: Settings) -> Library:
    """The rulebooks of this site. ConfigurationError lists everything wrong with them."""
    own = Path(petitions.__file__).parent / "rulebooks"
    place = Path(settings.rulebooks.directory) if settings.rulebooks.directory else own
    try:
        library = _read_library(place, file_stamps(place, "*.toml"))
    except RulebookErrors as errors:
        raise ConfigurationError(str(errors)) from None
    for assembly in settings.rulebooks.assemblies:
        if assembly not in library.context.assemblies:
            raise ConfigurationError(
                f"rulebooks.assemblies: '{assembly}' is not one of "
                f"{sorted(library.context.assemblies)} in {place}"
            )
    return library


def build_house(settings: Settings, *, with_log: bool) -> House:
    identity = border.load_identity(settings)
    return House(
        library=rulebook_library(settings),
        keys=border.petition_keys(settings, with_log=with_log),
        random=secrets.token_bytes,
        policy=Policy(
            deployment=settings.site.deployment,
            kid=settings.keys.pepper,
            batch_min=settings.log.batch_min,
            batch_max_wait=settings.log.batch_max_wait,
            objection_days=settings.sealing.objection_days,
            removal_days=settings.removals.objection_days,
        ),
        kinds=border.KINDS,
        realm_fingerprint=border.realm_fingerprint(identity),
    )


def check_database(uri: str) -> None:
    """Only the revision: comparing every column is `petitions doctor`'s work, not each start's."""
    found, needed = migrations.current(uri), migrations.recorded_head()
    if found != needed:
        raise ConfigurationError(
            f"database: it is at revision {found or 'none'}, this version needs {needed}; "
            "run `petitions db upgrade`"
        )


def _secret_key(settings: Settings) -> str:
    return read_secret(settings.web.secret_file, "PETITIONS_SECRET_KEY", "web.secret_file")


def templates_folder() -> Path:
    package = Path(petitions.__file__).resolve().parent
    bundled = package / "_bundled" / "templates"
    return bundled if bundled.is_dir() else package.parent / "templates"


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    legal_clock: Callable[[], datetime | None] = lambda: None,
) -> Flask:
    """The web application. `clock` and `legal_clock` are for tests; production has neither."""
    uri = database_uri(settings)
    check_database(uri)
    missing = border.missing_keys(settings)
    if missing:
        raise ConfigurationError(f"keys: {', '.join(missing)} missing; run `petitions keys init`")
    app = Flask("petitions", template_folder=str(templates_folder()), static_folder=None)
    secure = settings.site.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=_secret_key(settings),
        SQLALCHEMY_DATABASE_URI=uri,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": settings.database.pool_size},
        TRUSTED_HOSTS=trusted_hosts(settings),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SESSION_COOKIE_NAME="__Host-form" if secure else "form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # longer than a staff session: a form that is posted late is kept, not refused as too old
        WTF_CSRF_TIME_LIMIT=16 * 3600,
    )
    db = FlaskDatabase()
    db.init_app(app)
    with app.app_context():
        database: DatabaseEngine = db.engine
    sessions = sessionmaker(database, expire_on_commit=False)
    quick = None
    if database.dialect.name == "postgresql":
        at_once = create_engine(uri, pool_size=settings.web.threads, autocommit=True)
        quick = sessionmaker(at_once, expire_on_commit=False)
    house = build_house(settings, with_log=False)
    identity = border.load_identity(settings)
    border.check_realms(identity, house.library, settings.rulebooks.assemblies)
    border.check_running(identity, sessions)
    house = with_versions_in_force(house, settings, sessions, clock())
    postcodes = postcode_tables(settings, house.library)
    gate, seal, service = border.both_sides(
        settings, identity, sessions=sessions, clock=clock, render=render_login_page,
        admit=login_step, post=login_post(settings, identity, clock),
        area_code=area_codes(house.library, postcodes),
    )  # fmt: skip
    app.extensions[EXTENSION] = Engine(
        settings=settings,
        house=house,
        sessions=sessions,
        border=gate,
        seal=seal,
        clock=clock,
        signer=URLSafeTimedSerializer(app.config["SECRET_KEY"]),
        similar=similar_petitions(house.library),
        secure=secure,
        quick_sessions=quick,
        legal_clock=legal_clock,
        roles_from=staff_border.roles_from(identity),
        postcodes=postcodes,
        outlines=outlines_of(settings, house.library),
        list_numbers=Kept(clock),
    )
    limiter = Limiter(limits_of(settings), border.network_salt(settings))
    install_limits(app, Doorkeeper(limiter, settings.web.trusted_proxies, clock))
    install_rooms(app, settings, house.library)
    login_rooms = identity_rooms(service)
    # Its forms are bound to the login's own state, as signers' are to their step.
    app.extensions["csrf"].exempt(login_rooms)
    app.register_blueprint(login_rooms)
    # a provider posts here, without a browser and without a cookie: its signature is what counts
    app.extensions["csrf"].exempt(app.view_functions["identity.staff_logout"])
    if settings.web.trusted_proxies:
        hops = settings.web.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    if settings.web.page_cache_seconds:
        app.wsgi_app = PageCache(app.wsgi_app, settings.web.page_cache_seconds)  # type: ignore[method-assign]
    return app


def limits_of(settings: Settings) -> dict[Bucket, int]:
    return {bucket: getattr(settings.limits, bucket) for bucket in Bucket}


def similar_petitions(library: Library) -> Similar:
    """Likeness for the public: petitions of a private kind never show up."""
    private = tuple(
        (book.id, kind.id)
        for versions in library.rulebooks.values()
        for book in versions
        for kind in book.kinds.values()
        if kind.visibility is Visibility.PRIVATE
    )

    def find(
        session: Session,
        title: str,
        request: str,
        language: str,
        limit: int,
        exclude: Sequence[UUID],
    ) -> Sequence[Any]:
        return similar(session, title, request, language, limit, exclude, private_kinds=private)

    return find


def mailer(settings: Settings) -> Mailer:
    mail = settings.mail
    if mail.transport == "folder":
        return FolderMailer(Path(mail.folder), mail.sender)
    password = ""
    if mail.username:
        password = read_secret(
            mail.password_file, "PETITIONS_MAIL_PASSWORD", "mail.password_file", least=1
        )
    return SmtpMailer(mail.host, mail.port, mail.sender, mail.starttls, mail.username, password)


def login_post(
    settings: Settings, identity: IdentitySettings, clock: Callable[[], datetime]
) -> LoginPost | None:
    """Only where people log in by e-mail: else the web needs no password of the mail server."""
    return LoginPost(mailer(settings), clock) if identity.letterboxes else None


def shelf(settings: Settings) -> Shelf:
    return Shelf(Path(settings.log.directory), Path(settings.log.anchor))


def address(settings: Settings) -> Address:
    site = settings.site
    return Address(
        site.name, site.base_url, site.contact, site.spoken, own_letters=settings.mail.letters
    )


def streams(settings: Settings) -> Streams:
    mail = settings.mail
    return Streams(mail.followers_sender, mail.confirmations_sender, mail.bounces)


def composer(settings: Settings, house: House) -> Composer:
    site = settings.site
    zone = ZoneInfo(house.library.assembly(settings.rulebooks.assemblies[0]).zone)
    catalogues = load_catalogues(site.spoken, zone)
    return Composer(house, site.name, site.base_url, catalogues, streams(settings))


def dress_letter(settings: Settings) -> Callable[[str, str, str], str]:
    """The letters to authors in the frame of every mail."""

    def dressed(subject: str, text: str, language: str) -> str:
        site = text_for(settings.site.name, language)
        direction = Locale(language, NullTranslations()).dir
        return as_html(of_text(subject, text, site=site, lang=language, direction=direction))

    return dressed


def letters_come_back_to(settings: Settings, house: House) -> Callable[[UUID], str]:
    """The envelope of a letter to an author (VERP), where returned mails are read at all."""
    back = streams(settings)
    if not back.bounces:
        return lambda _job: ""
    keys = follow_keys(house)
    return lambda job: back.return_path(keys.letter_path(job))


def create_post(
    settings: Settings,
    house: House,
    sessions: Callable[[], Session],
    clock: Callable[[], datetime] = utc_now,
) -> Post:
    return Post(
        sessions=sessions,
        house=house,
        mailer=mailer(settings),
        composer=composer(settings, house),
        clock=clock,
        pace=Pace(settings.mail.per_minute),
    )


def render_letter(
    code: str, language: str, facts: Mapping[str, Any], own: str = ""
) -> tuple[str, str]:
    """(subject, text). `own`: the folder of the assemblies' own texts."""
    letter = desk_letters.render(code, language, facts, own)
    return letter.subject, letter.text


def reader(house: House, clock: Callable[[], datetime]) -> Callable[[Session], int]:
    """The worker's reading of what came in: the language of each text, then every signal."""
    detect = detector(house.library)
    return lambda session: read_some(session, detect, clock()) + sifting.sift(session, house)


def create_worker(
    settings: Settings,
    sessions: Callable[[], Session],
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Worker:
    house = build_house(settings, with_log=True)
    press = press_of(settings, house, theme_files(settings))
    return Worker(
        sessions=sessions,
        house=house,
        shelf=shelf(settings),
        mailer=mailer(settings),
        address=address(settings),
        render=partial(render_letter, own=settings.mail.letters),
        clock=clock,
        destroy_old_keys=lambda at: border.purge_daily_keys(settings, at),
        peppers=border.PepperShelf(settings),
        panel=panel_of(settings.log.witnesses, settings.log.quorum, settings.log.witness_wait),
        post=create_post(settings, house, sessions, clock),
        dress=dress_letter(settings),
        return_path=letters_come_back_to(settings, house),
        sift=reader(house, clock),
        press=press.turn if press else lambda _session, _at: False,
    )
