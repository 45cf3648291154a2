"""The page People: what an administrator sees and does, through real logins; and the claim's side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from petitions.domain.errors import ConfigurationError
from petitions.domain.lifecycle import Role
from petitions.staff_command import staff as command
from petitions.storage import tables as t
from tests.web.desk_town import as_on_the_first_day, lasting_town
from tests.web.site import token
from tests.web.town import Browser, Town

ADA, BEN, CLEO = ({"sub": name.lower(), "name": f"{name} Petit"} for name in ("Ada", "Ben", "Cleo"))


@pytest.fixture(scope="module")
def towns(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[dict[str, Town]]:
    with ExitStack() as stack:
        yield {
            source: stack.enter_context(
                lasting_town(tmp_path_factory.mktemp(source), sqlite_template, source)
            )
            for source in ("desk", "claim")
        }


@pytest.fixture
def town(towns: dict[str, Town]) -> Town:
    """Roles are given at the desk, and nobody has one yet."""
    return as_on_the_first_day(towns["desk"])


@pytest.fixture
def claim_town(towns: dict[str, Town]) -> Town:
    return as_on_the_first_day(towns["claim"])


def invite(town: Town, *roles: str) -> str:
    config = str(town.folder / "config.toml")
    options = [word for role in roles for word in ("--role", role)]
    done = CliRunner().invoke(command, ["invite", *options, "-c", config], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()[0]


def code_of(town: Town, name: str) -> str:
    with town.site.session() as session:
        for table in (t.Staff, t.StaffWaiting):
            found = session.scalars(select(table.actor).where(table.name == name)).first()
            if found:
                return found
    raise AssertionError(f"nobody is called {name}")


def log_in(town: Town, who: dict[str, str], start: str = "/office/sign-in") -> Browser:
    browser = town.browser()
    browser.log_in_staff((), start=start, **who)
    return browser


def post(browser: Browser, path: str, from_page: str, **form: str) -> Any:
    return browser.post(path, {**form, "csrf_token": token(browser.client, from_page)})


def first_administrator(town: Town, who: dict[str, str] = ADA) -> Browser:
    browser = town.browser()
    page = browser.log_in_staff((), **who)
    form = {"csrf_token": csrf(page.text), "code": code_now(town)}
    entered = browser.post("/office/code", form)
    assert entered.headers["Location"] == "/office/queue", entered.text[-500:]
    return browser


def code_now(town: Town) -> str:
    """As the command line makes it, on the site's clock."""
    from petitions.services.staff_codes import invite as make

    with town.site.session() as session:
        return make(session, [Role.ADMINISTRATOR], lambda n: bytes(range(n)), town.site.at)


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page[-500:]
    return found[1]


def two_administrators(town: Town) -> tuple[Browser, Browser]:
    return first_administrator(town, ADA), first_administrator(town, BEN)


def proposal_on(page: str) -> str:
    found = re.findall(r'name="proposal" value="([^"]+)"', page)
    assert found, "nothing is proposed"
    return str(found[0])


# --- the beginning -----------------------------------------------------------------------------


def test_somebody_without_a_role_is_told_what_to_do_and_enters_nothing(town: Town) -> None:
    browser = town.browser()
    page = browser.log_in_staff(("petitions-administrator",), **ADA)
    assert page.status_code == 403
    assert "You have no role here" in page.text
    assert code_of(town, "Ada Petit") in page.text
    assert "staff" not in browser.cookies()
    assert browser.get("/office/queue").status_code == 303
    assert town.count(t.Staff) == 0
    assert town.count(t.StaffWaiting) == 1


def test_in_a_house_with_a_directory_the_page_names_the_directory(claim_town: Town) -> None:
    browser = claim_town.browser()
    page = browser.log_in_staff(("canteen",), **ADA)
    assert page.status_code == 403
    assert "directory" in page.text
    assert 'name="code"' not in page.text
    assert "newcomer" not in browser.cookies()
    assert claim_town.count(t.StaffWaiting) == 0


