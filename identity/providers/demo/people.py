"""The invented people who can log in at the demonstration provider.

Nobody here exists. Ages are facts, dates of birth follow from the day of the demonstration: a
fifteen-year-old stays fifteen however old the software is.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

OLDEST = 120
NAME_MAX = 80

# Code of a place, as a rulebook writes it in `resident_of`, and its name in English, French, Dutch
# and German.
PLACES: dict[str, tuple[str, ...]] = {
    "valmont": ("Valmont",),
    "rochebrune": ("Rochebrune",),
    "FR": (
        "elsewhere in France",
        "ailleurs en France",
        "elders in Frankrijk",
        "anderswo in Frankreich",
    ),
    "BE-BRU": ("Brussels, Belgium", "Bruxelles, Belgique", "Brussel, België", "Brüssel, Belgien"),
    "DE": ("Germany", "Allemagne", "Duitsland", "Deutschland"),
    "FI": ("Finland", "Finlande", "Finland", "Finnland"),
    "GB": ("United Kingdom", "Royaume-Uni", "Verenigd Koninkrijk", "Vereinigtes Königreich"),
    "CA": ("Canada", "Canada", "Canada", "Kanada"),
}
_ABROAD = {"BE-BRU": "BE", "DE": "DE", "FI": "FI", "GB": "GB", "CA": "CA"}


@dataclass(frozen=True, slots=True)
class Citizen:
    """One invented citizen.

    `residence` is a code of PLACES, `nationality` an ISO 3166-1 code, `since_birthday` the days
    since the last birthday (0 to 360; 0 means: today).
    """

    given_name: str
    family_name: str
    age: int
    residence: str
    nationality: str = "FR"
    since_birthday: int = 120

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def key(self) -> str:
        """The name as a key: whoever types the same name again is the same person."""
        return person_key(self.name)

    def born(self, today: date) -> date:
        """The date of birth that makes this person `age` years old on `today`."""
        birthday = today - timedelta(days=self.since_birthday)
        year = birthday.year - self.age
        try:
            return birthday.replace(year=year)
        except ValueError:  # 29 February of a year that has none
            return date(year, 2, 28)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One invented member of staff; `groups` are those of the house's directory."""

    name: str
    groups: tuple[str, ...]
    office: tuple[str, ...]

    @property
    def key(self) -> str:
        return person_key(self.name)


CITIZENS: tuple[Citizen, ...] = (
    Citizen("Amina", "Haddad", 34, "valmont"),
    Citizen("Bastien", "Leroy", 52, "valmont", since_birthday=210),
    Citizen("Chloé", "Garnier", 17, "valmont", since_birthday=340),
    Citizen("Driss", "El Amrani", 41, "valmont", nationality="MA", since_birthday=75),
    Citizen("Élodie", "Fabre", 15, "valmont", since_birthday=30),
    Citizen("François", "Marchand", 78, "rochebrune", since_birthday=300),
    Citizen("Gwenaëlle", "Le Goff", 29, "FR", since_birthday=14),
    Citizen("Hugo", "Nguyen", 18, "FR", since_birthday=0),
    Citizen("Ingrid", "Peeters", 45, "BE-BRU", nationality="BE", since_birthday=160),
    Citizen("Jonas", "Weber", 63, "DE", nationality="DE", since_birthday=99),
    Citizen("Kaisa", "Virtanen", 38, "FI", nationality="FI", since_birthday=250),
    Citizen("Louise", "Tremblay", 56, "CA", since_birthday=41),
    Citizen("Moira", "Campbell", 36, "GB", nationality="GB", since_birthday=187),
)

STAFF: tuple[StaffMember, ...] = (
    StaffMember(
        "Ana Petit", ("petitions-clerk",), ("Clerk", "Greffière", "Medewerker", "Sachbearbeiterin")
    ),
    StaffMember(
        "Jules Morel",
        ("petitions-second-reader",),
        ("Second reader", "Second lecteur", "Tweede lezer", "Zweitprüfer"),
    ),
    StaffMember(
        "Inès Laurent",
        ("petitions-committee",),
        (
            "Committee staff",
            "Secrétariat de la commission",
            "Commissiemedewerker",
            "Ausschusssekretariat",
        ),
    ),
    StaffMember(
        "Marc Olivier",
        ("petitions-administrator",),
        ("Administrator", "Administrateur", "Beheerder", "Administrator"),
    ),
    StaffMember(
        "Nora Klein",
        ("petitions-administrator",),
        ("Administrator", "Administratrice", "Beheerder", "Administratorin"),
    ),
    StaffMember(
        "Lena Vogt", ("petitions-auditor",), ("Auditor", "Auditrice", "Auditor", "Revisorin")
    ),
    StaffMember(
        "Sofia Marek",
        ("petitions-communication",),
        (
            "Communication officer",
            "Chargée de communication",
            "Communicatiemedewerker",
            "Öffentlichkeitsarbeit",
        ),
    ),
    StaffMember(
        "Paul Renard",
        ("petitions-integrity",),
        (
            "Integrity officer",
            "Chargé d’intégrité",
            "Integriteitsmedewerker",
            "Integritätsbeauftragter",
        ),
    ),
)


def person_key(name: str) -> str:
    """A name without differences of case, accents' encoding or spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def anybody(name: str, age: int, place: str) -> Citizen:
    """A citizen of any name; ValueError where the name, the age or the place cannot be used."""
    words = name.split()
    written = " ".join(words)
    if not written or len(written) > NAME_MAX or not written.isprintable():
        raise ValueError("name")
    if not 0 <= age <= OLDEST:
        raise ValueError("age")
    if place not in PLACES:
        raise ValueError("place")
    return Citizen(words[0], " ".join(words[1:]), age, place, _ABROAD.get(place, "FR"))


def citizen(key: str) -> Citizen | None:
    return next((one for one in CITIZENS if one.key == key), None)


def staff_member(key: str) -> StaffMember | None:
    return next((one for one in STAFF if one.key == key), None)
