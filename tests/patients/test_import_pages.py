"""Importing patients, as an administrator walks through it; what files bring that are none; nobody else (PAT-5)."""

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.core.crypto import link_token
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import enter_next
from sprechzeit.patients.jobs import enter_file, read_file, take_file_back
from sprechzeit.patients.models import ImportPart, Patient, PatientImport
from tests.support.cast import Cast
from tests.support.routes import client_of

HEAD = "Nr.;Anrede;Nachname;Vorname;Geburtsdatum;Straße;PLZ Ort;Handy;E-Mail;Gruppe;Bemerkung\r\n"
LINES = (
    "17;Frau;Müller;Änne;03.02.1980;Hauptstr. 1;50667 Köln;0171 5550142;a@b.de;Angst, Studie;=cmd\r\n"
    "18;Familie;Öz;;31.02.1980;;Wien;12;kaputt@;;\r\n"
    "19;Herr;Müller;Anne;04.02.1980;;;;;;\r\n"
    "20;Frau;MÜLLER; änne ;3.2.1980;;;;;;\r\n"
    "\r\n"
    "21;;Sommer;Paula;24.03.1985;;;;;;\r\n"
)


def administrator(cast: Cast) -> Client:
    """Miriam, whose browser is an English one."""
    client = client_of(cast, "administrator")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def sent(client: Client, data: bytes, name: str = "liste.csv") -> Any:
    return client.post("/patients/import/", {"file": SimpleUploadedFile(name, data)})


def as_shown(page: Any) -> dict[str, Any]:
    """What the form of a page would send as it is."""
    values = {field.html_name: field.value() for field in page.context["form"]}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def looked_at(client: Client, data: bytes) -> str:
    """The address of an import whose columns are taken as they were guessed."""
    brought = sent(client, data)
    assert brought.status_code == 303
    columns = f"{brought['Location']}columns/"
    page = client.get(brought["Location"], follow=True)
    assert client.post(columns, as_shown(page)).status_code == 303
    return str(brought["Location"])


def run(cast: Cast, job: Any, address: str) -> None:
    practice = str(cast.albers.practice.id)
    job.work(0, practice_id=practice, import_id=address.rstrip("/").rsplit("/", 1)[1])


def records(cast: Cast) -> list[Patient]:
    with acting(cast.albers.system):
        return list(Patient.objects.filter(imported_by__isnull=False).order_by("import_line"))


@pytest.mark.req("PAT-5", "PAT-1", "AUD-1", "AUD-2")
def test_a_file_is_walked_through_to_its_records_and_back(cast: Cast) -> None:
    client = administrator(cast)
    forms = {"key": link_token("form", new_id()), "contact-TOTAL_FORMS": "0", "contact-INITIAL_FORMS": "0"}
    named = {"last_name": "Sommer", "first_name": "Paula", "tags": ""}
    assert client.post("/patients/new/", forms | named).status_code == 303
    address = looked_at(client, (HEAD + LINES).encode("cp1252"))
    page = client.get(address)
    preview = page.context["preview"]
    assert (preview.lines, preview.bad, preview.alike) == (5, 1, 2)
    assert [one["name"] for one in page.context["first"]][:2] == ["Müller, Änne", "Müller, Anne"]
    text = page.content.decode()
    assert ">Jonas Petersen</option>" in text
    for words in ("Line 3", "First name is missing", "31.02.1980", "kaputt@", "as in line 2", "there already:"):
        assert words in text, words
    assert Patient.objects.filter(last_name="Müller").count() == 0
    # None if one is bad: then it does not begin.
    sending = as_shown(page)
    refused = client.post(f"{address}start/", sending | {"bad_lines": "all"})
    assert refused.status_code == 422
    assert "cannot be entered" in refused.content.decode()
    owner = str(cast.albers.members["jonas"].pk)
    for _twice in range(2):
        answer = client.post(f"{address}start/", sending | {"belongs_to": owner, "line-7": "enter", "line-x": "enter"})
        assert answer.status_code == 303
    assert "progress" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    for _twice in range(2):
        run(cast, enter_file, address)
    made = records(cast)
    assert [(one.import_line, one.full_name) for one in made] == [
        (2, "Müller, Änne"), (4, "Müller, Anne"), (7, "Sommer, Paula"),
    ]  # fmt: skip
    assert {one.created_by_id for one in made} == {cast.albers.members["jonas"].pk}
    assert client.get(address, headers={"HX-Request": "true"})["HX-Redirect"] == address
    ended = client.get(address).content.decode()
    assert "3 records were entered." in ended
    assert "2 lines were left out" in ended
    left = b"".join(client.get(f"{address}left-out/")).decode("utf-8-sig")
    assert "31.02.1980" in left
    assert "May be there already" in left
    assert "0171 5550142" not in left
    # One is changed since, and stays.
    assert client.post(f"/patients/{made[1].pk}/archiving/", {"archived": "1"}).status_code == 303
    assert client.post(f"{address}taking-back/").status_code == 303
    run(cast, take_file_back, address)
    assert [one.import_line for one in records(cast)] == [4]
    gone = client.get(address).content.decode()
    assert "2 records were removed" in gone
    assert "Müller, Anne" in gone


