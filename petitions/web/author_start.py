"""Before one writes: what a petition leads to, whom it asks, of which kind it is, its first sentence."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.platform.i18n import current_locale
from petitions.services import addressing, calendars, drafts, filing
from petitions.storage import start_rows
from petitions.web import author_drafts, filing_words, modes, public_pages, rule_words
from petitions.web.access import author_only, everybody
from petitions.web.author_room import Faults, author, book, book_of, go, html, tag
from petitions.web.author_steps import onward
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import sentence
from petitions.web.forms import TitleForm, label, show
from petitions.web.login_steps import own_path
from petitions.web.pages import FacetValue, Ground
from petitions.web.pages_author import KindOffered, StartPage, StepPage
from petitions.web.scope import wear
from petitions.web.sessions import current_author


@author.get("/<lang>/start")
@everybody
def start(lang: str) -> Response:
    the = engine()
    served = public_pages.assemblies(the)
    if len(served) > 1 and "assembly" not in request.args:
        choice = _choice(lang, served)
        return html("author/start.html", section="mine" if choice.back else "start", page=choice)
    assembly = request.args.get("assembly", served[0])
    book = book_of(assembly)
    kind = book.kinds.get(request.args.get("kind", "")) or book.default_kind
    library = the.house.library
    if "assembly" in request.args:
        wear(assembly)
    with reading() as session:
        record = start_rows.so_far(session, assembly)
        closed = _closed(session, book, kind, assembly)
        offered = author_drafts.begun(session, assembly)
    known = _is_known(book, kind, assembly)
    page = StartPage(
        so_far=record if record.published else None,
        closed_reason=closed,
        procedure=rule_words.procedure(
            library, book, kind, assembly, (the.border.identity_label(book.realm),)
        ),
        login_href=f"/{lang}/start/new?{urlencode({'kind': kind.id})}"
        if known
        else _login_href(lang, assembly, book, kind),
        drafts=offered,
        known=known,
        assemblies=_offered(lang, served, assembly) if len(served) > 1 else (),
        kinds=kinds_offered(book, assembly, kind.id) if len(book.kinds) > 1 else (),
        excluded=excluded(book, kind),
    )
    return html("author/start.html", page=page)


def _is_known(book: Rulebook, kind: Kind, assembly: str) -> bool:
    """Logged in at this assembly, as somebody who may start a petition of this kind."""
    who = current_author()
    return who is not None and who.assembly == assembly and kind.id in kinds_proved(book)


def _choice(lang: str, served: Sequence[str]) -> StartPage:
    """Nothing is chosen for the reader: a petition sent to the wrong assembly is lost time."""
    back = own_path(request.args.get("back", ""), "")
    return StartPage(assemblies=_offered(lang, served, back=back), back=bool(back))


def _offered(
    lang: str, served: Sequence[str], chosen: str = "", *, back: str = ""
) -> tuple[FacetValue, ...]:
    """The assemblies to choose from. With `back` the choice logs in and leads there."""
    library, place = engine().house.library, f"/{lang}/start/login" if back else f"/{lang}/start"
    more = {"back": back} if back else {}
    return tuple(
        FacetValue(
            rule_words.assembly_words(library, each),
            0,
            f"{place}?{urlencode({'assembly': each, **more})}",
            each == chosen,
        )
        for each in served
    )


def _closed(session: Session, book: Rulebook, kind: Kind, assembly: str) -> str:
    """Why no petition can be started today; "" where one can."""
    try:
        calendars.refuse_if_barred(session, kind, assembly, zone=book.zone, at=engine().clock())
    except InvalidError as error:
        return " ".join(modes.sentences((assembly,))) or sentence(error.code)
    return ""


def _login_href(lang: str, assembly: str, book: Rulebook, kind: Kind) -> str:
    asked = {"assembly": assembly} | ({"kind": kind.id} if len(book.kinds) > 1 else {})
    return f"/{lang}/start/login?{urlencode(asked)}"


def excluded(book: Rulebook, kind: Kind) -> tuple[Ground, ...]:
    """What the rulebook tells an author before they write: matters that no petition is for."""
    codes = kind.admissibility.grounds.shown_at_filing
    return rule_words.grounds(engine().house.library, book.id, codes)


def kinds_offered(book: Rulebook, assembly: str, chosen: str) -> tuple[KindOffered, ...]:
    library, lang = engine().house.library, current_locale().lang
    return tuple(
        KindOffered(
            id=kind.id,
            label=rule_words.kind_words(library, book.id, kind.id),
            text=filing_words.kind_explained(library, book, kind, assembly),
            href=f"/{lang}/start?{urlencode({'assembly': assembly, 'kind': kind.id})}",
            chosen=kind.id == chosen,
        )
        for kind in book.kinds.values()
    )


def kinds_proved(book: Rulebook) -> list[str]:
    """The kinds whose conditions the author's login proved (`filing.author` differs per kind)."""
    who = current_author()
    proved = who.kinds if who else None
    return [kind for kind in book.kinds if proved is None or kind in proved]


