"""The settings record of an e-mail provider, and what it must never say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Literal

import msgspec

from identity.errors import SettingsRefused
from identity.providers.email.address import (
    AddressRefused,
    Folding,
    ascii_domain,
    read_address,
)
from identity.records import AttributeRecord, Level, PageRecord, PersonRecord, Record

LETTERS_MAX: Final = 20  # per address and hour: more would make us a tool against mailboxes


class EmailRecord(Record, frozen=True, kw_only=True):
    """One signature per address, for rulebooks that accept it. It proves an address, no person."""

    kind: Literal["email"]
    namespace: str
    level: Literal["email"] = msgspec.field(default="email", name="assurance")
    aliases: Literal["keep", "drop_plus"] = "keep"
    drop_dots: tuple[str, ...] = ()
    same_domains: dict[str, str] = msgspec.field(default_factory=dict)
    disposable_file: str | None = None
    letters_per_hour: int = 3
    sender: str | None = None
    label: str = ""

    @property
    def person(self) -> PersonRecord:
        """As of every adapter. Stretched: lists of addresses are sold, so they can be tried out."""
        return PersonRecord(
            namespace=self.namespace, key="email", form="email", stretch=True, one_per="account"
        )

    @property
    def assurance(self) -> dict[str, Level]:
        return {self.level: self.level}

    @property
    def attributes(self) -> dict[str, AttributeRecord]:
        """An address proves no condition of a rulebook."""
        return {}

    @property
    def page(self) -> PageRecord:
        return PageRecord(label=self.label)


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """One e-mail provider, checked, with what its record only names."""

    name: str
    record: EmailRecord
    folding: Folding
    disposable: frozenset[str] = field(repr=False)

    @property
    def label(self) -> str:
        """Empty: the petition side has a word for it in each language."""
        return self.record.label

    def key_words(self) -> tuple[str, ...]:
        """All that makes a person's key, for the fingerprint of a realm."""
        record, folding = self.record, self.folding
        dots = [f"dots {domain}" for domain in sorted(folding.drop_dots)]
        same = [f"same {one} {two}" for one, two in sorted(folding.same_domains.items())]
        return ("email", self.name, record.namespace, record.aliases, *dots, *same)


def email_settings(path: str, name: str, record: EmailRecord, directory: Path) -> EmailSettings:
    """The checked settings. `directory`: where a relative file lies. SettingsRefused."""
    if not 1 <= record.letters_per_hour <= LETTERS_MAX:
        raise SettingsRefused(f"{path}.letters_per_hour", f"must be between 1 and {LETTERS_MAX}")
    if not record.label.isprintable():
        raise SettingsRefused(f"{path}.label", "must be printable")
    if record.sender is not None:
        _check_sender(f"{path}.sender", record.sender)
    folding = Folding(
        drop_plus=record.aliases == "drop_plus",
        drop_dots=frozenset(_domain(f"{path}.drop_dots", each) for each in record.drop_dots),
        same_domains=_same(f"{path}.same_domains", record.same_domains),
    )
    disposable = frozenset[str]()
    if record.disposable_file is not None:
        disposable = _listed(f"{path}.disposable_file", directory / record.disposable_file)
    return EmailSettings(name, record, folding, disposable)


def _domain(path: str, text: str) -> str:
    try:
        return ascii_domain(text)
    except AddressRefused:
        raise SettingsRefused(path, f"{text!r} is no domain") from None


def _same(path: str, table: Mapping[str, str]) -> dict[str, str]:
    """Other name → first name; a first name is no other name itself, so one step is enough."""
    found = {_domain(path, other): _domain(path, first) for other, first in table.items()}
    for first in found.values():
        if first in found:
            raise SettingsRefused(path, f"{first} stands on both sides")
    return found


def _check_sender(path: str, sender: str) -> None:
    _name, address = parseaddr(sender)
    try:
        read_address(address)
        good = sender.isprintable()  # a line end would begin another header
    except AddressRefused:
        good = False
    if not good:
        raise SettingsRefused(path, "must be an address, such as Petitions <no-reply@…>")


def _listed(path: str, file: Path) -> frozenset[str]:
    """Domains of throw-away mailboxes, one a line; `#` begins a remark."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused(path, f"cannot be read: {type(error).__name__}") from None
    texts = (line.partition("#")[0].strip() for line in lines)
    return frozenset(_domain(path, text) for text in texts if text)
