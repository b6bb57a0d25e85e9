"""Reports: from a template to a PDF that stays (DOC-4); who sees them, and that no word of them is in the clear."""

import json
import re
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from sprechzeit.access.table import Area
from sprechzeit.audit.models import Entry
from sprechzeit.cli.keys import rotate
from sprechzeit.core import typesetting
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient, add_patient, share_patients
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import DataKey
from sprechzeit.records.actions.reports import correct_report, file_report, keep_report, withdraw_report
from sprechzeit.records.errors import ReportFiled, ReportTooLong, WrittenMeanwhile
from sprechzeit.records.models import FiledReport, Report
from sprechzeit.records.policy import visible_reports
from sprechzeit.records.queries.report_pdf import TEMPLATE
from sprechzeit.records.queries.reports import list_reports, open_report, read_filed
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.delegates import delegate, terms
from tests.support.reported import drafted, filed, letter, written
from tests.support.routes import client_of
from tests.support.scene import change
from tests.support.together import together
from tests.support.treated import treated

pytestmark = pytest.mark.req("DOC-4")
WORD = "Panikstörung"


def asked_of(client: Client, patient_id: Any) -> str:
    """The key of a new form."""
    page = client.get(reverse("records:new_report", args=[patient_id])).content.decode()
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.req("PAT-3", "AUD-2", "PRI-1")
def test_from_a_template_to_a_pdf_in_the_record(cast: Cast) -> None:
    """Jonas, through the pages: begun twice by a double press, written on, looked at, filed twice, taken home."""
    house, client = cast.albers, client_of(cast, "practitioner")
    session = treated(house, last_name="*Sommer*")
    patient = session.patient_id
    assert (
        reverse("records:reports", args=[patient])
        in client.get(reverse("patients:record", args=[patient])).content.decode()
    )
    sent = {
        "key": asked_of(client, patient), "start": "course", "practitioner": str(house.members["jonas"].pk),
        "recipient": "patient", "address": "", "since": "", "until": "",
    }  # fmt: skip
    new = reverse("records:new_report", args=[patient])
    assert client.post(new, sent | {"recipient": "other"}).status_code == 422
    assert client.post(new, sent | {"start": "none"}).status_code == 422
    begun = [client.post(new, sent) for _time in range(2)]
    assert [one.status_code for one in begun] == [303, 303]
    assert begun[0]["Location"] == begun[1]["Location"]
    with acting(house.system):
        report = Report.objects.get()
    page = client.get(begun[0]["Location"]).content.decode()
    assert "Paula \\*Sommer\\*" in page  # as Markdown, where it is written on
    assert "Paula *Sommer*" in page  # and as it will be read
    assert "Einzeltherapie" in page
    assert "‹" in page  # no date of birth
    pad = re.search(r'name="pad" value="([^"]+)"', page)
    assert pad
    typed = {"pad": pad[1], "revision": "1", "title": "Bericht", "recipient": "Kasse\r\n\r\nKöln", "text": f"# {WORD}"}
    draft = client.post(reverse("records:report_draft", args=[report.pk]), typed)
    assert (draft.status_code, f"<h3>{WORD}</h3>" in draft.content.decode()) == (200, True)
    preview = client.get(reverse("records:report_pdf", args=[report.pk]))
    assert preview.content.startswith(b"%PDF-")
    filing = reverse("records:report_filing", args=[report.pk])
    assert WORD in client.get(filing).content.decode()
    assert client.post(filing, {"revision": "1"}).status_code == 409  # what was shown is not what is kept now
    assert [client.post(filing, {"revision": "2"}).status_code for _time in range(2)] == [303, 303]
    file = client.get(reverse("records:report_pdf", args=[report.pk]))
    assert file.content.startswith(b"%PDF-")
    assert file["Content-Disposition"].startswith('attachment; filename="')
    assert (file["Cache-Control"], file["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert client.get(reverse("records:report_pdf", args=[report.pk])).content == file.content
    with acting(house.system):
        assert FiledReport.objects.get().filed_by == house.actor("jonas").name
        done = set(Entry.objects.filter(row_id=report.pk).values_list("table_name", "operation"))
        values = json.dumps(list(Entry.objects.filter(value__isnull=False).values_list("value__new", flat=True)))
    assert {("records_report", "read"), ("records_filedreport", "read"), ("records_filedreport", "insert")} <= done
    assert WORD not in values
    row = client.get(reverse("records:reports", args=[patient])).content.decode()
    assert "Bericht" in row
    assert "Kasse" in row
    with connection.cursor() as cursor, acting(house.system):
        cursor.execute("SELECT to_jsonb(r)::text || to_jsonb(f)::text FROM records_report r, records_filedreport f")
        (raw,) = cursor.fetchone()
    assert WORD not in raw
    assert WORD.encode().hex() not in raw


@pytest.mark.req("ACC-1", "ACC-4", "ACC-6", "ACC-22")
def test_who_sees_which_reports(cast: Cast) -> None:
    """A draft is of who writes it; what is filed is read with the record; a secretary does not know of reports."""
    house = cast.albers
    session = treated(house, "miriam")
    draft, done = drafted(house, session.patient_id, "miriam"), filed(house, session.patient_id, "miriam")
    jana, jonas, berta = (house.actor("jana"), house.actor("jonas"), cast.brandt.actor("berta"))
    office = delegate(house, terms(house, "miriam", areas=[Area.REPORTS]))
    notes = replace(office, granted=tuple((Area.DOCUMENTATION, of) for _area, of in office.granted))

    def seen() -> dict[str, int]:
        found = {}
        for name, actor in {"jana": jana, "jonas": jonas, "berta": berta, "office": office, "notes": notes}.items():
            with acting(actor):
                found[name] = visible_reports(actor).count()
        return found

    assert seen() == {"jana": 0, "jonas": 0, "berta": 0, "office": 2, "notes": 0}
    with acting(house.actor("miriam")):
        share_patients(house.actor("miriam"), [session.patient_id], [house.members["jonas"].pk])
    assert seen()["jonas"] == 1
    with acting(jonas):
        assert [one.report.pk for one in list_reports(jonas, session.patient)] == [done.pk]
        assert open_report(jonas, done.pk).is_filed
        with pytest.raises(NotFound):
            open_report(jonas, draft.pk)
        with pytest.raises(NotAllowed):
            correct_report(jonas, done.pk)
    with acting(office):  # written for somebody else to file
        keep_report(office, draft.pk, written(draft, "Vom Büro."))
        with pytest.raises(NotAllowed):
            file_report(office, draft.pk, 2)
    # For a secretary the page is the one of an address that never was; the tab is not there.
    client = client_of(cast, "secretary")
    assert "/reports/" not in client.get(reverse("patients:record", args=[session.patient_id])).content.decode()
    pages = {
        client.get(reverse(f"records:{name}", args=[one])).content
        for name, one in (("report", done.pk), ("report", new_id()), ("reports", session.patient_id))
    }
    assert len({re.sub(rb"[0-9a-f-]{36}|csrf[^>]*", b"", page) for page in pages}) == 1


def test_two_who_write_the_same_draft(cast: Cast) -> None:
    """The second sees what the first made of it, and nothing of either is lost; their own page goes on."""
    house, miriam = cast.albers, cast.albers.actor("miriam")
    report = drafted(house, treated(house).patient_id)
    jonas, client = house.actor("jonas"), client_of(cast, "administrator")
    mine = written(report, "Von Jonas.")
    with acting(jonas):
        keep_report(jonas, report.pk, mine)
        keep_report(jonas, report.pk, replace(mine, letter=letter("Von Jonas, weiter.")))  # its answer was lost
    with acting(miriam), pytest.raises(WrittenMeanwhile):
        keep_report(miriam, report.pk, written(report, "Von Miriam."))
    sent = {"revision": "1", "title": "T", "recipient": "", "text": "Von Miriam."}
    answer = client.post(reverse("records:report", args=[report.pk]), sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Von Miriam." in page
    assert "Jonas" in page
    assert 'name="revision" value="3"' in page
    assert client.post(reverse("records:report_draft", args=[report.pk]), sent).status_code == 409
    assert client.post(reverse("records:report", args=[report.pk]), sent | {"revision": "3"}).status_code == 303
    long = sent | {"revision": "4", "text": "x" * 60_001}
    answer = client.post(reverse("records:report", args=[report.pk]), long)
    assert (answer.status_code, "x" * 60_001 in answer.content.decode()) == (422, True)
    for words in ({"title": "x" * 151}, {"recipient": "\n".join("abcdefg")}, {"recipient": "x" * 61}):
        with acting(jonas), pytest.raises(ReportTooLong):
            keep_report(jonas, report.pk, replace(mine, letter=letter(**words), revision=4))


def test_what_is_filed_stays_and_a_correction_names_it(cast: Cast) -> None:
    """The database refuses whoever tries; two records that become one still move it."""
    house, jonas = cast.albers, cast.albers.actor("jonas")
    report = filed(house, treated(house).patient_id)
    client = client_of(cast, "practitioner")
    with acting(jonas), pytest.raises(ReportFiled):
        keep_report(jonas, report.pk, written(report, "Anders."))
    with acting(jonas), pytest.raises(ReportFiled):
        withdraw_report(jonas, report.pk)
    typed = {"revision": "1", "title": "T", "text": "Spät getippt"}
    late = client.post(reverse("records:report", args=[report.pk]), typed)
    assert (late.status_code, "Spät getippt" in late.content.decode()) == (409, True)
    with acting(house.system):
        other = add_patient(house.system, NewPatient("Paula", "Winter"), belongs_to=house.members["jonas"].pk)
        refused = (
            ("UPDATE records_report SET language = 'en' WHERE id = %s", IntegrityError),
            ("UPDATE records_report SET content = content || 'x' WHERE id = %s", IntegrityError),
            ("DELETE FROM records_report WHERE id = %s", IntegrityError),
            ("UPDATE records_filedreport SET sealed_pdf = sealed_pdf || 'x' WHERE id = %s", IntegrityError),
            ("UPDATE records_filedreport SET filed_by = 'x' WHERE id = %s", ProgrammingError),
            ("DELETE FROM records_filedreport WHERE id = %s", ProgrammingError),
        )
        for statement, error in refused:
            with pytest.raises(error), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [report.pk])
        change(house.system, Report.objects.get(pk=report.pk), patient=other)
    correction = reverse("records:report_correction", args=[report.pk])
    made = [client.post(correction)["Location"] for _time in range(2)]
    assert made[0] == made[1]
    with acting(jonas):
        new = Report.objects.get(corrects=report)
        assert (new.patient_id, open_report(jonas, new.pk).letter) == (other.pk, letter())
        assert open_report(jonas, report.pk).corrected_by is None
        file_report(jonas, new.pk, 1)
        assert open_report(jonas, report.pk).corrected_by == new.pk
    assert (
        reverse("records:report", args=[new.pk])
        in client.get(reverse("records:report", args=[report.pk])).content.decode()
    )


def test_a_draft_can_be_withdrawn(cast: Cast) -> None:
    client = client_of(cast, "practitioner")
    report = drafted(cast.albers, treated(cast.albers).patient_id)
    url = reverse("records:report_withdrawal", args=[report.pk])
    assert (client.get(url).status_code, client.post(url).status_code, client.get(url).status_code) == (200, 303, 404)


@pytest.mark.req("PRI-1")
def test_what_cannot_be_printed_is_said_and_the_draft_stays(cast: Cast) -> None:
    """Letters that no font has; a printer that ends or takes for ever. Nothing is filed."""
    house, client = cast.albers, client_of(cast, "practitioner")
    report = drafted(house, treated(house).patient_id, text=f"{WORD} 漢")
    filing = reverse("records:report_filing", args=[report.pk])
    answer = client.post(filing, {"revision": "1"})
    assert (answer.status_code, "漢" in answer.content.decode()) == (422, True)
    assert client.get(reverse("records:report_pdf", args=[report.pk])).status_code == 422
    with acting(house.actor("jonas")):
        keep_report(house.actor("jonas"), report.pk, written(report, WORD))
    for patched in (
        patch.object(typesetting, "SECONDS", 0.01),
        patch.object(typesetting, "_WORKER", TEMPLATE.parent / "none.py"),
    ):
        with patched:
            assert client.post(filing, {"revision": "2"}).status_code == 422
    with acting(house.system):
        assert not FiledReport.objects.exists()
    assert client.post(filing, {"revision": "2"}).status_code == 303


def test_a_letter_of_everything_that_somebody_may_type_is_printed(cast: Cast) -> None:
    """Archived and accessible (PDF/A-2a, PDF/UA-1), tagged, in its language, with its fonts; no code is run."""
    house = cast.albers
    session = treated(house, last_name='#read("/etc/passwd")')
    with acting(house.system):
        change(house.system, Patient.objects.get(pk=session.patient_id), first_name="$x^2$ <b> {practice.name}")
    text = (
        '### Tief\n# Hoch\n\n#eval("1+1") #include "x"\n\n1. a\n   - b\n\n> q\n\n---\n\n| a | b |\n|---|---|\n| c |\n'
    )
    report = filed(house, session.patient_id, text=text * 40, title="#panic() *T*", recipient="")
    with acting(house.actor("jonas")):
        pdf = read_filed(house.actor("jonas"), report.pk).pdf
    assert pdf.startswith(b"%PDF-")
    for sign in (b"/StructTreeRoot", b"/Lang", b"pdfaid", b"pdfuaid", b"/FontFile"):
        assert sign in pdf


@pytest.mark.req("PRI-1")
def test_reports_are_sealed_anew_with_another_key(cast: Cast) -> None:
    house = cast.albers
    report = filed(house, treated(house).patient_id, text=WORD)
    jonas = house.actor("jonas")
    with acting(jonas):
        before = read_filed(jonas, report.pk).pdf
    assert CliRunner().invoke(rotate, [house.practice.slug]).exit_code == 0
    with acting(jonas):
        assert (read_filed(jonas, report.pk).pdf, open_report(jonas, report.pk).letter.text) == (before, WORD)
    with acting(house.system):
        assert DataKey.objects.filter(practice_id=house.practice.pk, retired_at=None).count() == 1


@pytest.mark.own_database
def test_filing_at_once_makes_one_file(cast: Cast, own_database: Databases) -> None:
    """Two windows file while a third still writes: one PDF, of a text that stays."""
    house, jonas = cast.albers, cast.albers.actor("jonas")
    report = drafted(house, treated(house).patient_id)
    file = partial(run_as, jonas, partial(file_report, jonas, report.pk, 1))
    done = together(
        file, file, partial(run_as, jonas, partial(keep_report, jonas, report.pk, written(report, "Noch etwas.")))
    )
    with acting(house.system):
        kept = open_report(house.system, report.pk)
    texts = {"Es geht voran.": ReportFiled, "Noch etwas.": WrittenMeanwhile}
    refused = [type(one) for one in done if isinstance(one, Exception)]
    assert set(refused) == {texts[kept.letter.text]}
    assert kept.is_filed == (kept.letter.text == "Es geht voran.")
