"""The JSON shape that other petition sites use: keys in their order, nulls, both styles of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from petitions.domain.uk_shape import (
    Said,
    UkPetition,
    counters,
    number_of,
    reference_of,
    single,
)

AT = datetime(2026, 5, 12, 8, 15, 30, 123_000, tzinfo=UTC)
OPEN = UkPetition(
    id=202600321, action="Protect flood meadows", background="Meadows hold water.\r\nWe build.",
    additional_details="", state="open", signature_count=12_480, closing_date=date(2026, 11, 12),
    created_at=datetime(2026, 4, 28, tzinfo=UTC), updated_at=AT, opened_at=AT,
    response_threshold_reached_at=datetime(2026, 8, 3, 10, 2, tzinfo=UTC),
    creator_name="Ada Example", areas=[("Sampleford", "W07", 4210), ("Exampleham", "E14", 8120)],
    business=[Said(date(2026, 9, 1), AT, "Tell us", "Committee seeks views")],
)  # fmt: skip
KEYS = [
    "action", "background", "additional_details", "committee_note", "state", "signature_count",
    "closing_date", "created_at", "updated_at", "rejected_at", "opened_at", "closed_at",
    "moderation_threshold_reached_at", "response_threshold_reached_at", "government_response_at",
    "debate_threshold_reached_at", "debate_scheduled_on", "scheduled_debate_date",
    "debate_outcome_at", "creator_name", "rejection", "government_response", "debate",
    "departments", "topics", "signatures_by_country", "signatures_by_constituency",
    "signatures_by_region", "other_parliamentary_business",
]  # fmt: skip


def attributes(found: UkPetition) -> dict[str, object]:
    told = single(found, "https://petitions.example/petitions/202600321.json")
    assert list(told) == ["links", "data"]
    data = told["data"]
    assert isinstance(data, dict)
    assert list(data) == ["type", "id", "attributes"]
    assert (data["type"], data["id"]) == ("petition", 202600321)
    return dict(data["attributes"])


def test_an_open_petition_has_every_key_in_its_order():
    told = attributes(OPEN)
    assert list(told) == KEYS
    assert told["closing_date"] == "2026-11-12"
    assert told["opened_at"] == "2026-05-12T08:15:30.123Z"
    assert told["background"] == "Meadows hold water.\r\nWe build."
    assert told["signatures_by_constituency"] == [
        {"name": "Exampleham", "ons_code": "E14", "mp": None, "signature_count": 8120},
        {"name": "Sampleford", "ons_code": "W07", "mp": None, "signature_count": 4210},
    ]
    assert told["other_parliamentary_business"] == [
        {
            "subject": "Committee seeks views", "body": "Tell us", "occurred_on": "2026-09-01",
            "created_at": "2026-05-12T08:15:30.123Z", "updated_at": "2026-05-12T08:15:30.123Z",
        }
    ]  # fmt: skip


def test_a_closed_petition_has_no_closing_date_and_no_name_of_its_creator():
    told = attributes(replace(OPEN, state="closed", closed_at=AT))
    assert list(told) == [key for key in KEYS if key != "closing_date"]
    assert told["creator_name"] is None


def test_a_rejected_petition_has_none_of_the_four_lists():
    told = attributes(replace(OPEN, state="rejected", rejection=("duplicate", None)))
    assert list(told) == [key for key in KEYS if key != "closing_date"][:-4]
    assert told["rejection"] == {"code": "duplicate", "details": None}


def test_an_answer_and_a_debate_stand_in_objects_of_their_own():
    reply = Said(date(2026, 3, 2), AT, "Schools may already…", summary="No plan.")
    debate = Said(date(2026, 5, 18), AT, "", link="https://hansard.example/x")
    told = attributes(replace(OPEN, response=reply, debate=debate))
    assert told["government_response"] == {
        "responded_on": "2026-03-02", "summary": "No plan.", "details": "Schools may already…",
        "created_at": "2026-05-12T08:15:30.123Z", "updated_at": "2026-05-12T08:15:30.123Z",
    }  # fmt: skip
    assert told["debate"] == {
        "debated_on": "2026-05-18", "transcript_url": "https://hansard.example/x",
        "video_url": None, "debate_pack_url": None, "public_engagement_url": None,
        "debate_summary_url": None, "overview": "",
    }  # fmt: skip


def test_bare_counters_tell_local_time_with_its_offset_in_summer_and_winter():
    winter = datetime(2026, 2, 2, 12, 1, tzinfo=UTC)
    found = replace(
        OPEN,
        response_threshold_reached_at=winter,
        debate_threshold_reached_at=datetime(2026, 4, 11, 19, 31, tzinfo=UTC),
    )
    assert counters(found, "Europe/London") == {
        "signature_count": 12_480,
        "response_threshold_reached_at": "2026-02-02T12:01:00.000+00:00",
        "government_response_at": None,
        "debate_threshold_reached_at": "2026-04-11T20:31:00.000+01:00",
        "scheduled_debate_date": None,
        "debate_outcome_at": None,
        "debated": False,
    }


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        ("2026-0123", "2026-0123"), ("202600123", "2026-0123"), ("202612345", "2026-12345"),
        ("2026", None), ("20260012x", None), ("", None), ("2026-012", None), ("-20260012", None),
    ],
)  # fmt: skip
def test_both_forms_of_a_number_lead_to_the_same_reference(given, reference):
    assert reference_of(given) == reference
    if reference is not None:
        assert reference_of(str(number_of(reference))) == reference
