"""The title of the petition that a receipt names: said where everybody may read it, and nowhere else."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from petitions.domain.lifecycle import State
from petitions.web.receipt_words import VERDICTS
from tests.web.test_receipts import asked, proof_of, result, signed
from tests.web.town import Browser, Town, town_of_a_module


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    with town_of_a_module(tmp_path_factory, "titles", sqlite_template) as found:
        yield found


@pytest.fixture
def browser(town: Town) -> Browser:
    return town.browser()


def test_the_server_names_the_petition_by_its_title_and_links_to_it(
    town: Town, browser: Browser
) -> None:
    title = f"Un abri à l’arrêt {secrets.token_hex(6)}"
    ref = town.publish(title)
    receipt = signed(browser, ref, secrets.token_bytes(32))
    town.integrate()
    answer = asked(town, receipt)
    assert f'<a href="/en/petitions/{ref}"><strong><span lang="fr">{title}</span>' in result(answer)
    assert f'href="/fr/petitions/{ref}"' in result(asked(town, proof_of(answer), "fr"))


@pytest.mark.parametrize("state", [State.HIDDEN, State.ARCHIVED])
def test_the_title_of_a_petition_out_of_sight_is_not_said_to_who_holds_a_receipt(
    town: Town, browser: Browser, state: State
) -> None:
    title = f"Un abri à l’arrêt {secrets.token_hex(6)}"
    ref = town.publish(title)
    receipt = signed(browser, ref, secrets.token_bytes(32))
    town.integrate()
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        petition.previous_state, petition.state = State.HIDDEN, state
        number = str(petition.id)
    answer = asked(town, receipt)
    assert VERDICTS["proved"] in result(answer), "the proof stands"
    assert number in result(answer)
    assert title not in answer.text
    assert f"/petitions/{ref}" not in answer.text


def test_a_receipt_of_no_petition_of_this_site_is_given_no_title(
    town: Town, browser: Browser
) -> None:
    ref = town.publish("Un bus de nuit")
    receipt = signed(browser, ref, secrets.token_bytes(32))
    town.integrate()
    with town.site.session() as session:
        number = town.site.petition(session, ref).id
    lines = receipt.split("\n")
    lines[1] = "extra " + b64encode(b"\x01" + UUID(int=number.int ^ 1).bytes + bytes(32)).decode()
    answer = asked(town, "\n".join(lines))
    assert str(UUID(int=number.int ^ 1)) in result(answer)
    assert 'id="named"' not in answer.text
