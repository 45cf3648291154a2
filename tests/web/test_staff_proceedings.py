"""The desk after publication: steps with a preview, two people for a removal, a merger, calendars."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from petitions.domain.lifecycle import Action
from petitions.storage import tables as t
from tests.web.office_house import Office, make_office
from tests.web.test_staff_files import file_of, open_petition, reach


@pytest.fixture
def office(open_engine, sqlite_uri) -> Office:
    return make_office(open_engine(sqlite_uri))


def version_of(office: Office, ref: str) -> str:
    with office.session() as session:
        return str(office.petition(session, ref).version)


def send(office: Office, who: str, ref: str, path: str, **form: Any) -> Any:
    """Post a form of the page it stands on, with the version that page shows."""
    client, page = office.sign_in(who), f"{file_of(ref)}/{path.partition('/')[0]}"
    if path == "care" or path.startswith("tracks/"):
        page = file_of(ref)
    form = {"version": version_of(office, ref)} | form
    return office.post(client, f"{file_of(ref)}/{path}", page, **form)


def hearing(office: Office, **more: str) -> dict[str, str]:
    day = (office.clock.at + timedelta(days=9)).date().isoformat()
    return {
        "kind": "hearing", "when": "planned", "day": day, "at_time": "14:30", "place": "Salle 2",
        "body": "town_council", "text-fr": "Audition des auteurs.",
        "links": "https://valmont.example/odj Ordre du jour",
    } | more  # fmt: skip


def test_a_hearing_is_previewed_announced_moved_and_mended(office: Office) -> None:
    ref = open_petition(office)
    seen = send(office, "lund", ref, "steps", do="preview", **hearing(office))
    assert seen.status_code == 200
    for words in ("Nothing has been recorded yet", "Hearing", "14:30", "Ordre du jour", "Salle 2"):
        assert words in html.unescape(seen.text)
    with office.session() as session:
        assert session.scalars(select(t.Step)).all() == []
    edited = send(office, "lund", ref, "steps", do="edit", **hearing(office))
    assert "Audition des auteurs." in edited.text
    done = send(office, "lund", ref, "steps", do="record", **hearing(office))
    assert done.status_code == 303
    later = (office.clock.at + timedelta(days=19)).date().isoformat()
    moved = send(
        office, "lund", ref, "steps/1", change="rescheduled", day=later, at_time="09:00",
        **{"text-fr": "La salle est prise."},
    )  # fmt: skip
    assert moved.status_code == 303
    send(office, "lund", ref, "steps/1", change="erratum", **{"text-fr": "Salle 3, non 2."})
    page = html.unescape(office.sign_in("lund").get(f"{file_of(ref)}/steps").text)
    for words in ("Audition des auteurs.", "La salle est prise.", "Salle 3, non 2.", "09:00"):
        assert words in page
    assert "Hearing" in office.sign_in("voss").get(file_of(ref)).text


@pytest.mark.parametrize(
    ("field", "value", "anchor"),
    [
        ("kind", "", "kind"),
        ("day", "2020-01-01", "day"),
        ("text-fr", " ", "text-fr"),
        ("links", "javascript:alert(1)", "links"),
        ("at_time", "noon", "at_time"),
    ],
)
def test_a_wrong_step_is_not_recorded_and_nothing_typed_is_lost(
    office: Office, field: str, value: str, anchor: str
) -> None:
    ref = open_petition(office)
    answer = send(office, "lund", ref, "steps", do="record", **hearing(office, **{field: value}))
    assert answer.status_code == 422
    assert f'<a href="#{anchor}">' in answer.text
    assert f'id="{anchor}"' in answer.text
    assert 'href="javascript' not in answer.text
    assert ("Audition des auteurs." in answer.text) is (field != "text-fr")
    assert "Salle 2" in answer.text


def test_a_wrong_change_opens_its_own_form_again(office: Office) -> None:
    ref = open_petition(office)
    send(office, "lund", ref, "steps", do="record", **hearing(office))
    answer = send(
        office, "lund", ref, "steps/1", change="rescheduled", day="2020-01-01",
        **{"text-fr": "Reportée."},
    )  # fmt: skip
    assert answer.status_code == 422
    assert 'href="#c1-rescheduled-day"' in answer.text
    assert 'id="c1-rescheduled-day"' in answer.text
    assert "Reportée." in answer.text
    assert send(office, "lund", ref, "steps/1", change="edit").status_code == 404
    assert send(office, "voss", ref, "steps/1", change="erratum").status_code == 403


def test_of_two_people_at_one_file_the_second_keeps_every_word(office: Office) -> None:
    ref = open_petition(office)
    old = version_of(office, ref)
    send(office, "lund", ref, "steps", do="record", **hearing(office))
    late = send(
        office, "petit", ref, "steps", do="record",
        **hearing(office, version=old, **{"text-fr": "Une autre audition."}),
    )  # fmt: skip
    assert late.status_code == 409
    assert "Une autre audition." in late.text
    assert "Step announced, by K. Lund" in late.text


REMOVAL = {
    "motion": "take_down", "ground": "privacy", "legal_basis": "Code civil, article 9",
    "asked_by": "person_concerned", "text-fr": "Une personne est reconnaissable.",
}  # fmt: skip


def freshly(office: Office, who: str) -> None:
    with office.session() as session:
        session.execute(
            update(t.WebSession)
            .where(t.WebSession.subject == who)
            .values(auth_time=office.clock.at, opened_at=office.clock.at)
        )


def settle(office: Office, who: str, ref: str, motion: str, act: str, **form: str) -> Any:
    client, page = office.sign_in(who), f"{file_of(ref)}/visibility"
    freshly(office, who)
    form = {"version": version_of(office, ref)} | form
    return office.post(client, f"/office/motions/{motion}/{act}", page, **form)


def motion_on(office: Office, ref: str) -> str:
    page = office.sign_in("morel").get(f"{file_of(ref)}/visibility").text
    found = re.search(r"/office/motions/([0-9a-f-]{36})/", page)
    assert found, page
    return found[1]


def test_one_proposes_a_removal_and_another_carries_it_out(office: Office) -> None:
    ref = open_petition(office)
    empty = send(office, "petit", ref, "visibility", **REMOVAL | {"legal_basis": ""})
    assert empty.status_code == 422
    assert "Une personne est reconnaissable." in empty.text
    assert send(office, "petit", ref, "visibility", **REMOVAL).status_code == 303
    motion = motion_on(office, ref)
    own = settle(office, "petit", ref, motion, "confirm")
    assert own.status_code == 403
    assert "Another person than the one who proposed it" in own.text
    assert office.state(ref) == "published"
    assert settle(office, "morel", ref, motion, "confirm").status_code == 303
    assert office.state(ref) == "hidden"
    shown = office.sign_in("voss").get(f"{file_of(ref)}/visibility").text
    assert "Code civil, article 9" in shown
    assert "carried out on" in shown
    assert settle(office, "morel", ref, motion, "call-off", why="x").status_code == 409


def test_carrying_it_out_wants_a_login_of_the_last_minutes(office: Office) -> None:
    ref = open_petition(office)
    send(office, "petit", ref, "visibility", **REMOVAL)
    motion, page = motion_on(office, ref), f"{file_of(ref)}/visibility"
    stale = office.post(
        office.sign_in("morel"), f"/office/motions/{motion}/confirm", page,
        version=version_of(office, ref),
    )  # fmt: skip
    assert stale.status_code == 303
    assert "sign-in" in stale.location
    assert office.state(ref) == "published"


def test_the_author_is_asked_before_two_petitions_are_merged(office: Office) -> None:
    ref, target = open_petition(office), open_petition(office, "Des bancs sur la place")
    wrong = send(office, "petit", ref, "merge", target="2026-9999", **{"text-fr": "Même objet."})
    assert wrong.status_code == 422
    assert "There is no petition with this number." in wrong.text
    assert "Même objet." in wrong.text
    asked = send(office, "petit", ref, "merge", target=target, **{"text-fr": "Même objet."})
    assert asked.status_code == 303
    page = office.sign_in("petit").get(f"{file_of(ref)}/merge").text
    assert "waits for the author" in page
    assert send(office, "petit", ref, "merge/call-off").status_code == 303
    with office.session() as session:
        assert session.scalars(select(t.MergeRequest.status)).all() == ["called_off"]
    assert office.state(ref) == "published"


def test_the_list_of_duties_is_narrowed_to_mine_and_to_a_body(office: Office) -> None:
    mine = reach(office, open_petition(office))
    other = reach(office, open_petition(office, "Des repas bio à la cantine"))
    assert send(office, "lund", mine, "care", do="take").status_code == 303
    client = office.sign_in("lund")
    page = client.get("/office/duties?mine=1").text
    assert file_of(mine) in page
    assert file_of(other) not in page
    assert "In care of K. Lund" in page
    assert file_of(other) in client.get("/office/duties?body=town_council&shown=public").text
    assert file_of(other) not in client.get("/office/duties?shown=internal").text
    assert client.get("/office/duties?shown=secret").status_code == 404
    assert send(office, "petit", mine, "care", do="leave").status_code == 409


def test_what_the_rules_oblige_to_is_not_declined_at_the_desk(office: Office) -> None:
    ref = reach(office, open_petition(office))
    answer = send(office, "lund", ref, "tracks/council_answer", declined="1", **{"text-fr": "Non."})
    assert answer.status_code == 422
    assert "it cannot be declined" in answer.text
    more = send(office, "lund", ref, "tracks/council_answer/extension", **{"text-fr": "Encore."})
    assert more.status_code == 409
    assert "The rules give no (more) time" in more.text


def test_the_committee_decides_no_check_before_publication(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque")
    form = office.decision_form(ref, "accept")
    page = f"/office/cases/{ref}"
    answer = office.post(
        office.sign_in("lund"), f"{page}/decision", "/office/duties", do="decide", **form
    )
    assert answer.status_code == 403
    assert office.state(ref) == "in_admissibility"


def test_the_act_behind_each_step_is_in_the_audit_trail(office: Office) -> None:
    ref = open_petition(office)
    send(office, "lund", ref, "steps", do="record", **hearing(office))
    send(office, "petit", ref, "visibility", **REMOVAL)
    trail = office.sign_in("voss").get(f"/office/cases/{ref}/history").text
    for words in ("Step announced", "Proposed to a second person"):
        assert words in trail
    with office.session() as session:
        moved = [row.action for row in session.scalars(select(t.Audit)) if row.to_state]
        assert moved[-1] == Action.ACCEPT
