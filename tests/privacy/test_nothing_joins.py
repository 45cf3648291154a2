"""Two acts of one person share no value; a code and its log entry share none either."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from petitions.ledger import commitments
from petitions.ledger.entries import Sign, leaf_hash, write
from petitions.services.follow_keys import Link, follow_keys
from petitions.services.salts import unwrap
from petitions.services.signing import Act
from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from petitions.web.open_petitions import sign_once
from tests.house import an_act
from tests.privacy.everything import Key, Moment, Pieces, all_of, moment, new_pieces, pieces, shared
from tests.web.site import token
from tests.web.town import AMINA, Browser, Town, open_town


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


def signs(town: Town, ref: str, person: str) -> tuple[bytes, ...]:
    """The whole way, as far as the batch; what the person takes home is kept as well."""
    browser = town.browser()
    assert browser.sign(ref, person).headers["Location"].endswith("/sign/done")
    page = browser.get(f"/en/petitions/{ref}/sign/done").text
    receipt = re.search(r'data:text/plain;base64,([^"]+)"', page)
    assert receipt
    town.integrate()
    kept = base64.b64decode(receipt[1])
    signature = base64.b64decode(kept.rstrip().rpartition(b" ")[2])
    # the first four bytes name the key of the promise: one key for everybody
    return (*kept.rpartition("— ".encode())[0].splitlines(), signature[4:])


def files(town: Town, person: str, title: str) -> tuple[bytes, ...]:
    """A petition filed by this person, sent to the office."""
    browser = Browser(town, town.site.visitor())
    browser.log_in("/en/start/login?assembly=valmont", person)
    assert browser.get("/en/start/back").status_code == 303
    form = {"csrf_token": token(browser.client, "/en/start/new"), "kind": "petition"}
    step = browser.post("/en/start/new", {**form, "title": title, "language": "fr"})
    assert step.headers["Location"].endswith("/similar")
    town.integrate()
    return ()


def told_by(town: Town, act: Callable[[], tuple[bytes, ...]]) -> dict[Key, Pieces]:
    """Everything that came to the site, or home with the person, by this act."""
    before = moment(town)
    kept = act()
    found = new_pieces(before, moment(town))
    return found | {("receipt",): pieces(kept)} if kept else found


def test_two_acts_of_one_person_share_no_value_of_eight_bytes_anywhere(town: Town) -> None:
    """All columns of all tables and all files, after two signatures and a petition of one's own."""
    refs = [town.publish(f"Des bancs sur la place {name}") for name in "ABCD"]
    start = pieces(value for values in moment(town).held.values() for value in values)
    others = [
        told_by(town, lambda: signs(town, refs[2], "bastien leroy")),
        told_by(town, lambda: signs(town, refs[3], "chantal morel")),
        told_by(town, lambda: files(town, "denis roux", "Un marché couvert")),
    ]
    mine = [
        told_by(town, lambda: signs(town, refs[0], AMINA)),
        told_by(town, lambda: signs(town, refs[1], AMINA)),
        told_by(town, lambda: files(town, AMINA, "Une école du soir")),
    ]
    constants = start.union(*(all_of(each) for each in others))
    for act in mine:
        assert all_of(act) - constants, "each act leaves something"
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert shared(mine[one], mine[other], constants) == {}
    tables = {place[1] for act in mine for place in act if place[0] == "table"}
    assert {"signature", "spent_pass", "spent_state", "log_entry", "log_tile", "petition"} <= tables


def follows(town: Town, browser: Browser, ref: str, address: str) -> tuple[bytes, ...]:
    """The form, the mail, the button; all in the browser that signed a moment ago."""
    form = {"what": f"petition {ref}", "rhythm": "at_once", "email": address}
    assert browser.post("/en/follow", form).status_code == 200
    with town.site.session() as session:
        keys = follow_keys(town.site.house)
        follower = session.scalars(
            select(t.Follower.id).where(t.Follower.mark == keys.mark(address))
        ).one()
        wish = session.scalars(
            select(t.Subscription.id).where(t.Subscription.follower_id == follower)
        ).one()
    path = f"/en/follow/confirm/{keys.link(Link.CONFIRM, wish)}"
    assert browser.post(path, {}).status_code == 200
    return ()


def test_following_joins_neither_the_signature_nor_its_time(town: Town) -> None:
    """The same person signs and follows in one browser, then another does: no value is shared."""
    refs = [town.publish(f"Des bancs sur la place {name}") for name in "ABC"]
    start = pieces(value for values in moment(town).held.values() for value in values)
    acts = [
        _signs_and_follows(town, ref, person, start)
        for ref, person in zip(refs, (AMINA, "bastien leroy", "denis roux"), strict=True)
    ]
    everybodys = start | all_of(acts[2])  # the day, and words that stand in every such row
    assert shared(acts[0], acts[1], everybodys) == {}
    with town.site.session() as session:
        for row in session.execute(select(t.FollowMail.due_at)).scalars():
            assert (row.hour, row.minute, row.second) == (0, 0, 0), "a day, no time of day"


