"""A petition that came on paper, by post, e-mail or fax: a clerk enters it for its author (P11).

Nobody logs in: the clerk has read the conditions of filing and says that they hold. Its author has a
code of their own as everybody, drawn at random unless the clerk names an earlier petition of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError
from petitions.domain.rulebook import Kind, Rulebook
from petitions.domain.vocabulary import FilingChannel
from petitions.domain.words import Words
from petitions.services import addressing, annexes, choosing, filing, form_answers, topics
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import Petition

CONTACT_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What the clerk read off the paper. `files`: (name, content)."""

    assembly: str
    kind: str
    channel: FilingChannel
    language: str
    words: Words
    author_name: str
    author_email: str = ""
    contact: str = ""
    earlier: str = ""
    also: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[tuple[str, bytes]] = ()
    conditions_hold: bool = False
    topic: str = ""


def channels_of(kind: Kind) -> tuple[FilingChannel, ...]:
    """The ways in which a clerk may enter a petition of this kind."""
    return tuple(each for each in kind.filing.channels if each is not FilingChannel.ONLINE)


def enter(
    session: Session,
    house: House,
    rulebook: Rulebook,
    entered: Entered,
    actor: Actor,
    *,
    at: datetime,
) -> Petition:
    """File it, as its author would have. Raises InvalidError with everything that is wrong."""
    if entered.channel is FilingChannel.ONLINE:
        raise InvalidError(fields={"channel": ("not_accepted", {})})
    if not entered.conditions_hold:
        raise InvalidError(fields={"conditions": ("required", {})})
    petition = filing.start_draft(
        session, rulebook, assembly=entered.assembly, kind=entered.kind,
        tag=_tag(session, house, entered), language=entered.language, title=entered.words.title,
        at=at, channel=entered.channel,
    )  # fmt: skip
    filing.see_similar(petition, "")
    filing.write_text(session, house, petition, entered.words)
    topics.choose(house, petition, entered.topic)
    filing.write_author(petition, entered.author_name, entered.author_email)
    kind = house.kind(session, petition)
    today = local_day(at, rulebook.zone)
    addressing.address(session, rulebook, petition, entered.also, rulebook.assemblies)
    if choosing.asks(kind):
        choosing.choose(session, house, petition, entered.choices, today)
    form_answers.write(session, petition, kind, entered.answers, today)
    if entered.contact:
        form_answers.put(session, petition, form_answers.CONTACT, entered.contact[:CONTACT_MAX])
    for name, content in entered.files:
        annexes.add(session, house, petition, name, content, at)
    session.flush()
    filing.submit(session, house, rulebook, petition, at)
    detail = {"channel": str(entered.channel)}
    record(session, actor, "entered", at=at, petition=petition, detail=detail)
    return petition


def _tag(session: Session, house: House, entered: Entered) -> bytes:
    """Limits per author hold on paper too, where the clerk knows an earlier petition of theirs."""
    if not entered.earlier:
        return house.random(32)
    found = session.scalars(
        select(Petition.author_tag).where(
            Petition.reference == entered.earlier.strip(),
            Petition.assembly == entered.assembly,
        )
    ).one_or_none()
    if found is None:
        raise InvalidError(fields={"earlier": ("no_such_petition", {})})
    return found
