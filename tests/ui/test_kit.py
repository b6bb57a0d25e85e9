"""Icons, fields, positions, vendored files, error pages."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from django.test import RequestFactory

from sprechzeit.ui import positions, vendor
from sprechzeit.ui.errors import csrf_failure, error_page, unavailable
from sprechzeit.ui.icon import UnknownIcon, icon
from sprechzeit.ui.templatetags.ui import clock, months
from tests.ui.samples import WRONG_DETAILS, DetailsForm, KitForm

SOURCE = vendor.ROOT / "src" / "sprechzeit"
RETRY_SECONDS = 30


def icons_named_in(pattern: str, expression: str) -> set[str]:
    """The names that `expression` finds in the product's files of `pattern`."""
    return {name for file in SOURCE.rglob(pattern) for name in re.findall(expression, file.read_text())}


def test_an_icon_is_drawn_without_a_name_for_readers() -> None:
    drawn = icon("calendar-days")
    assert drawn.startswith('<svg class="icon"')
    assert 'aria-hidden="true"' in drawn
    assert "<!--" not in drawn


@pytest.mark.parametrize("name", ["no-such-icon", "../vendor", "", "Calendar"])
def test_an_unknown_icon_is_an_error(name: str) -> None:
    with pytest.raises(UnknownIcon):
        icon(name)


def test_every_icon_that_templates_name_is_vendored() -> None:
    named = icons_named_in("*.html", r'{% icon "([^"]+)" %}')
    assert named
    assert named <= set(vendor.ICONS)


def test_no_icon_is_vendored_for_nothing() -> None:
    quoted = icons_named_in("*.html", r'{% icon "([^"]+)" %}') | icons_named_in("*.py", r'"([a-z0-9-]+)"')
    assert set(vendor.ICONS) - quoted == set()


def test_a_faulty_field_is_announced() -> None:
    html = DetailsForm(WRONG_DETAILS)["email"].as_field_group()
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_email_error"' in html
    assert 'id="id_email_error"' in html
    assert "name@beispiel.de" in html


def test_a_hint_belongs_to_its_field() -> None:
    html = DetailsForm()["date_of_birth"].as_field_group()
    assert 'aria-describedby="id_date_of_birth_helptext"' in html
    assert 'id="id_date_of_birth_helptext"' in html


def test_what_was_typed_stays_and_is_escaped() -> None:
    html = DetailsForm({"first_name": '"><script>'})["first_name"].as_field_group()
    assert "&quot;&gt;&lt;script&gt;" in html
    assert "<script>" not in html


def test_a_whole_form_shows_every_field_once() -> None:
    html = KitForm().render()
    assert [html.count(f'name="{name}"') for name in ("name", "colour", "kind", "agree", "remark")] == [1, 1, 2, 1, 1]
    assert "<fieldset" in html
    assert html.count('class="optional"') == 1


def test_the_position_classes_are_the_committed_ones() -> None:
    assert positions.STYLESHEET.read_text() == positions.stylesheet()
    assert ".t287{--t:287}" in positions.stylesheet()
    assert ".d288{--d:288}" in positions.stylesheet()


def test_the_clock_at_a_unit() -> None:
    assert clock(40, 7) == "10:20"


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
    ],
)
def test_the_month_beside(day: date, count: int, expected: date) -> None:
    assert months(day, count) == expected


def test_the_vendored_files_are_the_recorded_ones() -> None:
    assert vendor.check(refetch=False) == []


def test_a_changed_or_missing_vendored_file_is_found(tmp_path: Path) -> None:
    recorded = json.loads(vendor.RECORD.read_text())["files"]
    for path in recorded:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(vendor.ROOT / path, tmp_path / path)
    assert vendor.check(refetch=False, root=tmp_path) == []
    script, licences = f"{vendor.ASSETS}/htmx.min.js", vendor.LICENCES
    with (tmp_path / script).open("ab") as file:
        file.write(b";")
    (tmp_path / licences).unlink()
    assert sorted(vendor.check(refetch=False, root=tmp_path)) == [
        f"{licences}: missing",
        f"{script}: not the recorded content",
    ]


def test_every_vendored_package_has_its_licence() -> None:
    text = (vendor.ROOT / vendor.LICENCES).read_text()
    assert all(f"## {package.spec}: {package.licence}" in text for package in vendor.PACKAGES)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_an_error_page_has_its_status_and_needs_no_database(status: int) -> None:
    response = error_page(RequestFactory().get("/"), status)
    assert response.status_code == status
    assert b"<h1>" in response.content


def test_unavailable_says_when_to_come_back() -> None:
    response = unavailable(RequestFactory().get("/"))
    assert (response.status_code, response["Retry-After"]) == (503, str(RETRY_SECONDS))


def test_a_form_that_stood_open_too_long_is_refused_kindly() -> None:
    assert csrf_failure(RequestFactory().post("/"), reason="CSRF token missing").status_code == 403
