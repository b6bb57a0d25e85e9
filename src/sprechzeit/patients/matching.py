"""Which record a booking belongs to: one pure decision (PAT-10…14)."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import phonenumbers

_SPACES = re.compile(r"\s+")


def name_key(name: str) -> str:
    """A name as it is compared: case, surrounding and doubled spaces do not matter; composed or not neither (PAT-10).

    'ß' and 'ss' fold together, as case folding has it. Umlauts stay apart from vowels: Müller is not Muller.
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    return _SPACES.sub(" ", unicodedata.normalize("NFC", folded)).strip()


def email_key(address: str) -> str:
    """An e-mail address as it is compared."""
    return address.strip().casefold()


def phone_key(number: str, region: str = "DE") -> str:
    """A phone number as it is compared, in E.164; what is no number, by its digits (PAT-13: 'in any notation')."""
    try:
        parsed = phonenumbers.parse(number, region)
        if phonenumbers.is_possible_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass
    return "".join(character for character in number if character.isdigit())


def is_mobile(number: str, region: str = "DE") -> bool:
    """Whether a phone number is a mobile's."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
    return bool(kind == phonenumbers.PhoneNumberType.MOBILE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An active record with the same names and date of birth, and the keys of its contact points."""

    patient_id: UUID
    contact_keys: frozenset[str]


def decide(candidates: Sequence[Candidate], given_keys: Collection[str]) -> UUID | None:
    """The record that a booking belongs to, or None: then a new one is made.

    One candidate is it (PAT-11). Of several, those that share a contact point given; only if that leaves exactly
    one (PAT-13). Of a phone without a figure in it nothing is left to compare.
    """
    if len(candidates) == 1:
        return candidates[0].patient_id
    given = set(given_keys) - {""}
    sharing = [one for one in candidates if one.contact_keys & given]
    return sharing[0].patient_id if len(sharing) == 1 else None
