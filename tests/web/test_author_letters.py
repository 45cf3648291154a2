"""Letters in the author's own space: whole, with what became of them, for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from petitions.storage.tables import Outbox, Petition
from tests.web.site import Site, build
from tests.web.test_author import send_off, walk


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


def test_a_letter_stays_in_the_authors_space_whatever_the_mail_did(site: Site) -> None:
    author = site.author()
    send_off(author, walk(author))
    with site.session() as session:
        petition = session.query(Petition).one()
        address = f"/en/mine/{petition.id}/letters"
    page = author.get(address).text
    assert "waits to be sent" in page
    assert petition.reference in page
    with site.session() as session:
        session.execute(
            update(Outbox)
            .where(Outbox.kind == "letter")
            .values(failed_at=site.clock(), error="mail_server")
        )
        session.commit()
    page = author.get(address).text
    assert "could not be delivered" in page
    assert "Petition received" in page
    assert f"/en/mine/{petition.id}/letters" in author.get(f"/en/mine/{petition.id}").text


def test_nobody_else_reads_an_authors_letters(site: Site) -> None:
    author = site.author()
    send_off(author, walk(author))
    with site.session() as session:
        petition = session.query(Petition).one().id
    assert site.author(b"\x09" * 32).get(f"/en/mine/{petition}/letters").status_code == 404
    assert site.visitor().get(f"/en/mine/{petition}/letters").status_code == 303
