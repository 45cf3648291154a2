"""Bulk files, the API and the form of other sites: the same rows, and nothing that no page shows."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from petitions.domain.lifecycle import Action
from petitions.services import steps
from petitions.services.steps import NewStep
from petitions.web.data_sets import SETS
from tests.sharing.conftest import hide, map_of
from tests.web.site import COMMITTEE


def table(site: Any, path: str) -> list[dict[str, str]]:
    answer = site.visitor().get(path)
    assert answer.status_code == 200, path
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return list(csv.DictReader(io.StringIO(answer.data.decode(), newline="")))


def lines(site: Any, path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in site.visitor().get(path).data.splitlines()]


@pytest.fixture
def told(site, trains):
    """One petition of each fate; references by name."""
    bus = site.publish()
    refused = site.file("Une fontaine sur la place du marché")
    site.decide(refused, Action.REFUSE, ("outside-competence",), "Hors compétence.")
    site.later(days=10)
    site.count(bus, 2, 5, 21)
    site.count(trains, 700, 1200)
    map_of(site, trains, {"29": 120, "75": 560})
    return {"trains": trains, "bus": bus, "refused": refused}


def test_every_set_has_the_columns_that_are_explained_in_both_formats(site, told):
    for found in SETS:
        names = [column.name for column in found.columns]
        rows, objects = table(site, found.csv), lines(site, found.jsonl)
        assert rows, found.name
        assert len(rows) == len(objects)
        assert all(list(row) == names for row in rows)
        assert all(list(each) == names for each in objects)
        schema = json.loads(site.visitor().get(found.schema).text)
        assert [field["name"] for field in schema["fields"]] == names


def test_the_files_tell_counts_areas_and_decisions_as_the_pages_do(site, told):
    petitions = {row["reference"]: row for row in table(site, "/data/petitions.csv")}
    assert petitions[told["bus"]]["signatures"] == "21"
    assert petitions[told["bus"]]["threshold"] == "25"
    assert petitions[told["refused"]]["signatures"] == ""
    assert [
        r["signatures"] for r in table(site, "/data/counts.csv") if r["reference"] == told["bus"]
    ] == ["2", "5", "21"]
    areas = {row["area"]: row for row in table(site, "/data/areas.csv")}
    assert areas["75"]["signatures"] == "560"
    assert areas["01"]["signatures"] == ""
    assert areas["01"]["hidden_under"] == "10"
    decisions = {row["reference"]: row for row in table(site, "/data/decisions.csv")}
    assert decisions[told["refused"]]["outcome"] == "refused"
    assert decisions[told["refused"]]["grounds"] == "outside-competence"
    assert decisions[told["bus"]]["outcome"] == "admitted"
    assert decisions[told["bus"]]["days"] == "0"


def test_what_is_out_of_sight_is_in_no_file_and_no_name_is_in_any(site, told):
    hide(site, told["trains"])
    for found in SETS:
        for path in (found.csv, found.jsonl):
            content = site.visitor().get(path).data.decode()
            assert told["trains"] not in content
            for name in ("Claire Lefort", "Maxence", "example.org"):
                assert name not in content.replace("petitions.example.org", ""), path


def test_a_cell_that_a_spreadsheet_would_run_is_kept_as_text(site):
    site.publish('=HYPERLINK("https://elsewhere.example";"Un bus")')
    row = table(site, "/data/petitions.csv")[0]
    assert row["title"].startswith("'=HYPERLINK")
    assert lines(site, "/data/petitions.jsonl")[0]["title"].startswith("=HYPERLINK")


def test_the_table_of_a_list_has_its_filters(site, told):
    rows = table(site, "/fr/petitions.csv?state=refused")
    assert [row["reference"] for row in rows] == [told["refused"]]


def get(site: Any, path: str) -> Any:
    answer = site.visitor().get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return json.loads(answer.text)


def test_pages_of_the_api_neither_repeat_nor_leave_out_a_petition(site, told):
    path, seen = "/api/v1/petitions?limit=1&fields=reference", []
    while path:
        found = get(site, path)
        seen += [each["reference"] for each in found["data"]]
        assert all(list(each) == ["reference"] for each in found["data"])
        path = (found["next"] or "").removeprefix("http://127.0.0.1:8000")
        if len(seen) == 1:  # something is published meanwhile
            later = site.publish("Des bancs publics sur la place")
    assert seen == sorted([*told.values(), later])
    one = get(site, f"/api/v1/petitions/{told['trains']}?fields=title,signatures")["data"]
    assert one == {
        "title": "Rétablir les trains de nuit entre les villes moyennes",
        "signatures": 1200,
    }
    events = get(site, f"/api/v1/petitions/{told['bus']}/events?lang=fr")["data"]
    assert [each["title"] for each in events] == ["Déposée", "Déclarée recevable et publiée"]
    assert get(site, f"/api/v1/petitions/{told['trains']}/areas")["data"][0]["area"] == "01"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/petitions?limit=0", 400), ("/api/v1/petitions?limit=101", 400),
        ("/api/v1/petitions?limit=x", 400), ("/api/v1/petitions?cursor=!!", 400),
        ("/api/v1/petitions?fields=titel", 400), ("/api/v1/petitions?sate=published", 400),
        ("/api/v1/petitions?state=draft", 400), ("/api/v1/petitions/1999-0001", 404),
        ("/api/v1/petitions/nonsense", 404), ("/api/v1/nothing", 404),
    ],
)  # fmt: skip
def test_what_the_api_refuses_is_a_problem_document(site, path, status):
    answer = site.visitor().get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.text)["status"] == status


def test_a_removed_petition_is_gone_from_the_api(site, told):
    hide(site, told["bus"])
    assert site.visitor().get(f"/api/v1/petitions/{told['bus']}").status_code == 410
    found = get(site, "/api/v1/petitions")["data"]
    assert told["bus"] not in [each["reference"] for each in found]


def test_the_description_names_every_address_and_every_member(site, told):
    described = get(site, "/api/v1/openapi.json")
    assert described["openapi"].startswith("3.1")
    schemas = described["components"]["schemas"]
    references = json.dumps(described)
    for target in {part.split('"')[0] for part in references.split("#/components/schemas/")[1:]}:
        assert target in schemas
    own = {r.rule for r in site.app.url_map.iter_rules() if r.rule.startswith("/api/v1/")}
    assert len(own) == 9  # a list, one, its four parts, figures, the description, all else
    for path in described["paths"]:
        answered = site.visitor().get(path.replace("{reference}", told["trains"]))
        assert answered.status_code == 200, path
    one = get(site, f"/api/v1/petitions/{told['trains']}")["data"]
    assert list(one) == list(schemas["Petition"]["properties"])
    page = site.visitor().get("/fr/data/api").text
    assert all(f"GET {path}" in page for path in described["paths"])


def test_a_petition_in_the_form_of_other_sites_moves_with_its_steps(site, told):
    ref, number = told["bus"], told["bus"].replace("-", "0")
    one = get(site, f"/petitions/{number}.json")
    assert one["links"]["self"] == f"http://127.0.0.1:8000/petitions/{number}.json"
    told_open = one["data"]["attributes"]
    assert (told_open["state"], told_open["closing_date"]) == ("open", "2026-05-02")
    assert told_open["created_at"] == "2026-03-02T00:00:00.000Z", "the day, and not the minute"
    assert told_open["creator_name"] == "Claire Lefort"
    assert get(site, f"/petitions/{ref}.json")["data"] == one["data"]
    refused = get(site, f"/petitions/{told['refused']}.json")["data"]["attributes"]
    assert refused["rejection"] == {"code": "outside-competence", "details": "Hors compétence."}
    assert "closing_date" not in refused
    with site.session() as session:
        petition = site.petition(session, ref)
        new = NewStep(kind="reply", planned=False, day=site.at.date(),
                      texts={"fr": "Deux bus de plus.\nDès septembre.", "en": "Two more."})  # fmt: skip
        steps.record_step(session, site.house, petition, new, COMMITTEE, at=site.at)
    answered = get(site, f"/petitions/{ref}.json")["data"]["attributes"]
    assert answered["government_response"]["responded_on"] == site.at.date().isoformat()
    count = get(site, f"/petitions/{ref}/count.json")
    assert count["signature_count"] == 21
    assert count["government_response_at"].endswith("+01:00")
    areas = get(site, f"/petitions/{told['trains']}.json")["data"]["attributes"]
    assert [each["ons_code"] for each in areas["signatures_by_constituency"]] == ["29", "75"]


@pytest.mark.parametrize("path", ["1999-0001.json", "x.json", "12.json", "1999-0001/count.json"])
def test_a_number_that_nobody_has_answers_404_in_json_for_every_origin(site, path):
    answer = site.visitor().get(f"/petitions/{path}")
    assert answer.status_code == 404
    assert json.loads(answer.text) == {"status": 404, "error": "Not Found"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_removed_is_410_and_what_is_unchanged_304_in_that_form(site, told):
    first = site.visitor().get(f"/petitions/{told['bus']}.json")
    assert first.headers["Cache-Control"].startswith("public, max-age=60")
    again = site.visitor().get(
        f"/petitions/{told['bus']}.json", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    hide(site, told["bus"])
    gone = site.visitor().get(f"/petitions/{told['bus']}.json")
    assert json.loads(gone.text) == {"status": 410, "error": "Gone"}


def test_figures_of_the_site_count_what_came_in_and_what_became_of_it(site, told):
    site.file("Une piste cyclable le long du canal")
    found = {(r["figure"], r["detail"]): r["value"] for r in table(site, "/data/figures.csv")}
    assert found["submitted", ""] == "4"
    assert found["published", "2026"] == "2"
    assert found["refused", ""] == "1"
    assert found["refused_by_ground", "outside-competence"] == "1"
    assert found["being_checked", ""] == "1"
    assert found["median_check", ""] == "0"
    assert found["signatures", ""] == "1221"
    page = site.visitor().get("/fr/figures").text
    assert "Durée médiane de l’examen" in page
    stands = {k: int(v) for k, v in found.items() if k[0].startswith("standing_")}
    assert stands["standing_unpublished", "in_admissibility"] == 1
    assert stands["standing_unpublished", "refused"] == 1
    assert sum(stands.values()) == 4, "every petition once"
    unpublished = sum(v for (name, _), v in stands.items() if name == "standing_unpublished")
    assert (unpublished, sum(stands.values()) - unpublished) == (2, int(found["published", ""]))
    assert re.search(r">Ensemble\s: 4 envoyées</th>", page)
    before = found["submitted", ""]
    site.publish("Des bancs publics sur la place")
    again = {(r["figure"], r["detail"]): r["value"] for r in table(site, "/data/figures.csv")}
    assert again["submitted", ""] == before, "kept for ten minutes"
    site.later(minutes=11)
    later = {(r["figure"], r["detail"]): r["value"] for r in table(site, "/data/figures.csv")}
    assert later["submitted", ""] == "5"


def test_the_page_of_open_data_explains_every_column_and_names_the_licence(site):
    html = site.visitor().get("/fr/data").text
    for found in SETS:
        assert all(f"<code>{column.name}</code>" in html for column in found.columns)
    assert "CC0 1.0" in html
    assert '"@type":"DataCatalog"' in html
