"""From a provider's claims to the few facts a rulebook asks. The claims end here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.eligibility import Attributes
from identity.record_checks import AGE_CLAIM
from identity.records import AttributeRecord, ProviderRecord

_CODED = ("resident_of", "citizen_of", "in_register", "permit", "office")


@dataclass(frozen=True, slots=True)
class Facts:
    """The attributes of one login; `place` is what an area is found from, then dropped."""

    attributes: Attributes = field(repr=False)
    place: str | None = field(default=None, repr=False)


def facts_of(
    wanted: Iterable[str],
    record: ProviderRecord,
    id_claims: Mapping[str, Any],
    user_claims: Mapping[str, Any],
) -> Facts:
    """What was wanted and given. A claim of the wrong type counts as not given."""
    told: dict[str, Any] = {}
    at_least: dict[int, bool] = {}
    place: str | None = None
    for name in wanted:
        attribute = record.attributes[name]
        claims = user_claims if attribute.source == "userinfo" else id_claims
        value = _claim(attribute.claim or name, attribute, claims)
        age = AGE_CLAIM.fullmatch(name)
        if age is not None:
            if isinstance(value, bool):
                at_least[int(age.group(1))] = value
        elif name == "birthdate":
            told[name] = value if isinstance(value, str) else None
        elif name == "area":
            place = value if isinstance(value, str) and value else None
        elif name in _CODED:
            told[name] = _codes(value, attribute)
        elif isinstance(value, bool):
            told[name] = value
    return Facts(Attributes(at_least=at_least, **told), place)


def _claim(name: str, attribute: AttributeRecord, claims: Mapping[str, Any]) -> object:
    value = claims.get(name)
    if attribute.member is not None:
        value = value.get(attribute.member) if isinstance(value, Mapping) else None
    return value


def _codes(value: object, attribute: AttributeRecord) -> frozenset[str] | None:
    """One text or a list of texts as the rulebooks' codes; values without a code are left out."""
    each = [value] if isinstance(value, str) else value
    if not isinstance(each, list) or not all(isinstance(one, str) and one for one in each):
        return None
    if attribute.codes is None:
        return frozenset(each)
    return frozenset(attribute.codes[one] for one in each if one in attribute.codes)
