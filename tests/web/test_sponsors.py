"""Sponsors over the real site: the author proves, invites; people follow their links; a clerk records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from petitions.domain.lifecycle import Action
from petitions.storage import tables as t
from tests.house import changed_library
from tests.web.posted_form import form_at
from tests.web.site import REASONS, REQUEST, token
from tests.web.town import ADDRESS, AMINA, BASTIEN, Browser, Town, form_of, open_town

TITLE = "Un bus toutes les vingt minutes"
SUPPORTERS = """\
[[sponsors]]
id = "supporters"
min = 2
max = 3
in_total = "all"
"""
MEMBER = """\
[[sponsors]]
id = "member"
min = 1
max = 1
within = "P30D"
attempts = 2
who = { office = "councillor" }
"""
SIGNING = "[signing]\n"


def a_town(folder: Path, uri: str, *stages: str) -> Iterator[Town]:
    rules = "".join(stages) + SIGNING + "author_signs = true\n"
    changed_library(folder, "town", {SIGNING: rules})
    with open_town(folder, uri, rulebooks=folder / "rulebooks") as found:
        yield found


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    yield from a_town(tmp_path, database_uri, SUPPORTERS)


@pytest.fixture
def council(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    yield from a_town(tmp_path, database_uri, SUPPORTERS, MEMBER)


def send(browser: Browser, path: str, to: str = "", **form: str):
    """Post a form of the page at `path`, with its token."""
    return browser.post(to or path, {"csrf_token": token(browser.client, path), **form})


def draft(author: Browser) -> str:
    """As far as the page before sending; the draft's address."""
    back = author.log_in("/en/start/login?assembly=valmont")
    author.get(back.headers["Location"])
    at = send(author, "/en/start/new", title=TITLE, language="fr", kind="petition")
    here = at.location.rsplit("/", 1)[0]
    send(author, f"{here}/similar", difference="La nôtre vise le soir.")
    send(author, f"{here}/text", title=TITLE, request=REQUEST, reasons=REASONS, seen="y")
    send(author, f"{here}/you", name="Claire Lefort", email="claire@example.org")
    return here


def sent(town: Town, author: Browser) -> str:
    """Sent by way of the login; the author's page of sponsors."""
    here = draft(author)
    page = author.get(f"{here}/check").text
    link = unescape(re.search(r'href="([^"]+/prove/login[^"]*)"', page)[1])
    back = author.log_in(link)
    assert back.headers["Location"] == f"{here}/prove", back.text[-600:]
    page = author.get(f"{here}/prove")
    assert "Sending it is your signature" in page.text, page.text[-1500:]
    answer = author.post(f"{here}/prove", form_of(page.text, f"{here}/prove"))
    assert answer.status_code == 303, answer.text[-1500:]
    return answer.location


def test_what_another_tab_changed_after_the_last_look_is_not_sent_by_the_login(town: Town) -> None:
    author = town.browser()
    here = draft(author)
    link = unescape(
        re.search(r'href="([^"]+/prove/login[^"]*)"', author.get(f"{here}/check").text)[1]
    )
    form_at(author.client, f"{here}/text").send(author.client, reasons="Autre chose.", seen="y")
    author.log_in(link)
    page = author.get(f"{here}/prove").text
    answer = author.post(f"{here}/prove", form_of(page, f"{here}/prove"))
    assert answer.headers["Location"] == f"{here}/check?changed=1"
    again = author.get(f"{here}/check?changed=1").text
    assert "so it was not sent" in again
    assert "Autre chose." in again
    assert town.count(t.Gathering) == 0


def a_link(author: Browser, sponsors: str, **form: str) -> str:
    """A new private link, as the page shows it once."""
    stage = form.pop("stage", "supporters")
    answer = send(author, sponsors, f"{sponsors}/invite", stage=stage, **form)
    found = re.search(r'<p class="code">([^<]+)</p>', answer.text)
    assert found, answer.text[-1500:]
    assert found[1] not in author.get(sponsors).text, "shown once"
    return unescape(found[1]).removeprefix(ADDRESS).replace("/fr/", "/en/", 1)


def follow(visitor: Browser, link: str, person: str, act: str = "") -> str:
    """From the link to the page with the button; its text."""
    back = visitor.log_in(f"{link}/login{act}", person)
    assert back.headers["Location"] == "/en/support/confirm", back.text[-800:]
    return visitor.get("/en/support/confirm").text


def confirm(visitor: Browser, link: str, person: str):
    page = follow(visitor, link, person)
    return visitor.post(
        "/en/support/confirm", {**form_of(page, "/en/support/confirm"), "declare": "y"}
    )


def reference(page: str) -> str:
    return re.search(r"No\. (\d{4}-\d{4})", page)[1]


