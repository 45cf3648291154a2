"""One draft in two tabs: a save from a form that no longer shows what is stored changes nothing.

`stored` functions say what each page of the start flow shows of a draft, by the names of its form's
fields. `unless_changed` is put around the writing of that page, in the same transaction, with the
petition locked: it looks before and after, so it needs to know nothing of how a page is normalised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError
from petitions.domain.rulebook import Kind
from petitions.domain.shown import Comparison, Fields, Shown, compare
from petitions.services import addressing, draft_language, form_answers
from petitions.storage.tables import Petition, PetitionText, SameSubject

CHOICE = "choice-"
"""Beginning of the names of the choices in their form: a rulebook may call a choice what it likes."""

MANY = frozenset({"also"})
"""Fields that hold several values, parted by spaces."""


class DraftChangedError(ConflictError):
    """Another tab or device was faster. `before`: what is stored; `after`: what the form would store.

    All are empty where a draft was to be sent: there is nothing typed then, only looked at.
    """

    code = "changed_meanwhile"

    def __init__(
        self,
        before: Fields | None = None,
        after: Fields | None = None,
        compared: Comparison | None = None,
    ) -> None:
        self.before, self.after = dict(before or {}), dict(after or {})
        self.compared = compared or Comparison((), (), ())
        super().__init__()


@contextmanager
def unless_changed(
    petition: Petition, shown: Shown | None, stored: Callable[[], Fields]
) -> Iterator[None]:
    """Around a save. `petition` is locked; its version grows where the save changes something.

    Raises DraftChangedError, and the caller's transaction takes the save back.
    """
    before = dict(stored())
    yield
    after = dict(stored())
    compared = compare(shown, before, after)
    if compared.unseen:
        raise DraftChangedError(before, after, compared)
    if before != after:
        petition.version += 1


def title_fields(session: Session, petition: Petition, of: str = "") -> dict[str, str]:
    """`of`: the language whose title it is; `also`: the further assemblies, parted by spaces."""
    also = addressing.addressees(session, petition)[1:]
    return {
        "title": draft_language.titled(session, petition, of).title,
        "language": petition.language,
        "also": " ".join(also),
    }


def text_fields(session: Session, petition: Petition, language: str) -> dict[str, str]:
    """`language`: a further one; "" for the one that the petition is in, which has the topic too."""
    text = session.get(PetitionText, (petition.id, language or petition.language))
    found = {
        "title": text.title if text else "",
        "summary": text.summary if text else "",
        "request": text.request if text else "",
        "reasons": text.reasons if text else "",
    }
    if language:
        return found
    return {**found, "topic": petition.topic or ""}


def similar_fields(session: Session, petition: Petition) -> dict[str, str]:
    """`same`: the reference of the petition that the author called the same."""
    same = session.scalars(
        select(Petition.reference)
        .join(SameSubject, SameSubject.other_id == Petition.id)
        .where(SameSubject.petition_id == petition.id, SameSubject.found_by == "author")
    ).first()
    return {"same": same or "", "difference": petition.difference}


def choice_fields(petition: Petition) -> dict[str, str]:
    chosen: Mapping[str, object] = petition.choices
    return {f"{CHOICE}{name}": str(value) for name, value in sorted(chosen.items())}


def author_fields(session: Session, petition: Petition, kind: Kind) -> dict[str, str]:
    known = form_answers.answers(session, petition)
    asked = {field: known.get(field, "") for field in form_answers.fields_of(kind)}
    return {"name": petition.author_name, "email": petition.author_email or "", **asked}
