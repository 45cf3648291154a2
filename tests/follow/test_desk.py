"""Mails at the desk: every one shown in every language, and messages to followers by two people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.follow.test_following import follows, post
from tests.web.site import token
from tests.web.town import Town, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def test_the_desk_shows_every_mail_under_a_policy_of_its_own(town: Town) -> None:
    browser = town.browser()
    browser.log_in_staff(("petitions-clerk",))
    page = browser.get("/office/mails?language=fr").text
    links = re.findall(r'href="(/office/mails/[^"]+)"', page)
    assert len(links) > 30
    for link in links:
        shown = browser.get(link)
        assert shown.status_code == 200, link
        policy = shown.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert '<html lang="fr"' in shown.text
    assert browser.get("/office/mails/nothing/fr").status_code == 404


def test_a_message_is_written_tried_and_sent_by_another_person(town: Town) -> None:
    ref = town.publish()
    post(town)
    follows(town, f"petition {ref}")
    writer, sender = town.browser(), town.browser()
    writer.log_in_staff(("petitions-clerk",), sub="writer")
    sender.log_in_staff(("petitions-clerk",), sub="sender")
    room = f"/office/files/{ref}/messages"
    page = writer.get(room).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    form = {
        "csrf_token": token(writer.client, room), "version": version[1], "subject-fr": "Réunion",
        "text-fr": "Le 3 mai.",
    }  # fmt: skip
    assert writer.post(room, {**form, "text-fr": ""}).status_code == 422
    assert writer.post(room, form).headers["Location"].endswith("done=proposed")
    page = writer.get(room).text
    assert "nobody sends their own message" in page
    found = re.search(r'action="(/office/messages/[^"]+)/test"', page)
    assert found
    mail = {"csrf_token": token(writer.client, room), "version": version[1]}
    assert (
        writer.post(f"{found[1]}/test", {**mail, "email": "no", "language": "fr"}).status_code
        == 422
    )
    tried = writer.post(f"{found[1]}/test", {**mail, "email": "me@example.org", "language": "fr"})
    assert tried.status_code == 303
    assert [m["To"] for m in post(town)] == ["me@example.org"]
    assert writer.get(f"{found[1]}/fr").status_code == 200
    page = sender.get(room).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    sent = sender.post(
        f"{found[1]}/send", {"csrf_token": token(sender.client, room), "version": version[1]}
    )
    assert sent.headers["Location"].endswith("done=carried_out"), sent.text[-500:]
    (mail_out,) = post(town)
    assert mail_out["Subject"] == "Réunion"
