"""Messages to followers of a petition (K10): one writes and tries it out, another sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask import Response, current_app, request

from admissibility.cases import by_reference
from petitions.domain.errors import NotFoundError
from petitions.domain.following import Standing
from petitions.domain.lifecycle import State
from petitions.domain.permissions import Permission
from petitions.follow_mails import Composer
from petitions.platform.i18n import N_, Locale, _, current_locale, speaking
from petitions.platform.letterhead import as_html, plain
from petitions.services import follow_messages as service
from petitions.services.decisions import required_languages
from petitions.storage.tables import FollowMessage, Petition, PetitionText, Staff
from petitions.web.access import needs
from petitions.web.edge import engine, private
from petitions.web.face import the_face
from petitions.web.staff_acting import acted
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_mails import PREVIEW_CSP
from petitions.web.staff_pages import Faults, Message

DONE = {
    "proposed": N_("Written. A second person must send it; try it out on yourself first."),
    "carried_out": N_("On its way, at the pace of the settings. Nobody gets it twice."),
    "called_off": N_("Called off. Nothing was sent."),
    "tried": N_("The test mail is on its way. Its address is forgotten as soon as it has left."),
}
STATUS = {
    "proposed": N_("waits for a second person"),
    "carried_out": N_("sent on %(day)s"),
    "called_off": N_("called off on %(day)s"),
}
STANDINGS: Mapping[Standing, str] = {
    Standing.WAITING: N_("waiting"),
    Standing.CLAIMED: N_("waiting"),
    Standing.SENDING: N_("on the way"),
    Standing.SENT: N_("sent"),
    Standing.UNSURE: N_("unsure after a crash, not sent again"),
    Standing.GIVEN_UP: N_("not taken by a mail server"),
    Standing.DROPPED: N_("not wanted any more"),
}


@dataclass(frozen=True, slots=True)
class MessageTyped:
    subjects: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    email: str = ""


@dataclass(frozen=True, slots=True)
class MessageForm:
    language: str
    subject: str
    text: str
    plain: str
    """As followers get it; "" where the message has no words of its own in this language."""
    href: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: UUID
    status: str
    forms: tuple[MessageForm, ...]
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    standings: tuple[tuple[str, int], ...]
    open: bool
    own: bool


@dataclass(frozen=True, slots=True)
class MessagesPage:
    ref: str
    title: str
    language: str
    version: int
    followers: service.Followers
    minutes: int
    """How long it takes to send at the pace of the settings; 0 = as fast as it goes."""
    per_minute: int
    rows: tuple[MessageRow, ...]
    languages: tuple[str, ...]
    waiting: bool
    possible: bool


@office.get("/files/<ref>/messages")
@needs("read_office")
def show_messages(ref: str) -> Response:
    with desk() as at:
        return _show(at, ref, MessageTyped())


@office.post("/files/<ref>/messages")
@needs("write_to_followers")
def propose_message(ref: str) -> Response:
    with desk() as at:
        languages = required_languages(at.house, at.session, by_reference(at.session, ref))
    typed = MessageTyped(_typed("subject", languages), _typed("text", languages))

    def propose(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.WRITE_TO_FOLLOWERS)
        service.propose(
            at.session, at.house, petition, typed.subjects, typed.texts, actor, at.at
        )  # fmt: skip
        return "proposed"

    return _acted(ref, propose, typed)


@office.post("/messages/<message_id>/send")
@needs("write_to_followers", fresh=True)
def send_message(message_id: str) -> Response:
    ref, wanted = _of(message_id)

    def send(at: Desk, _petition: Petition) -> str:
        actor = at.acting(Permission.WRITE_TO_FOLLOWERS)
        service.send(at.session, wanted, actor, at.at)
        return "carried_out"

    return _acted(ref, send, MessageTyped())


@office.post("/messages/<message_id>/call-off")
@needs("write_to_followers")
def call_off_message(message_id: str) -> Response:
    ref, wanted = _of(message_id)

    def call_off(at: Desk, _petition: Petition) -> str:
        actor = at.acting(Permission.WRITE_TO_FOLLOWERS)
        service.call_off(at.session, wanted, actor, at.at)
        return "called_off"

    return _acted(ref, call_off, MessageTyped())


@office.post("/messages/<message_id>/test")
@needs("write_to_followers")
def try_message(message_id: str) -> Response:
    ref, wanted = _of(message_id)
    typed = MessageTyped(email=request.form.get("email", ""))

    def send(at: Desk, petition: Petition) -> str:
        at.acting(Permission.WRITE_TO_FOLLOWERS)
        row = at.session.get_one(FollowMessage, wanted)
        language = request.form.get("language", "")
        if language not in engine().settings.site.spoken:
            language = petition.language
        service.test_mail(at.session, at.house, row, language, typed.email, at.at)
        return "tried"

    return _acted(ref, send, typed)


@office.get("/messages/<message_id>/<language>")
@needs("read_office")
def show_message(message_id: str, language: str) -> Response:
    """As mail programs show it: a page of its own, under a policy of its own."""
    if language not in engine().settings.site.spoken:
        raise NotFoundError("page")
    _ref, wanted = _of(message_id)
    with desk() as at:
        row = at.session.get_one(FollowMessage, wanted)
        with speaking(_locale(language)):
            html = as_html(_composer(at).message_letter(at.session, row, language))
    answer = private(Response(html))
    answer.headers["Content-Security-Policy"] = PREVIEW_CSP
    return answer


def _locale(language: str) -> Locale:
    return the_face(current_app).catalogues.locale(language)


def _composer(at: Desk) -> Composer:
    site = engine().settings.site
    return Composer(at.house, site.name, site.base_url, the_face(current_app).catalogues)


def _typed(name: str, languages: tuple[str, ...]) -> dict[str, str]:
    return {each: request.form.get(f"{name}-{each}", "") for each in languages}


def _of(message_id: str) -> tuple[str, UUID]:
    with suppress(ValueError), desk() as at:
        row = at.session.get(FollowMessage, UUID(message_id))
        if row is not None:
            petition = at.session.get_one(Petition, row.petition_id)
            if at.works_for(petition.assembly):
                return petition.reference or "", row.id
    raise NotFoundError("message")


def _acted(ref: str, do: Callable[[Desk, Petition], str], typed: MessageTyped) -> Response:
    def show(at: Desk, faults: Faults, status: int) -> Response:
        return _show(at, ref, typed, faults, status)

    def input_of(name: str) -> str:
        return name.replace("subject_", "subject-", 1).replace("text_", "text-", 1)

    back = f"/office/files/{ref}/messages"
    return acted(ref, do, show, back=back, written=typed.texts, field=input_of)


def _show(
    at: Desk, ref: str, typed: MessageTyped, faults: Faults = (), status: int = 200
) -> Response:
    petition = by_reference(at.session, ref)
    done = request.args.get("done", "")
    return page(
        at, "office/messages.html", status, section="duties", shown=_shown(at, petition),
        typed=typed, faults=faults, message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip


def _shown(at: Desk, petition: Petition) -> MessagesPage:
    text = at.session.get_one(PetitionText, (petition.id, petition.language))
    listed = service.messages_of(at.session, petition.id)
    found = service.followers(at.session, petition.id)
    pace = engine().settings.mail.per_minute
    return MessagesPage(
        ref=petition.reference or "",
        title=text.title,
        language=text.language,
        version=petition.version,
        followers=found,
        minutes=-(-found.at_once // pace) if pace else 0,
        per_minute=pace,
        rows=tuple(_row(at, row) for row in listed),
        languages=required_languages(at.house, at.session, petition),
        waiting=any(row.status == "proposed" for row in listed),
        possible=petition.published_at is not None and petition.state != State.HIDDEN,
    )


def _row(at: Desk, row: FollowMessage) -> MessageRow:
    day = current_locale().date(row.settled_at) if row.settled_at else ""
    status = STATUS[row.status]
    counted: dict[str, int] = {}
    for standing, number in service.standing_of(at.session, row).items():
        word = _(STANDINGS[standing])
        counted[word] = counted.get(word, 0) + number
    return MessageRow(
        id=row.id,
        status=_(status, day=day) if day else _(status),
        forms=tuple(_form(at, row, each) for each in engine().settings.site.spoken),
        proposed_by=_name(at, row.proposed_by),
        proposed_at=row.proposed_at,
        settled_by=_name(at, row.settled_by) if row.settled_by else "",
        standings=tuple(counted.items()),
        open=row.status == "proposed",
        own=row.proposed_by == at.staff.actor,
    )


def _form(at: Desk, row: FollowMessage, language: str) -> MessageForm:
    with speaking(_locale(language)):
        letter = _composer(at).message_letter(at.session, row, language)
    return MessageForm(
        language=language,
        subject=letter.subject,
        text=str(row.texts.get(language, "")),
        plain=plain(letter),
        href=f"/office/messages/{row.id}/{language}",
    )


def _name(at: Desk, actor: str) -> str:
    found = at.session.get(Staff, actor)
    return found.name if found else actor
