"""Texts of the site at the desk: what each page shows, writing it, looking at it, publishing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app, request
from markupsafe import Markup

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale, speaking
from petitions.services import contents
from petitions.services.contents import ENGINE_PAGES, LINKED, NAME, Key
from petitions.services.prose import PLACES, Prose
from petitions.storage import content_rows
from petitions.web import content, own_pages
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.face import the_face
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Faults, Message

DONE = {
    "saved": N_("Kept as a draft. Nothing changed on the site."),
    "published": N_("Published. Every reader sees it within a minute."),
    "taken_back": N_("Taken back. The page shows what it showed before the desk wrote it."),
}
FLAWS = {
    "title_missing": N_("Give the page a title."),
    "text_too_long": N_("This text is too long for one page."),
    "place_unknown": N_("%(what)s is not one of the words that are filled in."),
    "heading_skipped": N_("A heading skips a level here: %(what)s"),
    "html": N_("HTML is not read: %(what)s would be shown as it stands."),
    "picture": N_("Pictures are not shown: %(what)s"),
    "link_broken": N_("This link leads nowhere: %(what)s"),
    "language_missing": N_("The text in this language is missing."),
    "page_name": N_("Name the page with small letters and hyphens, such as help-with-login."),
}
"""Code of a flaw → its sentence; what it is about is filled in."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A page in one language: where its text comes from, and whether a draft waits."""

    language: str
    source: str
    """desk, file or engine; "" where there is none."""
    drafted: bool


@dataclass(frozen=True, slots=True)
class Row:
    page: str
    assembly: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TextBox:
    """One language of the form."""

    language: str
    title: str
    body: str
    number: int
    published: bool
    recorded_at: datetime | None
    preview: Markup
    flaws: tuple[str, ...]


@office.get("/content")
@needs("read_content")
def content_list() -> Response:
    with desk() as at:
        return _list(at)


@office.post("/content")
@needs("write_content")
def begin_content() -> Response:
    """A page of one's own: its name first, then its text."""
    name = request.form.get("page", "").strip()
    with desk() as at:
        assembly = _assembly(at)
        if not NAME.fullmatch(name):
            return _list(at, (FieldFault("page", flaw("page_name", {})),), name, 422)
    return sent_on(f"/office/content/{name}?assembly={assembly}")


@office.get("/content/<name>")
@needs("read_content")
def content_text(name: str) -> Response:
    with desk() as at:
        return _show(at, name)


@office.post("/content/<name>")
@needs("write_content")
def write_content(name: str) -> Response:
    """Keep a draft, look at it, publish it, or take the desk's text back."""
    do = request.form.get("do", "save")
    texts = {lang: _typed(lang) for lang in _languages()}
    if do == "look":
        with desk() as at:
            return _show(at, name, typed=texts)
    written = {lang: Prose("", "") for lang in texts} if do == "take_back" else texts
    try:
        with desk(write=True) as at:
            assembly, actor = _assembly(at), at.acting(Permission.WRITE_CONTENT)
            contents.save(at.session, assembly, name, written, _seen(), actor, at=at.at)
            if do in {"publish", "take_back"}:
                contents.publish(
                    at.session, assembly, name, _languages(), own_pages.names(assembly), actor,
                    at=at.at, without=request.form.getlist("without"),
                )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        with desk() as at:
            return _show(at, name, typed=texts, faults=_faults(error), status=error.status)
    own_pages.own_pages().forget()
    done = {"publish": "published", "take_back": "taken_back"}.get(do, "saved")
    return sent_on(f"/office/content/{name}?assembly={assembly}&done={done}")


def _languages() -> tuple[str, ...]:
    return engine().settings.site.spoken


def _choices(at: Desk) -> tuple[tuple[str, str], ...]:
    """(assembly, its name) that this person writes for; "" is the whole site."""
    lang = current_locale().lang
    served = engine().settings.rulebooks.assemblies
    own = [(each, at.house.library.assembly(each).name(lang)) for each in served]
    found = [each for each in own if at.works_for(each[0])]
    if at.assemblies is None:
        found = [("", _("The whole site")), *(found if len(own) > 1 else [])]
    return tuple(found)


def _assembly(at: Desk) -> str:
    """Of the address or form; 404 for one of another desk."""
    known = [each for each, _name in _choices(at)]
    wanted = request.values.get("assembly", known[0] if known else "")
    if wanted not in known:
        raise NotFoundError("assembly")
    return wanted


