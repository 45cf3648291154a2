"""The certificate as a page or two for the file: a tagged PDF (ISO 14289-1, PDF/UA) with closing.json
attached.

Rules of this module:
- the page says in words what the attached document says; it adds no fact of its own;
- nothing is fetched while it is made: a petition's text is escaped, and every address but `data:` is
  refused besides;
- WeasyPrint is imported where it is used: the rest of the engine works without it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import segno

from petitions.certificate.document import NAME
from petitions.certificate.words import REASONS
from petitions.domain.calendar import local_day
from petitions.domain.errors import ConfigurationError
from petitions.domain.removals import RemovalReason
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import _, current_locale
from petitions.platform.paper_templates import templates_of
from petitions.services.closing_facts import ClosingFacts, Placed

EXCERPT = 1200
"""Characters of the request that are printed; the whole of it is in the attached document."""
MISSING = (
    "certificate: a PDF needs the extra [pdf] (pip install 'petition-engine[pdf]') and the system "
    "library Pango (on Debian or Ubuntu: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
)


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: str
    code: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: tuple[str, str]
    rows: tuple[Row, ...]
    numbers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the template prints; every text is in the language being spoken but title and excerpt."""

    heading: str
    assembly: str
    lang: str
    title: str
    status: str
    excerpt: str
    cut: bool
    tables: tuple[Table, ...]
    address: str
    qr: str
    qr_text: str
    digest: str
    seal: str
    made_at: str


def make_pdf(
    facts: ClosingFacts,
    document: bytes,
    library: Library,
    *,
    address: str,
    sealed_by_key: bool,
    at: datetime,
) -> bytes:
    """The PDF in the language being spoken. `address`: of the petition's page, "" where it has none.

    ConfigurationError where the extra or its system library is missing.
    """
    try:
        from weasyprint import HTML, Attachment, URLFetcher
    except (ImportError, OSError):  # OSError: Pango itself is not there
        raise ConfigurationError(MISSING) from None
    page = _sheet(facts, document, library, address, sealed_by_key=sealed_by_key, at=at)
    html = templates_of("certificate").get_template("closing.html").render(page=page)
    fetcher = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    attached = Attachment(
        string=document, name=NAME, description=_("The certificate for programs (JSON)"),
        created=at, modified=at,
    )  # fmt: skip
    made: Any = HTML(string=html, url_fetcher=fetcher)
    pdf: bytes = made.write_pdf(
        pdf_variant="pdf/ua-1",
        attachments=[attached],
        finisher=_name_attachment,
        pdf_identifier=hashlib.sha256(document).hexdigest()[:32].encode(),
    )  # fmt: skip
    return pdf


def _name_attachment(_document: Any, pdf: Any) -> None:
    """What the attached file is to the paper (ISO 32000-2, 14.13); WeasyPrint says it in PDF/A only."""
    for found in pdf.objects:
        if isinstance(found, dict) and found.get("Type") == "/Filespec":
            specification: Any = found
            specification["AFRelationship"] = "/Data"
            pdf.catalog["AF"] = f"[{specification.reference.decode()}]"


def _sheet(
    facts: ClosingFacts,
    document: bytes,
    library: Library,
    address: str,
    *,
    sealed_by_key: bool,
    at: datetime,
) -> Sheet:
    locale = current_locale()
    excerpt, cut = _beginning(facts.request)
    qr_text = _("QR code with the address of the petition: %(address)s", address=address)
    return Sheet(
        heading=_("Closing certificate of petition %(ref)s", ref=facts.reference),
        assembly=library.assembly(facts.assembly).name(locale.lang),
        lang=facts.language,
        title=facts.title,
        status=_status(facts),
        excerpt=excerpt,
        cut=cut,
        tables=tuple(table for table in _tables(facts, library) if table.rows),
        address=address,
        qr=segno.make(address, error="m").svg_data_uri(border=2) if address else "",
        qr_text=qr_text if address else "",
        digest=hashlib.sha256(document).hexdigest(),
        seal=_(
            "This document bears the electronic seal of the institution; any change to it shows."
        )
        if sealed_by_key
        else _("This document bears no electronic seal."),
        made_at=at.isoformat(timespec="seconds"),
    )


def _beginning(text: str) -> tuple[str, bool]:
    if len(text) <= EXCERPT:
        return text, False
    return text[:EXCERPT].rsplit(maxsplit=1)[0] + " …", True


