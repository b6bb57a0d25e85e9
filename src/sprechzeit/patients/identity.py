"""Who somebody says that they are, when they book."""

from dataclasses import dataclass
from datetime import date

from sprechzeit.patients import matching
from sprechzeit.patients.models import ContactKind


@dataclass(frozen=True, slots=True)
class Identity:
    """What a booking says about the patient."""

    first_name: str
    last_name: str
    date_of_birth: date
    email: str = ""
    mobile: str = ""
    language: str = "de"

    def contacts(self) -> list[tuple[str, str, str]]:
        """Kind, value and key of each contact point given."""
        given = []
        if self.email:
            given.append((ContactKind.EMAIL.value, self.email.strip(), matching.email_key(self.email)))
        if self.mobile:
            given.append((ContactKind.MOBILE.value, self.mobile.strip(), matching.phone_key(self.mobile)))
        return given
