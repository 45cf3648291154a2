"""Carries out the acts of a story with the real services, at instants that lie in the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from admissibility.criteria import Verdict
from admissibility.services import batches, deciding, holding
from admissibility.services.deciding import Seen, Written
from petitions.demo import acts
from petitions.demo.stories.story import RULEBOOKS, Answer, Story, Wording
from petitions.domain import sponsors as sponsor_rules
from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import Action
from petitions.domain.rulebook import Rulebook
from petitions.domain.schema_head import TranslatedBy
from petitions.domain.staffing import FROM_CLAIM
from petitions.domain.text import folded
from petitions.domain.words import Words
from petitions.services import (
    addressing,
    examination,
    filing,
    form_answers,
    gathering,
    invitations,
    moves,
    sealing,
    sponsors,
    texts,
    topics,
)
from petitions.services.audit import record
from petitions.services.examination import Examination
from petitions.services.gathering import Founder
from petitions.services.held import Signer
from petitions.services.ports import Actor, House
from petitions.services.reviews import open_reviews
from petitions.services.sponsor_keys import sponsor_context
from petitions.services.sponsors import Backing
from petitions.services.staff_rights import replace_roles
from petitions.services.texts import freeze
from petitions.storage.insertion import insert_statement
from petitions.storage.tables import Petition, PetitionText, Staff


@dataclass
class Play:
    """One petition on the stage at a time: `act` names the story, the act and the instant."""

    house: House
    tag_of: Callable[[Story], bytes]
    staff_of: Callable[[str], Actor]
    login_of: Callable[[Story, UUID], bytes]
    """What a login of the story's author gives in a context: 32 bytes."""
    petitions: dict[str, UUID] = field(default_factory=dict)
    known_staff: set[str] = field(default_factory=set)

    def act(self, session: Session, story: Story, act: acts.Act, at: datetime) -> Petition:
        """One act in the caller's transaction; the petition after it."""
        if isinstance(act, acts.Draft):
            return self._draft(session, story, act, at)
        petition = moves.lock(session, self.petitions[story.key])
        if isinstance(act, acts.Submit | acts.Resubmit | acts.Withdraw | acts.Back):
            self._by_author(session, story, petition, act, at)
        else:
            self._by_staff(session, story, petition, act, at)
        return petition

    def _rulebook(self, story: Story, at: datetime) -> Rulebook:
        zone = self.house.library.assembly(story.assembly).zone
        return self.house.library.rulebook(RULEBOOKS[story.assembly], local_day(at, zone))

    def _draft(self, session: Session, story: Story, act: acts.Draft, at: datetime) -> Petition:
        book = self._rulebook(story, at)
        petition = filing.start_draft(
            session,
            book,
            assembly=story.assembly,
            kind=story.kind or book.default_kind.id,
            tag=self.tag_of(story),
            language=story.language,
            title=story.text.title,
            at=at,
        )
        filing.see_similar(petition, story.difference)
        topics.choose(self.house, petition, story.topic)
        addressing.address(session, book, petition, story.also, RULEBOOKS)
        if act.whole:
            kind = self.house.kind(session, petition)
            form_answers.write(session, petition, kind, story.answers, local_day(at, book.zone))
            filing.write_text(session, self.house, petition, _words(story.text))
            filing.write_author(petition, story.author, story.email)
        self.petitions[story.key] = petition.id
        return petition

    def _staff(self, session: Session, name: str, at: datetime) -> Actor:
        """The clerk, who signed in this morning at the latest."""
        actor = self.staff_of(name)
        row = insert_statement(session, Staff).values(
            actor=actor.code, name=actor.name, roles=[str(actor.role)], disabled=False,
            last_login=at,
        )  # fmt: skip
        session.execute(
            row.on_conflict_do_update(
                index_elements=["actor"], set_={"last_login": row.excluded.last_login}
            )
        )
        if name not in self.known_staff:
            self.known_staff.add(name)
            replace_roles(session, actor.code, [actor.role], by=FROM_CLAIM, at=at)
            record(session, actor, "signed_in", at=at)
        return actor

    def _by_author(
        self,
        session: Session,
        story: Story,
        petition: Petition,
        act: acts.ByAuthor,
        at: datetime,
    ) -> None:
        match act:
            case acts.Submit():
                founder = self._founder(session, story, petition)
                filing.submit(session, self.house, self._rulebook(story, at), petition, at, founder)
            case acts.Resubmit(text=text):
                filing.write_text(session, self.house, petition, _words(text))
                filing.resubmit(session, self.house, petition, at)
            case acts.Withdraw():
                filing.withdraw_petition(session, self.house, petition, at)
            case acts.Back():
                self._back(session, petition, act, at)

    def _founder(self, session: Session, story: Story, petition: Petition) -> Founder | None:
        """What the author's login proves, where the rules need it to send a petition."""
        kind = self.house.kind(session, petition)
        if not sponsor_rules.asks_author(kind):
            return None
        signs = kind.signing.author_signs
        return Founder(
            kid=self.house.policy.kid,
            u=self.login_of(story, sponsor_context(petition.id)),
            signer=Signer(self.login_of(story, petition.id)) if signs else None,
        )

    def _back(self, session: Session, petition: Petition, act: acts.Back, at: datetime) -> None:
        """Sponsors one after another, each by the service itself, as if by the link they were sent."""
        (stage,) = [
            row.stage for row in gathering.stages(session, petition.id) if row.progress != "waiting"
        ]
        actor = filing.author(petition.author_tag)
        made = invitations.invite(
            session, self.house, petition, actor, stage=stage, at=at, shared=True
        )
        invitation = invitations.by_token(session, made.token)
        for number in range(act.number):
            backing = Backing(
                u=self.house.random(32),
                jti=self.house.random(16),
                jti_expires=at + timedelta(minutes=10),
                signer=Signer(self.house.random(32), act.areas[number % len(act.areas)]),
            )
            sponsors.confirm(session, self.house, petition, invitation, backing, at)

    def _by_staff(
        self, session: Session, story: Story, petition: Petition, act: acts.ByStaff, at: datetime
    ) -> None:
        staff, reference = self._staff(session, act.staff, at), petition.reference or ""
        match act:
            case acts.Take():
                batches.take(session, self.house, {reference: ""}, staff, at)
            case acts.Note(text=text):
                holding.add_note(session, reference, text, staff, at)
            case acts.Check(first=first):
                found = dict.fromkeys(self._grounds(session, petition)[:first], Verdict.CLEAR)
                seen = _seen(session, petition)
                deciding.save_findings(session, self.house, reference, seen, found, staff, at)
            case acts.Admit():
                translated = self._translate_by_rule(session, story, petition, staff, at)
                self._decide(session, petition, Written.of({}, Action.ACCEPT, {}), staff, at)
                if not translated:
                    _translate(session, story, petition)
            case acts.Return(points=points):
                self._decide(session, petition, Written.of({}, Action.RETURN, points), staff, at)
            case acts.Refuse(grounds=grounds, reasons=reasons):
                found = dict.fromkeys(grounds, Verdict.APPLIES)
                written = Written.of(found, Action.REFUSE, reasons)
                self._decide(session, petition, written, staff, at)
                _translate(session, story, petition)
            case acts.Confirm():
                seen, roles = _seen(session, petition), frozenset({staff.role})
                deciding.confirm(session, self.house, reference, seen, staff, roles, at)
            case acts.Seal(reason=reason):
                sealing.order(session, self.house, petition.id, staff, reason, at)
            case acts.Examine(answer=answer):
                self._examine(session, petition, answer, staff, at)

    def _translate_by_rule(
        self, session: Session, story: Story, petition: Petition, staff: Actor, at: datetime
    ) -> bool:
        """The text in a language of the rules, where the assembly owes it before publication."""
        spoken = self.house.rulebook(session, petition).languages
        owed = spoken.translated_by is TranslatedBy.ASSEMBLY
        if story.translation is None or not owed or story.other_language not in spoken.accepted:
            return False
        words = _words(story.translation)
        texts.translate(session, self.house, petition, story.other_language, words, staff, at=at)
        return True

    def _grounds(self, session: Session, petition: Petition) -> tuple[str, ...]:
        return self.house.kind(session, petition).admissibility.grounds.every

    def _decide(
        self, session: Session, petition: Petition, written: Written, staff: Actor, at: datetime
    ) -> None:
        """At the desk: every ground was looked at, those not named do not apply."""
        clear = dict.fromkeys(self._grounds(session, petition), Verdict.CLEAR)
        whole = replace(written, findings={**clear, **written.findings})
        deciding.decide(
            session, self.house, petition.reference or "", _seen(session, petition), whole, staff,
            frozenset({staff.role}), at, petition.language,
        )  # fmt: skip

    def _examine(
        self, session: Session, petition: Petition, answer: Answer, staff: Actor, at: datetime
    ) -> None:
        zone = self.house.rulebook(session, petition).zone
        found = Examination(
            code=answer.code,
            decided_on=local_day(at, zone),
            summaries=answer.summaries,
            texts=answer.texts,
            links=answer.links,
            reason=answer.reason,
        )
        examination.examine(session, self.house, petition, found, staff, at=at)


def _words(text: Wording) -> Words:
    return Words.of(text.title, text.request, text.reasons, text.summary)


def _seen(session: Session, petition: Petition) -> Seen:
    """The versions that a form opened at this moment would carry."""
    return Seen(open_reviews(session, petition)[0].version, petition.version)


def _translate(session: Session, story: Story, petition: Petition) -> None:
    """A reading aid beside the text that counts; frozen with it, under a hash of its own."""
    if story.translation is None:
        return
    words = _words(story.translation)
    text = PetitionText(
        petition_id=petition.id,
        language=story.other_language,
        title=words.title,
        summary=words.summary,
        request=words.request,
        reasons=words.reasons,
        folded=folded(f"{words.title} {words.request}"),
        authoritative=False,
        frozen=False,
    )
    if petition.published_at is not None:
        freeze(text)
    session.add(text)
