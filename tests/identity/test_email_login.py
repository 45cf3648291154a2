"""The whole way by e-mail, on both databases: address, code or link, signature, withdrawal."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest

from petitions.storage import tables as t
from tests.identity.email_town import ANNA, ROOM, EmailTown, open_email_town
from tests.web.town import form_of


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def whole_town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmailTown]:
    folder = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "town.sqlite")
        with open_email_town(folder, f"sqlite:///{folder / 'town.sqlite'}") as found:
            yield found
        return
    server = request.getfixturevalue("postgres_server")
    uri = server.create(template=request.getfixturevalue("postgres_template"))
    with open_email_town(folder, uri) as found:
        yield found
    server.drop(uri)


@pytest.fixture
def town(whole_town: EmailTown) -> EmailTown:
    """An hour after the test before: nobody's messages are used up."""
    whole_town.site.later(minutes=61)
    return whole_town


def valid(town: EmailTown, ref: str) -> int:
    """The public count."""
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        return session.get_one(t.PublicCount, petition.id).valid


def test_a_person_signs_by_address_and_code_and_withdraws_the_same_way(town: EmailTown) -> None:
    ref, before = town.publish(), town.acts()
    path = f"/en/petitions/{ref}/sign"
    browser = town.browser()
    page, mail = town.write(browser, path)
    assert ANNA in page.text
    back = town.prove(browser, page, mail.code)
    assert (back.status_code, back.headers["Location"]) == (303, f"{path}/confirm")
    confirm = browser.get(f"{path}/confirm").text
    assert "I declare that I am" in confirm
    assert "Not your e-mail address, and no other fact about you." in confirm
    assert "Step 3 of 3" in confirm
    assert town.confirm(browser, path).headers["Location"] == f"{path}/done"
    done = browser.get(f"{path}/done").text
    assert "Your signature is recorded" in done
    assert "/identity/leave" not in done  # nobody is logged in anywhere
    assert town.acts()[0] == before[0] + 1
    town.integrate()
    assert valid(town, ref) == 1
    leaving = town.browser()
    back = town.log_in(leaving, f"{path}/withdraw")
    assert back.headers["Location"] == f"{path}/withdraw/confirm"
    page = leaving.get(f"{path}/withdraw/confirm")
    gone = leaving.post(f"{path}/withdraw/confirm", form_of(page.text, f"{path}/withdraw/confirm"))
    assert gone.status_code == 200
    town.integrate()
    assert valid(town, ref) == 0


def test_one_address_counts_once_in_whatever_case_and_script_it_is_typed(town: EmailTown) -> None:
    ref, sent = town.publish(), len(town.mails())
    for address in ("anna@köln.example", "bea@köln.example"):
        assert town.sign(ref, address).headers["Location"].endswith("/done")
    for address in ("Anna@Köln.example", " ANNA@xn--kln-sna.EXAMPLE ", "anna@ko\u0308ln.example"):
        town.site.later(minutes=20)  # three letters an hour go to one mailbox
        assert town.sign(ref, address).headers["Location"].endswith("/already"), address
    town.integrate()
    assert valid(town, ref) == 2
    assert [town.mails()[sent + at].message["To"] for at in (0, 3)] == [
        "anna@xn--kln-sna.example", "ANNA@xn--kln-sna.example",
    ]  # fmt: skip


def test_the_link_in_the_message_goes_on_in_the_browser_that_asked_for_it(town: EmailTown) -> None:
    ref, before = town.publish(), town.acts()
    path, browser = f"/fr/petitions/{ref}/sign", town.browser()
    _page, mail = town.write(browser, path)
    back = browser.get(mail.link)
    assert (back.status_code, back.headers["Location"]) == (303, f"{path}/confirm")
    assert town.confirm(browser, path).headers["Location"] == f"{path}/done"
    assert town.acts()[0] == before[0] + 1


def test_an_author_logs_in_by_address_and_files_under_one_pseudonym(town: EmailTown) -> None:
    for _ in range(2):
        browser = town.browser()
        back = town.log_in(browser, "/en/start/login")
        assert back.headers["Location"] == "/en/start/back", back.text[-500:]
        assert browser.get("/en/start/back").headers["Location"] == "/en/start/new"
        assert browser.get("/en/start/new").status_code == 200
    with town.site.session() as session:
        sessions = session.query(t.WebSession).filter_by(audience="author").all()
        assert len({each.subject for each in sessions}) == 1


def test_the_page_of_the_petition_says_what_a_signature_here_is_worth(town: EmailTown) -> None:
    ref = town.publish()
    town.site.count(ref, 3)
    page = town.browser().get(f"/en/petitions/{ref}").text
    assert "One signature per e-mail address" in page
    assert "signatures confirmed by e-mail" in page
    assert "verified signature" not in page
    assert "Services utilisés : courriel" in (
        town.browser().get("/fr/verify").text.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "par adresse électronique" in town.browser().get(f"/fr/petitions/{ref}").text


def test_the_message_names_the_site_and_the_code_and_never_the_petition(town: EmailTown) -> None:
    ref = town.publish("Un bus toutes les vingt minutes")
    browser = town.browser()
    _page, mail = town.write(browser, f"/fr/petitions/{ref}/sign")
    head, text = mail.message, mail.text
    assert head["To"] == ANNA
    assert head["Subject"] == "Votre code pour « Parlement de démonstration »"
    assert head["Auto-Submitted"] == "auto-generated"
    assert head["Content-Language"] == "fr"
    drawn = head.get_body(("html",))
    assert drawn is not None
    # nothing that could be loaded from anywhere
    assert not re.search(r"\bsrc=|\bbackground=|url\(|<link|<script|@import", drawn.get_content())
    assert "Parlement de démonstration" in text
    assert "30 minutes" in text
    for word in ("bus", ref, "petitions/", ANNA, "anna"):
        assert word not in text
    assert f"http://127.0.0.1:8000{ROOM}/link?t=" in text
