"""What the desk says before anybody has to look for it: letters that came back, languages, whose words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from petitions.domain.lifecycle import Action
from petitions.services import letter_fates, outbox
from petitions.storage.tables import Outbox, Petition, Task
from tests.web.office_house import Office, make_office

TITLE = "Ouvrir la bibliothèque le dimanche"


@pytest.fixture
def office(open_engine: Callable[[str], object], sqlite_uri: str) -> Office:
    return make_office(open_engine(sqlite_uri))  # type: ignore[arg-type]


def give_back_the_letter(office: Office) -> None:
    """The mail of the only letter left, and came back."""
    with office.session() as session:
        job = session.scalars(select(Outbox).where(Outbox.kind == "letter")).one()
        outbox.done(session, job.id, office.clock.at)
        session.flush()
        session.expire_all()
        assert letter_fates.given_back(session, job.id, office.clock.at)


def test_a_letter_that_came_back_is_named_on_top_of_its_case_and_waits_as_a_task(
    office: Office,
) -> None:
    ref = office.file_petition(TITLE)
    clerk = office.sign_in("petit")
    assert "A letter could not be delivered" not in clerk.get(f"/office/cases/{ref}").text
    give_back_the_letter(office)
    case = clerk.get(f"/office/cases/{ref}").text
    assert case.index("A letter could not be delivered") < case.index('id="text"')
    duties = html.unescape(clerk.get("/office/duties").text)
    assert "A letter could not be delivered" in duties
    assert "“Petition received” did not reach its author by mail" in duties
    assert f"/office/cases/{ref}#letters" in duties
    form = duties[duties.index("/office/tasks/") :]
    assert "Public reason" not in form[: form.index("</form>")], "nothing ends by it"
    with office.session() as session:
        task = session.scalars(select(Task.id)).one()
    done = office.post(clerk, f"/office/tasks/{task}", "/office/duties", answer="done")
    assert done.status_code == 303
    assert "did not reach its author" not in clerk.get("/office/duties").text


def test_a_task_about_a_letter_can_be_settled_by_nobody_who_only_reads(office: Office) -> None:
    office.file_petition(TITLE)
    give_back_the_letter(office)
    with office.session() as session:
        task = session.scalars(select(Task.id)).one()
    auditor = office.sign_in("voss")
    assert "did not reach its author" in auditor.get("/office/duties").text
    done = office.post(auditor, f"/office/tasks/{task}", "/office/duties", answer="done")
    assert done.status_code == 403


@pytest.mark.parametrize("path", ["/office/people", "/office/content", "/office/content/contact"])
def test_an_auditor_reads_people_and_texts_and_finds_nothing_to_press(
    office: Office, path: str
) -> None:
    shown = office.sign_in("voss").get(path)
    assert shown.status_code == 200
    main = shown.text[shown.text.index("<main") : shown.text.index("</main>")]
    assert "<form" not in main
    assert "<textarea" not in main


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/office/people/propose", {"who": "staff-1", "change": "give:clerk", "reason": "x"}),
        ("/office/content/contact", {"do": "publish", "title-fr": "x", "text-fr": "x"}),
    ],
)
def test_an_auditor_changes_neither_people_nor_texts(
    office: Office, path: str, form: dict[str, str]
) -> None:
    auditor = office.sign_in("voss")
    answer = office.post(auditor, path, "/office/queue", **form)
    assert answer.status_code == 403


@pytest.mark.parametrize("who", ["petit", "lund", "iyer"])
def test_people_and_texts_are_shut_to_those_whose_work_they_are_not(
    office: Office, who: str
) -> None:
    other = office.sign_in(who)
    for path in ("/office/people", "/office/content"):
        assert other.get(path).status_code == 403
    assert "Texts of the site" not in other.get("/office/queue").text


def test_the_way_through_a_case_stands_on_its_first_lines(office: Office) -> None:
    ref = office.file_petition(TITLE)
    case = office.sign_in("petit").get(f"/office/cases/{ref}").text
    row = case[case.index("On this page:") : case.index('id="text"')]
    for target in ("signals", "similar", "check", "decide", "notes"):
        assert f'href="#{target}"' in row
        assert len(re.findall(rf'id="{target}"', case)) == 1
    office_auditor = office.sign_in("voss").get(f"/office/cases/{ref}").text
    assert 'href="#decide"' not in office_auditor


def test_a_letter_says_which_assembly_the_petition_asks(office: Office) -> None:
    ref = office.file_petition(TITLE)
    clerk, page = office.sign_in("petit"), f"/office/cases/{ref}"
    form = office.decision_form(ref, "refuse", applies="no-request", **{"text-fr": "Voici."})
    preview = html.unescape(office.post(clerk, f"{page}/decision", page, do="preview", **form).text)
    assert "Adressée à : Ville de Valmont" in preview
    with office.session() as session:
        assert session.scalars(select(Petition.state)).one() == "in_admissibility"
        assert Action.REFUSE not in session.scalars(select(Outbox.kind)).all()


def test_where_a_site_serves_several_each_step_of_a_case_names_its_assembly(office: Office) -> None:
    one, other = office.file_petition(TITLE), office.file_petition(f"{TITLE} et le lundi")
    clerk, page = office.sign_in("petit"), f"/office/cases/{one}"
    compared = clerk.get(f"{page}/compare/{other}").text
    assert compared.count("Town of Valmont") == 2
    form = office.decision_form(one, "refuse", applies="no-request", **{"text-fr": "Voici."})
    preview = office.post(clerk, f"{page}/decision", page, do="preview", **form).text
    assert "Town of Valmont" in preview[: preview.index("Letter to the author")]
