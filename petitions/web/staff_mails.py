"""Every mail of the site at the desk, in every language, as text and as HTML, with invented facts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, request

from admissibility import letters
from admissibility.letter_samples import sample_of
from petitions.domain.errors import NotFoundError
from petitions.mail_samples import sample, titles
from petitions.platform.i18n import _, current_locale, speaking, text_for
from petitions.platform.letterhead import Letter, as_html, of_text, plain
from petitions.web.access import needs
from petitions.web.edge import engine, private
from petitions.web.face import the_face
from petitions.web.letter_words import LETTERS
from petitions.web.login_sample import login_letter
from petitions.web.staff_desk import desk, office, page

PREVIEW_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""A mail carries its styles with it, as no page of the site does: shown alone, and without scripts."""
LOGIN = "login"


@dataclass(frozen=True, slots=True)
class SampleMail:
    code: str
    title: str
    subject: str
    text: str
    href: str


@office.get("/mails")
@needs("read_letters")
def show_mails() -> Response:
    with desk() as at:
        spoken = at.address.languages or (current_locale().lang,)
        language = request.args.get("language", "") or current_locale().lang
        if language not in spoken:
            raise NotFoundError("page")
        names = {LOGIN: _("Login by e-mail: the code"), **titles()}
        rows = tuple(_row(code, title, language) for code, title in names.items())
        return page(
            at, "office/mails.html", section="mails", spoken=spoken, language=language, mails=rows,
            letters=tuple((code, _(LETTERS[code])) for code in letters.CODES),
        )  # fmt: skip


def _row(code: str, title: str, language: str) -> SampleMail:
    letter = _letter(code, language)
    return SampleMail(
        code, title, letter.subject, plain(letter), f"/office/mails/{code}/{language}"
    )


def _letter(code: str, language: str) -> Letter:
    """Mail `code` in a language of the site. Raises NotFoundError."""
    face, settings = the_face(current_app), engine().settings
    if language not in face.catalogues.locales:
        raise NotFoundError("page")
    with speaking(face.catalogues.locale(language)) as locale:
        site = text_for(face.names, language)
        if code == LOGIN:
            return login_letter(site, settings.site.base_url)
        if code.startswith("letter-"):
            return _of_author(code.removeprefix("letter-"), site, language, locale.dir)
        assembly = engine().house.library.assembly(settings.rulebooks.assemblies[0]).name(language)
        try:
            return sample(code, site, f"{settings.site.base_url}/{language}", assembly)
        except KeyError:
            raise NotFoundError("page") from None


def _of_author(code: str, site: str, language: str, direction: str) -> Letter:
    settings = engine().settings
    if code not in letters.CODES or language not in letters.languages(code):
        raise NotFoundError("page")
    facts = {**sample_of(code, language), "site": site, "contact": settings.site.contact}
    found = letters.render(code, language, facts)
    return of_text(found.subject, found.text, site=site, lang=language, direction=direction)


@office.get("/mails/<code>/<language>")
@needs("read_letters")
def show_mail(code: str, language: str) -> Response:
    """One mail as a mail program shows it: on a page of its own, under a policy of its own."""
    answer = private(Response(as_html(_letter(code, language))))
    answer.headers["Content-Security-Policy"] = PREVIEW_CSP
    return answer
