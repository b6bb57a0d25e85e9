"""What a column of a table may hold, and what its title says of it."""

import re
import unicodedata
from collections.abc import Sequence

FULL_NAME, POSTCODE_TOWN, HOUSE_NUMBER, NUMBER = "full_name", "postcode_town", "house_number", "number"
CONTACTS = ("email", "mobile", "phone", "work")
OF_OTHERS = tuple(
    f"{kind}_{part}"
    for kind in ("guardian", "payer")
    for part in ("name", "street", "postcode", "town", "country", "phone", "email")
)
FIELDS = (
    "last_name", "first_name", FULL_NAME, "date_of_birth", "salutation", "title", "birth_name", "gender", "language",
    *CONTACTS, "street", HOUSE_NUMBER, "postcode", "town", POSTCODE_TOWN, "country",
    "insurance", "insurer", "insurance_number", "warnings", "remarks", "tags", NUMBER, *OF_OTHERS,
)  # fmt: skip
SEVERAL = frozenset((*CONTACTS, "street", "warnings", "remarks", "tags"))
"""What more than one column may hold."""

_WORDS = {
    "last_name": "nachname name familienname zuname lastname surname familyname patname nname lname",
    "first_name": "vorname vornamen firstname givenname forename rufname vname fname",
    FULL_NAME: "patient klient vollername vollstaendigername fullname namevorname nachnamevorname vornamenachname "
               "vornamename anzeigename displayname patientenname",
    "date_of_birth": "geburtsdatum geburtstag gebdatum gebdat gebtag geb geboren geborenam gebam birthdate birthday "
                     "dateofbirth dob bday",
    "salutation": "anrede salutation",
    "title": "titel title akademischertitel akadtitel akadgrad",
    "birth_name": "geburtsname birthname maidenname maedchenname geborene",
    "gender": "geschlecht gender sex mw mwd",
    "language": "sprache muttersprache language",
    "email": "email mail emailadresse mailadresse emailprivat emailp emailaddress emailgeschaeftlich emaildienstlich",
    "mobile": "mobil mobiltelefon handy handynummer handynr mobilnummer mobilnr mobile mobilephone cell cellphone "
              "telmobil telefonmobil mobiltel funktelefon mobilfunk",
    "phone": "telefon tel telefonnummer telefonnr telnr telefonprivat telprivat telefonp festnetz festnetznummer phone "
             "phonenumber telephone homephone privattelefon rufnummer",
    "work": "telefongeschaeftlich telefongeschaeftl telgeschaeftl telgeschaeftlich telefondienstlich teldienstlich "
    "telefondienst telefong telefonarbeit telarbeit telefonbuero telbuero businessphone workphone",
    "street": "strasse str strassehausnummer strasseundhausnummer strassenr strasseundnr strassehausnr strassehnr "
              "anschrift adresse street address streetaddress adresszusatz",
    HOUSE_NUMBER: "hausnummer hausnr hnr housenumber",
    "postcode": "plz postleitzahl zip zipcode postcode postalcode",
    "town": "ort stadt wohnort town city",
    POSTCODE_TOWN: "plzort plzundort plzwohnort plzstadt",
    "country": "land country staat",
    "insurance": "versicherungsart versicherungsstatus versichertenart versichertenstatus kassenart abrechnungsart",
    "insurer": "krankenkasse kasse krankenversicherung versicherung versicherer kostentraeger kassenname insurer "
               "insurance",
    "insurance_number": "versichertennummer versichertennr versicherungsnummer versicherungsnr kvnr kvnummer egknummer "
                        "krankenversichertennummer insurancenumber",
    "warnings": "warnhinweis warnhinweise warnung warnungen cave allergie allergien warnings",
    "remarks": "bemerkung bemerkungen notiz notizen anmerkung anmerkungen kommentar hinweis hinweise notes note "
               "remarks comment comments info",
    "tags": "schlagwort schlagworte schlagwoerter stichwort stichworte stichwoerter kategorie kategorien gruppe "
            "gruppen tags tag label labels",
    NUMBER: "nummer nr patientennummer patientennr patientnr patnr patientenid patientid kundennummer kundennr "
            "aktennummer aktennr karteinummer karteinr id number",
    "guardian_name": "erziehungsberechtigter erziehungsberechtigte gesetzlichervertreter sorgeberechtigter vormund "
                     "betreuer guardian",
    "payer_name": "rechnungsempfaenger zahler zahlungspflichtiger payer",
}  # fmt: skip
_FIELD_OF = {word: field for field, words in _WORDS.items() for word in words.split()}
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def field_of(title: str) -> str:
    """What a column with this title holds; '' where nothing says it. 'Patient: E-Mail 2' is an e-mail address."""
    plain = unicodedata.normalize("NFC", title).casefold().translate(_SPELT)
    plain = "".join(one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one))
    words = re.sub(r"[^a-z]", "", plain)
    for way in (
        words,
        re.sub(r"^(patient(en)?|klient(en)?|kunden?)", "", words),
        re.sub(r"(des)?patienten?$", "", words),
    ):
        if way in _FIELD_OF:
            return _FIELD_OF[way]
    return ""


def guess(titles: Sequence[str]) -> dict[int, str]:
    """The field of each column whose title says it; nothing twice that may stand once."""
    found: dict[int, str] = {}
    for place, title in enumerate(titles):
        field = field_of(title)
        if field and (field in SEVERAL or field not in found.values()):
            found[place] = field
    # 'Name' beside no first name is the whole name.
    if "first_name" not in found.values() and FULL_NAME not in found.values():
        found = {place: FULL_NAME if field == "last_name" else field for place, field in found.items()}
    return found
