"""What mail servers send back: who it concerns gets nothing more, and a forged report stops nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from petitions.domain.following import Happening
from petitions.mail_command import take_back
from petitions.services.follow_keys import follow_keys
from petitions.storage import tables as t
from tests.follow.people import (
    BOUNCES,
    a_post,
    a_quiet_petition,
    address_of,
    follow,
    happens,
    work,
)
from tests.follow.postbox import Postbox, open_postbox
from tests.house import Precinct, a_precinct

DSN = """\
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; somebody@example.org
Action: {action}
Status: {status}
--b--
"""
ARF = """\
From: abuse@provider.example
To: abuse@example.org
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A complaint.
--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Somewhere/1
Version: 1
Original-Mail-From: <{to}>
--b
Content-Type: text/rfc822-headers

From: news@news.example.org
Subject: something
--b--
"""


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    return a_precinct(tmp_path, engine, batch_min=1)


def sent_from(box: Postbox) -> str:
    """The address to which the last mail comes back."""
    return box.senders[-1]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (DSN.replace("{action}", "failed").replace("{status}", "5.1.1"), ["suppressed"]),
        (DSN.replace("{action}", "failed").replace("{status}", "5.2.2"),
         ["counted", "counted", "suppressed", "ignored"]),
        (DSN.replace("{action}", "delayed").replace("{status}", "4.4.1"), ["ignored"]),
        (ARF.replace("{kind}", "abuse"), ["suppressed", "ignored"]),
        (ARF.replace("{kind}", "not-spam"), ["ignored"]),
        ("From: a@b.example\nTo: {to}\nSubject: on holiday\n\nBack in June.\n", ["ignored"]),
    ],
    ids=["no-mailbox", "full", "delayed", "complaint", "not-spam", "holiday"],
)  # fmt: skip
def test_what_comes_back_ends_mails_where_it_must(
    precinct: Precinct, report: str, said: list[str]
) -> None:
    petition = a_quiet_petition(precinct)
    follow(precinct, 0, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    with open_postbox() as box:
        work(a_post(precinct, box.port))
        back = sent_from(box)
        assert back.startswith("bounces+")
        assert address_of(0) not in back
        for expected in said:
            with precinct.session() as session:
                raw = report.replace("{to}", back).encode()
                found = take_back(session, precinct.house, raw, BOUNCES, precinct.clock.at)
            if expected == "ignored" and "suppressed" in said:
                assert found in {"ignored", "counted"}
            else:
                assert found == expected
        happens(precinct, petition, Happening.RESTORED, "two")
        work(a_post(precinct, box.port))
        assert len(box.mails) == (1 if "suppressed" in said else 2)


def test_a_forged_report_stops_nobody(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    follower = follow(precinct, 0, petition)
    token = follow_keys(precinct.house).return_path(follower)
    forged = ("b" if token[-20] != "b" else "c").join([token[:-20], token[-19:]])
    raw = (
        DSN.replace("{to}", f"bounces+{forged}@news.example.org")
        .replace("{action}", "failed")
        .replace("{status}", "5.1.1")
    )
    with precinct.session() as session:
        found = take_back(session, precinct.house, raw.encode(), BOUNCES, precinct.clock.at)
    assert found == "unknown"
    with precinct.session() as session:
        assert session.scalars(select(t.MailSuppression)).all() == []
