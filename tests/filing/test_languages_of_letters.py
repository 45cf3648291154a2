"""Letters to authors whose language the site does not speak."""

from __future__ import annotations

from collections.abc import Callable

from petitions.domain.lifecycle import Action
from petitions.services import texts
from petitions.services.letters import Address
from tests.filing.parliaments import TEXTS, draft, send
from tests.house import CLERK, Precinct, decide


def test_a_letter_is_written_in_a_language_of_the_site_and_leads_to_its_pages() -> None:
    address = Address({"fr": "Pétitions"}, "https://p.example", "x@p.example", ("fr", "en"))
    assert [address.spoken(each) for each in ("fr", "en", "nl")] == ["fr", "en", "fr"]


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
    told = [letter for letter in brussels.mailbox() if "admitted" in letter]
    assert any(f"/en/petitions/{reference}" in letter for letter in told), brussels.mailbox()
    assert not any("/nl/" in letter for letter in brussels.mailbox())
