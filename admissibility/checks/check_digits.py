"""Check digits of national identity numbers: the arithmetic, by name. Pure.

Each function takes the number without spaces and signs, of the length its country writes, and says
whether its check digits are right. Which country uses which stands in `national_numbers.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

Check = Callable[[str], bool]


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def form_only(number: str) -> bool:
    """The form is all there is: no digit checks another."""
    return bool(number)


def nir(number: str) -> bool:
    """France, décret n° 82-103: key = 97 - (number mod 97); 2A and 2B read as 19 and 18."""
    body, key = number[:13].upper(), number[13:]
    body = body[:5] + {"2A": "19", "2B": "18"}.get(body[5:7], body[5:7]) + body[7:]
    return body.isdigit() and key.isdigit() and 97 - int(body) % 97 == int(key)


def belgian_register(number: str) -> bool:
    """Belgium, arrêté royal of 3 April 1984: 97 - (nine digits mod 97), a 2 before from 2000 on."""
    month, day = int(number[2:4]), int(number[4:6])
    if month % 20 > 12 or day > 31:  # a bis number adds 20 or 40 to the month
        return False
    body, key = int(number[:9]), int(number[9:])
    return key in {97 - body % 97, 97 - (2_000_000_000 + body) % 97}


def eleven_test(number: str) -> bool:
    """Netherlands, BSN: 9a + 8b + … + 2h - i is a multiple of eleven."""
    return int(number) > 0 and _weighted(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def iso_7064_11_10(number: str) -> bool:
    """Germany, tax id (§ 139b AO): ISO 7064, mod 11,10; one digit stands two or three times."""
    body = number[:-1]
    counts = sorted((body.count(digit) for digit in set(body)), reverse=True)
    if number[0] == "0" or counts[0] not in {2, 3} or (len(counts) > 1 and counts[1] > 1):
        return False
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[-1])


def letter_of_23(number: str) -> bool:
    """Spain, DNI and NIE: the number mod 23 names the letter; X, Y, Z read as 0, 1, 2."""
    body = number[:-1].upper().translate(str.maketrans("XYZ", "012"))
    return body.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23] == number[-1].upper()


def latvian(number: str) -> bool:
    """Latvia, personas kods: (1101 - weighted sum) mod 11 mod 10; from 32… on there is no check."""
    if number.startswith("32"):
        return True
    if not _is_day(2000, int(number[2:4]), int(number[:2])):
        return False
    found = _weighted(number[:10], (1, 6, 3, 7, 9, 10, 5, 8, 4, 2))
    return (1101 - found) % 11 % 10 == int(number[10])


def finnish(number: str) -> bool:
    """Finland, henkilötunnus: nine digits mod 31 name the last character."""
    digits = number[:6] + number[7:10]
    if not digits.isdigit() or not _is_day(2000, int(number[2:4]), int(number[:2])):
        return False
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == number[10].upper()


def luhn_of_day(number: str) -> bool:
    """Sweden, personnummer: Luhn over ten digits, a day in front (day + 60: coordination number)."""
    ten = number[-10:]
    day = int(ten[4:6])
    if not _is_day(2000, int(ten[2:4]), day - 60 if day > 60 else day):
        return False
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(ten)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def polish(number: str) -> bool:
    """Poland, PESEL: weights 1 3 7 9; the month carries the century."""
    if not _is_day(2000, int(number[2:4]) % 20 or 13, int(number[4:6])):
        return False
    total = _weighted(number[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))
    return (10 - total % 10) % 10 == int(number[10])


def baltic(number: str) -> bool:
    """Estonia and Lithuania: two rows of weights, mod 11; a day inside."""
    if not _is_day(2000, int(number[3:5]), int(number[5:7])):
        return False
    found = _weighted(number[:10], (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if found == 10:
        found = _weighted(number[:10], (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return found == int(number[10])


def portuguese(number: str) -> bool:
    """Portugal, NIF: weights 9 to 2, mod 11."""
    rest = 11 - _weighted(number[:8], (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest >= 10 else rest) == int(number[8])


def swiss(number: str) -> bool:
    """Switzerland, AHV number: 756 in front, check digit as EAN-13."""
    total = _weighted(number[:12], (1, 3) * 6)
    return (10 - total % 10) % 10 == int(number[12])


def italian(number: str) -> bool:
    """Italy, codice fiscale: odd places by a table of their own, even places plain, mod 26."""
    odd = (
        1,
        0,
        5,
        7,
        9,
        13,
        15,
        17,
        19,
        21,
        2,
        4,
        18,
        20,
        11,
        3,
        6,
        8,
        12,
        14,
        16,
        10,
        22,
        25,
        24,
        23,
    )
    values = [int(x) if x.isdigit() else ord(x) - ord("A") for x in number[:15].upper()]
    total = sum(odd[v] if place % 2 == 0 else v for place, v in enumerate(values))
    return chr(total % 26 + ord("A")) == number[15].upper()


CHECKS: dict[str, Check] = {
    "form": form_only,
    "nir": nir,
    "belgian_register": belgian_register,
    "eleven_test": eleven_test,
    "iso_7064_11_10": iso_7064_11_10,
    "letter_of_23": letter_of_23,
    "latvian": latvian,
    "finnish": finnish,
    "luhn_of_day": luhn_of_day,
    "polish": polish,
    "baltic": baltic,
    "portuguese": portuguese,
    "swiss": swiss,
    "italian": italian,
}
