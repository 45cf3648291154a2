"""What an author does with wording that the office proposed: take it, edit it first, leave the text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.rewording import Answered
from petitions.domain.text import Limits, normalised, problem
from petitions.services import change_requests, filing
from petitions.services.ports import House
from petitions.storage.tables import ChangeRequest, Petition

ANSWER_MAX = 1000


def accept(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """The proposed wording becomes the author's text, and the petition goes back in one step."""
    _adopt(session, house, petition, _open(session, petition))
    filing.resubmit(session, house, petition, at)


def edit_first(session: Session, house: House, petition: Petition) -> None:
    """The proposed wording becomes the text the author works on; nothing is sent yet."""
    _adopt(session, house, petition, _open(session, petition))
    petition.version += 1


def leave(session: Session, house: House, petition: Petition, answer: str, at: datetime) -> None:
    """The text goes back as it was sent, with a word to the office if the author likes."""
    words = normalised(answer)
    wrong = problem(words, Limits(ANSWER_MAX, required=False))
    if wrong:
        raise InvalidError(fields={"answer": wrong})
    row = _open(session, petition)
    if petition.published_at is None:  # what is public never changed meanwhile
        filing.editable(session, petition)
        for language, before in change_requests.before_of(row).items():
            filing.write_text(session, house, petition, before, language)
    filing.resubmit(session, house, petition, at, answer=words)


def _open(session: Session, petition: Petition) -> ChangeRequest:
    row = change_requests.latest(session, petition)
    if petition.state != State.RETURNED or row is None or row.status != Answered.ASKED:
        raise ConflictError("changed_meanwhile", state=petition.state)
    return row


def _adopt(session: Session, house: House, petition: Petition, row: ChangeRequest) -> None:
    proposed = change_requests.proposed_of(row)
    if not proposed:
        raise ConflictError("changed_meanwhile", state=petition.state)
    for language, words in proposed.items():
        filing.write_text(session, house, petition, words, language)
