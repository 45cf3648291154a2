"""What a petition is about, as the desk sees and sets it: at any time, beside whatever else is done."""

from __future__ import annotations

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.permissions import Permission
from petitions.services import moves, topics
from petitions.storage.tables import Petition
from petitions.web.access import needs
from petitions.web.staff_conflict import conflict_page
from petitions.web.staff_desk import Desk, desk, office, sent_on
from petitions.web.staff_pages import TopicField
from petitions.web.topic_words import offered, topic_words


def topic_field(at: Desk, petition: Petition) -> TopicField | None:
    """None where the assembly has no list, and the petition no topic."""
    stored = petition.topic or ""
    assembly = at.house.library.assembly(petition.assembly)
    choices = tuple(offered(at.house.library, (petition.assembly,)).items())
    if not choices and not stored:
        return None
    return TopicField(stored, topic_words(assembly, stored) or stored, choices)


@office.post("/cases/<ref>/topic")
@needs("set_topics")
def set_topic(ref: str) -> Response:
    topic, was = request.form.get("topic", ""), request.form.get("was", "")
    try:
        with desk(write=True) as at:
            petition = moves.lock(at.session, by_reference(at.session, ref).id)
            actor = at.acting(Permission.SET_TOPICS)
            changed = topics.classify(
                at.session, at.house, petition, topic, actor, at.at, was=was
            )  # fmt: skip
    except InvalidError:  # the list changed under an open page: its choices are shown anew
        return sent_on(f"/office/cases/{ref}#topic")
    except ConflictError as error:
        with desk() as at:
            return conflict_page(at, ref, error)
    return sent_on(f"/office/cases/{ref}{'?done=topic' if changed else ''}")
