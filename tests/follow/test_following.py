"""Following by e-mail, from the form to the last mail, through the site and the post."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import func, select

from petitions.storage import tables as t
from tests.web.town import Town, open_town

ADDRESS = "Nadia.Benali@example.org"


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def post(town: Town) -> list[EmailMessage]:
    """What left since the last time, in order; the post works until nothing is left to do."""
    folder = Path(town.settings.mail.folder)
    before = {path.name for path in folder.glob("*.eml")} if folder.exists() else set()
    from petitions.app import create_post

    found = create_post(town.settings, town.site.house, town.site.sessions, town.site.clock)
    for _turn in range(50):
        if not found.turn():
            break
    new = [path for path in sorted(folder.glob("*.eml")) if path.name not in before]
    return [
        email.message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[misc]
        for path in new
    ]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage, what: str) -> str:
    found = re.search(rf"https?://[^/\s]+(/\w+/follow/{what}/\S+)", text_of(mail))
    assert found, text_of(mail)
    return found[1]


def asks(town: Town, what: str, rhythm: str = "at_once", address: str = ADDRESS) -> str:
    answer = town.site.visitor().post(
        "/en/follow", data={"what": what, "rhythm": rhythm, "email": address}
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def follows(town: Town, what: str, rhythm: str = "at_once", address: str = ADDRESS) -> str:
    """The whole way; the path of the private page."""
    asks(town, what, rhythm, address)
    (mail,) = [m for m in post(town) if m["To"] == address and "/confirm/" in text_of(m)]
    page = town.site.visitor().post(link_in(mail, "confirm"))
    assert "Done: you follow this" in page.text
    found = re.search(r'href="(/en/follow/mine/[^"]+)"', page.text)
    assert found
    return found[1]


def count(town: Town, table: type[t.Base]) -> int:
    with town.site.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_follower_confirms_is_told_and_stops_with_one_click(town: Town) -> None:
    ref = town.publish()
    post(town)
    follows(town, f"petition {ref}")
    town.site.count(ref, 3)
    assert post(town) == []
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        from petitions.domain.lifecycle import Action, Facts
        from petitions.services import moves
        from petitions.services.ports import SYSTEM

        moves.move(
            session, petition, Action.REACH, SYSTEM, Facts(decisive_met=True), at=town.site.at,
            detail={"valid": 100, "threshold": 100, "milestone": "council"},
        )  # fmt: skip
    (mail,) = post(town)
    assert mail["Subject"] == "A threshold is reached: Un bus toutes les vingt minutes"
    assert mail["To"] == "Nadia.Benali@example.org"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "You receive this because" in text_of(mail)
    path = re.fullmatch(r"<https?://[^/]+(/.+)>", mail["List-Unsubscribe"])
    assert path
    visitor = town.site.visitor()
    assert "Stop these mails?" in visitor.get(path[1]).text
    assert count(town, t.Subscription) == 1
    for _again in range(2):
        answer = visitor.post(path[1], data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Stopped" in answer.text
    assert count(town, t.Follower) == 0
    assert post(town) == []
