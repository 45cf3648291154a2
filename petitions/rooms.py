"""The rooms of the web application: face, guards, blueprints, in the order in which they belong."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask_wtf.csrf import CSRFError, CSRFProtect

from petitions.domain.errors import InvalidError
from petitions.domain.rulebook_files import Library
from petitions.platform.config import Settings
from petitions.platform.headers import install_headers
from petitions.platform.i18n import load_catalogues
from petitions.platform.logs import install_access_log
from petitions.web import (
    api,
    author_sponsors,
    content,
    due_dates,
    feeds,
    figures,
    following,
    health,
    log_files,
    logins,
    modes,
    open_data,
    own_pages,
    receipts,
    share,
    signing,
    sitemap,
    support,
    support_withdrawal,
    uk_petitions,
    verifier_file,
)
from petitions.web.access import install_references
from petitions.web.author import author as author_rooms
from petitions.web.errors import install_errors
from petitions.web.face import Face, install_face
from petitions.web.intake import install_intake
from petitions.web.looks import looks_of, theme_files
from petitions.web.own_pages import install_own_pages
from petitions.web.public import install_places
from petitions.web.scope import install_scope
from petitions.web.staff import office
from petitions.web.uploads import install_uploads


def install_rooms(app: Flask, settings: Settings, library: Library) -> None:
    """Languages, guards and every blueprint of the petition zone. Raises ConfigurationError."""
    site = settings.site
    zone = ZoneInfo(library.assembly(settings.rulebooks.assemblies[0]).zone)
    face = Face(
        catalogues=load_catalogues(site.spoken, zone),
        names=site.name,
        address=site.base_url,
        is_demo=settings.environment == "demo",
        source_url=site.source_url,
        notices=site.notices,
        accessibility=site.accessibility.status,
        pages=own_pages.links,
        modes=lambda assembly: modes.sentences(
            (assembly,) if assembly else tuple(settings.rulebooks.assemblies)
        ),
        read_only=site.read_only,
        looks=looks_of(settings, library),
        themes=theme_files(settings),
    )
    install_headers(app, https=site.base_url.startswith("https://"))
    install_access_log(app)
    install_errors(app)
    install_references(app)
    install_scope(app, settings)
    install_uploads(app, library)
    install_intake(app)
    install_own_pages(app, settings)
    install_face(app, face)
    guard = CSRFProtect(app)
    guard.exempt(
        signing.blueprint
    )  # bound to the step's own cookie instead: signers have no session
    guard.exempt(support.blueprint)  # likewise, and a secret of its own in the address
    guard.exempt(support_withdrawal.blueprint)
    guard.exempt(following.blueprint)  # cached forms, and pages whose address is their secret
    guard.exempt(receipts.blueprint)  # a cached page without cookies; its form changes nothing

    @app.errorhandler(CSRFError)
    def form_too_old(_error: CSRFError) -> Any:
        return app.handle_user_exception(InvalidError("form_too_old"))

    for rooms in (content.public, signing.blueprint, logins.blueprint, author_rooms, office):
        app.register_blueprint(rooms)
    install_places(app, settings)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(log_files.blueprint)
    app.register_blueprint(receipts.blueprint)
    app.register_blueprint(verifier_file.blueprint)
    app.register_blueprint(support.blueprint)
    app.register_blueprint(support_withdrawal.blueprint)
    app.register_blueprint(author_sponsors.blueprint)
    app.register_blueprint(due_dates.blueprint)
    app.register_blueprint(following.blueprint)
    for face_rooms in (
        feeds.blueprint, open_data.blueprint, figures.blueprint, share.blueprint, sitemap.blueprint,
        api.blueprint, uk_petitions.blueprint,
    ):  # fmt: skip
        app.register_blueprint(face_rooms)
