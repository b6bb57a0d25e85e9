"""What no browser sends: refused with a page that can be read, never an error of ours, and nothing is written."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from sprechzeit.config.wsgi import application
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.models import ContactPoint, Patient
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.models import Appointment, Hold
from tests.support.cast import Cast, at, hold

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
PART = b"--b\r\nContent-Disposition: form-data; "
GOOD = {
    "first_name": "Paula",
    "last_name": "Sommer",
    "date_of_birth": "24.03.1985",
    "email": "paula@example.org",
    "mobile": "",
    "remark": "",
    "insurance": "statutory",
    "privacy": "on",
}
MEGABYTE = 1_000_000


@pytest.fixture
def client() -> Client:
    """A browser that shows errors as a page, as everybody's does."""
    return Client(raise_request_exception=False, headers={"accept-language": "de"})


@pytest.fixture
def staff(cast: Cast, client: Client) -> Client:
    client.force_login(cast.albers.user("miriam"))
    return client


@pytest.fixture
def details(cast: Cast) -> str:
    """The address of the form for somebody's details."""
    return reverse("portal:details", args=["albers", hold_token(hold(cast.albers, "09:00").pk)])


def assert_friendly(answer: Any, *statuses: int) -> None:
    """A refusal as a whole page in the visitor's language, with no trace of the program in it."""
    page = answer.content.decode()
    assert answer.status_code in (statuses or range(400, 500)), (answer.status_code, page[:200])
    assert '<html lang="de"' in page
    assert "Traceback" not in page
    assert "<h1" in page
    assert answer.headers["X-Request-Id"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


# --- Addresses and queries ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/%00", "/book/albers%00/", "/book/albers/?day=%00", "/?day=2026-01-01%00", "/appointments/%00/",
        "/appointment/%00/", "/accounts/login/?next=%00", "/messages/?page=%00", "/static/%00",
    ],
)  # fmt: skip
def test_nul_in_an_address(staff: Client, address: str) -> None:
    assert_friendly(staff.get(address), 400)


@pytest.mark.parametrize(
    "address",
    [
        "/appointments/%ff%fe/", "/appointments/%ed%a0%80/", "/appointment/%ed%a0%80/", "/book/%c0%af/",
        "/columns/%f0%9f%8c%a7/", "/book/albers/types/%ed%b0%80/", "/book/albers/holds/%ff/",
        "/appointments/" + "9" * 60_000 + "/", "/appointment/" + "%f0%9f%8c%a7" * 5000 + "/", "/../../etc/passwd",
        "/book/..%2f..%2fetc/", "/book/albers/types/' OR 1=1 --/", "/{{7*7}}/",
    ],
    ids=lambda address: address[:30],
)  # fmt: skip
def test_addresses_that_never_were(staff: Client, address: str) -> None:
    assert_friendly(staff.get(address), 404)


DAYS = [
    "0000-00-00", "99999-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "-1", "2026-13-01", "1e9", "٢٠٢٦-٠١-٠١",
    "2026-01-01T00:00", "🌧", "%ed%a0%80", "%ff", "9" * 10_000, "2026-W99-9",
]  # fmt: skip


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day[:20])
def test_days_that_never_were(staff: Client, cast: Cast, day: str) -> None:
    assert_friendly(staff.get(f"/?day={day}"), 404)
    column = reverse("scheduling:column", args=[cast.albers.calendars["jonas"].pk])
    assert_friendly(staff.get(f"{column}?day={day}"), 404)
    times = reverse("portal:times", args=["albers", cast.albers.types["talk"].reference])
    answer = staff.get(f"{times}?day={day}")
    if day in ("0001-01-01", "9999-12-31"):  # days there are, so the page opens at the nearest that can be booked
        assert answer.status_code == 200
    else:
        assert_friendly(answer, 404)


@pytest.mark.parametrize("page", ["0", "-1", "999999999999999999999", "x", "%ff", "🌧", "1.5", ""])
def test_pages_of_a_list_that_never_were_show_one_that_is(staff: Client, page: str) -> None:
    assert staff.get(f"/messages/?page={page}").status_code == 200


# --- Headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example.org", "albers.example.org:99999", "a" * 300, "[::1", "a b", "127.0.0.1@x"]
)
def test_hosts_that_are_not_ours(client: Client, host: str) -> None:
    for address in ["/", "/book/albers/", "/nowhere"]:
        assert_friendly(client.get(address, headers={"host": host}), 400)