@pytest.mark.req("PAT-5")
def test_all_or_none(cast: Cast) -> None:
    """And what is called off before it is entered leaves neither record nor file."""
    client = administrator(cast)
    good = (HEAD + "".join(LINES.splitlines(keepends=True)[i] for i in (0, 2, 5))).encode("utf-16")
    for stopped in (True, False):
        address = looked_at(client, good)
        page = client.get(address)
        assert (
            client.post(f"{address}start/", as_shown(page) | {"bad_lines": "all", "alike": "enter"}).status_code == 303
        )
        if stopped:
            client.post(f"{address}cancellation/")
        run(cast, enter_file, address)
        assert len(records(cast)) == (0 if stopped else 3)
    discarded = looked_at(client, good)
    client.post(f"{discarded}cancellation/")
    with acting(cast.albers.system):
        assert ImportPart.objects.filter(source_id=UUID(discarded.split("/")[3])).count() == 0


@pytest.mark.req("PAT-5")
def test_a_long_file_is_read_by_a_job_and_entered_by_another(cast: Cast) -> None:
    """Past a thousand lines: beside its progress the page says how far it is."""
    client = administrator(cast)
    lines = "".join(f"{n};Frau;Name{n % 1100};Vorname;03.02.1980;;;;;;\r\n" for n in range(1200))
    address = looked_at(client, (HEAD + lines).encode())
    assert "0 of 1201 lines" in client.get(address).content.decode()
    run(cast, read_file, address)
    preview = client.get(address).context["preview"]
    assert (preview.lines, preview.alike, len(preview.doubtful)) == (1200, 100, 50)
    # Its worker was killed after some lines: another one goes on.
    assert client.post(f"{address}start/", {"alike": "skip", "bad_lines": "good", "belongs_to": ""}).status_code == 303
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        enter_next(miriam, UUID(address.split("/")[3]))
    assert "499 of 1200 lines" in client.get(address).content.decode()
    run(cast, enter_file, address)
    assert len({one.import_line for one in records(cast)}) == len(records(cast)) == 1100


BAD = [
    (b"", "The file is empty"),
    (b"\xef\xbb\xbf\r\n;;;\r\n", "The file is empty"),
    (HEAD.encode(), "no patients below"),
    (b"PK\x03\x04[Content_Types].xml" + b"\0" * 500, "save it as CSV"),
    (b"PK\x03\x04" + b"\0" * 500, "is packed"),
    (b"\x1f\x8b" + b"\0" * 500, "is packed"),
    (b"%PDF-1.7\n", "This file is no list"),
    (b"Name;Vorname\r\n" + b";".join([b"x"] * 10_000), "more than 200 columns"),
    (b"Name;Vorname\r\n" + b'"' + "🌧".encode() * 250_000, "a cell does not end"),
    (b"BEGIN:VCARD\r\nFN:x\r\n", "No whole address card"),
]


@pytest.mark.req("PAT-5", "ACC-6", "ACC-7")
def test_what_is_no_list_is_told_in_words_and_nobody_else_comes_in(cast: Cast) -> None:
    client = administrator(cast)
    for data, words in BAD:
        answer = sent(client, data)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), words
    with acting(cast.albers.system):
        assert not PatientImport.objects.exists()
    # NUL, half a character, a formula and a cell of a megabyte less one are a line's own fault, or none.
    address = looked_at(client, b"Nachname;Vorname;Geburtsdatum;Bemerkung\r\nA\0b;C;;\r\nLang;Anna;;" + b"x" * 131_000)
    assert client.get(address).context["preview"].bad == 2
    missing = f"/patients/import/{new_id()}/"
    steps = [("", "get"), ("columns/", "get"), ("start/", "post"), ("cancellation/", "post"), ("taking-back/", "post"),
             ("left-out/", "get")]  # fmt: skip
    for person in ("practitioner", "secretary", "stranger", "delegate"):
        other = client_of(cast, person)
        found = [getattr(other, call)(place + step).status_code for place in (address, missing) for step, call in steps]
        assert set(found) == {403 if person == "delegate" else 404}, person
        assert other.get("/patients/import/").status_code == (200 if person == "stranger" else 403)
    assert client.get(reverse("patients:import", args=["x"])).status_code == 404


