"""Pages of explanation: what the parliament wrote, else what the engine writes from the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import abort, render_template
from markupsafe import Markup

from petitions.platform.i18n import _, current_locale, text_for
from petitions.services import contents
from petitions.services.contents import ENGINE_PAGES
from petitions.services.prose import html_of
from petitions.web import own_pages, public_pages, scope
from petitions.web.edge import engine, reading
from petitions.web.face import frame
from petitions.web.pages import Link
from petitions.web.public import page, public

_SECTIONS = {"how-it-works": "how"}
_PAPERS = ("privacy", "legal", "rules")

__all__ = ["public"]
"""The rooms, with the pages of this module."""


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """A page that the parliament wrote. `html` is cleaned already."""

    name: str
    title: str
    html: Markup
    language: str
    is_draft: bool = False


def is_draft(name: str) -> bool:
    """Whether the page binds in law and nobody has approved it yet."""
    return name in _PAPERS and getattr(engine().settings.site.papers, name) == "draft"


def places(assembly: str) -> dict[str, str]:
    """What `{site}`, `{contact}`, `{assembly}` and `{identity}` stand for."""
    site, locale = engine().settings.site, current_locale()
    served = [assembly] if assembly else list(engine().settings.rulebooks.assemblies)
    labels = {
        engine().border.identity_label(book.realm)
        for book in public_pages.rulebooks_in_force(engine())
        if set(book.assemblies) & set(served)
    }
    return {
        "site": text_for(site.name, locale.lang),
        "contact": site.contact,
        "assembly": locale.together(
            [engine().house.library.assembly(each).name(locale.lang) for each in served]
        ),
        "identity": locale.either(sorted(label for label in labels if label)),
    }


def made(body: str, assembly: str) -> Markup:
    """The HTML of a text, in the language of the answer."""
    lang, own = current_locale().lang, own_pages.names(assembly)
    html = html_of(body, lang, places(assembly), own, _("Table, it can be scrolled sideways"))
    return Markup(html)  # noqa: S704 - cleaned by an allow-list


def written(name: str) -> WrittenPage | None:
    """The parliament's own text of a page; None where it wrote none."""
    assembly, lang = scope.current(), current_locale().lang
    with reading() as session:
        found = contents.shown(session, own_pages.own_pages().files, assembly, name, lang)
    if found is None:
        return None
    html = made(found.body, assembly)
    return WrittenPage(name, found.title, html, found.language, is_draft(name))


def _content(name: str) -> None:
    @page
    def view(lang: str) -> str:
        del lang
        where, own = frame(_SECTIONS.get(name, name)), written(name)
        if own is not None:
            return render_template("content/written.html", page=own, frame=where)
        shown = replace(public_pages.content_page(engine(), name), is_draft=is_draft(name))
        return render_template(f"content/{name}.html", page=shown, frame=where)

    public.add_url_rule(f"/<lang>/{name}", name.replace("-", "_"), view)


for _name in ENGINE_PAGES:
    _content(_name)


@public.get("/<lang>/pages/<name>")
@page
def own_page(lang: str, name: str) -> str:
    """A page that exists only because the parliament wrote it."""
    del lang
    shown = written(name) if name not in ENGINE_PAGES else None
    if shown is None:
        abort(404)
    return render_template("content/written.html", page=shown, frame=frame("pages"))


@public.get("/<lang>/pages")
@page
def all_pages(lang: str) -> str:
    """Every page of explanation: the engine's and the parliament's own."""
    assembly = scope.current()
    shown: tuple[Link, ...] = own_pages.links(assembly, lang)
    return render_template("content/pages.html", page=shown, frame=frame("pages"))
