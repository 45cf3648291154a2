"""The statements of pages that a parliament writes at its desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from petitions.storage.tables import ContentText


def newest(session: Session, assembly: str, page: str) -> dict[str, ContentText]:
    """Language → the newest version there is, published or not."""
    rows = session.scalars(
        select(ContentText)
        .where(ContentText.assembly == assembly, ContentText.page == page)
        .order_by(ContentText.number)
    )
    return {row.language: row for row in rows}


def public(session: Session, assemblies: Iterable[str], page: str = "") -> Sequence[ContentText]:
    """The newest published version of each page and language; one that was taken back as well."""
    latest = (
        select(
            ContentText.assembly, ContentText.page, ContentText.language,
            func.max(ContentText.number).label("number"),
        )
        .where(ContentText.published_at.is_not(None), ContentText.assembly.in_(list(assemblies)))
        .group_by(ContentText.assembly, ContentText.page, ContentText.language)
        .subquery()
    )  # fmt: skip
    rows = select(ContentText).join(
        latest,
        (ContentText.assembly == latest.c.assembly)
        & (ContentText.page == latest.c.page)
        & (ContentText.language == latest.c.language)
        & (ContentText.number == latest.c.number),
    )
    if page:
        rows = rows.where(ContentText.page == page)
    return session.scalars(rows.order_by(ContentText.page, ContentText.language)).all()


def drafts(session: Session, assemblies: Iterable[str]) -> set[tuple[str, str, str]]:
    """(assembly, page, language) whose newest version is not public."""
    rows = session.execute(
        select(
            ContentText.assembly, ContentText.page, ContentText.language,
            func.max(ContentText.number), func.max(
                case((ContentText.published_at.is_not(None), ContentText.number), else_=0)
            ),
        )
        .where(ContentText.assembly.in_(list(assemblies)))
        .group_by(ContentText.assembly, ContentText.page, ContentText.language)
    )  # fmt: skip
    return {
        (assembly, page, language)
        for assembly, page, language, last, public_last in rows
        if last > public_last
    }
