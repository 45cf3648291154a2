"""The curve of the first three days: hour by hour from a hundred signatures, then day by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from sqlalchemy import update

from petitions.storage import tables as t
from petitions.web.charts import draw_hours

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def batches(*new: int) -> list[tuple[datetime, int]]:
    """One batch at twenty past each hour."""
    return [
        (OPENED + timedelta(hours=hour, minutes=20), total)
        for hour, total in enumerate(accumulate(new))
    ]


def test_hours_are_told_from_a_hundred_signatures_and_for_three_days():
    chart = draw_hours(batches(40, 50, 30), OPENED, PARIS)
    assert chart is not None
    assert [(hour.until.hour, hour.new, hour.total) for hour in chart.hours] == [
        (11, 40, 40), (12, 50, 90), (13, 30, 120),
    ]  # fmt: skip
    assert chart.path.startswith("M0.0 ")
    assert draw_hours(batches(40, 50), OPENED, PARIS) is None
    assert draw_hours(batches(*[10] * 72), OPENED, PARIS) is not None
    assert draw_hours(batches(*[10] * 74), OPENED, PARIS) is None
    assert draw_hours([], OPENED, PARIS) is None
    assert draw_hours(batches(400), OPENED, PARIS) is None


def test_a_young_petition_shows_its_hours_and_an_older_one_its_days(site):
    ref = site.publish()
    with site.session() as session:
        petition = site.petition(session, ref)
        log_id = session.get_one(t.PetitionSigning, petition.id).log_id
        for number, (at, total) in enumerate(batches(40, 50, 30), start=9001):
            session.add(t.LogBatch(log_id=log_id, batch_no=number, first=number, entries=1, at=at))
            session.add(
                t.PetitionCount(
                    petition_id=petition.id, batch_no=number, collected=total, withdrawn=0,
                    invalid=0, valid=total,
                )
            )  # fmt: skip
        session.execute(
            update(t.PublicCount)
            .where(t.PublicCount.petition_id == petition.id)
            .values(valid=120, batch_no=9003)
        )
        session.add(t.DailyCount(petition_id=petition.id, day=OPENED.date(), valid=120))
    site.later(hours=5)
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Verified signatures by hour, in the first three days" in html
    assert "2 Mar 12:00" in html
    site.later(days=3)
    site.count(ref, 150, 160)
    older = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Verified signatures by day" in older
    assert "by hour" not in older
