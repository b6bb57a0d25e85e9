"""Who somebody says that they are, when they book."""

from dataclasses import dataclass
from datetime import date

from sprechzeit.patients import matching
from sprechzeit.patients.models import ContactKind


@dataclass(frozen=True, slots=True)
class Identity:
    """What a booking says about the patient. `others`: kind and value of further contact points."""

    first_name: str
    last_name: str
    date_of_birth: date
    email: str = ""
    mobile: str = ""
    language: str = "de"
    others: tuple[tuple[str, str], ...] = ()

    def contacts(self) -> list[tuple[str, str, str]]:
        """Kind, value and key of each contact point given, each once."""
        given = []
        if self.email:
            given.append((ContactKind.EMAIL.value, self.email.strip(), matching.email_key(self.email)))
        if self.mobile:
            given.append((ContactKind.MOBILE.value, self.mobile.strip(), matching.phone_key(self.mobile)))
        for kind, value in self.others:
            key = matching.email_key(value) if kind == ContactKind.EMAIL else matching.phone_key(value)
            given.append((str(kind), value.strip(), key))
        return list({(kind, key): (kind, value, key) for kind, value, key in reversed(given)}.values())[::-1]
