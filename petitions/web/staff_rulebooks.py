"""Rulebooks at the desk: check, explain and simulate one (nothing is stored), put one into force."""

from __future__ import annotations

import gzip
import io
import tomllib
import zlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Response, request
from markupsafe import Markup

from petitions.domain.arrivals import read_curve
from petitions.domain.errors import InvalidError, NotFoundError, PetitionError
from petitions.domain.permissions import Permission
from petitions.domain.rulebook import Rulebook, load_rulebook
from petitions.domain.rulebook_files import Library, with_rulebook
from petitions.domain.schema import RulebookError, RulebookErrors
from petitions.explaining.diagram import diagram
from petitions.explaining.explanation import Explanation, explain
from petitions.explaining.playing import LANGUAGES, simulate
from petitions.explaining.refusals import refusal
from petitions.explaining.text import course_lines
from petitions.explaining.timeline_words import Line, assumptions, lines, summary
from petitions.platform.i18n import N_, Locale, _, load_catalogues, native_name, speaking
from petitions.services import activations
from petitions.services.activations import Standing
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.staff_assemblies import name_of
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Message

CURVE_MAX = 8 * 1024 * 1024
"""Bytes of an unpacked curve."""
NO_WORDS = "has no wording in"
_DONE = {"activated": N_("The version is put into force; the site takes it up at its next start.")}


@dataclass(frozen=True, slots=True)
class Drawing:
    """The states of one kind: the picture, and the same in words."""

    svg: Markup
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried: the faults of an upload, an explanation, a timeline; each may be missing."""

    name: str
    language: str
    errors: tuple[RulebookError, ...] = ()
    unworded: tuple[RulebookError, ...] = ()
    explanation: Explanation | None = None
    drawings: tuple[Drawing, ...] = ()
    timeline: tuple[Line, ...] = ()
    told: tuple[str, ...] = field(default=())


@lru_cache
def locale_of(language: str, zone: str) -> Locale:
    return load_catalogues((language,), ZoneInfo(zone)).default


@office.get("/rulebooks")
@needs("read_office")
def rulebooks() -> Response:
    with desk() as at:
        return _shown(at)


@office.post("/rulebooks")
@needs("read_office")
def try_rulebook() -> Response:
    """Check, explain or simulate a served version or an uploaded file. Nothing is stored."""
    with desk() as at:
        try:
            return _shown(at, tried=_tried(at))
        except InvalidError as error:
            return _shown(at, fault=refusal(error), status=422)


@office.post("/rulebooks/activate")
@needs("activate_rulebooks", fresh=True)
def activate_rulebook() -> Response:
    """Every key to be confirmed has its own box: what was not ticked was not acknowledged."""
    form = request.form
    name, version = form.get("book", ""), form.get("version", "")
    if not version.isdigit():
        raise NotFoundError("rulebook_version")
    with desk(write=True) as at:
        actor = at.acting(Permission.ACTIVATE_RULEBOOKS)
        library, given = at.house.library, form.getlist("acknowledge")
        try:
            activations.activate(
                at.session, library, name, int(version[:6]), given, actor, at=at.at
            )
        except InvalidError as error:
            at.session.rollback()
            missing = str(error.facts.get("paths", ""))
            fault = _("Not put into force: still to be acknowledged: %(list)s.", list=missing)
            return _shown(at, fault=fault, status=422)
    return sent_on("/office/rulebooks?done=activated")


def _shown(at: Desk, *, tried: Tried | None = None, fault: str = "", status: int = 200) -> Response:
    served = _served()
    found = activations.standings(at.session, at.house.library, served)
    done = request.args.get("done", "")
    return page(
        at,
        "office/rulebooks.html",
        status,
        section="rulebooks",
        standings=found,
        names=_names(at, found),
        replaced=_replaced(at, found),
        tried=tried,
        fault=fault,
        message=Message(_(_DONE[done])) if done in _DONE else None,
        languages=[(code, native_name(code)) for code in LANGUAGES],
        chosen=request.form.get("lang", at.staff.language),
        form=request.form,
    )


def _names(at: Desk, found: list[Standing]) -> dict[str, str]:
    """Rulebook → the assemblies of this site that work under it, in the reader's language."""
    return {
        each.book.id: ", ".join(
            name_of(at, assembly) for assembly in each.book.assemblies if assembly in _served()
        )
        for each in found
    }