def test_supporters_by_a_private_link_open_a_petition_at_the_number_of_all(town: Town) -> None:
    author = town.browser()
    sponsors = sent(town, author)
    ref = reference(author.get(sponsors).text)
    assert town.site.state(ref) == "gathering_sponsors"
    link = a_link(author, sponsors, shared="y")
    invited = town.browser().get(link)
    assert TITLE not in invited.text, "no title before the login"
    assert "Not checked by" in invited.text
    assert "<svg" not in invited.text, "nothing of the parliament's look"
    assert 'class="top"' not in invited.text
    assert "noindex" in invited.headers["X-Robots-Tag"]
    first, second = town.browser(), town.browser()
    page = follow(first, link, BASTIEN)
    assert TITLE in unescape(page)
    answer = first.post("/en/support/confirm", form_of(page, "/en/support/confirm"))
    assert answer.status_code == 422, "the declaration is missing"
    page = first.get("/en/support/confirm").text
    ticked = {**form_of(page, "/en/support/confirm"), "declare": "y"}
    assert first.post("/en/support/confirm", ticked).location == "/en/support/thanks?what=signed"
    assert "counts as your signature" in first.get("/en/support/thanks?what=signed").text
    assert confirm(town.browser(), link, BASTIEN).status_code == 409, "everybody counts once"
    assert confirm(town.browser(), link, AMINA).status_code == 409, "the author is no supporter"
    assert confirm(second, link, "chloé").status_code == 303
    assert town.site.state(ref) == "in_admissibility"
    assert "3 signatures will count" in author.get(sponsors).text
    town.site.decide(ref, Action.ACCEPT)
    town.integrate()
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        assert session.get_one(t.PublicCount, petition.id).valid == 3
    again = town.browser().sign(ref, BASTIEN)
    assert again.location.endswith("/sign/already"), "a supporter has signed"


def test_a_supporter_takes_it_back_and_may_sign_after_publication(town: Town) -> None:
    author = town.browser()
    sponsors = sent(town, author)
    ref = reference(author.get(sponsors).text)
    link = a_link(author, sponsors, shared="y")
    confirm(town.browser(), link, BASTIEN)
    leaving = town.browser()
    page = follow(leaving, link, BASTIEN, "?act=leave")
    answer = leaving.post("/en/support/confirm", form_of(page, "/en/support/confirm"))
    assert answer.location == "/en/support/thanks?what=left"
    assert town.count(t.Signature) == 1, "the author's alone"
    for person in ("chloé", "denis"):
        confirm(town.browser(), link, person)
    town.site.decide(ref, Action.ACCEPT)
    assert town.browser().sign(ref, BASTIEN).location.endswith("/sign/done")


def test_a_link_taken_back_opens_nothing_and_a_declined_one_neither(town: Town) -> None:
    author = town.browser()
    sponsors = sent(town, author)
    one, two = a_link(author, sponsors), a_link(author, sponsors)
    send(author, sponsors, f"{sponsors}/revoke", number="1")
    assert "no longer works" in town.browser().get(one).text
    assert confirm(town.browser(), one, BASTIEN).status_code == 409
    reader = town.browser()
    forged = reader.post(f"{two}/decline", {"csrf_token": "x"})
    assert forged.status_code == 422, "a form that this link did not make"
    answer = reader.post(f"{two}/decline", form_of(reader.get(two).text, f"{two}/decline"))
    assert answer.location == "/en/support/thanks?what=declined"
    assert "Declined" in author.get(sponsors).text
    assert town.browser().get("/en/support/" + "x" * 32).status_code == 404
    assert town.count(t.Sponsor) == 1, "the author's code alone"


def test_another_persons_login_does_not_send_the_authors_petition(town: Town) -> None:
    author = town.browser()
    here = draft(author)
    author.log_in(f"{here}/prove/login?rules=1", BASTIEN)
    assert author.get(f"{here}/prove").status_code == 400
    unproved = send(author, f"{here}/you", f"{here}/check", version="1", rules="1")
    assert unproved.status_code in {409, 422}
    assert town.count(t.Gathering) == 0


def test_a_clerk_records_the_office_holder_whom_no_login_proves(council: Town) -> None:
    author = council.browser()
    sponsors = sent(council, author)
    ref = reference(author.get(sponsors).text)
    shared = a_link(author, sponsors, shared="y")
    for person in (BASTIEN, "chloé"):
        confirm(council.browser(), shared, person)
    assert council.site.state(ref) == "gathering_sponsors", "the member is missing"
    link = a_link(author, sponsors, stage="member")
    assert "no login can prove" in council.browser().get(link).text
    clerk = council.browser()
    clerk.log_in_staff()
    assert ref in clerk.get("/office/gathering").text
    case = f"/office/cases/{ref}"
    answer = send(clerk, case, f"{case}/sponsors/2", answer="accepted")
    assert answer.status_code == 303, answer.text[-800:]
    assert council.site.state(ref) == "in_admissibility"
    assert "Support of an office holder recorded" in clerk.get(case).text
