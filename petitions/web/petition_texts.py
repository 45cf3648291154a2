"""The languages and annexes of a public petition: which text is signed, whose the others are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.platform.i18n import current_locale, native_name
from petitions.services import addressing, annexes, texts
from petitions.web import author_check
from petitions.web.pages import PetitionPage
from petitions.web.petition_file import File


@dataclass(frozen=True, slots=True)
class TextShown:
    """One language of a petition. `standing`: signed, equal or translation."""

    language: str
    name: str
    href: str
    standing: str
    by_assembly: bool = False
    digest: str = ""
    file_href: str = ""
    shown: bool = False


@dataclass(frozen=True, slots=True)
class AnnexShown:
    number: int
    name: str
    href: str
    pages: int
    size: int
    digest: str


def with_texts(session: Session, file: File, page: PetitionPage) -> PetitionPage:
    """Languages, annexes and addressees of a petition that has a page."""
    petition = file.petition
    lang = current_locale().lang
    asked = addressing.addressees(session, petition)
    public = petition.published_at is not None
    return replace(
        page,
        summary=file.text.summary,
        texts=_texts(file) if public or page.state is State.REFUSED else (),
        annexes=tuple(
            AnnexShown(
                each.number,
                each.name,
                f"/petitions/{petition.reference}/annexes/{each.number}",
                each.pages,
                each.size,
                each.digest.hex(),
            )
            for each in annexes.annexes_of(session, petition)
            if each.size
        )
        if public
        else (),
        assembly=current_locale().together(
            [file.library.assembly(each).name(lang) for each in asked]
        )
        if len(asked) > 1
        else page.assembly,
        declarations=author_check.declarations(file.kind),
    )


def _texts(file: File) -> tuple[TextShown, ...]:
    """The signed one first; only what is whole, and after publication only what is frozen."""
    petition = file.petition
    signed = texts.signed_language(file.book, petition)
    public = petition.published_at is not None
    found = []
    for language, text in sorted(file.texts.items(), key=lambda each: each[0] != signed):
        if not texts.is_complete(text) or (public and not text.frozen):
            continue
        standing = "equal" if text.authoritative else "translation"
        found.append(
            TextShown(
                language=language,
                name=native_name(language),
                href=f"/{language}/petitions/{petition.reference}",
                standing="signed" if language == signed else standing,
                by_assembly=text.origin == "assembly",
                digest=text.text_hash.hex() if text.text_hash else "",
                file_href=f"/petitions/{petition.reference}/texts/{language}.txt" if public else "",
                shown=language == file.text.language,
            )
        )
    return tuple(found)