def _replaced(at: Desk, found: list[Standing]) -> dict[tuple[str, int], int]:
    """Versions that nobody files under any more → the version that is filed under today."""
    current: dict[str, int] = {}
    for each in found:
        if each.book.valid_from <= at.today and each.stored:
            current[each.book.id] = max(current.get(each.book.id, 0), each.book.version)
    return {
        (each.book.id, each.book.version): current[each.book.id]
        for each in found
        if each.book.version < current.get(each.book.id, 0)
    }


def _served() -> tuple[str, ...]:
    return tuple(engine().settings.rulebooks.assemblies)


def _tried(at: Desk) -> Tried:
    language = request.form.get("lang", "en")
    language = language if language in LANGUAGES else "en"
    try:
        library, book, unworded = _asked_for(at.house.library)
    except RulebookErrors as errors:
        return Tried(_name(), language, errors.errors)
    with speaking(locale_of(language, book.zone)):
        name = f"{book.id} {book.version}"
        if request.form.get("do") == "simulate":
            return _simulated(library, book, Tried(name, language, (), unworded))
        if request.form.get("do") == "check":
            return Tried(name, language, (), unworded)
        explanation = explain(library, book)
        drawings = tuple(
            Drawing(
                Markup(diagram(kind.course, kind.title, name=f"course-{number}")),  # noqa: S704 - built from escaped words
                course_lines(kind.course),
            )
            for number, kind in enumerate(explanation.kinds)
        )
        return Tried(name, language, (), unworded, explanation, drawings)


def _name() -> str:
    sent = request.files.get("rulebook")
    return (sent.filename or "").rpartition("/")[2][:80] if sent else ""


def _asked_for(library: Library) -> tuple[Library, Rulebook, tuple[RulebookError, ...]]:
    """The upload where there is one, judged with the files of this site; else a served version."""
    sent = request.files.get("rulebook")
    if sent is None or not sent.filename:
        name, _space, version = request.form.get("book", "").partition(" ")
        try:
            return library, library.version(name, int(version)), ()
        except (KeyError, ValueError):
            raise NotFoundError("rulebook_version") from None
    try:
        text = sent.read().decode("utf-8")
    except UnicodeDecodeError:
        fault = RulebookError(_name(), "file", "must be UTF-8 text", None)
        raise RulebookErrors([fault]) from None
    name = _as_named_inside(text)
    try:
        book = load_rulebook(text, name=name, context=library.context)
    except RulebookErrors as found:
        book = _without_words(text, name, library, found)
        return with_rulebook(library, book), book, found.errors
    return with_rulebook(library, book), book, ()


def _as_named_inside(text: str) -> str:
    """The file name that the rulebook's own id wants: a browser may have called it "town (1).toml"."""
    try:
        head = tomllib.loads(text).get("rulebook")
    except tomllib.TOMLDecodeError:
        return _name()
    told = head.get("id") if isinstance(head, dict) else None
    return f"{told}.toml" if isinstance(told, str) and told else _name()


def _without_words(text: str, name: str, library: Library, found: RulebookErrors) -> Rulebook:
    """A draft whose codes have no words yet can be read; any other fault is a fault."""
    if any(NO_WORDS not in each.rule for each in found.errors):
        raise found
    return load_rulebook(text, name=name, context=replace(library.context, wording=None))


def _simulated(library: Library, book: Rulebook, tried: Tried) -> Tried:
    form = request.form
    arrivals = read_curve(_curve(), book.zone)
    events = [line.strip() for line in form.get("events", "").splitlines() if line.strip()]
    choices = dict(each.partition("=")[::2] for each in form.get("choices", "").split())
    try:
        told, timeline = simulate(
            library,
            book,
            arrivals,
            kind=form.get("kind", "").strip(),
            choices=choices,
            published=form.get("published", "").strip(),
            length=form.get("length", "").strip(),
            events=events,
        )
    except InvalidError:
        raise
    except PetitionError as error:  # a move that the rules do not allow then
        raise InvalidError(error.code) from None
    return Tried(
        tried.name,
        tried.language,
        unworded=tried.unworded,
        timeline=lines(told, timeline),
        told=(summary(timeline), *assumptions(timeline)),
    )


def _curve() -> str:
    sent = request.files.get("curve")
    if sent is None or not sent.filename:
        raise InvalidError("curve_missing")
    content: bytes = sent.read()
    try:
        if content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(CURVE_MAX + 1)
        text = content.decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise InvalidError("curve_line", line=1) from None
    if len(content) > CURVE_MAX:
        raise InvalidError("curve_too_long", max=CURVE_MAX)
    return text
