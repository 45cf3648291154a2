"""The texts of one petition in several languages: who writes them, which one is signed, what is frozen
(rulebook P18).

People sign one text. Its hash stands in the log's OPEN entry. Where the rulebook gives several texts
the same authority, the signed one binds the others by their hashes; every other language is a
translation with a hash of its own, present at publication or added later.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Kind, Rulebook
from petitions.domain.schema_head import TranslatedBy
from petitions.domain.text import Problem, folded, text_problems
from petitions.domain.words import Words
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import Annex, Petition, PetitionText

_CLOSED_TO_TRANSLATION = frozenset({State.DRAFT, State.HIDDEN, State.ARCHIVED})


def text_file(text: PetitionText) -> bytes:
    """The exact bytes whose SHA-256 is the text hash: what is published, signed and logged."""
    parts = [text.title, *([text.summary] if text.summary else []), text.request, text.reasons]
    bound = "\n" + "".join(f"{line}\n" for line in text.bound) if text.bound else ""
    return ("\n\n".join(parts) + "\n" + bound).encode()


def freeze(text: PetitionText, at: datetime | None = None) -> bytes:
    """From here on the database refuses any change. Frozen before: the hash of then."""
    if not text.frozen or text.text_hash is None:
        text.text_hash = hashlib.sha256(text_file(text)).digest()
        text.frozen, text.published_at = True, at
    return text.text_hash


def texts_of(session: Session, petition: Petition) -> dict[str, PetitionText]:
    rows = session.scalars(select(PetitionText).where(PetitionText.petition_id == petition.id))
    return {row.language: row for row in rows}


def signed_language(rulebook: Rulebook, petition: Petition) -> str:
    """The language of the text that people sign: the author's own, unless the rules name one."""
    named = rulebook.languages.authoritative
    return named if named in rulebook.languages.accepted else petition.language


def signed_text(session: Session, house: House, petition: Petition) -> PetitionText:
    """The text people sign; before it exists in the language of the rules, the author's own."""
    language = signed_language(house.rulebook(session, petition), petition)
    return session.get(PetitionText, (petition.id, language)) or session.get_one(
        PetitionText, (petition.id, petition.language)
    )


def is_complete(text: PetitionText) -> bool:
    return bool(text.title and text.request and text.reasons)


def complete_languages(session: Session, petition: Petition) -> frozenset[str]:
    """Languages in which the whole text exists."""
    texts = texts_of(session, petition)
    return frozenset(language for language, text in texts.items() if is_complete(text))


def needed_languages(rulebook: Rulebook, petition: Petition) -> tuple[str, ...]:
    """Languages in which the text must exist before it is published."""
    needed = (*rulebook.languages.required, signed_language(rulebook, petition))
    return tuple(dict.fromkeys(needed))


def missing_of_author(session: Session, rulebook: Rulebook, petition: Petition) -> tuple[str, ...]:
    """Languages that the author has still to write, where the rules leave translating to them."""
    if rulebook.languages.translated_by is not TranslatedBy.AUTHOR:
        return ()
    have = complete_languages(session, petition)
    return tuple(each for each in needed_languages(rulebook, petition) if each not in have)


def write(session: Session, petition: Petition, language: str, words: Words, origin: str) -> None:
    """Store a text that has been checked; a language not written before gets its row."""
    text = session.get(PetitionText, (petition.id, language))
    if text is None:
        text = PetitionText(
            petition_id=petition.id, language=language, authoritative=False, frozen=False,
            origin=origin, bound=[], title="", folded="",
        )  # fmt: skip
        session.add(text)
    text.title, text.summary = words.title, words.summary
    text.request, text.reasons = words.request, words.reasons
    text.folded = folded(f"{words.title} {words.request}")
    session.flush()


def problems(kind: Kind, words: Words) -> dict[str, Problem]:
    form = kind.filing.form
    return text_problems(form, words.title, words.request, words.reasons, words.summary)


def translate(
    session: Session,
    house: House,
    petition: Petition,
    language: str,
    words: Words,
    actor: Actor,
    *,
    at: datetime,
) -> PetitionText:
    """The desk's translation. `petition` is locked. After publication it is published at once, with
    a hash of its own, and never changes. Raises InvalidError or TransitionRefusedError.
    """
    rulebook = house.rulebook(session, petition)
    if State(petition.state) in _CLOSED_TO_TRANSLATION:
        raise TransitionRefusedError("wrong_state", state=petition.state)
    if rulebook.languages.translated_by is not TranslatedBy.ASSEMBLY:
        raise InvalidError("translated_by_author")
    if language not in rulebook.languages.accepted:
        raise InvalidError(fields={"language": ("not_accepted", {})})
    known = session.get(PetitionText, (petition.id, language))
    if known is not None and (known.origin == "author" or known.frozen):
        raise InvalidError("text_frozen")
    bad = problems(house.kind(session, petition), words)
    if bad:
        raise InvalidError(fields=bad)
    write(session, petition, language, words, "assembly")
    text = session.get_one(PetitionText, (petition.id, language))
    detail: dict[str, object] = {"language": language}
    if petition.published_at is not None and signed_text(session, house, petition).frozen:
        detail["sha256"] = freeze(text, at).hex()
    petition.version += 1
    session.flush()
    record(session, actor, "translated", at=at, petition=petition, detail=detail)
    return text


def freeze_all(
    session: Session, house: House, petition: Petition, at: datetime, *, to_sign: bool = True
) -> PetitionText:
    """Freeze every whole text and return the one people sign. What is not whole is let go.

    `to_sign` False: only the author's own texts are frozen (rules that freeze at submission).
    """
    rulebook = house.rulebook(session, petition)
    texts = texts_of(session, petition)
    session.execute(
        delete(PetitionText).where(
            PetitionText.petition_id == petition.id,
            PetitionText.language.in_([x for x, text in texts.items() if not is_complete(text)]),
            PetitionText.language != petition.language,
        )
    )
    whole = {x: text for x, text in texts.items() if is_complete(text) or x == petition.language}
    signed = whole.get(signed_language(rulebook, petition)) or whole[petition.language]
    annexes = annex_lines(session, petition)
    equal = []
    for language, text in sorted(whole.items()):
        if text is signed or (not to_sign and text.origin != "author"):
            continue
        if not text.frozen:
            text.bound = annexes
            text.authoritative = rulebook.languages.authoritative == "all"
        digest = freeze(text, at if to_sign else None)
        if text.authoritative:
            equal.append(f"text {language} {digest.hex()}")
    if to_sign and not signed.frozen:
        signed.bound, signed.authoritative = [*annexes, *equal], True
    elif not signed.frozen:
        signed.bound = annexes
    freeze(signed, at if to_sign else None)
    session.flush()
    return signed


def annex_lines(session: Session, petition: Petition) -> list[str]:
    """The annexes as they are bound to a frozen text: whoever signs it signs these files."""
    rows = session.execute(
        select(Annex.number, Annex.digest, Annex.name)
        .where(Annex.petition_id == petition.id)
        .order_by(Annex.number)
    )
    return [f"annex {number} {digest.hex()} {name}" for number, digest, name in rows]
