"""The face of the site: language of each answer, frame of each page, what templates may call.

Rules of this module:
- the language is the first part of the path; only `/` and `/p/<ref>` look at Accept-Language;
- nothing here reads or sets a cookie, so that public pages stay the same for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, render_template, request

from petitions.domain.following import FOLLOWABLE
from petitions.domain.lifecycle import State
from petitions.platform import i18n
from petitions.platform.i18n import Catalogues, _, current_locale, speak, text_for
from petitions.web import scope
from petitions.web.assets import STATIC_FOLDER, Assets, install_assets
from petitions.web.looks import Look
from petitions.web.pages import STATE_WORDS, Link
from petitions.web.pages_frame import Frame, SiteFace, Tongue

EXTENSION = "petitions.face"


@dataclass(frozen=True, slots=True)
class Face:
    """What the operator says of the site. Texts by language."""

    catalogues: Catalogues
    names: Mapping[str, str]
    address: str = ""
    """Public address without trailing slash."""
    is_demo: bool = False
    notices: Mapping[str, str] = field(default_factory=dict)
    source_url: str = ""
    theme_folder: Path | None = None
    looks: Mapping[str, Look] = field(default_factory=dict)
    """Of each assembly, worn where an answer is about it and the site serves several."""
    themes: Mapping[str, bytes] = field(default_factory=dict)
    accessibility: str = "not audited"
    pages: Callable[[str, str], tuple[Link, ...]] = lambda _assembly, _lang: ()
    """(assembly, language) → the pages that the parliament wrote for itself."""
    modes: Callable[[str], tuple[str, ...]] = lambda _assembly: ()
    """Assembly, or "" for all → what its calendar says of these weeks."""
    read_only: bool = False


def install_face(app: Flask, face: Face) -> None:
    """Languages, assets and the values every template reads. Call once, before the blueprints."""
    folders = [STATIC_FOLDER, *([face.theme_folder] if face.theme_folder else [])]
    assets = Assets(*folders, made=face.themes)
    install_assets(app, assets)
    i18n.install(app.jinja_env)
    app.jinja_env.globals["state_words"] = {state: STATE_WORDS[state] for state in State}
    app.jinja_env.globals["followable_states"] = FOLLOWABLE
    app.extensions[EXTENSION] = face

    @app.url_value_preprocessor
    def choose_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        wanted = (values or {}).get("lang")
        speak(face.catalogues.locale(wanted or request.path.split("/", 2)[1]))
        if wanted is not None and wanted not in face.catalogues.locales:
            abort(404)  # here and not in each view: the language goes into addresses and requests

    @app.context_processor
    def frame_of_page() -> dict[str, object]:
        lang = current_locale().lang
        worn = face.looks.get(scope.look()) if len(face.looks) > 1 else None
        site = SiteFace(
            name=worn.name(lang) if worn else text_for(face.names, lang),
            is_demo=face.is_demo,
            notice=text_for(face.notices, lang),
            source_url=face.source_url,
            has_theme="theme.css" in assets,
            address=face.address,
            languages=tuple(face.catalogues.locales),
            theme=worn.theme if worn else "",
            logo=_asset(assets, worn, "logo.svg"),
            icon=_asset(assets, worn, "icon.svg"),
            place=scope.place(),
            assembly=scope.current(),
            called=the_assembly(face),
            accessibility=face.accessibility,
            pages=face.pages(scope.current(), lang),
            modes=face.modes(scope.look()),
            read_only=face.read_only,
        )
        return {"site": site, "frame": frame(noindex=True)}


def the_assembly(face: Face) -> str:
    """What a sentence calls the assembly that the answer is about: its own noun, else the common one."""
    alone = next(iter(face.looks)) if len(face.looks) == 1 else ""
    worn = face.looks.get(scope.look() or alone)
    return (worn.called.get(current_locale().lang, "") if worn else "") or _("the assembly")


def _asset(assets: Assets, worn: Look | None, name: str) -> str:
    """The picture of the look that is worn; the site's own where the look has no theme."""
    if worn is not None and worn.theme:
        own = worn.logo if name == "logo.svg" else worn.icon
        return own or ("" if name == "logo.svg" else name)
    return name if name in assets else ""


def the_face(app: Flask) -> Face:
    found: Face = app.extensions[EXTENSION]
    return found


_ASKED_OF = frozenset({"petitions", "start"})
"""Pages that are what their query asks for."""


def frame(section: str = "", *, noindex: bool = False) -> Frame:
    """The frame of the page being answered, with its address in every language of the site."""
    face = the_face(current_app)
    head, _, rest = request.path.lstrip("/").partition("/")
    if head not in face.catalogues.locales:
        return Frame(section=section, noindex=noindex)
    worn = face.looks.get(scope.look()) if len(face.looks) > 1 else None
    offered = set(worn.languages) if worn else set(face.catalogues.locales)
    asked = ""
    if rest in _ASKED_OF and request.query_string:  # a search stays the search in another language
        asked = "?" + request.query_string.decode("ascii", "replace")
    tongues = tuple(
        Tongue(
            lang=lang,
            name=locale.name,
            href=f"/{lang}/{rest}{asked}",
            alternate="" if noindex else f"{face.address}/{lang}/{rest}",
        )
        for lang, locale in face.catalogues.locales.items()
        if lang in offered or lang == head
    )
    own = () if head in offered else tuple(each for each in tongues if each.lang in offered)
    canonical = "" if noindex else f"{face.address}/{head}/{rest}"
    return Frame(section, tongues, canonical, noindex=noindex, own_tongues=own)


def private_page(template: str, page: object, status: int = 200, **more: object) -> Response:
    """A page made for one person: never stored by any cache, never indexed."""
    answer = Response(render_template(template, page=page, **more), status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