def _typed(lang: str) -> Prose:
    body = request.form.get(f"text-{lang}", "").replace("\r\n", "\n").strip()
    return Prose(request.form.get(f"title-{lang}", "").strip(), body)


def _seen() -> dict[str, int]:
    numbers = {lang: request.form.get(f"number-{lang}", "") for lang in _languages()}
    return {lang: int(n) if n.isascii() and n.isdigit() else -1 for lang, n in numbers.items()}


def _faults(error: InvalidError | ConflictError) -> Faults:
    if isinstance(error, ConflictError):
        told = _(
            "A colleague has written here meanwhile: take over what you need, then send again."
        )
        return (FieldFault("main", told),)
    return tuple(
        FieldFault(name, flaw(code, facts)) for name, (code, facts) in error.fields.items()
    )


def flaw(code: str, facts: Mapping[str, object]) -> str:
    """The sentence of one flaw, with what it is about."""
    sentence = FLAWS[code]
    return _(sentence, **facts) if "%(" in sentence else _(sentence)


def _list(at: Desk, faults: Faults = (), typed: str = "", status: int = 200) -> Response:
    return page(
        at, "office/content.html", status, section="content", rows=_rows(at), typed=typed,
        choices=_choices(at), languages=_languages(), faults=faults,
    )  # fmt: skip


def _rows(at: Desk) -> tuple[Row, ...]:
    files, languages = own_pages.own_pages().files, _languages()
    owners = [each for each, _name in _choices(at)]
    public = {
        (row.assembly, row.page, row.language): row
        for row in content_rows.public(at.session, owners)
    }
    drafts = content_rows.drafts(at.session, owners)
    pages = {("", name) for name in ENGINE_PAGES if "" in owners}
    pages |= {key[:2] for key in (*files, *public, *drafts) if key[0] in owners}

    def source(key: Key) -> str:
        if key in public and public[key].body:
            return "desk"
        if key in files:
            return "file"
        return "engine" if key[1] in ENGINE_PAGES else ""

    return tuple(
        Row(name, assembly, tuple(
            Cell(lang, source((assembly, name, lang)), (assembly, name, lang) in drafts)
            for lang in languages
        ))
        for assembly, name in sorted(pages, key=_in_order)
    )  # fmt: skip


def _in_order(page_of: tuple[str, str]) -> tuple[str, bool, str]:
    """The whole site first, and in it the pages that every site has."""
    return page_of[0], page_of[1] not in ENGINE_PAGES, page_of[1]


def _show(
    at: Desk,
    name: str,
    *,
    typed: Mapping[str, Prose] | None = None,
    faults: Faults = (),
    status: int = 200,
) -> Response:
    if not NAME.fullmatch(name):
        raise NotFoundError("page")
    assembly, done = _assembly(at), request.args.get("done", "")
    return page(
        at, "office/content_text.html", status, section="content", name=name, assembly=assembly,
        boxes=_boxes(at, assembly, name, typed), faults=faults, places=PLACES,
        of_engine=name in ENGINE_PAGES, links=(*LINKED, *own_pages.names(assembly)),
        where=dict(_choices(at))[assembly], without=request.form.getlist("without"),
        message=Message(_(DONE[done])) if done in DONE else None,
        public_href=f"/{current_locale().lang}/{'' if name in ENGINE_PAGES else 'pages/'}{name}",
    )  # fmt: skip


def _boxes(
    at: Desk, assembly: str, name: str, typed: Mapping[str, Prose] | None
) -> tuple[TextBox, ...]:
    rows = content_rows.newest(at.session, assembly, name)
    linked, catalogues = {*own_pages.names(assembly), name}, the_face(current_app).catalogues
    found = []
    for lang in _languages():
        row = rows.get(lang)
        kept = Prose(row.title, row.body) if row and row.body else None
        text = (typed or {}).get(lang) or kept
        if text is None:  # begin with what the file says, if there is one
            text = own_pages.own_pages().files.get((assembly, name, lang), Prose("", ""))
        with speaking(catalogues.locale(lang)):
            preview = content.made(text.body, assembly)
        found.append(
            TextBox(
                language=lang,
                title=text.title,
                body=text.body,
                number=row.number if row else 0,
                published=row is not None and row.published_at is not None,
                recorded_at=row.recorded_at if row else None,
                preview=preview,
                flaws=tuple(
                    flaw(each.code, {"what": each.what})
                    for each in contents.wrong_with(text, linked)
                )
                if text.body
                else (),
            )
        )
    return tuple(found)