@author.route("/<lang>/start/new", methods=["GET", "POST"])
@author_only
def new(lang: str) -> Response:
    rules, who = book(), current_author()
    assembly = who.assembly if who else ""
    form = TitleForm(request.form if request.method == "POST" else None)
    proved = kinds_proved(rules)
    if not proved:  # the rules changed since the login: it proves nothing that is asked today
        return go(f"/{lang}/start?{urlencode({'assembly': assembly})}")
    wanted = request.args.get("kind", "")
    if wanted in rules.kinds and wanted not in proved:
        return go(_login_href(lang, assembly, rules, rules.kinds[wanted]))
    limits = rule_words.limits(rules, rules.kinds[proved[0]])
    offered = kinds_offered(rules, assembly, "")
    form.language.choices = list(limits.languages)
    form.kind.choices = [(each.id, each.label) for each in offered if each.id in proved]
    others = addressing.further(rules, assembly, public_pages.assemblies(engine()))
    form.also.choices = [
        (each, engine().house.library.assembly(each).name(lang)) for each in others
    ]
    if request.method == "GET":
        known = [code for code, _name in limits.languages]
        form.language.data = lang if lang in known else known[0]
        form.kind.data = wanted if wanted in proved else proved[0]
    label(form)
    faults: Faults = ()
    if request.method == "POST":
        try:
            return go(_started(form, rules, proved))
        except InvalidError as error:
            faults = show(form, error)
    with reading() as session:
        begun = author_drafts.begun(session, assembly) if request.method == "GET" else ()
    page = StepPage(
        1,
        f"/{lang}/start/new",
        f"/{lang}/start?{urlencode({'assembly': assembly})}",
        limits,
        kinds=offered if len(offered) > 1 else (),
        proved=tuple(proved),
        excluded=excluded(rules, rules.kinds[proved[0]]),
        drafts=begun,
        foreign=lang not in rules.languages.accepted,
    )
    status = 422 if faults else 200
    return html("author/title.html", status, page=page, form=form, faults=faults)


def _started(form: TitleForm, book: Rulebook, proved: list[str]) -> str:
    who, the = current_author(), engine()
    if form.kind.data not in proved:
        raise InvalidError(fields={"kind": ("not_accepted", {})})
    assembly = who.assembly if who else ""
    first = {
        "kind": form.kind.data,
        "language": form.language.data or "",
        "title": form.title.data or "",
    }
    with writing() as session:
        petition = drafts.begun_alike(session, tag(), assembly, **first) or filing.start_draft(
            session, book, assembly=assembly, tag=tag(), at=the.clock(), **first
        )
        served = public_pages.assemblies(the)
        addressing.address(session, book, petition, form.also.data or [], served)
        return onward(petition, book.kinds[petition.kind], "title")
