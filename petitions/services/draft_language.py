"""A draft's language, chosen anew: what was typed stays, in the language that it is said to be in."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.text import Limits, folded, problem
from petitions.domain.words import Words
from petitions.services import filing, texts
from petitions.services.ports import House
from petitions.storage.tables import Petition, PetitionText


def titled(session: Session, petition: Petition, of: str) -> PetitionText:
    """The text that a title belongs to: the one in the language `of`, else the petition's own."""
    return texts.texts_of(session, petition).get(of) or filing.text_of(session, petition)


def retitle(
    session: Session, house: House, petition: Petition, title: str, language: str, *, of: str = ""
) -> bool:
    """The first page of a draft written anew; True where the petition is in another language now.

    `of`: the language whose text the form showed the title of. Where the author has a text in the
    new language already, that one becomes the petition's text and the other stays beside it. Where
    there is none, the text as it stands counts as written in the new language. What is similar is to
    be looked at again, since it is searched in the language. InvalidError names the fields.
    """
    if petition.state != State.DRAFT:
        raise InvalidError("text_frozen")
    book, kind = house.rulebook(session, petition), house.kind(session, petition)
    words = Words.of(title)
    bad = problem(words.title, Limits(kind.filing.form.title_max))
    wrong = {"title": bad} if bad else {}
    if language not in book.languages.accepted:
        wrong["language"] = ("not_accepted", {})
    if wrong:
        raise InvalidError(fields=wrong)
    text = titled(session, petition, of)
    text.title, text.folded = words.title, folded(f"{words.title} {text.request}")
    session.flush()
    if language == petition.language:
        return False
    _move(session, petition, language)
    return True


def _move(session: Session, petition: Petition, language: str) -> None:
    now = filing.text_of(session, petition)
    other = session.get(PetitionText, (petition.id, language))
    if other is None:
        now.language = language
    else:
        now.authoritative, other.authoritative = False, True
    petition.language = language
    petition.similar_shown = False
    session.flush()
