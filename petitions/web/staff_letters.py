"""Letters at the desk: every text in every language with sample data; what became of those of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, request

from admissibility import letters, own_letters
from admissibility.cases import by_reference
from admissibility.letter_samples import sample_of
from admissibility.letters import CODES, Letter
from petitions.domain.errors import NotFoundError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import _, current_locale
from petitions.services import letter_fates
from petitions.services.letter_fates import Fate
from petitions.storage.tables import Petition
from petitions.web import staff_assemblies
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.letter_words import FATES, LETTERS
from petitions.web.staff_desk import Desk, desk, office, page, sent_on


@dataclass(frozen=True, slots=True)
class SampleLetter:
    """`own`: the assembly's own text; `languages`: those in which the letter exists."""

    code: str
    title: str
    letter: Letter | None
    own: bool


@dataclass(frozen=True, slots=True)
class LetterRow:
    job_id: UUID
    title: str
    at: datetime
    fate: str
    tone: str
    since: datetime | None
    may_return: bool


@office.get("/letters")
@needs("read_letters")
def show_letters() -> Response:
    with desk() as at:
        assemblies = tuple(
            (each, staff_assemblies.name_of(at, each))
            for each in engine().settings.rulebooks.assemblies
            if at.works_for(each)
        )
        assembly = request.args.get("assembly", "") or assemblies[0][0]
        spoken = at.address.languages or (current_locale().lang,)
        language = request.args.get("language", "") or current_locale().lang
        if assembly not in dict(assemblies) or language not in spoken:
            raise NotFoundError("page")
        return page(
            at, "office/letters.html", section="letters", assemblies=assemblies,
            assembly=assembly, spoken=spoken, language=language,
            letters=_samples(at, assembly, language),
        )  # fmt: skip


def _samples(at: Desk, assembly: str, language: str) -> list[SampleLetter]:
    own = own_letters.replaced(at.address.own_letters, assembly)
    site = at.address.names.get(language) or next(iter(at.address.names.values()))
    facts = {
        "assembly": assembly, "site": site, "contact": at.address.contact,
        "addressed": at.house.library.assembly(assembly).name(language),
    }  # fmt: skip
    found = []
    for code in CODES:
        exists = language in letters.languages(code) or (code, language) in own
        letter = None
        if exists:
            told = {**sample_of(code, language), **facts}
            letter = letters.render(code, language, told, at.address.own_letters)
        found.append(SampleLetter(code, _(LETTERS[code]), letter, (code, language) in own))
    return found


def on_case(at: Desk, petition: Petition) -> tuple[LetterRow, ...]:
    """The letters about a petition, for its case."""
    return tuple(
        LetterRow(
            job_id=each.job_id,
            title=_(LETTERS[each.code]) if each.code in LETTERS else each.code,
            at=each.at,
            fate=_(FATES[each.fate][0]),
            tone=FATES[each.fate][1],
            since=each.since,
            may_return=each.fate is Fate.SENT,
        )
        for each in letter_fates.letters_of(at.session, petition.id)
    )


@office.post("/cases/<ref>/letters/<uuid:job_id>/returned")
@needs("write_notes")
def letter_came_back(ref: str, job_id: UUID) -> Response:
    with desk(write=True) as at:
        actor = at.acting(Permission.WRITE_NOTES)
        letter_fates.came_back(at.session, by_reference(at.session, ref), job_id, actor, at.at)
    return sent_on(f"/office/cases/{ref}#letters")
