"""The log's files and pages: what an outsider downloads, what a citizen reads, what two clerks do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.entries import EntryType
from petitions.ledger.notes import split_note
from petitions.storage import tables as t
from tests.web.site import token
from tests.web.test_reading_writes_nothing import ALL_GROUPS
from tests.web.town import Browser, Town, open_town, signed_by_three

LOG = "/log/2026"


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


@pytest.fixture
def ref(town: Town) -> str:
    return signed_by_three(town)


def test_the_checkpoint_and_every_tile_are_served_as_written(town: Town, ref: str) -> None:
    browser = town.browser()
    answer = browser.get(f"{LOG}/checkpoint")
    size = parse_checkpoint(split_note(answer.text)[0]).size
    assert answer.mimetype == "text/plain"
    assert "must-revalidate" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for path in (f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
        tile = browser.get(f"{LOG}/{path}")
        assert tile.status_code == 200, path
        assert tile.mimetype == "application/octet-stream"
        assert "immutable" in tile.headers["Cache-Control"]
        assert tile.data == (town.folder / "log" / "2026" / path).read_bytes()
        assert "Set-Cookie" not in tile.headers
        again = browser.get(f"{LOG}/{path}", headers={"If-None-Match": tile.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["../anchor.txt", "..%2fanchor.txt", ".turn", "tile/0/../../checkpoint", "tile/0/1", "keys",
     "statements/../policy", "tile/0/000.p/999", "checkpoint/", "texts/x.txt"],
)  # fmt: skip
def test_nothing_but_files_of_the_log_is_served(town: Town, ref: str, path: str) -> None:
    assert town.browser().get(f"{LOG}/{path}").status_code in {404, 308}


def test_the_count_page_adds_up_and_names_nobody(town: Town, ref: str) -> None:
    town.browser().withdraw(ref, "bastien leroy")
    town.integrate()
    page = town.browser().get(f"/en/petitions/{ref}/count")
    assert page.status_code == 200
    for words in ("Signatures collected", "Withdrawn by their signers", "Batches", ">3<", ">2<"):
        assert words in page.text, words
    assert "Set-Cookie" not in page.headers
    french = town.browser().get(f"/fr/petitions/{ref}/count")
    assert "Le décompte de cette pétition" in french.text
    assert f'href="/en/petitions/{ref}/count"' in town.browser().get(f"/en/petitions/{ref}").text


def test_the_log_page_tells_size_batches_and_what_waits(town: Town, ref: str) -> None:
    page = town.browser().get("/en/log")
    assert "Log of 2026" in page.text
    assert "petition_verify.py log" in page.text
    assert "none yet: nobody outside this site" in page.text
    town.browser().sign(ref, "denis roux")
    waiting = town.browser().get("/en/log?fresh")
    assert "1 signature or withdrawal" in waiting.text


def test_a_petition_that_never_collected_has_no_count_page(town: Town) -> None:
    assert town.browser().get("/en/petitions/2026-9999/count").status_code == 404
    assert town.browser().get("/en/log").status_code == 200


def clerk(town: Town, sub: str) -> Browser:
    browser = town.browser()
    town.staff.claims["sub"] = sub
    assert browser.log_in_staff(ALL_GROUPS, sub=sub).status_code == 303
    return browser


def leaf(town: Town) -> int:
    with town.site.session() as session:
        rows = session.scalars(select(t.LogEntry).order_by(t.LogEntry.idx)).all()
    return next(row.idx for row in rows if row.entry[1] == EntryType.SIGN)


def test_two_clerks_declare_a_signature_invalid_and_the_public_reads_why(
    town: Town, ref: str
) -> None:
    first, second = clerk(town, "staff-1"), clerk(town, "staff-2")
    room = f"/office/files/{ref}/removals"
    form = {
        "csrf_token": token(first.client, room),
        "reason": "6",
        "leaves": "x",
        "text-fr": "Essai.",
    }
    refused = first.post(room, form)
    assert (refused.status_code, "such as 120" in refused.text) == (422, True)
    assert "Essai." in refused.text, "what was typed stays"
    sent = first.post(room, {**form, "leaves": str(leaf(town))})
    assert sent.headers["Location"] == f"{room}?done=proposed"
    public = f"/en/petitions/{ref}/count"
    assert "Essai." not in town.browser().get(public).text, "a proposal is nobody's business"
    with town.site.session() as session:
        removal = session.scalars(select(t.Removal.id)).one()
    here = {"csrf_token": token(first.client, room)}
    own = first.post(f"/office/removals/{removal}/confirm", here)
    assert (own.status_code, "Another person" in own.text) == (403, True)
    there = {"csrf_token": token(second.client, room)}
    done = second.post(f"/office/removals/{removal}/confirm", there)
    assert done.headers["Location"] == f"{room}?done=confirmed"
    assert "Essai." in town.browser().get(f"{public}?a").text
    town.site.later(days=15)
    town.work()
    page = town.browser().get(f"{public}?b").text
    assert "In effect since" in page
    assert "A fault or an incident at this site" in page
    decision = page.split(f"{LOG}/decisions/")[1].split('"')[0]
    assert "Essai." in town.browser().get(f"{LOG}/decisions/{decision}").text


def test_a_leaf_withdrawn_meanwhile_gives_the_clerk_a_task_to_read(town: Town, ref: str) -> None:
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
        session.add(
            t.Task(
                id=uuid4(), petition_id=petition, kind="removal_not_standing", subject="7",
                opened_at=town.site.at, facts={"index": 7},
            )
        )  # fmt: skip
    browser = clerk(town, "staff-1")
    page = browser.get("/office/duties")
    assert (page.status_code, "Entry 7 was to be declared invalid" in page.text) == (200, True)
    action = page.text.split('action="/office/tasks/')[1].split('"')[0]
    form = {"csrf_token": token(browser.client, "/office/duties"), "answer": "seen"}
    done = browser.post(f"/office/tasks/{action}", form)
    assert done.headers["Location"] == "/office/duties?done=task"
    assert "Entry 7" not in browser.get("/office/duties").text


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_way_of_a_signature_is_drawn_and_told_in_the_same_numbers(
    town: Town, lang: str
) -> None:
    page = town.browser().get(f"/{lang}/verify").text
    drawing = page[page.index('<svg class="flow"') : page.index("</svg>", page.index("flow"))]
    assert 'role="img" aria-label="' in drawing
    legend = page[page.index('<ol class="legend">') :].partition("</ol>")[0]
    numbers = [drawing.count(f">{number}</text>") for number in range(1, 8)]
    assert numbers == [1] * legend.count("<li>") + [0]
    assert "style=" not in drawing  # the site's policy would drop it


def test_the_logs_page_tells_its_size_and_what_waits(town: Town, ref: str) -> None:
    town.browser().sign(ref, "driss el amrani")
    page = town.browser().get("/en/log").text
    answers = page[page.index('<dl class="answers">') : page.index("</dl>")]
    size = parse_checkpoint(split_note(town.browser().get(f"{LOG}/checkpoint").text)[0]).size
    for name, told in (
        ("Entries", str(size)),
        ("Newest batch", "2026"),
        ("Waiting for the next batch", "1 signature or withdrawal"),
        ("Waiting for the next batch", "the oldest must be in by"),
        ("Witnesses", "none yet"),
    ):
        row = answers[answers.index(f"<dt>{name}</dt>") :].partition("</div>")[0]
        assert told in row, name
