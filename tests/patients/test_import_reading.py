"""Lists as other programs write them: letters, separators, titles, dates, what a line says (PAT-5); pure."""

from datetime import date

import pytest

from sprechzeit.patients.importing.dates import possible_orders, read_date
from sprechzeit.patients.importing.fields import field_of, guess
from sprechzeit.patients.importing.reading import Mapped, Reading, read_line
from sprechzeit.patients.importing.tables import read_table

TODAY = date(2026, 11, 23)
TEXT = 'Patienten am 23.11.2026\r\n\r\nNr.;Name;Vorname;Straße\r\n1;Öz;Ayşe;"Am Wall 1; Hof ""B"""\r\n'
TEXT_OF_WINDOWS = TEXT.replace("ş", "s")

pytestmark = pytest.mark.req("PAT-5")


def test_letters_and_separators_are_told() -> None:
    files = [TEXT.encode(one) for one in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")]
    files += [TEXT_OF_WINDOWS.encode(one) for one in ("cp1252", "cp850")]
    files += [TEXT.replace(";", one).replace(f"1{one} Hof", "1; Hof").encode() for one in ",\t|"]
    files += [("sep=;\r\n" + TEXT).encode()]
    for data in files:
        table = read_table(data)
        rows = [cells for line, cells in table.rows() if line > table.title_line]
        assert [one.replace("ş", "s") for one in rows[0]] == ["1", "Öz", "Ayse", 'Am Wall 1; Hof "B"'], data
        assert table.titles[3] == "Straße"
        assert len(rows) == 1


def test_titles_say_what_a_column_holds() -> None:
    found = {title: field_of(title) for title in (
        "Geburtsdatum", "geb.", "GEB.-DATUM", "PLZ/Ort", "E-Mail-Adresse", "Tel. privat", "Telefon (geschäftl.)",
        "Handy-Nr.", "Patienten-Nr.", "Patient: Nachname", "Straße, Nr.", "Last Name", "Vers.-Nr", "Umsatz",
    )}  # fmt: skip
    assert found == {
        "Geburtsdatum": "date_of_birth", "geb.": "date_of_birth", "GEB.-DATUM": "date_of_birth",
        "PLZ/Ort": "postcode_town", "E-Mail-Adresse": "email", "Tel. privat": "phone", "Telefon (geschäftl.)": "work",
        "Handy-Nr.": "mobile", "Patienten-Nr.": "number", "Patient: Nachname": "last_name", "Straße, Nr.": "street",
        "Last Name": "last_name", "Vers.-Nr": "", "Umsatz": "",
    }  # fmt: skip
    assert guess(["Name", "Telefon", "Telefon 2", "Ort", "Ort"]) == {0: "full_name", 1: "phone", 2: "phone", 3: "town"}
    without = read_table(b"M\xfcller;Anna;03.02.1980\r\nBerg;Ben;04.02.1980\r\n")
    assert (without.title_line, without.titles) == (0, [])


def test_dates_are_read_as_they_are_written() -> None:
    good = {
        ("03.02.1980", "dmy"): (1980, 2, 3), ("3.2.80", "dmy"): (1980, 2, 3), ("3. Februar 1980", "dmy"): (1980, 2, 3),
        ("1. März 2001", "dmy"): (2001, 3, 1), ("02/03/1980", "mdy"): (1980, 2, 3), ("1980-02-03", "dmy"): (1980, 2, 3),
        ("1980-02-03 00:00:00", "mdy"): (1980, 2, 3), ("19800203", "dmy"): (1980, 2, 3),
        ("3.2.26", "dmy"): (2026, 2, 3), ("3.2.27", "dmy"): (1927, 2, 3),
    }  # fmt: skip
    assert {key: read_date(*key, TODAY) for key in good} == {key: date(*parts) for key, parts in good.items()}
    assert {read_date(one, "dmy", TODAY) for one in ("", "-", "00.00.0000", "unbekannt")} == {None}
    bad = ("31.02.1980", "24.11.2026", "1.1.1880", "3.13.1980", "gestern", "1.2", "3.2.980", "9" * 5000)
    assert [one for one in bad if not refused(one)] == []
    assert possible_orders(["03/02/1980", "05/06/1970"], TODAY) == ["dmy", "mdy"]
    assert possible_orders(["03/02/1980", "05/26/1970"], TODAY) == ["mdy"]
    assert possible_orders(["03.02.1980"], TODAY) == ["dmy"]
    assert possible_orders([], TODAY) == ["dmy"]


def refused(text: str) -> bool:
    try:
        read_date(text, "dmy", TODAY)
    except ValueError:
        return True
    return False


def line(**values: str) -> Reading:
    columns = dict(enumerate(values))
    return read_line(list(values.values()), Mapped(columns, "dmy", [name.title() for name in values], TODAY))


@pytest.mark.req("PAT-1")
def test_what_a_line_says_of_somebody() -> None:
    read = line(full_name=" Sommer,  Paula ", salutation="Familie", gender="w", insurance="GKV", language="Klingonisch",
                phone="0171 5550142 / 0221 555018", email="a@b.de; c@d.de", postcode_town="D-50667 Köln", number="17",
                street="Am Wall", house_number="3a", tags="Angst, angst;Studie", payer_name="Kasse")  # fmt: skip
    assert read.faults == []
    facts = {name: value for name, value in read.facts.items() if value}
    assert facts == {
        "last_name": "Sommer", "first_name": "Paula", "gender": "female", "insurance": "statutory",
        "remarks": "Salutation: Familie\nLanguage: Klingonisch\nNumber: 17", "street": "Am Wall 3a",
        "postcode": "D-50667", "town": "Köln", "tags": ["Angst", "Studie"], "payer": {"name": "Kasse"},
        "contacts": [["email", "a@b.de", "a@b.de"], ["email", "c@d.de", "c@d.de"],
                     ["mobile", "0171 5550142", "+491715550142"], ["phone", "0221 555018", "+49221555018"]],
    }  # fmt: skip
    wrong = line(last_name="…", first_name="x" * 101, town="\0", email="🌧@", phone="Mutter", remarks="x" * 5001,
                 payer_phone="1", tags="x" * 41)  # fmt: skip
    assert sorted((name, what) for name, what, _value in wrong.faults) == [
        ("email", "email"), ("first_name", "too_long"), ("last_name", "no_name"), ("payer_name", "missing"),
        ("phone", "phone"), ("remarks", "too_long"), ("tags", "too_long"), ("town", "characters"),
    ]  # fmt: skip
    assert [what for _name, what, _value in line(last_name="", first_name="").faults] == ["missing", "missing"]
