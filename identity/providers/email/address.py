"""E-mail addresses: a strict grammar, and the one spelling under which an address counts.

Two spellings are kept apart: `Address` is what a message is sent to, its local part as typed (RFC
5321, 2.4: only the host behind it may read it); `counted` is used for hashing and nowhere else.

Refused, because no mailbox of a person needs them and each has been an attack: control characters
and line ends (header injection), quoted local parts, comments, source routes, address literals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import idna

from identity.errors import IdentityRefused

ADDRESS_MAX: Final = 254  # octets: a path of 256 has two brackets (RFC 5321, 4.5.3.1.3)
LOCAL_MAX: Final = 64  # octets (RFC 5321, 4.5.3.1.1)
DOMAIN_MAX: Final = 253  # octets of the ASCII form, without the final dot (RFC 1035, 2.3.4)

_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]")  # RFC 5322, 3.2.3
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


class AddressRefused(IdentityRefused):
    """`missing`, `malformed`, `disposable` or `not_taken`; never quotes what was typed."""


@dataclass(frozen=True, slots=True)
class Address:
    """`local` as typed (NFC), `domain` as A-labels in lower case."""

    local: str = field(repr=False)
    domain: str = field(repr=False)

    @property
    def text(self) -> str:
        """As it stands in the envelope and the head of a message."""
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Folding:
    """Which spellings are one mailbox, as the operator declares; by default only what always is.

    `drop_plus`: from the first `+` on the local part says a folder. `drop_dots`: domains whose host
    does not see dots. `same_domains`: another name of a domain → its first name.
    """

    drop_plus: bool = False
    drop_dots: frozenset[str] = frozenset()
    same_domains: Mapping[str, str] = field(default_factory=dict)


def read_address(typed: str) -> Address:
    """The address typed, AddressRefused unless it is one. Blanks around it are forgiven."""
    text = typed.strip(" \N{NO-BREAK SPACE}")
    if not text:
        raise AddressRefused("missing")
    if len(text) > ADDRESS_MAX or text.count("@") != 1:
        raise AddressRefused("malformed")
    local, _, domain = unicodedata.normalize("NFC", text).partition("@")
    found = Address(_local_part(local), ascii_domain(domain))
    if len(found.text.encode()) > ADDRESS_MAX:
        raise AddressRefused("malformed")
    return found


def ascii_domain(domain: str) -> str:
    """The domain as A-labels in lower case (RFC 5891), so that each domain has one spelling."""
    try:
        text = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError:  # every refusal of idna, and damaged text
        raise AddressRefused("malformed") from None
    labels = text.split(".")
    if len(text) > DOMAIN_MAX or len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)):
        raise AddressRefused("malformed")
    if labels[-1].isdigit():  # no top-level domain is a number: this is a host's address
        raise AddressRefused("malformed")
    return text


def counted(address: Address, folding: Folding) -> str:
    """The one spelling under which an address counts: for hashing, never for sending.

    Lower case may join two mailboxes of a host that tells them apart; RFC 5321 advises against such
    hosts, and without it most people would have several keys for one mailbox.
    """
    local = unicodedata.normalize("NFC", address.local.lower())
    domain = folding.same_domains.get(address.domain, address.domain)
    if folding.drop_plus:
        local = local.partition("+")[0] or local  # "+@" is a mailbox of its own
    if domain in folding.drop_dots:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def is_under(domain: str, listed: frozenset[str]) -> bool:
    """A domain, or one above it, is in the list."""
    labels = domain.split(".")
    return any(".".join(labels[at:]) in listed for at in range(len(labels) - 1))


def _local_part(local: str) -> str:
    """A dot-atom (RFC 5322, 3.2.3), with letters, marks and digits of any script (RFC 6531, 3.3)."""
    if not local or len(local.encode("utf-8", "surrogatepass")) > LOCAL_MAX:
        raise AddressRefused("malformed")
    for atom in local.split("."):
        if not atom or not all(_may_stand(sign) for sign in atom):
            raise AddressRefused("malformed")
    return local


def _may_stand(sign: str) -> bool:
    if sign.isascii():
        return _ATEXT.fullmatch(sign) is not None
    return unicodedata.category(sign)[0] in "LMN"
