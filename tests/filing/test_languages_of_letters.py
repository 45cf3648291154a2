"""Letters to authors whose language the site does not speak."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from petitions.domain.lifecycle import Action
from petitions.services import texts
from petitions.services.letter_languages import languages_of, said_to
from petitions.services.letters import Address, letter_facts
from petitions.storage.tables import Outbox, Petition
from tests.filing.parliaments import TEXTS, draft, send
from tests.house import CLERK, Precinct, decide


def test_a_letter_is_written_in_a_language_of_the_site_and_leads_to_its_pages() -> None:
    address = Address({"fr": "Pétitions"}, "https://p.example", "x@p.example", ("fr", "en"))
    assert [address.spoken(each) for each in ("fr", "en", "nl")] == ["fr", "en", "fr"]
    assert address.spoken("nl", "de", "en") == "en", "the rulebook's before the site's own"


def test_a_petition_in_dutch_is_decided_and_its_author_is_told(
    parliament: Callable[..., Precinct],
) -> None:
    brussels = parliament("brussels")
    with brussels.session() as session:
        house, at = brussels.house, brussels.clock.at
        petition = send(brussels, session, draft(brussels, session, "brussels", language="nl"))
        texts.translate(session, house, petition, "fr", TEXTS["fr"], CLERK, at=at)
        decide(session, house, petition, Action.ACCEPT, at)
        reference = petition.reference
    brussels.work()
    told = [letter.replace("=\n", "") for letter in brussels.mailbox()]
    assert any(f"/fr/petitions/{reference}" in letter for letter in told), brussels.mailbox()
    assert not any("/nl/" in letter for letter in brussels.mailbox())


@pytest.mark.parametrize("spoken", ["nl", "de", "fr"])
def test_an_author_is_written_to_in_the_own_language_where_the_site_speaks_it(
    parliament: Callable[..., Precinct], spoken: str
) -> None:
    brussels = parliament("brussels")
    address = Address({"en": "Petitions"}, "https://p.example", "x@p.example", ("en", spoken))
    with brussels.session() as session:
        house, at = brussels.house, brussels.clock.at
        petition = send(brussels, session, draft(brussels, session, "brussels", language="nl"))
        texts.translate(session, house, petition, "fr", TEXTS["fr"], CLERK, at=at)
        decide(session, house, petition, Action.ACCEPT, at)
        wanted = languages_of(session, house, petition)
        row = session.query(Outbox).filter(Outbox.kind == "letter").all()[-1]
        _petition, facts = letter_facts(session, house, address, row.payload)
    assert wanted[0] == "nl"
    expected = {"nl": "nl", "fr": "fr", "de": "en"}[spoken]  # de: no language of these rules
    assert address.spoken(*wanted) == expected
    assert f"/{expected}/petitions/" in facts["link"]


def test_a_reason_written_in_other_languages_is_told_in_the_first_of_them() -> None:
    petition = Petition(language="en")
    assert said_to(petition, {"fr": "Motifs.", "en": "Reasons."}) == "Reasons."
    assert said_to(petition, {"fr": "", "nl": "Redenen."}) == "Redenen."
    assert said_to(petition, {}) == ""
