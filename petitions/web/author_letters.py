"""The letters about a petition in its author's own space: they stay there whatever the mail did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from admissibility import letters
from admissibility.letters import Letter
from petitions.domain.errors import PetitionError
from petitions.platform.i18n import _
from petitions.services import letter_fates
from petitions.services.letter_fates import LetterFate
from petitions.services.letter_languages import languages_of
from petitions.services.letters import Address, letter_facts
from petitions.storage.tables import Petition
from petitions.web.access import author_only
from petitions.web.author_room import author, html, own
from petitions.web.edge import Engine, engine, reading
from petitions.web.letter_words import FATES, LETTERS


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """`letter` None: a fact it told of is gone (the author's data were erased, a step undone)."""

    title: str
    at: datetime
    fate: str
    tone: str
    language: str
    letter: Letter | None


@dataclass(frozen=True, slots=True)
class MyLettersPage:
    """The letters about one petition, newest first."""

    back: str
    letters: tuple[KeptLetter, ...]


@author.get("/<lang>/mine/<uuid:petition_id>/letters")
@author_only
def my_letters(lang: str, petition_id: UUID) -> Response:
    with reading() as session:
        petition = own(session, petition_id)
        kept = tuple(
            _kept(session, engine(), petition, each)
            for each in letter_fates.letters_of(session, petition.id)
            if "body" not in each.payload  # that one went to the institution
        )
    page = MyLettersPage(f"/{lang}/mine/{petition_id}", kept)
    return html("author/letters.html", section="mine", page=page)


def _kept(session: Session, the: Engine, petition: Petition, sent: LetterFate) -> KeptLetter:
    site = the.settings.site
    address = Address(
        site.name, site.base_url, site.contact, site.spoken, the.settings.mail.letters
    )
    language = address.spoken(*languages_of(session, the.house, petition))
    letter = None
    try:
        _petition, facts = letter_facts(session, the.house, address, sent.payload)
        letter = letters.render(sent.code, language, facts, address.own_letters)
    except (PetitionError, KeyError):
        letter = None
    return KeptLetter(
        title=_(LETTERS[sent.code]) if sent.code in LETTERS else sent.code,
        at=sent.at,
        fate=_(FATES[sent.fate][0]),
        tone=FATES[sent.fate][1],
        language=language,
        letter=letter,
    )