COOKIES = ['"\\000abcdefghijk"', '"\\377\\376"', "ä🌧", "x" * 8000, '"\\355\\240\\200aaaaaa"', "={};,"]


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "language", "messages", "anything"])
def test_cookies_that_nobody_set(client: Client, cookie: str) -> None:
    for value in COOKIES:
        raw = f"{cookie}={value}".encode().decode("latin-1")
        for address in ("/", "/book/albers/", "/accounts/login/"):
            answer = client.get(address, HTTP_COOKIE=raw)
            if "\\000" in value:
                assert_friendly(answer, 400)
            else:
                assert answer.status_code in (200, 302)


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "unicode_escape", "base64", "rot13", "idna", "klingon"])
def test_an_encoding_that_a_request_names_is_no_matter(charset: str) -> None:
    """Some would raise before any page, others carry NUL past whoever looks for it. All is read as UTF-8."""
    answers: list[str] = []

    def begin(status: str, _headers: list[tuple[str, str]]) -> None:
        answers.append(status)

    for parameter in ("charset={}", 'Charset = "{}"', "charset*=utf-8''{}"):
        for address, method in (("/accounts/login/", "GET"), ("/nowhere", "POST")):
            query = f"{address}?next=%5cud800%5cu0000"
            environ = RequestFactory().generic(method, query, b"login=%5cud800", FORM).environ
            environ["CONTENT_TYPE"] += "; " + parameter.format(charset)
            list(application(environ, begin))
    assert answers == ["200 OK", "404 Not Found"] * 3


@pytest.mark.parametrize("language", ["xx", "de" * 300, "\x00", "*" * 1000, "de;q=abc", "ä", ",,,,;;;q="])
def test_languages_that_never_were(cast: Cast, language: str) -> None:
    answer = Client(raise_request_exception=False).get("/book/albers/", headers={"accept-language": language})
    assert answer.status_code == 200
    assert '<html lang="de"' in answer.content.decode()


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_refusal_speaks_the_visitors_language(cast: Cast, language: str) -> None:
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    for address in ("/nowhere", "/%00"):
        assert f'<html lang="{language}"' in client.get(address).content.decode()
    answer = client.get("/", headers={"host": "evil.example.org"})
    assert f'<html lang="{language}"' in answer.content.decode()


