"""Files that come with a petition: added one by one, seen by its author, taken away again."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.platform.i18n import _
from petitions.services import annexes, filing
from petitions.storage.tables import Annex, Petition
from petitions.web.access import author_only, private
from petitions.web.author_room import Faults, author, go, html, own, tag
from petitions.web.author_steps import draft_href, onward, step
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import faults_of
from petitions.web.pages_author import AnnexLine


def lines(session: Session, petition: Petition, *, removable: bool) -> tuple[AnnexLine, ...]:
    here = draft_href(petition, "files")
    return tuple(
        AnnexLine(
            number=each.number,
            name=each.name,
            size=each.size,
            pages=each.pages,
            href=f"{here}/{each.number}",
            remove_action=f"{here}/{each.number}/remove" if removable else "",
            digest=each.digest.hex(),
        )
        for each in annexes.annexes_of(session, petition)
    )


def download(annex: Annex) -> Response:
    """The file, never opened inside a page of ours: saved, and if shown, then without any power."""
    answer = Response(annex.content, mimetype=annex.media_type)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers.set("Content-Disposition", "attachment", filename=annex.name)
    return answer


@author.route("/<lang>/drafts/<uuid:draft>/files", methods=["GET", "POST"])
@author_only
def files(lang: str, draft: UUID) -> Response:
    del lang
    with reading() as session:
        petition = own(session, draft)
        kind = engine().house.kind(session, petition)
        if not kind.filing.form.files_max:
            raise NotFoundError("files")
    faults: Faults = ()
    if request.method == "POST":
        try:
            _add(draft)
            return go(draft_href(petition, "files"))
        except InvalidError as error:
            faults = faults_of(error)
    with reading() as session:
        petition = own(session, draft)
        form = kind.filing.form
        listed = lines(session, petition, removable=True)
        page = step(petition, kind, "files")
    return html(
        "author/files.html", 422 if faults else 200, page=page, listed=listed, faults=faults,
        form=form, full=len(listed) >= form.files_max, onward=onward(petition, kind, "files"),
        size_words=size_words,
    )  # fmt: skip


def _add(draft: UUID) -> None:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidError(fields={"file": ("required", {})})
    with sent.stream:
        content = sent.stream.read()
    with writing() as session:
        petition = filing.own(session, draft, tag())
        annexes.add(session, engine().house, petition, sent.filename, content, engine().clock())


@author.post("/<lang>/drafts/<uuid:draft>/files/<int:number>/remove")
@author_only
def remove_file(lang: str, draft: UUID, number: int) -> Response:
    del lang
    with writing() as session:
        petition = filing.own(session, draft, tag())
        found = annexes.annex(session, petition.id, number)
        if request.form.get("digest", "") != found.digest.hex():  # numbers are given anew
            raise ConflictError("changed_meanwhile")
        annexes.remove(session, petition, number)
        href = draft_href(petition, "files")
    return go(href)


@author.get("/<lang>/drafts/<uuid:draft>/files/<int:number>")
@author_only
def file(lang: str, draft: UUID, number: int) -> Response:
    del lang
    with reading() as session:
        petition = own(session, draft)
        answer = download(annexes.annex(session, petition.id, number))
    return private(answer)


def size_words(size: int) -> str:
    """Bytes as people read them."""
    kilobytes = max(1, round(size / 1000))
    if kilobytes < 1000:
        return _("%(size)s kB", size=kilobytes)
    return _("%(size)s MB", size=round(kilobytes / 1000, 1))