def test_the_first_administrator_types_in_the_code_of_the_command_line(town: Town) -> None:
    browser = first_administrator(town)
    page = browser.get("/office/people")
    assert page.status_code == 200
    assert "Ada Petit" in page.text
    assert "the command line of the server" in page.text
    assert "You are the only administrator" in page.text
    assert "newcomer" not in browser.cookies()
    audit = browser.get("/office/audit").text
    assert "One-time code made on the server" in audit
    assert "command line" not in re.findall(r"<bdi>(.*?)</bdi>", audit), "it is nobody's name"


def test_a_wrong_code_is_told_so_and_the_right_one_still_serves(town: Town) -> None:
    browser = town.browser()
    page = browser.log_in_staff((), **ADA)
    good = code_now(town)
    wrong = browser.post("/office/code", {"csrf_token": csrf(page.text), "code": "ABCD-EFGH"})
    assert (wrong.status_code, "This code is not known" in wrong.text) == (422, True)
    right = browser.post("/office/code", {"csrf_token": csrf(wrong.text), "code": good})
    assert right.headers["Location"] == "/office/queue"
    again = town.browser()
    page = again.log_in_staff((), **BEN)
    used = again.post("/office/code", {"csrf_token": csrf(page.text), "code": good})
    assert used.status_code == 422


def test_a_code_without_a_login_opens_nothing(town: Town) -> None:
    stranger, known = town.browser(), town.browser()
    page = known.log_in_staff((), **ADA)
    assert stranger.get("/office/code").headers["Location"].startswith("/office/sign-in?back=")
    form = {"csrf_token": csrf(page.text), "code": code_now(town)}
    town.site.later(minutes=16)
    late = known.post("/office/code", form)
    assert late.headers["Location"].startswith("/office/sign-in?back=")
    assert town.count(t.Staff) == 0


def test_the_command_prints_a_code_that_the_database_does_not_hold(town: Town) -> None:
    code = invite(town, "clerk", "auditor")
    with town.site.session() as session:
        (row,) = session.scalars(select(t.StaffCode))
        assert row.roles == ["auditor", "clerk"]
        assert code.encode() not in row.code_hash
        last = session.scalars(select(t.Audit).order_by(t.Audit.seq.desc())).first()
        assert last is not None
        assert (last.action, last.actor) == ("staff_invited", "command line")


def test_the_command_gives_no_role_where_a_claim_does(claim_town: Town) -> None:
    with pytest.raises(ConfigurationError, match="roles come from a claim"):
        invite(claim_town)


def test_the_command_switches_somebody_off_and_on_by_their_code(town: Town) -> None:
    browser = first_administrator(town)
    code, config = code_of(town, "Ada Petit"), str(town.folder / "config.toml")
    for verb, status in (("disable", 303), ("enable", 303)):
        options = [verb, code, "--reason", "drill", "-c", config]
        done = CliRunner().invoke(command, options, catch_exceptions=False)
        assert (done.exit_code, code in done.output) == (0, True)
        assert browser.get("/office/queue").status_code == status, "its session is gone"
    assert log_in(town, ADA).get("/office/people").status_code == 200
    with pytest.raises(ConfigurationError, match="nobody at the desk has this code"):
        CliRunner().invoke(
            command, ["enable", "staff-0", "--reason", "x", "-c", config], catch_exceptions=False
        )


# --- two persons, on the page ------------------------------------------------------------------


