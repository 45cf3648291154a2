"""Every procedure of a site told in full, from its rulebooks: the body of "how it works"."""

from __future__ import annotations

from markupsafe import Markup

from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.explaining.diagram import diagram
from petitions.explaining.explanation import KindExplained, Section, explain_kind
from petitions.explaining.text import course_lines
from petitions.explaining.words import Told
from petitions.platform.i18n import _
from petitions.web.pages_author import CourseShown


def courses_in_full(
    library: Library, books: tuple[Rulebook, ...], assemblies: tuple[str, ...]
) -> tuple[CourseShown, ...]:
    """Each procedure of this site told in full; kinds that go the same way are told once."""
    found: dict[tuple[Section, ...], tuple[KindExplained, list[str]]] = {}
    for assembly in assemblies:
        for book in books:
            if assembly in book.assemblies:
                for kind in book.kinds.values():
                    told = explain_kind(Told(library, book, kind, assembly))
                    title = _("%(kind)s – %(assembly)s", kind=told.title, assembly=told.assembly)
                    found.setdefault(told.sections, (told, []))[1].append(title)
    return tuple(
        CourseShown(
            kind,
            " / ".join(titles),
            Markup(diagram(kind.course, titles[0], name=f"course-{at}")),  # noqa: S704 - built from escaped words
            course_lines(kind.course),
        )
        for at, (kind, titles) in enumerate(found.values())
    )
