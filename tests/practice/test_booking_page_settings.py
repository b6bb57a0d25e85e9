"""What a practice sets for its booking page, and its logo (BOO-1, BOO-4, BOO-6, BOO-8)."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.actions import BookingPage, change_booking_page
from sprechzeit.practice.errors import ImageTooLarge, NotAnImage
from sprechzeit.practice.logo import MOST_BYTES, drawn_anew
from sprechzeit.practice.models import Logo, Practice
from sprechzeit.practice.queries import practice_of
from tests.practice.test_practice_settings import client_of, fields
from tests.support.cast import Cast, House

pytestmark = [pytest.mark.req("BOO-1")]

ADDRESS = "/settings/booking/"
PUBLIC = "/book/albers/"


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300), **more: Any) -> bytes:
    out = BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, (200, 30, 60)).save(out, kind, **more)
    return out.getvalue()


def save(house: House, name: str = "miriam", **changes: Any) -> Any:
    client = client_of(house, name)
    form = client.get(ADDRESS).context["form"]
    sent = {name: value for name, value in fields(form, **changes).items() if name != "logo" or name in changes}
    return client.post(ADDRESS, sent)


def file(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def now(house: House) -> Practice:
    with acting(house.system):
        return practice_of(house.system)


class TestThePage:
    @pytest.mark.req("BOO-4", "BOO-6", "BOO-8")
    def test_what_is_set_is_kept_and_shown_to_patients(self, cast: Cast) -> None:
        answer = save(
            cast.albers,
            booking_name="Praxis am Park",
            booking_phone="0221 777",
            booking_text="Willkommen <b>bei uns</b>",
            colour="5",
            cancel_hours="48",
            open_bookings="3",
            booking_code_required="on",
            imprint_url="www.park.example/impressum",
            privacy_url="https://www.park.example/datenschutz",
            embed_origins="https://www.Park.example/kontakt\r\nhttps://park.example",
        )
        assert (answer.status_code, answer["Location"]) == (303, ADDRESS)
        practice = now(cast.albers)
        assert (practice.cancel_hours, practice.open_bookings, practice.booking_code_required) == (48, 3, True)
        assert practice.imprint_url == "https://www.park.example/impressum"
        assert practice.embed_origins == "https://www.park.example\nhttps://park.example"
        assert (practice.name, practice.phone) == ("Praxis Albers", "0221 555 0100")
        page = Client().get(PUBLIC)
        shown = page.content.decode()
        assert "Praxis am Park" in shown and "Praxis Albers" not in shown
        assert "0221 777" in shown and "0221 555" not in shown
        assert "Willkommen &lt;b&gt;bei uns" in shown
        assert "colour5" in shown
        assert "https://www.park.example" in page["Content-Security-Policy"]

    def test_nothing_entered_is_what_the_practice_data_say(self, cast: Cast) -> None:
        save(cast.albers, booking_name="", booking_phone="")
        shown = Client().get(PUBLIC).content.decode()
        assert "Praxis Albers" in shown and "0221 555 0100" in shown

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("imprint_url", "http://www.park.example"),
            ("imprint_url", "javascript:alert(1)"),
            ("privacy_url", "ftp://park.example/a"),
            ("privacy_url", "nichts"),
            ("open_bookings", "0"),
            ("open_bookings", "21"),
            ("cancel_hours", "-1"),
            ("cancel_hours", "viele"),
            ("embed_origins", "http://www.park.example"),
            ("embed_origins", "https://*.park.example"),
            ("embed_origins", "https://a.example; script-src *"),
            ("colour", "9"),
            ("booking_text", "x" * 601),
        ],
    )
    def test_what_is_wrong_is_said_beside_it_and_stays(self, cast: Cast, field: str, typed: str) -> None:
        answer = save(cast.albers, **{field: typed, "booking_name": "Park"})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
        assert answer.context["form"][field].value() == typed
        assert now(cast.albers).booking_name == ""

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "http://a.example"])
    @pytest.mark.parametrize("field", ["imprint_url", "privacy_url"])
    def test_the_database_takes_no_other_link(self, cast: Cast, field: str, address: str) -> None:
        with acting(cast.albers.system), pytest.raises(IntegrityError), transaction.atomic():
            Practice.objects.filter(pk=cast.albers.practice.pk).update(**{field: address})

    def test_two_lines_embed_it(self, cast: Cast) -> None:
        shown = client_of(cast.albers, "miriam").get(ADDRESS).content.decode()
        assert f"&lt;a data-sprechzeit href=&quot;http://127.0.0.1:8000{PUBLIC}&quot;&gt;" in shown
        assert "&lt;script src=&quot;http://127.0.0.1:8000/book/embed.js&quot; async&gt;&lt;/script&gt;" in shown

    def test_what_a_colleague_saved_meanwhile_is_not_written_over(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        shown = client.get(ADDRESS).context["form"]
        save(cast.albers, booking_text="Neu", cancel_hours="12")
        sent = {name: value for name, value in fields(shown, booking_name="Park").items() if name != "logo"}
        client.post(ADDRESS, sent)
        practice = now(cast.albers)
        assert (practice.booking_name, practice.booking_text, practice.cancel_hours) == ("Park", "Neu", 12)

    @pytest.mark.req("ACC-1", "ACC-7")
    @pytest.mark.parametrize("name", ["jonas", "jana"])
    def test_others_read_it(self, cast: Cast, name: str) -> None:
        page = client_of(cast.albers, name).get(ADDRESS)
        assert page.status_code == 200
        assert all(field.disabled for field in page.context["form"].fields.values())
        assert save(cast.albers, name, booking_name="Park").status_code == 403
        actor = cast.albers.actor(name)
        with acting(actor), pytest.raises(NotAllowed):
            change_booking_page(actor, BookingPage({}, logo=picture()))

    @pytest.mark.req("AUD-1")
    def test_the_log_has_the_change(self, cast: Cast) -> None:
        save(cast.albers, booking_name="Park", logo=file(picture()))
        with acting(cast.albers.system):
            tables = set(Entry.objects.order_by("-id").values_list("table_name", flat=True)[:2])
        assert tables == {"practice_practice", "practice_logo"}


class TestClosed:
    def test_nothing_is_offered_and_it_is_said_whom_to_call(self, cast: Cast) -> None:
        kind = cast.albers.types["talk"].reference
        times = reverse("portal:times", args=["albers", kind])
        assert Client().get(times).status_code == 200
        save(cast.albers, booking_open=None)
        shown = Client().get(PUBLIC).content.decode()
        assert "Gespräch" not in shown and "0221 555 0100" in shown
        assert Client().get(times).status_code == 404
        held = Client().post(reverse("portal:hold", args=["albers", kind]), {"start": "x", "key": "k" * 24})
        assert held.status_code == 404
        save(cast.albers, booking_open="on")
        assert "Gespräch" in Client().get(PUBLIC).content.decode()

    def test_the_other_practice_stays_open(self, cast: Cast) -> None:
        save(cast.albers, booking_open=None)
        assert "Gespräch" in Client().get("/book/brandt/").content.decode()


class TestLogo:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_it_is_drawn_anew_and_shown(self, cast: Cast, kind: str) -> None:
        sent = picture(kind)
        assert save(cast.albers, logo=file(sent)).status_code == 303
        logo = now(cast.albers).logo
        assert (logo.width, logo.height) == (640, 213)
        address = reverse("portal:logo", args=["albers", logo.digest])
        assert address in Client().get(PUBLIC).content.decode()
        answer = Client().get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer
        with Image.open(BytesIO(answer.content)) as served:
            assert (served.format, served.size) == ("WEBP", (640, 213))

    def test_another_one_has_another_address(self, cast: Cast) -> None:
        save(cast.albers, logo=file(picture()))
        first = now(cast.albers).logo.digest
        save(cast.albers, logo=file(picture(size=(200, 200))))
        second = now(cast.albers).logo.digest
        assert Client().get(reverse("portal:logo", args=["albers", first])).status_code == 404
        assert Client().get(reverse("portal:logo", args=["albers", second])).status_code == 200
        assert Client().get(reverse("portal:logo", args=["brandt", second])).status_code == 404

    def test_it_can_be_removed(self, cast: Cast) -> None:
        save(cast.albers, logo=file(picture()))
        assert "brand-logo" in Client().get(PUBLIC).content.decode()
        save(cast.albers, without_logo="on")
        with acting(cast.albers.system):
            assert not Logo.objects.exists()
        assert "brand-logo" not in Client().get(PUBLIC).content.decode()

    def test_nothing_but_the_picture_is_kept(self) -> None:
        """Where it was taken, and what was written behind it, are not served."""
        exif = Image.Exif()
        exif[0x010E] = "secret place"
        sent = picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
        assert b"secret place" in sent
        drawn = drawn_anew(sent, 640, 320)
        assert b"secret place" not in drawn.image and b"<script>" not in drawn.image

    def test_it_stands_upright(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        drawn = drawn_anew(picture("JPEG", (300, 100), exif=exif), 640, 320)
        assert (drawn.width, drawn.height) == (100, 300)

    def test_a_small_one_stays_small(self) -> None:
        drawn = drawn_anew(picture(size=(40, 20)), 640, 320)
        assert (drawn.width, drawn.height) == (40, 20)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"MZ\x90\x00",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<html><script>alert(1)</script></html>",
            picture("GIF"),
            picture("BMP"),
            picture("PNG")[:60],
            picture("JPEG")[:200],
            b"\x89PNG\r\n\x1a\n" + b"\x00" * 400,
            b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        ],
        ids=["nothing", "program", "svg", "html", "gif", "bmp", "half a png", "half a jpeg", "no png", "no webp"],
    )
    def test_what_is_no_such_image(self, cast: Cast, content: bytes) -> None:
        with pytest.raises(NotAnImage):
            drawn_anew(content, 640, 320)
        answer = save(cast.albers, logo=file(content), booking_name="Park")
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["logo"])
        assert answer.context["form"]["booking_name"].value() == "Park"
        assert now(cast.albers).booking_name == ""

    def test_a_small_file_that_is_a_huge_picture(self) -> None:
        """Refused by its header, before memory is taken for its pixels."""
        header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
        chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
        with pytest.raises((ImageTooLarge, NotAnImage)):
            drawn_anew(b"\x89PNG\r\n\x1a\n" + chunk, 640, 320)
        with pytest.raises(ImageTooLarge):
            drawn_anew(picture(size=(4097, 1)), 640, 320)

    def test_a_file_that_is_too_large_is_refused_with_the_form(self, cast: Cast) -> None:
        answer = save(cast.albers, logo=file(picture() + b"\x00" * MOST_BYTES))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["logo"])

    def test_far_too_much_is_not_even_read(self, cast: Cast) -> None:
        assert save(cast.albers, logo=file(b"\x00" * 6 * MOST_BYTES)).status_code == 400

    def test_more_than_one_file(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        assert client.post(ADDRESS, {"logo": [file(picture()), file(picture())]}).status_code == 400

    def test_with_another_mistake_it_is_chosen_once_more(self, cast: Cast) -> None:
        answer = save(cast.albers, logo=file(picture()), open_bookings="99")
        assert set(answer.context["form"].errors) == {"open_bookings", "logo"}
        with acting(cast.albers.system):
            assert not Logo.objects.exists()

    def test_the_form_is_one_of_ours(self, cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.albers.user("miriam"))
        assert client.post(ADDRESS, {"booking_name": "Fremd"}).status_code == 403
        page = client.get(ADDRESS)
        form = fields(page.context["form"], booking_name="Park") | {"logo": file(picture())}
        form["csrfmiddlewaretoken"] = page.context["csrf_token"]
        assert client.post(ADDRESS, form).status_code == 303

    def test_no_other_page_takes_a_file(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        assert client.post(reverse("practice:facts"), {"logo": file(picture())}).status_code == 400
