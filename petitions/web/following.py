"""Following by e-mail: form, confirmation, private page, one click to stop (RFC 8058).

Rules of this module:
- the forms stand on cached pages without cookie and without token; what they send changes nothing
  that anybody sees before a mail was confirmed, and comes from this site's own pages only;
- a GET writes nothing: whoever opens links of mails (a scanner, a preview) changes nothing;
- every other page is reached by a secret in its path: no cache, no index, and the secret stands for the
  person; no page here leads to another site;
- asking and signing share no row, no cookie and no request.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.following import Rhythm, Scope, masked
from petitions.domain.text import normalised
from petitions.follow_words import what_is_sent
from petitions.platform.i18n import current_locale
from petitions.services import following as service
from petitions.services.follow_keys import Link, follow_keys
from petitions.services.following import Confirmed, Wish
from petitions.services.suppressing import silence_of, works_again
from petitions.storage.tables import Follower, Subscription
from petitions.web import scope as places
from petitions.web.access import everybody
from petitions.web.edge import engine, private, reading, writing
from petitions.web.errors import faults_of
from petitions.web.face import frame
from petitions.web.follow_choices import choice_of, choices, href_of, read_choice, topic_choices
from petitions.web.pages_follow import (
    Choice,
    FollowAsked,
    FollowConfirm,
    FollowDone,
    FollowForm,
    FollowMine,
    FollowStop,
    Wished,
)

blueprint = Blueprint("following", __name__)
TRAP = "website"
"""A field that people do not see: whoever fills it is a program."""
PAGE = "public, max-age=5, s-maxage=60"


def _answer(template: str, page: object, status: int = 200) -> Response:
    html = render_template(f"follow/{template}.html", page=page, frame=frame(noindex=True))
    return private(Response(html, status=status))


def _own_form() -> bool:
    """Whether a page of this site sent it (Fetch Metadata; else Origin; old browsers send neither)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    own = {engine().settings.site.base_url, *_hosts()}
    return origin in own


def _hosts() -> set[str]:
    scheme = engine().settings.site.base_url.partition("://")[0]
    return {f"{scheme}://{host}" for host in places.hosts(engine().settings)}


@blueprint.get("/<lang>/follow")
@everybody
def form(lang: str) -> AnyResponse:
    """The same for everybody who comes from the same page, and cached."""
    del lang
    with reading() as session:
        offered = choices(session, request.args.get("petition", ""), request.args)
    shown = FollowForm(
        choices=offered, chosen=offered[0].value, rhythm=Rhythm.AT_ONCE, topics=_others(offered)
    )  # fmt: skip
    html = render_template("follow/form.html", page=shown, frame=frame("petitions", noindex=True))
    answer = Response(html)
    answer.headers["Cache-Control"] = PAGE
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.post("/<lang>/follow")
@everybody
def ask(lang: str) -> Response:
    """C18: the same answer whatever the address did before."""
    if not _own_form():
        abort(403)
    rhythm = Rhythm.WEEKLY if request.form.get("rhythm") == "weekly" else Rhythm.AT_ONCE
    email, wanted = normalised(request.form.get("email", "")), request.form.get("what", "")
    with reading() as session:
        scope, target = read_choice(session, wanted)
        chosen = choice_of(session, scope, target, lang)
        back = href_of(session, scope, target, lang)
    if not email:
        return _again(wanted, rhythm, email, InvalidError(fields={"email": ("required", {})}))
    try:
        if not request.form.get(TRAP):
            wish = Wish(address=email, scope=scope, target=target, rhythm=rhythm, language=lang)
            with writing() as session:
                email = service.ask(session, engine().house, wish, engine().clock())
    except InvalidError as error:
        return _again(wanted, rhythm, email, error)
    shown = FollowAsked(
        email=email, choice=chosen, rhythm=rhythm, sender=_sender(), back_href=back
    )  # fmt: skip
    return _answer("asked", shown)


def _sender() -> str:
    mail = engine().settings.mail
    return mail.confirmations_sender or mail.sender


