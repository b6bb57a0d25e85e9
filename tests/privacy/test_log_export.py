"""The log as a file: everything that the page shows, as text, and logged before it leaves (AUD-2)."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.cells import DANGEROUS, harmless
from sprechzeit.practice.models import Room
from sprechzeit.privacy import views
from sprechzeit.privacy.exports import FORMS, FileForm
from sprechzeit.privacy.queries import log
from tests.support.cast import Cast, book
from tests.support.routes import client_of, signed_in

pytestmark = pytest.mark.req("AUD-2")


def exported(cast: Cast, form: str, **asked: str) -> bytes:
    answer: Any = signed_in(cast, "administrator").get(reverse("privacy:export", args=[form]), asked)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def written(form: str, rows: Sequence[Sequence[str]]) -> bytes:
    out = BytesIO()
    FORMS[form].write(rows, out)
    return out.getvalue()


def test_csv_and_xlsx_hold_what_was_asked_for(cast: Cast) -> None:
    book(cast.albers, "09:00", who="jonas", last_name="Zander")
    book(cast.brandt, "09:00", last_name="Fremd")
    text = exported(cast, "csv", kind="patients").decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text), delimiter=";"))
    assert {row[5] for row in rows[1:]} == {"Zander, Paula"}
    sheet = load_workbook(BytesIO(exported(cast, "xlsx", kind="patients"))).active
    assert sheet is not None
    cells = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == rows


def rows_in(csv_file: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(csv_file.decode("utf-8-sig")), delimiter=";"))


def test_a_file_holds_all_that_fits_however_much_is_read_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows_in(exported(cast, "csv", done="entered"))
    assert len(whole) > 20
    monkeypatch.setattr(log, "AT_ONCE", 7)
    monkeypatch.setattr(views, "IN_MEMORY", 100)
    assert rows_in(exported(cast, "csv", done="entered")) == whole


def test_a_file_follows_every_filter(cast: Cast) -> None:
    book(cast.albers, "09:00", who="jonas", last_name="Zander")
    online = rows_in(exported(cast, "csv", who="visitor", kind="appointments", done="entered"))
    assert [row[2] for row in online[1:]] == ["Online gebucht"]
    assert len(rows_in(exported(cast, "csv", who="system", kind="appointments", done="entered"))) == 1


def test_a_sheet_that_is_full_says_so_in_its_end_and_the_page_before(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FORMS["xlsx"].most == 2**20 - 2
    page = client_of(cast, "administrator").get(reverse("privacy:log")).content.decode()
    assert "1.048.574" in page
    xlsx = FORMS["xlsx"]
    monkeypatch.setitem(FORMS, "xlsx", FileForm(xlsx.write, xlsx.media_type, most=5))
    sheet = load_workbook(BytesIO(exported(cast, "xlsx"))).active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert len(cells) == 1 + 5 + 1
    assert str(cells[-1]).startswith("Das Blatt ist voll") or str(cells[-1]).startswith("The sheet is full")
    with acting(cast.albers.actor("miriam")):
        entry = Entry.objects.select_related("value").get(operation="export")
    assert (entry.value.new or {})["hits"] == 5


def test_an_export_is_in_the_log(cast: Cast) -> None:
    exported(cast, "csv")
    actor: Actor = cast.albers.actor("miriam")
    with acting(actor):
        entry = Entry.objects.select_related("value").get(operation="export")
    assert (entry.actor, entry.table_name, entry.reason) == (actor.name, "audit_entry", "administrator")
    assert (entry.value.new or {})["form"] == "csv"
    assert (entry.value.new or {})["hits"] > 20


def test_no_cell_is_a_formula(cast: Cast) -> None:
    """CWE-1236: what a patient types online must not run on the practice's computer."""
    with acting(cast.albers.system):
        Room.objects.filter(pk=cast.albers.rooms["own"].pk).update(name='=HYPERLINK("http://x")')
        Room.objects.filter(pk=cast.albers.rooms["own"].pk).delete()
    for row in csv.reader(StringIO(exported(cast, "csv", kind="settings").decode("utf-8-sig")), delimiter=";"):
        assert [cell for cell in row if cell.startswith(DANGEROUS)] == []
    sheet = load_workbook(BytesIO(exported(cast, "xlsx", kind="settings"))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)


@pytest.mark.parametrize("begin", DANGEROUS)
def test_each_dangerous_begin_is_made_harmless(begin: str) -> None:
    assert harmless(f"{begin}1+1") == f"'{begin}1+1"
    assert harmless(f"a{begin}") == f"a{begin}"
    assert written("csv", [[f"{begin}1"]]).decode("utf-8-sig").startswith("\"'")


def test_what_no_spreadsheet_can_hold_is_left_out() -> None:
    assert harmless("a\x00b\x0bc\ud800") == "abc"
    assert load_workbook(BytesIO(written("xlsx", [["a\x0b"]]))).active["A1"].value == "a"


def test_other_forms_and_broken_filters_are_unknown(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    assert client.get(reverse("privacy:export", args=["pdf"])).status_code == 404
    assert client.get(reverse("privacy:export", args=["csv"]), {"first": "x"}).status_code == 404


@pytest.mark.req("ACC-9")
def test_it_leaves_nobody_who_has_not_signed_in_lately(cast: Cast) -> None:
    answer = client_of(cast, "administrator").get(reverse("privacy:export", args=["csv"]))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    with acting(cast.albers.actor("miriam")):
        assert not Entry.objects.filter(operation="export").exists()
