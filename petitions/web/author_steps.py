"""The pages an author goes through: five, and one more for whatever else the rulebook asks."""

from __future__ import annotations

from petitions.domain.lifecycle import State
from petitions.domain.procedure import Kind
from petitions.platform.i18n import current_locale
from petitions.services import choosing
from petitions.storage.tables import Petition
from petitions.web.pages_author import Limits, StepPage


def draft_href(petition: Petition, step: str) -> str:
    return f"/{current_locale().lang}/drafts/{petition.id}/{step}"


def mine_href(petition: Petition) -> str:
    return f"/{current_locale().lang}/mine/{petition.id}"


def steps_of(kind: Kind, state: str = State.DRAFT) -> tuple[str, ...]:
    """In order. After a return the choices are fixed and the title stands above the text."""
    returned = state == State.RETURNED
    return (
        *(() if returned else ("title", "similar")),
        "text",
        *(("choices",) if choosing.asks(kind) and not returned else ()),
        *(("files",) if kind.filing.form.files_max else ()),
        "you",
        "check",
    )


def onward(petition: Petition, kind: Kind, name: str) -> str:
    """The address of the page after this one; after a return one goes straight to the check."""
    if petition.state == State.RETURNED and name != "files":
        return draft_href(petition, "check")
    steps = steps_of(kind, petition.state)
    return draft_href(petition, steps[min(steps.index(name) + 1, len(steps) - 1)])


def step(
    petition: Petition,
    kind: Kind,
    name: str,
    limits: Limits | None = None,
    *,
    hints: tuple[str, ...] = (),
    action: str = "",
    language: str = "",
    shown: str = "",
) -> StepPage:
    steps = steps_of(kind, petition.state)
    if name not in steps:  # after a return: one may still look at what is similar
        steps = (name, *steps)
    at = steps.index(name)
    before = steps[at - 1] if at else ""
    back = draft_href(petition, before) if before else mine_href(petition)
    return StepPage(
        number=at + 1,
        of=len(steps),
        action=action or draft_href(petition, name),
        back_href=back,
        limits=limits,
        text_language=language or petition.language,
        hints=hints,
        shown=shown,
    )