def _others(offered: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The topics that are not among what is offered first."""
    return tuple(each for each in topic_choices() if each not in offered)


def _again(wanted: str, rhythm: Rhythm, email: str, error: InvalidError) -> Response:
    with reading() as session:
        scope, target = read_choice(session, wanted)
        ref = wanted.partition(" ")[2] if scope is Scope.PETITION else ""
        offered = choices(session, ref, {})
        if wanted not in {each.value for each in offered}:
            offered = (choice_of(session, scope, target, current_locale().lang), *offered)
    shown = FollowForm(
        choices=offered, chosen=wanted, rhythm=rhythm, email=email, faults=faults_of(error),
        topics=_others(offered),
    )  # fmt: skip
    return _answer("form", shown, 422)


@blueprint.get("/<lang>/follow/confirm/<token>")
@everybody
def confirm_page(lang: str, token: str) -> Response:
    with reading() as session:
        row = service.asked(session, engine().house, token)
        chosen = None
        if row is not None:
            chosen = choice_of(session, Scope(row.scope), row.target, lang)
        sent = Rhythm(row.rhythm) if row is not None else Rhythm.AT_ONCE
        scope = Scope(row.scope) if row is not None else Scope.ALL
        already = row is not None and row.confirmed_on is not None
        manage = _manage_href(row.follower_id, lang) if already and row is not None else ""
    if already:
        shown = FollowDone(
            choice=chosen, sent=what_is_sent(scope, sent), already=True, manage_href=manage
        )
        return _answer("done", shown)
    page = FollowConfirm(action=request.path, choice=chosen, sent=what_is_sent(scope, sent))
    return _answer("confirm", page, 200 if chosen else 410)


def _manage_href(follower: UUID, lang: str) -> str:
    token = follow_keys(engine().house).link(Link.MANAGE, follower)
    return f"/{lang}/follow/mine/{token}"


@blueprint.post("/<lang>/follow/confirm/<token>")
@everybody
def confirm(lang: str, token: str) -> Response:
    with writing() as session:
        outcome, manage = service.confirm(session, engine().house, token, engine().clock())
        row = service.asked(session, engine().house, token)
        if outcome is Confirmed.EXPIRED or row is None:
            return _answer("confirm", FollowConfirm(action="", choice=None), 410)
        scope = Scope(row.scope)
        shown = FollowDone(
            choice=choice_of(session, scope, row.target, lang),
            sent=what_is_sent(scope, Rhythm(row.rhythm)),
            already=outcome is Confirmed.ALREADY,
            manage_href=f"/{lang}/follow/mine/{manage}",
            back_href=href_of(session, scope, row.target, lang),
        )
    return _answer("done", shown)


@blueprint.get("/<lang>/follow/stop/<token>")
@everybody
def stop_page(lang: str, token: str) -> Response:
    """For people who open the address of the mail's header: one button."""
    del lang
    keys = follow_keys(engine().house)
    if not any(keys.read_link(kind, token) for kind in (Link.STOP, Link.STOP_WEEKLY)):
        raise NotFoundError("follow_link")
    return _answer("stop", FollowStop(action=request.path, stopped=False))


@blueprint.post("/<lang>/follow/stop/<token>")
@everybody
def stop(lang: str, token: str) -> Response:
    """By the button, or by the mail program itself (RFC 8058): 200 each time, as often as it asks."""
    del lang
    with writing() as session:
        service.stop(session, engine().house, token)
    return _answer("stop", FollowStop(action=request.path, stopped=True))


@blueprint.get("/<lang>/follow/mine/<token>")
@everybody
def mine(lang: str, token: str) -> Response:
    with reading() as session:
        row = service.holder(session, engine().house, token)
        shown = _mine(session, row, lang) if row is not None else None
    if shown is None:
        return _answer("gone", None)
    return _answer("mine", shown)


def _mine(session: Session, row: Follower, lang: str) -> FollowMine:
    rows = service.wishes(session, row.id)
    silence = silence_of(session, row)
    address = follow_keys(engine().house).open(row.sealed, row.id)
    languages = tuple(
        (each, current_locale().language(each)) for each in engine().settings.site.spoken
    )
    return FollowMine(
        action=request.path,
        email=masked(address),
        language=row.language,
        languages=languages,
        wishes=tuple(_wished(session, each, lang) for each in rows),
        silence=silence.why if silence is not None else "",
        silent_since=silence.on_day if silence is not None else None,
        saved=request.args.get("saved") == "1",
    )


def _wished(session: Session, row: Subscription, lang: str) -> Wished:
    scope = Scope(row.scope)
    return Wished(
        id=str(row.id),
        choice=choice_of(session, scope, row.target, lang),
        rhythm=Rhythm(row.rhythm),
        confirmed=row.confirmed_on is not None,
        href=href_of(session, scope, row.target, lang),
    )


@blueprint.post("/<lang>/follow/mine/<token>")
@everybody
def change(lang: str, token: str) -> AnyResponse:
    """One button each: stop or change one wish, the language, everything; or the address works again."""
    with writing() as session:
        row = service.holder(session, engine().house, token)
        if row is not None:
            _change(session, row)
            session.flush()
            row = session.get(Follower, row.id)
    if row is None:
        return _answer("gone", None)
    answer = redirect(f"/{lang}/follow/mine/{token}?saved=1", 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _change(session: Session, row: Follower) -> None:
    act, sent = request.form.get("act", ""), request.form
    wish = _wish(session, row, sent.get("wish", ""))
    if act == "erase":
        service.erase(session, row.id)
    elif act == "works":
        works_again(session, row)
    elif act == "language" and sent.get("language") in engine().settings.site.spoken:
        row.language = sent["language"]
    elif act == "stop" and wish is not None:
        service.let_go(session, wish)
    elif act in {Rhythm.AT_ONCE, Rhythm.WEEKLY} and wish is not None:
        wish.rhythm = act


def _wish(session: Session, row: Follower, given: str) -> Subscription | None:
    try:
        return service.one_of(session, row, UUID(given)) if given else None
    except ValueError:
        return None
