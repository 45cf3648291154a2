"""The office: its rooms, each in a file of its own. Every route declares what it needs.

A view parses, loads, authorises, calls one service, commits and answers. After a POST that
succeeded the browser is sent on, so that reloading repeats nothing.
"""

from __future__ import annotations

from flask import Response

from petitions.web import (
    staff_answers,
    staff_audit,
    staff_care,
    staff_case,
    staff_change,
    staff_committee,
    staff_compare,
    staff_content,
    staff_days,
    staff_desks,
    staff_entering,
    staff_figures,
    staff_filed,
    staff_files,
    staff_integrity,
    staff_kept,
    staff_languages,
    staff_letters,
    staff_mails,
    staff_merging,
    staff_messages,
    staff_motions,
    staff_next,
    staff_paper,
    staff_people,
    staff_queue,
    staff_removals,
    staff_rulebooks,
    staff_shortcuts,
    staff_sponsors,
    staff_steps,
    staff_term_end,
    staff_time,
    staff_topic,
)
from petitions.web.access import needs
from petitions.web.staff_desk import office, sent_on

__all__ = [
    "office",
    "staff_answers",
    "staff_audit",
    "staff_care",
    "staff_case",
    "staff_change",
    "staff_committee",
    "staff_compare",
    "staff_content",
    "staff_days",
    "staff_desks",
    "staff_entering",
    "staff_figures",
    "staff_filed",
    "staff_files",
    "staff_integrity",
    "staff_kept",
    "staff_languages",
    "staff_letters",
    "staff_mails",
    "staff_merging",
    "staff_messages",
    "staff_motions",
    "staff_next",
    "staff_paper",
    "staff_people",
    "staff_queue",
    "staff_removals",
    "staff_rulebooks",
    "staff_shortcuts",
    "staff_sponsors",
    "staff_steps",
    "staff_term_end",
    "staff_time",
    "staff_topic",
]


@office.get("/")
@needs("read_office")
def front() -> Response:
    return sent_on("/office/queue")