def _status(facts: ClosingFacts) -> str:
    locale = current_locale()
    if facts.sealed:
        return _(
            "Signing ended on %(ended)s. The petition was sealed on %(sealed)s: the key to its "
            "signatures was destroyed, nobody can find out any more who signed, and the count is final.",
            ended=_ended(facts),
            sealed=locale.datetime(facts.sealed.sealed_at),
        )
    return _(
        "Signing ended on %(ended)s. Objections to the count can be made until %(until)s; until the "
        "petition is sealed, a decision or a withdrawal can still lower the count below.",
        ended=_ended(facts),
        until=locale.date(facts.objections_until),
    )


def _ended(facts: ClosingFacts) -> str:
    """A window ends with its last day, not at midnight of the next one; other ends have an hour."""
    locale = current_locale()
    if facts.last_day and local_day(facts.closed, facts.zone) == facts.last_day + timedelta(days=1):
        return locale.date(facts.last_day)
    return locale.datetime(facts.closed)


def _tables(facts: ClosingFacts, library: Library) -> tuple[Table, ...]:
    head = (_("Item"), _("Value"))
    return (
        Table(
            _("The final numbers"), (_("Signatures"), _("How many")), _numbers(facts), numbers=True
        ),
        Table(_("Milestones reached"), (_("Milestone"), _("When")), _milestones(facts, library)),
        Table(_("The petition"), head, _petition(facts)),
        Table(_("In the public log"), head, _in_the_log(facts)),
        Table(
            _("Statements that the key was destroyed"), (_("Place"), "SHA-256"), _statements(facts)
        ),
    )


def _numbers(facts: ClosingFacts) -> tuple[Row, ...]:
    number = current_locale().number
    return (
        Row(_("Signatures collected"), number(facts.collected)),
        Row(_("of these withdrawn by their signers"), number(facts.withdrawn)),
        Row(_("of these declared invalid"), number(facts.invalid)),
        *(
            Row(f"— {_(REASONS[RemovalReason(code)])}", number(count))
            for code, count in facts.invalid_by_reason
        ),
        Row(_("Valid signatures"), number(facts.valid), strong=True),
        *_certified(facts),
    )


def _certified(facts: ClosingFacts) -> tuple[Row, ...]:
    """What counts beside the signatures given here; nothing where no rule knows of it."""
    number, found = current_locale().number, []
    if facts.certified_online is not None:
        label = _("of these certified by the authorities: only they count")
        found.append(Row(label, number(facts.certified_online), strong=True))
    if facts.on_paper:
        found.append(Row(_("Certified on paper"), number(facts.on_paper), strong=True))
    return tuple(found)


def _milestones(facts: ClosingFacts, library: Library) -> tuple[Row, ...]:
    locale = current_locale()
    return tuple(
        Row(
            f"{_milestone(library, each.id, facts.rulebook)} ({locale.signatures(each.threshold)})",
            locale.datetime(each.at),
        )
        for each in facts.milestones
    )


def _milestone(library: Library, code: str, rulebook: str) -> str:
    for lang in (current_locale().lang, "en"):
        try:
            return library.wording(code, lang, noun="milestones", rulebook=rulebook).title
        except KeyError:
            continue
    return code


def _petition(facts: ClosingFacts) -> tuple[Row, ...]:
    locale = current_locale()
    author = (Row(_("Author"), facts.author),) if facts.author else ()
    return (
        *author,
        Row(_("Signing opened"), locale.datetime(facts.opened)),
        Row(_("Signing ended"), _ended(facts)),
        Row(_("Rules"), f"{facts.rulebook} {facts.rulebook_version}"),
        Row(_("SHA-256 of the text"), facts.text_hash.hex(), code=True),
        Row(_("SHA-256 of the rules"), facts.rules_hash.hex(), code=True),
    )


def _in_the_log(facts: ClosingFacts) -> tuple[Row, ...]:
    number = current_locale().number
    seal = (_entry(_("Seal"), facts.sealed.placed),) if facts.sealed else ()
    return (
        Row(_("Name of the log"), facts.origin, code=True),
        Row(_("UUID of the petition"), str(facts.petition), code=True),
        Row(_("Entries of the checkpoint"), number(facts.size)),
        Row(_("Root of the checkpoint"), facts.root.hex(), code=True),
        _entry(_("Last count"), facts.count),
        _entry(_("End of signing"), facts.close),
        *seal,
    )


def _entry(label: str, placed: Placed) -> Row:
    locale = current_locale()
    told = _(
        "entry %(index)s, batch of %(when)s",
        index=locale.number(placed.index),
        when=locale.datetime(placed.at),
    )
    return Row(label, told)


def _statements(facts: ClosingFacts) -> tuple[Row, ...]:
    if facts.sealed is None:
        return ()
    return tuple(
        Row(each.replica, hashlib.sha256(each.statement).hexdigest(), code=True)
        for each in facts.sealed.statements
    )
