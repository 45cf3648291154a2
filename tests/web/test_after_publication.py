"""What the public and the author see after publication: steps, calendars, 410, mergers, the archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from petitions.domain.lifecycle import Action as Act
from petitions.domain.lifecycle import Facts, Role
from petitions.domain.motions import AskedBy, Motion
from petitions.domain.steps import ChangeKind
from petitions.services import care, merging, motions, moves, steps
from petitions.services.motions import Wanted
from petitions.services.ports import SYSTEM, Actor
from petitions.services.steps import NewChange, NewStep
from petitions.storage import tables as t
from tests.web.site import CLERK, COMMITTEE, TAG, Site, build
from tests.web.town import close_site

OTHER = Actor("clerk-2", Role.CLERK, "J. Morel")
TITLE = "Un bus toutes les vingt minutes"


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    found = build(tmp_path, sqlite_uri)
    yield found
    close_site(found)


def plan(site: Site, ref: str, days: int = 9) -> None:
    with site.session() as session:
        petition = moves.lock(session, site.petition(session, ref).id)
        new = NewStep(
            kind="hearing", planned=True, day=(site.at + timedelta(days=days)).date(),
            texts={"fr": "Audition; les auteurs, la régie\net les riverains " + "é" * 60},
            body="town_council", at_time="14:30", place="Salle 2",
        )  # fmt: skip
        steps.record_step(session, site.house, petition, new, COMMITTEE, at=site.at)


def change(site: Site, ref: str, kind: ChangeKind, days: int | None = None) -> None:
    with site.session() as session:
        petition = moves.lock(session, site.petition(session, ref).id)
        day = (site.at + timedelta(days=days)).date() if days is not None else None
        new = NewChange(kind=kind, texts={"fr": f"Voici: {kind}."}, day=day)
        steps.change_step(session, site.house, petition, 1, new, COMMITTEE, at=site.at)


def take_down(site: Site, ref: str, motion: Motion = Motion.TAKE_DOWN) -> None:
    with site.session() as session:
        petition = moves.lock(session, site.petition(session, ref).id)
        grounds = ("privacy",) if motion is Motion.TAKE_DOWN else ()
        wanted = Wanted(
            motion=motion, texts={"fr": "Raison tue."}, legal_basis="Code civil, article 9",
            asked_by=AskedBy.PERSON_CONCERNED, grounds=grounds,
        )  # fmt: skip
        row = motions.propose(session, site.house, petition, wanted, CLERK, site.at)
        session.flush()
        motions.carry_out(session, site.house, row.id, OTHER, site.at)


def test_the_public_timeline_tells_plan_new_date_erratum_and_cancellation(site: Site) -> None:
    ref = site.publish()
    plan(site, ref)
    page = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Planned for" in page
    assert "14:30" in page
    change(site, ref, ChangeKind.RESCHEDULED, 19)
    change(site, ref, ChangeKind.ERRATUM)
    page = site.visitor().get(f"/en/petitions/{ref}").text
    for words in ("New date:", "Voici: rescheduled.", "Erratum", "Voici: erratum.", "Audition"):
        assert words in page
    change(site, ref, ChangeKind.CANCELLED)
    page = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Cancelled: Hearing" in page
    assert "Planned for" not in page


def unfolded(calendar: bytes) -> list[str]:
    """The content lines; every octet line is checked against RFC 5545, section 3.1."""
    assert calendar.endswith(b"\r\n")
    lines = calendar.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)
    return b"".join(
        (line[1:] if line.startswith(b" ") else b"\n" + line) for line in lines
    ).decode().split("\n")[1:]  # fmt: skip


def events(calendar: bytes) -> list[dict[str, str]]:
    lines = unfolded(calendar)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert "VERSION:2.0" in lines
    assert any(line.startswith("PRODID:") for line in lines)
    found: list[dict[str, str]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and line != "END:VEVENT":
            name, _, value = line.partition(":")
            found[-1].setdefault(name.partition(";")[0], value)
    for event in found:
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "STATUS"} <= set(event)
        assert re.fullmatch(r"\d{8}", event["DTSTART"])
        assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"])
    assert len({event["UID"] for event in found}) == len(found)
    return found


def test_the_dates_of_a_petition_are_a_valid_calendar(site: Site) -> None:
    ref = site.publish()
    plan(site, ref)
    visitor = site.visitor()
    answer = visitor.get(f"/en/petitions/{ref}/calendar.ics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/calendar")
    step, window = sorted(events(answer.data), key=lambda event: event["DTSTART"])
    assert step["SUMMARY"].startswith("Hearing")
    assert "Audition\\; les auteurs\\, la régie\\net les riverains" in step["DESCRIPTION"]
    assert step["LOCATION"] == "Salle 2"
    assert window["SUMMARY"].startswith("Last day for signing")
    again = visitor.get(
        f"/en/petitions/{ref}/calendar.ics", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    before = step["SEQUENCE"]
    change(site, ref, ChangeKind.CANCELLED)
    (gone,) = [
        e for e in events(visitor.get(f"/fr/petitions/{ref}/calendar.ics").data)
        if e["UID"] == step["UID"]
    ]  # fmt: skip
    assert gone["STATUS"] == "CANCELLED"
    assert int(gone["SEQUENCE"]) > int(before)
    assert f"/fr/petitions/{ref}/calendar.ics" in visitor.get(f"/fr/petitions/{ref}").text
    assert visitor.get("/xx/petitions/2026-0001/calendar.ics").status_code == 404


def a_feed(site: Site, **narrowed: str) -> str:
    with site.session() as session:
        session.merge(
            t.Staff(actor="petit", name="A. Petit", roles=["clerk"], disabled=False,
                    last_login=site.at)
        )  # fmt: skip
        who = Actor("petit", Role.CLERK, "A. Petit")
        return care.make_feed(session, who, "en", day=site.at.date(), **narrowed)


def owe(site: Site, ref: str, *, internal: bool = False) -> None:
    with site.session() as session:
        petition = site.petition(session, ref)
        session.add(
            t.Track(
                petition_id=petition.id, code="council_answer", body="town_council", force="must",
                status="due", opened_at=site.at, due_on=(site.at + timedelta(days=30)).date(),
                provisional=True, internal=internal, late=False, cause="", texts={},
            )
        )  # fmt: skip


def test_the_secret_address_of_staff_ends_with_their_access(site: Site) -> None:
    ref = site.publish()
    owe(site, ref, internal=True)
    token = a_feed(site)
    visitor = site.visitor()
    answer = visitor.get(f"/calendar/{token}.ics")
    assert answer.headers["Cache-Control"] == "no-store"
    (duty,) = events(answer.data)
    assert duty["STATUS"] == "TENTATIVE", "the calendar of the assembly ends before it"
    public = events(visitor.get(f"/en/petitions/{ref}/calendar.ics").data)
    assert not any("Due:" in event["SUMMARY"] for event in public), "internal stays internal"
    with site.session() as session:
        stored = session.query(t.CalendarFeed).one()
        assert token.encode() not in stored.token_hash
    assert events(visitor.get(f"/calendar/{a_feed(site, body='nobody')}.ics").data) == []
    for wrong in ("x" * 43, token[:-1], token + "A"):
        assert visitor.get(f"/calendar/{wrong}.ics").status_code == 404
    with site.session() as session:
        session.get_one(t.Staff, "petit").disabled = True
    assert visitor.get(f"/calendar/{token}.ics").status_code == 404


def test_a_feed_that_was_taken_back_answers_no_more(site: Site) -> None:
    token = a_feed(site)
    assert site.visitor().get(f"/calendar/{token}.ics").status_code == 200
    with site.session() as session:
        (row,) = care.feeds_of(session, "petit")
        care.revoke_feed(session, "petit", row.token_hash.hex())
    assert site.visitor().get(f"/calendar/{token}.ics").status_code == 404


def test_what_was_taken_down_is_served_nowhere_and_says_why(site: Site) -> None:
    ref = site.publish()
    visitor = site.visitor()
    assert TITLE in visitor.get("/fr/petitions").text
    take_down(site, ref)
    page = visitor.get(f"/fr/petitions/{ref}")
    assert page.status_code == 410
    assert "Code civil, article 9" in page.text
    assert "Raison tue." not in page.text
    for address in (
        f"/fr/petitions/{ref}", "/fr/petitions", "/fr/petitions?q=bus", "/fr/",
        f"/petitions/{ref}/counts.json", f"/petitions/{ref}/counts.csv",
        f"/fr/petitions/{ref}/count", f"/fr/petitions/{ref}/calendar.ics",
        f"/petitions/{ref}/closing.json", f"/p/{ref}",
    ):  # fmt: skip
        answer = visitor.get(address, follow_redirects=True)
        assert TITLE not in answer.text, address
    take_down(site, ref, Motion.RESTORE)
    back = visitor.get(f"/fr/petitions/{ref}")
    assert back.status_code == 200
    assert TITLE in back.text
    assert "Code civil, article 9" in back.text, "the trace stays"


def archive(site: Site, ref: str) -> None:
    with site.session() as session:
        petition = moves.lock(session, site.petition(session, ref).id)
        facts = Facts(tracks_open=False, retention_over=True)
        moves.move(session, petition, Act.ARCHIVE, SYSTEM, facts, at=site.at)


def test_the_archive_keeps_each_address_as_it_was(site: Site) -> None:
    gone, refused = site.publish(), site.file("Un terrain de jeux")
    take_down(site, gone)
    site.decide(refused, Act.REFUSE, ("duplicate",), "Déjà ouverte.")
    for ref in (gone, refused):
        archive(site, ref)
    visitor = site.visitor()
    assert visitor.get(f"/fr/petitions/{gone}").status_code == 410
    kept = visitor.get(f"/fr/petitions/{refused}")
    assert kept.status_code == 200
    for words in ("Un terrain de jeux", "Déjà ouverte."):
        assert words in kept.text
    listed = visitor.get("/fr/petitions").text
    assert TITLE not in listed


def asked(site: Site) -> tuple[str, str, UUID]:
    target, ref = site.publish("Des bus le soir"), site.publish(tag=TAG)
    with site.session() as session:
        petition = moves.lock(session, site.petition(session, ref).id)
        merging.ask(session, site.house, petition, target, {"fr": "Même demande."}, CLERK, site.at)
        return ref, target, petition.id


def answer(site: Site, petition: UUID, **form: str) -> int:
    author = site.author()
    page = author.get(f"/en/mine/{petition}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert token
    assert version
    form = {"csrf_token": token[1], "version": version[1]} | form
    return author.post(f"/en/mine/{petition}/merge", data=form).status_code


def test_an_author_who_accepts_sees_both_pages_name_each_other(site: Site) -> None:
    ref, target, petition = asked(site)
    offer = site.author().get(f"/en/mine/{petition}").text
    assert "Même demande." in offer
    assert "Des bus le soir" in offer
    assert answer(site, petition, do="accept", version="1") == 409
    assert answer(site, petition, do="accept") == 303
    visitor = site.visitor()
    merged = visitor.get(f"/en/petitions/{ref}")
    assert merged.status_code == 200
    assert f'href="/en/petitions/{target}"' in merged.text
    assert f'href="/en/petitions/{ref}"' in visitor.get(f"/en/petitions/{target}").text
    take_down(site, target)
    assert "Des bus le soir" not in visitor.get(f"/en/petitions/{ref}").text


def test_an_author_who_refuses_keeps_the_petition(site: Site) -> None:
    ref, _target, petition = asked(site)
    assert answer(site, petition, do="refuse", answer="x" * 2000) == 422
    assert answer(site, petition, do="refuse", answer="La mienne vise le soir.") == 303
    assert "Open for signatures" in site.visitor().get(f"/en/petitions/{ref}").text
    stranger = site.author(tag=b"\x09" * 32)
    assert stranger.get(f"/en/mine/{petition}").status_code == 404