@pytest.mark.req("OTV-10", "VID-1")
@pytest.mark.parametrize(
    "address", ["/api/otv/v1/types?practitioner=%00", "/api/video/v1/practitioners?%00", "/api/%00"]
)
def test_programs_are_told_as_programs_of_text_that_cannot_be_stored(cast: Cast, address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["fields"] == [{"field": "address", "problem": "not_text"}]


@pytest.mark.req("OTV-10", "VID-1")
@pytest.mark.parametrize("address", ["/api/otv/v1/types", "/api/video/v1/practitioners"])
def test_programs_are_told_that_this_is_not_the_host(cast: Cast, address: str) -> None:
    """A proxy that passes on another name than the one that is served is no fault of the address."""
    answer = Client(headers={"host": "elsewhere.example"}).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["fields"] == [{"field": "host", "problem": "unknown"}]


# --- Bodies ---------------------------------------------------------------------------------------------------------


def nothing_was_written(cast: Cast) -> bool:
    with acting(cast.albers.system):
        return not any(model.objects.exists() for model in (Patient, ContactPoint, Appointment))


@pytest.mark.parametrize("field", [name for name in GOOD if name != "privacy"])
@pytest.mark.parametrize(
    "value",
    [
        "\x00", "Paula\x00", "x" * 900_000, "🌧" * 70_000, "\u202e" * 1000, "0000-00-00", "99999-01-01",
        "a@" + "ﬃ" * 20 + ".de\x00", "12345678901234567890", "٠١.٠١.٢٠٠٠\x00",
    ],
    ids=lambda value: repr(value[:12]),
)  # fmt: skip
def test_a_field_of_the_booking_form(cast: Cast, client: Client, details: str, field: str, value: str) -> None:
    answer = client.post(details, GOOD | {field: value})
    if answer.status_code == 303:
        assert field in ("first_name", "last_name", "mobile", "remark")
        assert "\x00" not in value
    else:
        assert_friendly(answer, 400, 422)
        assert nothing_was_written(cast)


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": "ﬃ" * 100, "last_name": "ΐ" * 100},
        {"first_name": "𝔞" * 100, "last_name": "\U0010ffff" * 100},
        {"email": "a@" + ".".join(["ﬃ" * 20] * 11) + ".de"},
        {"first_name": "\u0344" * 100, "last_name": "\ufdfa" * 100},
        {"mobile": "+" + "²" * 12},
        {"mobile": "０１７１ ２３４５６７８"},
        {"remark": "=HYPERLINK(1)\r\n.\r\n" * 20},
        {"first_name": "%s%d{0}{{7*7}}<script>", "last_name": "'; DROP TABLE patients_patient; --"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_strange_but_possible_details_are_booked_or_refused(
    cast: Cast, client: Client, details: str, change: dict[str, str]
) -> None:
    """Letters that become three when case is folded, figures of other scripts, text that looks like a program."""
    answer = client.post(details, GOOD | change)
    if answer.status_code != 303:
        assert_friendly(answer, 422)
    else:
        page = client.get(answer.headers["Location"])
        assert page.status_code == 200
        assert "<script>" not in page.content.decode()


BODIES: dict[str, tuple[Callable[[], bytes], str]] = {
    "10 MB": (lambda: b"first_name=" + b"x" * 10 * MEGABYTE, FORM),
    "10 MB of nothing": (lambda: b"\x00" * 10 * MEGABYTE, FORM),
    "5,000 fields": (lambda: b"&".join(b"f%d=1" % number for number in range(5000)), FORM),
    "5,000 times one field": (lambda: b"&".join([b"first_name=1"] * 5000), FORM),
    "half a multipart": (lambda: PART + b'name="first_name"\r\n', MULTIPART),
    "multipart without boundary": (lambda: b"--b\r\n", "multipart/form-data"),
    "multipart with a bad boundary": (lambda: b"--b\r\n", "multipart/form-data; boundary=" + "ä" * 300),
    "a file": (
        lambda: PART + b'name="first_name"; filename="a.exe"\r\n\r\nMZ\r\n--b--\r\n',
        MULTIPART,
    ),
    "a large file": (
        lambda: PART + b'name="f"; filename="a"\r\n\r\n' + b"x" * 10 * MEGABYTE + b"\r\n--b--",
        MULTIPART,
    ),
    "10 MB in a multipart field": (
        lambda: PART + b'name="f"\r\n\r\n' + b"x" * 10 * MEGABYTE + b"\r\n--b--\r\n",
        MULTIPART,
    ),
    "broken UTF-8": (lambda: b"first_name=%ff%fe&last_name=\xff\xfe", FORM),
    "lone surrogates": (lambda: b"first_name=%ed%a0%80&last_name=%ed%b0%80", FORM),
    "JSON": (lambda: b'{"first_name": "Paula"}', "application/json"),
    "no type": (lambda: b"first_name=Paula", ""),
    "nothing": (lambda: b"", FORM),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_no_form_makes(cast: Cast, client: Client, details: str, name: str) -> None:
    make, kind = BODIES[name]
    assert_friendly(client.generic("POST", details, make(), kind), 400, 413, 422)
    assert nothing_was_written(cast)


def test_what_is_too_large_is_called_that(cast: Cast, client: Client, details: str) -> None:
    assert_friendly(client.post(details, {"remark": "🙂" * MEGABYTE}), 413)
    assert nothing_was_written(cast)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_no_time_button_makes(cast: Cast, client: Client, name: str) -> None:
    make, kind = BODIES[name]
    address = reverse("portal:hold", args=["albers", cast.albers.types["talk"].reference])
    assert_friendly(client.generic("POST", address, make(), kind), 400, 404, 413)
    with acting(cast.albers.system):
        assert not Hold.objects.exists()


STARTS = [
    *("", "~", "20261123T0800Z", "00000000T0000Z~x", "99991231T2359Z~x", "20261123T0800Z~\x00", "\x00"),
    *("20261123T0800Z~" + "x" * 99, "20261123T9999Z~x", "20261123T0800Z~🌧", "20261123T0800Z~'; --"),
    *("x" * 900_000, "\ud7ff~\ud7ff"),
]


def test_a_time_button_of_somebody_else(cast: Cast, client: Client) -> None:
    address = reverse("portal:hold", args=["albers", cast.albers.types["talk"].reference])
    for start in STARTS:
        assert_friendly(client.post(address, {"start": start, "key": str(new_id())}), 404)


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "\x00", "🌧" * 100])
def test_a_form_key_that_is_none(cast: Cast, client: Client, key: str) -> None:
    address = reverse("portal:hold", args=["albers", cast.albers.types["talk"].reference])
    start = f"{at('07:00'):%Y%m%dT%H%MZ}~{cast.albers.calendars['jonas'].reference}"
    assert_friendly(client.post(address, {"start": start, "key": key}), 404)


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"])
@pytest.mark.parametrize(
    "value", ["\x00", "a\x00@example.org", "🌧" * 50_000, "x" * 900_000, "a@b" * 1000, "\u202e@example.org"],
    ids=lambda value: repr(value[:12]),
)  # fmt: skip
def test_the_forms_of_signing_in(cast: Cast, client: Client, address: str, value: str) -> None:
    answer = client.post(address, {"login": value, "email": value, "password": value, "next": value})
    assert answer.status_code in (200, 302, 400, 413)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("uid", ["0", "zzzz", "z" * 300, "-1", "%ff", "🌧"])
def test_a_password_link_that_was_never_sent(cast: Cast, client: Client, uid: str) -> None:
    answer = client.get(f"/accounts/password/reset/key/{uid}-abcdef/")
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize("value", ["xx", "\x00", "de\x00", "🌧" * 1000, "../../etc"])
def test_a_language_that_never_was_is_not_kept(cast: Cast, client: Client, value: str) -> None:
    answer = client.post("/language/", {"language": value, "next": "//evil.example.org/"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert "language" not in answer.cookies
