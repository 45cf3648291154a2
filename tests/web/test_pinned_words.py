"""A petition is read in the words it was filed under: a ground or duty worded anew is not its own."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest

from petitions.domain.rulebook_files import Library
from petitions.domain.wording import Wording
from petitions.services.letters import Address, letter_facts
from petitions.storage.tables import Outbox
from tests.web.office_house import Office, make_office
from tests.web.test_staff_files import file_of, open_petition, reach

NEW = "Tout autrement"
"""What every title of the later version begins with."""
WORDED = frozenset(
    {
        "acks", "choices", "classes", "duties", "effects", "grounds", "kinds", "milestones",
        "offices", "outcomes", "places", "registers", "roles", "sponsors", "stages",
    }
)  # fmt: skip
"""Every noun but the steps of a procedure: what a step is called belongs to the desk of today."""
BESIDE_A_CASE = ("", "/history", "/filing", "/change", "/text/en")
BESIDE_A_FILE = (
    "", "/steps", "/time", "/paper", "/sheet", "/integrity", "/removals", "/merge", "/messages",
    "/visibility",
)  # fmt: skip


def worded_anew(library: Library) -> Library:
    """The same shelf with a later version of the town's rules, every word of it another."""
    texts = {
        key: replace(text, title=f"{NEW}: {text.title}") if key[2] in WORDED else text
        for key, text in (library.context.wording or Wording({})).texts.items()
    }
    wording = Wording(MappingProxyType(texts))
    first = library.rulebooks["town"][-1]
    later = replace(first, version=first.version + 1)
    books = {**library.rulebooks, "town": (first, later)}
    return replace(
        library,
        context=replace(library.context, wording=wording),
        rulebooks=MappingProxyType(books),
    )


def move_on(office: Office) -> None:
    """From here on the later version is in force."""
    object.__setattr__(office.house, "library", worded_anew(office.house.library))
    office.house.shelves.clear()


@pytest.fixture
def office(open_engine: Callable[[str], object], sqlite_uri: str) -> Office:
    return make_office(open_engine(sqlite_uri))  # type: ignore[arg-type]


def text_of(office: Office, who: str, path: str) -> str:
    answer = office.sign_in(who).get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.text)


def test_a_case_shows_the_grounds_of_the_rules_it_was_filed_under(office: Office) -> None:
    old = office.file_petition("Ouvrir la bibliothèque le dimanche")
    move_on(office)
    new = office.file_petition("Ouvrir la piscine le dimanche")
    assert NEW not in text_of(office, "petit", f"/office/cases/{old}")
    assert NEW in text_of(office, "petit", f"/office/cases/{new}")


@pytest.mark.parametrize("pinned", [True, False], ids=["filed before", "filed after"])
def test_the_letter_of_a_refusal_names_the_grounds_of_its_own_rules(
    office: Office, pinned: bool
) -> None:
    if not pinned:
        move_on(office)
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    if pinned:
        move_on(office)
    clerk, page = office.sign_in("petit"), f"/office/cases/{ref}"
    form = office.decision_form(ref, "refuse", applies="no-request", **{"text-fr": "Voici."})
    preview = office.post(clerk, f"{page}/decision", page, do="preview", **form)
    assert preview.status_code == 200
    assert (NEW in preview.text) is not pinned
    assert office.post(clerk, f"{page}/decision", page, do="decide", **form).status_code == 303
    address = Address({"fr": "Valmont"}, "https://petitions.example.org", "x@example.org")
    with office.session() as session:
        rows = session.query(Outbox).filter_by(kind="letter").all()
        refused = next(row for row in rows if row.payload["code"] == "refused")
        _petition, facts = letter_facts(session, office.house, address, refused.payload)
        told = [ground["title"] for ground in facts["grounds"]]
    assert len(told) == 1
    assert told[0].startswith(NEW) is not pinned


def test_duties_and_files_keep_the_words_of_the_filing(office: Office) -> None:
    old = reach(office, open_petition(office))
    move_on(office)
    for path in ("/office/duties", file_of(old), f"{file_of(old)}/removals"):
        assert NEW not in text_of(office, "petit", path), path
    address = Address({"fr": "Valmont"}, "https://petitions.example.org", "x@example.org")
    with office.session() as session:
        payload = {"code": "threshold_reached", "audit": 1}
        payload["petition"] = str(office.petition(session, old).id)
        _petition, facts = letter_facts(session, office.house, address, payload)
        assert facts["duties"]
        assert all(NEW not in duty["title"] for duty in facts["duties"])
    new = reach(office, open_petition(office, "Ouvrir la piscine le dimanche"))
    assert NEW in text_of(office, "petit", file_of(new))


def test_no_page_of_the_desk_gives_an_old_petition_the_words_of_a_later_version(
    office: Office,
) -> None:
    waiting = office.file_petition("Ouvrir la bibliothèque le dimanche")
    old = reach(office, open_petition(office, "Planter des arbres devant la gare"))
    move_on(office)
    pages = [f"/office/cases/{waiting}{each}" for each in BESIDE_A_CASE]
    pages += [f"/office/cases/{waiting}/compare/{old}", "/office/committee"]
    pages += [f"{file_of(old)}{each}" for each in BESIDE_A_FILE]
    spoken = {path: NEW in text_of(office, "petit", path) for path in pages}
    assert [path for path, new in spoken.items() if new] == []