def test_a_role_is_proposed_by_one_and_confirmed_by_another(town: Town) -> None:
    ada, ben = two_administrators(town)
    log_in(town, CLEO)
    cleo = code_of(town, "Cleo Petit")
    where = f"/office/people/person?who={cleo}"
    assert "Give Cleo Petit the role: clerk" in ada.get(where).text
    done = post(ada, "/office/people/propose", where, who=cleo, change="give:clerk",
                reason="She starts today.")  # fmt: skip
    assert done.headers["Location"] == "/office/people?done=proposed"
    own = ada.get("/office/people").text
    assert "Another administrator must confirm it" in own
    assert 'value="confirm"' not in own
    form = {"proposal": proposal_on(own), "do": "confirm"}
    assert post(ada, "/office/people/settle", "/office/people", **form).status_code == 403
    assert log_in(town, CLEO).get("/office/queue").status_code == 303
    assert "People (1)" in ben.get("/office/queue").text
    theirs = ben.get("/office/people").text
    assert "She starts today." in theirs
    assert 'value="confirm"' in theirs
    done = post(ben, "/office/people/settle", "/office/people", **form)
    assert done.headers["Location"] == "/office/people?done=confirmed"
    assert log_in(town, CLEO).get("/office/queue").status_code == 200
    shown = unescape(ben.get(where).text)
    assert "by Ben Petit" in shown
    trail = unescape(ben.get("/office/audit").text)
    for words in ("Role given", "Give Cleo Petit the role: clerk", "Proposed by Ada Petit."):
        assert words in trail, words


def test_a_role_that_is_taken_away_is_gone_in_the_open_session(town: Town) -> None:
    ada, ben = two_administrators(town)
    with town.site.session() as session:
        row = session.scalars(select(t.Staff).where(t.Staff.name == "Ben Petit")).one()
        row.roles = ["administrator", "clerk"]
    who = code_of(town, "Ben Petit")
    where = f"/office/people/person?who={who}"
    assert ben.get("/office/people").status_code == 200
    post(ada, "/office/people/propose", where, who=who, change="remove:administrator", reason="x")
    with town.site.session() as session:  # a third one, so that the change can be confirmed
        session.add(
            t.Staff(actor="dora", name="Dora", roles=["administrator"], disabled=False,
                    last_login=town.site.at)
        )  # fmt: skip
    form = {"proposal": proposal_on(ben.get("/office/people").text), "do": "confirm"}
    assert post(ben, "/office/people/settle", "/office/people", **form).status_code == 303
    assert ben.get("/office/people").status_code == 403
    assert ben.get("/office/queue").status_code == 200, "the other role is left"


def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(town: Town) -> None:
    ada, _ben = two_administrators(town)
    log_in(town, CLEO)
    cleo = code_of(town, "Cleo Petit")
    where = f"/office/people/person?who={cleo}"
    long = "because " * 80
    for reason in ("", long):
        answer = post(ada, "/office/people/propose", where, who=cleo, change="give:auditor",
                      reason=reason)  # fmt: skip
        assert answer.status_code == 422
        assert 'href="#reason"' in answer.text
        assert '<option value="give:auditor" selected>' in answer.text
        assert reason.strip() in answer.text
    for change in ("", "give:", "give:system", "make:clerk", "disable:clerk"):
        answer = post(ada, "/office/people/propose", where, who=cleo, change=change, reason="x")
        assert answer.status_code == 422, change
    assert town.count(t.StaffProposal) == 0
    unknown = post(ada, "/office/people/propose", where, who="staff-0", change="give:clerk",
                   reason="x")  # fmt: skip
    assert unknown.status_code == 404


def test_an_urgent_case_takes_one_and_tells_the_others(town: Town) -> None:
    ada, ben = two_administrators(town)
    who = code_of(town, "Ben Petit")
    where = f"/office/people/person?who={who}"
    empty = post(ada, "/office/people/disable", where, who=who, urgent=" ")
    assert (empty.status_code, 'href="#urgent"' in empty.text) == (422, True)
    first_administrator_again = code_of(town, "Ada Petit")
    own = f"/office/people/person?who={first_administrator_again}"
    assert "Switch off now" not in ada.get(own).text
    done = post(ada, "/office/people/disable", where, who=who, urgent="Stolen laptop.")
    assert done.headers["Location"] == "/office/people?done=disabled"
    assert ben.get("/office/queue").status_code == 303
    page = town.browser().log_in_staff((), **BEN)
    assert (page.status_code, "Your access is switched off" in page.text) == (403, True)
    with town.site.session() as session:
        session.add(
            t.StaffNotice(
                id=uuid4(), recipient=first_administrator_again, about=who, by=who,
                at=town.site.at, reason="A reason.",
            )
        )  # fmt: skip
    page = ada.get("/office/people").text
    assert "switched off the access of" in page
    notice = re.findall(r'name="notice" value="([^"]+)"', page)[0]
    assert post(ada, "/office/people/seen", "/office/people", notice=notice).status_code == 303
    assert town.count(t.StaffNotice) == 0


