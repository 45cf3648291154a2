"""What can be followed, for forms and pages: read from what a form sends, and named in words."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError
from petitions.domain.following import FOLLOWABLE, Scope
from petitions.domain.topics import target_of, topic_in
from petitions.platform.i18n import _, current_locale
from petitions.services import topics
from petitions.services.follow_subjects import read_subject
from petitions.services.hiding import is_out_of_sight
from petitions.storage import reading as stored
from petitions.storage.tables import Petition, PetitionText
from petitions.web import public_pages, scope
from petitions.web.access import REFERENCE
from petitions.web.edge import engine
from petitions.web.pages_follow import Choice
from petitions.web.public_room import is_private
from petitions.web.topic_words import topic_words


def choices(session: Session, ref: str, asked: Mapping[str, str]) -> tuple[Choice, ...]:
    """The petition the form was opened for, then what is wider; never empty."""
    lang = current_locale().lang
    found: list[Choice] = []
    petition = _petition(session, ref)
    if petition is not None:
        found.append(choice_of(session, Scope.PETITION, str(petition.id), lang))
        if topics.topic_of(engine().house, petition):
            target = target_of(petition.assembly, petition.topic or "")
            found.append(choice_of(session, Scope.TOPIC, target, lang))
    subject = read_subject(asked.get("q", ""))
    if subject:
        found.append(choice_of(session, Scope.SUBJECT, subject, lang))
    found += _wanted_topics(asked)
    served = scope.served()
    if len(engine().settings.rulebooks.assemblies) > 1:
        found += [choice_of(session, Scope.ASSEMBLY, each, lang) for each in served]
    found.append(choice_of(session, Scope.ALL, "", lang))
    return tuple(found)


def _wanted_topics(asked: Mapping[str, str]) -> list[Choice]:
    """The topic of the list that the form was opened from, for each assembly that has it."""
    within, wanted = asked.get("assembly", ""), asked.get("topic", "")
    targets = [(each, topic_in(each.value.removeprefix("topic "))) for each in topic_choices()]
    return [
        choice
        for choice, (assembly, topic) in targets
        if topic == wanted and within in {"", assembly}
    ]


def topic_choices() -> tuple[Choice, ...]:
    """Every topic of the assemblies that are shown, assembly by assembly."""
    library = engine().house.library
    return tuple(
        _of_topic(target_of(each, topic))
        for each in scope.served()
        for topic in library.assembly(each).topics
    )


def _of_topic(target: str) -> Choice:
    """The assembly is named where the site has several; a topic that is gone, by its id."""
    assembly_id, topic = topic_in(target)
    assembly = engine().house.library.assembly(assembly_id)
    name = topic_words(assembly, topic) or topic
    label = _("Topic: %(name)s", name=name)
    if len(engine().settings.rulebooks.assemblies) > 1:
        label = f"{label} – {assembly.name(current_locale().lang)}"
    return Choice(f"topic {target}", label, _wide())


def _petition(session: Session, ref: str) -> Petition | None:
    if not REFERENCE.fullmatch(ref):
        return None
    found = stored.public_petition(session, public_pages.assemblies(engine()), ref)
    if found is None or is_private(found):
        return None
    shown = found.published_at is not None and found.state in FOLLOWABLE
    return found if shown else None


def read_choice(session: Session, wanted: str) -> tuple[Scope, str]:
    """What a form sent: `all`, `assembly <id>`, `topic <assembly>/<topic>`, `subject <words>`,
    `petition <reference>`.

    Raises InvalidError.
    """
    kind, _space, value = wanted.partition(" ")
    if kind == Scope.ALL and not value:
        return Scope.ALL, ""
    if kind == Scope.ASSEMBLY and value in engine().settings.rulebooks.assemblies:
        return Scope.ASSEMBLY, value
    if kind == Scope.TOPIC and wanted in {each.value for each in topic_choices()}:
        return Scope.TOPIC, value
    subject = read_subject(value) if kind == Scope.SUBJECT else ""
    if subject:
        return Scope.SUBJECT, subject
    petition = _petition(session, value) if kind == Scope.PETITION else None
    if petition is None:
        raise InvalidError(fields={"what": ("not_accepted", {})})
    return Scope.PETITION, str(petition.id)


def choice_of(session: Session, kind: Scope, target: str, lang: str) -> Choice:
    if kind is Scope.PETITION:
        return _of_petition(session, UUID(target), lang)
    if kind is Scope.ASSEMBLY:
        name = engine().house.library.assembly(target).name(lang)
        return Choice(
            f"assembly {target}", _("All petitions addressed to: %(name)s", name=name), _wide()
        )
    if kind is Scope.TOPIC:
        return _of_topic(target)
    if kind is Scope.SUBJECT:
        return Choice(
            f"subject {target}", _("Petitions about “%(query)s”", query=target), _wide()
        )  # fmt: skip
    return Choice("all", _("All petitions of this site"), _wide())


def _wide() -> str:
    return _("New ones, those that reach a threshold, and answers.")


def _of_petition(session: Session, petition_id: UUID, lang: str) -> Choice:
    petition = session.get_one(Petition, petition_id)
    value, about = f"petition {petition.reference}", _("Thresholds, steps, answers, its end.")
    if is_out_of_sight(petition):
        return Choice(value, _("Petition %(ref)s", ref=petition.reference), about)
    text = session.scalars(
        select(PetitionText).where(
            PetitionText.petition_id == petition.id,
            PetitionText.language.in_((lang, petition.language)),
            PetitionText.title != "",
        )
    ).all()
    best = next((each for each in text if each.language == lang), text[0])
    return Choice(value, best.title, about, best.language if best.language != lang else "")


def href_of(session: Session, kind: Scope, target: str, lang: str) -> str:
    """Where one reads what is followed."""
    if kind is Scope.PETITION:
        petition = session.get_one(Petition, UUID(target))
        return f"/{lang}/petitions/{petition.reference}"
    if kind is Scope.SUBJECT:
        return f"/{lang}/petitions?{urlencode({'q': target})}"
    if kind is Scope.TOPIC:
        assembly, topic = topic_in(target)
        several = len(engine().settings.rulebooks.assemblies) > 1
        within = {"assembly": assembly} if several else {}
        return f"/{lang}/petitions?{urlencode({**within, 'topic': topic})}"
    return f"/{lang}/petitions"