@pytest.mark.req("PAT-5", "PRI-1")
def test_address_cards_become_records(cast: Cast) -> None:
    """Of a telephone (2.1, quoted-printable) and of newer programs; one that is broken is told by its number."""
    cards = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen;;Dr.;\r\n"
        b"TEL;CELL:+491715550142\r\nTEL;WORK:0221 555018\r\nEMAIL;INTERNET:j@example.org\r\nBDAY:1980-02-03\r\n"
        b"NOTE;ENCODING=QUOTED-PRINTABLE:Zeile 1=0D=0A=\r\nZeile 2\r\nEND:VCARD\r\n"
        b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Berg\r\nBDAY:--0203\r\n"
        b'TEL;VALUE=uri;TYPE="voice,home":tel:+49-221-555019\r\nADR:;;Hauptstr. 1;K\xc3\xb6ln;;50667;\r\nEND:VCARD\r\n'
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Allein\r\nEND:VCARD\r\n"
    )
    client = administrator(cast)
    address = sent(client, cards, "kontakte.vcf")["Location"]
    page = client.get(address)
    assert [(one["n"], one["reasons"]) for one in page.context["faulty"]] == [(3, ["First name is missing"])]
    assert client.post(f"{address}start/", as_shown(page)).status_code == 303
    run(cast, enter_file, address)
    first, second = records(cast)
    with acting(cast.albers.system):
        contacts = sorted(first.contact_points.values_list("kind", "value"))
        assert contacts == [("email", "j@example.org"), ("mobile", "+491715550142"), ("work", "0221 555018")]
        assert (first.full_name, first.title, first.remarks) == ("Müller, Jürgen", "Dr.", "Zeile 1\nZeile 2")
        assert (second.full_name, second.date_of_birth, second.town) == ("Berg, Anna", None, "Köln")


@pytest.mark.req("PAT-5", "PAT-14")
def test_who_may_be_there_is_found_as_where_one_record_is_made(cast: Cast) -> None:
    """Other letters, a typing error, names or figures exchanged, the same phone; each is told why. Siblings, and who
    has no more in common than a name or a date, are new.
    """
    client = administrator(cast)
    forms = {"key": link_token("form", new_id()), "contact-TOTAL_FORMS": "1", "contact-INITIAL_FORMS": "0"}
    named = {"last_name": "Müller", "first_name": "Jörg", "date_of_birth": "1970-02-01", "tags": ""}
    contact = {"contact-0-kind": "mobile", "contact-0-value": "0171 3920099"}
    assert client.post("/patients/new/", forms | named | contact).status_code == 303
    likely = (
        "Mueller;Jörg;01.02.1970;", "Müler;Jörg;01.02.1970;", "Jörg;Müller;01.02.1970;", "Müller;Joerg;02.01.1970;",
        "Müller;Jörg;;", "Becker;Jörg;01.02.1971;+49 171 3920099", "Müller;Jörg;01.02.1970;",
    )  # fmt: skip
    new = ("Müller;Karin;01.02.1970;", "Müller;Jörg;17.09.1984;", "Becker;Anna;01.02.1970;", "Becker;Jörg;;")
    lines = "".join(f"{one}\r\n" for one in ("Nachname;Vorname;Geburtsdatum;Handy", *likely, *new))
    address = looked_at(client, lines.encode())
    page = client.get(address)
    found = page.context["doubtful"]
    assert [one["n"] for one in found] == list(range(2, 2 + len(likely))) and page.context["new"] == len(new)
    assert [(one["alike"][0]["same"], one["alike"][0]["different"]) for one in found] == [
        ("first name, date of birth", "last name"), ("first name, date of birth", "last name"),
        ("date of birth", "first name, last name"), ("last name", "first name, date of birth"),
        ("first name, last name", "date of birth"), ("first name, phone", "last name, date of birth"),
        ("first name, last name, date of birth", ""),
    ]  # fmt: skip
    assert "Same: first name, phone · Different: last name, date of birth" in page.content.decode()
    assert client.post(f"{address}start/", as_shown(page) | {"line-3": "enter"}).status_code == 303
    run(cast, enter_file, address)
    assert [one.import_line for one in records(cast)] == [3, 9, 10, 11, 12]
