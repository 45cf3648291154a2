"""What surrounds a rulebook when it is read: the files it refers to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from petitions.domain.assembly import AreaTable, Assembly, Population, RealmFacts
from petitions.domain.powers import Powers
from petitions.domain.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a rulebook may name.

    Without `wording` the codes are not checked for texts, and without `realms` the realm is not
    checked for issuers: the identity zone does that again at start-up. A `pinned` copy was checked
    when it was pinned: what other files say today must not stop a running petition.
    """

    assemblies: Mapping[str, Assembly]
    areas: Mapping[str, AreaTable] = field(default_factory=dict)
    populations: Mapping[str, Population] = field(default_factory=dict)
    wording: Wording | None = None
    realms: Mapping[str, RealmFacts] | None = None
    powers: Mapping[str, Powers] = field(default_factory=dict)
    """By rulebook: matters that are not its assemblies' business."""
    pinned: bool = False