def _signs_and_follows(town: Town, ref: str, person: str, start: Pieces) -> dict[Key, Pieces]:
    browser = town.browser()
    signed_by = told_by(town, lambda: _signed_in(town, browser, ref, person))
    address = f"{person.split()[0]}@example.org"
    followed = told_by(town, lambda: follows(town, browser, ref, address))
    assert all_of(followed) - start, "following leaves something"
    assert {place[1] for place in followed if place[0] == "table"} >= {"follower", "subscription"}
    assert shared(signed_by, followed, start) == {}
    return followed


def _signed_in(town: Town, browser: Browser, ref: str, person: str) -> tuple[bytes, ...]:
    assert browser.sign(ref, person).headers["Location"].endswith("/sign/done")
    town.integrate()
    return ()


@pytest.mark.parametrize("where", ["whole", "hexadecimal", "base64", "inside", "file"])
def test_a_value_that_joins_two_petitions_is_found(
    tmp_path: Path, sqlite_uri: str, where: str
) -> None:
    with open_town(tmp_path, sqlite_uri) as town:
        refs = [town.publish(f"Des bancs sur la place {name}") for name in "AB"]
        joining = secrets.token_bytes(32)
        forms = {
            "whole": joining, "hexadecimal": joining.hex().encode(), "inside": b"x" + joining[:10],
            "base64": base64.b64encode(b"ab" + joining), "file": joining,
        }  # fmt: skip

        def leave(ref: str, value: bytes) -> tuple[bytes, ...]:
            if where == "file":
                (town.folder / f"{ref}.txt").write_bytes(value)
                return ()
            with town.site.session() as session:
                found = town.site.petition(session, ref).id
                drawn = secrets.token_bytes(32)
                row = t.Withdrawal(petition_id=found, mark=drawn, opening=value)
                session.add(row)
            return ()

        acts = [
            told_by(town, lambda: leave(refs[0], joining)),
            told_by(town, lambda: leave(refs[1], forms[where])),
        ]
        assert len(shared(acts[0], acts[1], frozenset())) >= 3


def signed(town: Town, ref: str, people: range) -> list[Act]:
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
        keys = unwrap(session, town.site.house, petition)
    acts = [an_act(town.site.house, petition, person, town.site.at) for person in people]
    for act in acts:
        sign_once(town.site.app.extensions[EXTENSION], keys, act)
    town.integrate()
    return acts


def places_of(now: Moment, value: bytes) -> set[str]:
    return {place[1] for place, values in now.held.items() if any(value in v for v in values)}


def test_a_code_and_its_log_entry_never_stand_in_one_place(town: Town) -> None:
    ref = town.publish()
    (act,) = signed(town, ref, range(1))
    with town.site.session() as session:
        keys = unwrap(session, town.site.house, act.petition_id)
        row = session.get_one(t.Signature, (act.petition_id, commitments.tag(keys.salt, act.u)))
        tag, link = row.tag, row.link
    assert link is not None
    now = moment(town)
    leaf = leaf_hash(write(act.petition_id, Sign(act.commitment)))
    tagged, logged, hashed = (places_of(now, v) for v in (tag, act.commitment, leaf))
    assert tagged == {"signature"}
    assert {each for each in logged if "/" not in each} == {"log_entry"}
    assert {each for each in hashed if "/" not in each} == {"log_tile"}
    assert all("/tile/" in each for each in (logged | hashed) - {"log_entry", "log_tile"})
    # the way between them is encrypted, and holds no piece of either end
    assert not pieces([link]) & pieces([tag, act.commitment, leaf, keys.salt, act.u])


def test_the_way_from_a_code_to_its_entry_opens_with_that_login_only(town: Town) -> None:
    one, other = town.publish(), town.publish("Des bancs sur la place")
    (mine, theirs), (elsewhere,) = signed(town, one, range(2)), signed(town, other, range(1))
    with town.site.session() as session:
        salt = unwrap(session, town.site.house, mine.petition_id).salt
        tag = commitments.tag(salt, mine.u)
        link = session.get_one(t.Signature, (mine.petition_id, tag)).link
    assert link is not None
    opened = lambda u, by: commitments.open_link(by, u, mine.petition_id, tag, link)  # noqa: E731
    assert opened(mine.u, salt) == mine.commitment
    for u, by in (
        (theirs.u, salt), (elsewhere.u, salt), (tag, salt), (salt, salt), (bytes(32), salt),
        (mine.u, bytes(32)),
    ):  # fmt: skip
        try:
            assert opened(u, by) is None
        except InvalidTag:
            continue


def test_after_a_withdrawal_no_way_leads_from_the_code_to_the_entry(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.sign(ref)
    town.integrate()
    with town.site.session() as session:
        (before,) = session.query(t.Signature).all()
        tag, link = before.tag, before.link
    assert link is not None
    assert town.browser().withdraw(ref).status_code == 200
    town.integrate()
    with town.site.session() as session:
        (after,) = session.query(t.Signature).all()
        assert (after.tag, after.standing, after.link) == (tag, "withdrawn", None)
        (mark,) = session.query(t.Withdrawal).all()
        taken_back = (mark.mark, mark.opening)
    now = moment(town)
    assert places_of(now, tag) == {"signature"}
    assert places_of(now, link) == set()
    assert not pieces([tag]) & pieces(taken_back)
    if (file := town.folder / "petitions.sqlite").exists():
        assert link not in file.read_bytes(), "overwritten, not only forgotten"
