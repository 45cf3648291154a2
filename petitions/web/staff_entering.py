"""Entering a petition that did not come over the site, for its author."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.datastructures import FileStorage

from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.domain.vocabulary import FilingChannel
from petitions.domain.words import Words
from petitions.platform.i18n import current_locale
from petitions.services import addressing, choosing, entering, form_answers
from petitions.services.entering import Entered
from petitions.web import author_choices, filing_words, public_pages, rule_words, topic_words
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.errors import faults_of
from petitions.web.pages_author import Limits, QuestionShown
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Faults


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of petition of an assembly that may come otherwise than over the site."""

    href: str
    assembly: str
    kind: str


@dataclass(frozen=True, slots=True)
class EnterPage:
    assembly: str
    assembly_name: str
    kind: str
    kind_name: str
    channels: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    also: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    asked: tuple[QuestionShown, ...]
    limits: Limits
    who: str
    files_max: int
    topics: tuple[tuple[str, str], ...] = ()


def _ways(at: Desk) -> tuple[Way, ...]:
    library, lang = engine().house.library, current_locale().lang
    return tuple(
        Way(
            f"/office/enter?{urlencode({'assembly': assembly, 'kind': kind.id})}",
            library.assembly(assembly).name(lang),
            rule_words.kind_words(library, book.id, kind.id),
        )
        for book in public_pages.rulebooks_in_force(engine())
        for assembly in book.assemblies
        if assembly in public_pages.assemblies(engine()) and at.works_for(assembly)
        for kind in book.kinds.values()
        if entering.channels_of(kind)
    )


def _chosen() -> tuple[str, Rulebook, Kind] | None:
    assembly, wanted = request.values.get("assembly", ""), request.values.get("kind", "")
    if not assembly:
        return None
    for book in public_pages.rulebooks_in_force(engine()):
        if assembly in book.assemblies and assembly in public_pages.assemblies(engine()):
            kind = book.kinds.get(wanted)
            if kind is not None and entering.channels_of(kind):
                return assembly, book, kind
    raise NotFoundError("kind")


def _enter_page(assembly: str, book: Rulebook, kind: Kind, faults: Faults) -> EnterPage:
    library, locale = engine().house.library, current_locale()
    typed = {
        name.removeprefix("choice-"): value
        for name, value in request.form.items()
        if name.startswith("choice-")
    }
    told = {f"choice-{each.field}": each.sentence for each in faults}
    others = addressing.further(book, assembly, public_pages.assemblies(engine()))
    return EnterPage(
        assembly=assembly,
        assembly_name=library.assembly(assembly).name(locale.lang),
        kind=kind.id,
        kind_name=rule_words.kind_words(library, book.id, kind.id),
        channels=tuple(
            (str(each), filing_words.channel_words(str(each)))
            for each in entering.channels_of(kind)
        ),
        languages=tuple((code, locale.language(code)) for code in book.languages.accepted),
        also=tuple((each, library.assembly(each).name(locale.lang)) for each in others),
        fields=tuple(
            (field, filing_words.field_words(field)) for field in form_answers.fields_of(kind)
        ),
        asked=author_choices.questions_of(book.id, kind, typed, told)
        if choosing.asks(kind)
        else (),
        limits=rule_words.limits(book, kind),
        who=rule_words.who(kind.filing.author, library),
        files_max=kind.filing.form.files_max,
        topics=tuple(topic_words.offered(library, (assembly,)).items()),
    )


def _show(at: Desk, faults: Faults = (), status: int = 200) -> Response:
    chosen = _chosen()
    return page(
        at,
        "office/enter.html",
        status,
        section="enter",
        ways=_ways(at),
        shown=_enter_page(*chosen, faults) if chosen else None,
        typed=request.form,
        also_typed=request.form.getlist("also"),
        faults=faults,
    )


@office.get("/enter")
@needs("enter_petitions")
def enter() -> Response:
    with desk() as at:
        return _show(at)


@office.post("/enter")
@needs("enter_petitions")
def enter_petition() -> Response:
    chosen = _chosen()
    if chosen is None:
        raise NotFoundError("kind")
    assembly, book, kind = chosen
    try:
        with desk(write=True) as at:
            if not at.works_for(assembly):
                raise NotFoundError("assembly")
            made = entering.enter(
                at.session, at.house, book, _entered(assembly, kind),
                at.acting(Permission.ENTER_PETITIONS), at=at.at,
            )  # fmt: skip
            reference = made.reference
    except InvalidError as error:
        with desk() as at:
            return _show(at, faults_of(error), 422)
    return sent_on(f"/office/cases/{reference}")


def _entered(assembly: str, kind: Kind) -> Entered:
    form = request.form
    channel = form.get("channel", "")
    if channel not in {str(each) for each in entering.channels_of(kind)}:
        raise InvalidError(fields={"channel": ("required", {})})
    parts = ("title", "request", "reasons", "summary")
    return Entered(
        assembly=assembly,
        kind=kind.id,
        channel=FilingChannel(channel),
        language=form.get("language", ""),
        words=Words.of(*(form.get(part, "") for part in parts)),
        author_name=form.get("name", ""),
        author_email=form.get("email", ""),
        contact=form.get("contact", ""),
        earlier=form.get("earlier", ""),
        also=tuple(form.getlist("also")),
        answers={field: form.get(f"field-{field}", "") for field in form_answers.fields_of(kind)},
        choices={
            name.removeprefix("choice-"): value.strip()[:60]
            for name, value in form.items()
            if name.startswith("choice-")
        },
        files=tuple(_read(sent) for sent in request.files.getlist("file") if sent.filename),
        conditions_hold=bool(form.get("conditions")),
        topic=form.get("topic", ""),
    )


def _read(sent: FileStorage) -> tuple[str, bytes]:
    with sent.stream:
        return sent.filename or "", sent.stream.read()
