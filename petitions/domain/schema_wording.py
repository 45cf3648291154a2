"""Checks that every code of a kind has its words in every language it is shown in. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from petitions.domain.schema_checks import Scope
from petitions.domain.wording import Wording

_Place = tuple[str | int, ...]


def check_wording(scope: Scope, wording: Wording, languages: tuple[str, ...], book: str) -> None:
    """Refuse each code without wording: an author must be able to read every reason."""
    for parts, noun, code in codes_of(scope):
        for language in languages:
            if code and wording.find(noun, code, language, book) is None:
                where = f"write [{noun}.{code}] in wording/{book}.{language}.toml"
                rule = f"'{code}' has no wording in '{language}': {where}"
                scope.reading.refuse(scope.at(*parts), rule)
    for assembly in scope.assemblies:
        for parts, body in _bodies(scope):
            for language in languages:
                if body in assembly.bodies and language not in assembly.bodies[body]:
                    where = f"write it in bodies.{body} of assemblies/{assembly.id}.toml"
                    rule = f"'{body}' has no name in '{language}': {where}"
                    scope.reading.refuse(scope.at(*parts), rule)


def codes_of(scope: Scope) -> Iterator[tuple[_Place, str, str]]:
    """Every code of the kind with its place and its noun."""
    kind = scope.kind
    yield ("kinds", kind.id), "kinds", kind.id
    public = kind.admissibility.grounds.public
    added = set(kind.admissibility.grounds.more)
    own = [code for code in public if code not in added]
    for key, codes in (("public", own), ("more", [code for code in public if code in added])):
        for at, code in enumerate(codes):
            yield ("admissibility", "grounds", key, at), "grounds", code
    for at, code in enumerate(kind.admissibility.grounds.hidden):
        yield ("admissibility", "grounds", "hidden", at), "grounds", code
    for at, stage in enumerate(kind.admissibility.stages):
        yield ("admissibility", "stages", at, "id"), "stages", stage.id
    for at, sponsor in enumerate(kind.sponsors):
        yield ("sponsors", at, "id"), "sponsors", sponsor.id
        for role in sponsor.roles:
            yield ("sponsors", at, "roles", role), "roles", role
    for choice, options in kind.filing.choices.items():
        for at, option in enumerate(options):
            yield ("filing", "choices", choice, at, "id"), "choices", option.id
    for label in kind.signing.classes:
        yield ("signing", "classes", label), "classes", label
    for at, milestone in enumerate(kind.milestones):
        yield ("milestones", at, "id"), "milestones", milestone.id
        if not milestone.effect.startswith("choice:"):
            yield ("milestones", at, "effect"), "effects", milestone.effect
    for at, outcome in enumerate(kind.after.outcomes):
        yield ("after", "outcomes", at), "outcomes", outcome
    for at, duty in enumerate(kind.after.duties):
        yield ("after", "duties", at, "id"), "duties", duty.id
    for at, ack in enumerate(kind.after.handover.acks if kind.after.handover else ()):
        yield ("after", "handover", "acks", at), "acks", ack


def _bodies(scope: Scope) -> Iterator[tuple[_Place, str]]:
    kind = scope.kind
    for at, stage in enumerate(kind.admissibility.stages):
        yield ("admissibility", "stages", at, "body"), stage.body
    for at, milestone in enumerate(kind.milestones):
        if milestone.body:
            yield ("milestones", at, "body"), milestone.body
    for at, duty in enumerate(kind.after.duties):
        if duty.body:
            yield ("after", "duties", at, "body"), duty.body
    if kind.after.body:
        yield ("after", "body"), kind.after.body