def test_an_administrator_ends_a_session_of_somebody_else(town: Town) -> None:
    ada, ben = two_administrators(town)
    who = code_of(town, "Ben Petit")
    where = f"/office/people/person?who={who}"
    page = ada.get(where).text
    names = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    assert len(names) == 1
    with town.site.session() as session:
        hashes = session.scalars(select(t.WebSession.token_hash)).all()
        assert all(names[0] not in each.hex() for each in hashes)
    post(ada, "/office/people/sessions", where, who=who, session=names[0])
    assert ben.get("/office/queue").status_code == 303
    assert "Sessions ended" in ada.get("/office/audit").text
    again = post(ada, "/office/people/sessions", where, who=who, session=names[0])
    assert again.status_code == 409


def test_the_page_shows_the_day_of_a_login_and_no_time_of_day(town: Town) -> None:
    ada, _ben = two_administrators(town)
    page = ada.get("/office/people").text
    assert "2 March 2026" in page
    rows = re.search(r"<tbody>.*?</tbody>", page, re.DOTALL)
    assert rows is not None
    assert not re.search(r"\d\d:\d\d", rows[0])


def test_in_a_house_with_a_directory_the_page_gives_no_role_but_switches_off(
    claim_town: Town,
) -> None:
    ada, ben = claim_town.browser(), claim_town.browser()
    ada.log_in_staff(("petitions-administrator",), **ADA)
    ben.log_in_staff(("petitions-administrator", "petitions-clerk"), **BEN)
    who = code_of(claim_town, "Ben Petit")
    where = f"/office/people/person?who={who}"
    page = unescape(ada.get(where).text)
    assert "your house’s directory" in page
    assert re.findall(r'<option value="([^"]+)"', page) == ["disable:"]
    forged = post(ada, "/office/people/propose", where, who=who, change="give:auditor", reason="x")
    assert forged.status_code == 409
    post(ada, "/office/people/propose", where, who=who, change="disable:", reason="He left.")
    form = {"proposal": proposal_on(ben.get("/office/people").text), "do": "confirm"}
    assert post(ben, "/office/people/settle", "/office/people", **form).status_code == 303
    assert ben.get("/office/queue").status_code == 303
    assert ada.get("/office/code").status_code == 404


def test_only_administrators_find_people_in_the_navigation(claim_town: Town) -> None:
    clerk, administrator = claim_town.browser(), claim_town.browser()
    clerk.log_in_staff(("petitions-clerk",), **CLEO)
    administrator.log_in_staff(("petitions-administrator",), **ADA)
    assert 'href="/office/people"' not in clerk.get("/office/queue").text
    assert 'href="/office/people"' in administrator.get("/office/queue").text
    assert clerk.get("/office/people").status_code == 403


@pytest.mark.parametrize("path", ["/office/people", "/office/sessions", "/office/code"])
def test_the_pages_about_people_speak_french(town: Town, path: str) -> None:
    ada, ben = two_administrators(town)
    who = code_of(town, "Ben Petit")
    where = f"/office/people/person?who={who}"
    post(ada, "/office/people/propose", where, who=who, change="give:clerk", reason="Elle arrive.")
    post(ada, "/office/language", "/office/queue", language="fr")
    for shown in (path, where):
        page = ada.get(shown)
        assert page.status_code == 200
        assert '<html lang="fr"' in page.text
        main = re.search(r"<main.*</main>", page.text, re.DOTALL)
        assert main is not None
        for english in ("Another administrator", "since", "Roles", "session ends", "One-time"):
            assert english not in main[0], (shown, english)
    del ben
