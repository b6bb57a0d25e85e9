"""Who sees a consultation, and who holds it: its practitioner, and who sees everything (VID-3)."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from sprechzeit.access.table import Area
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import share_patients
from sprechzeit.scheduling.models import Appointment
from tests.laws.test_staff_routes import shown
from tests.support.cast import Cast, at
from tests.support.consultations import Held, by_video, came_in, pushed, sits
from tests.support.delegates import give_member, terms
from tests.support.routes import DELEGATE, PEOPLE, client_of

pytestmark = pytest.mark.req("VID-3", "ACC-6", "ACC-7")
POSTED = ("seat", "departure", "signal", "admission", "end", "soon", "unlocking")
# Of who may not take part, but may say that the TAN can be typed again.
HELPS = {"unlocking": 303}
SENT = {"state": "waiting", "seat": str(new_id()), "to": str(new_id()), "kind": "restart"}


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    """Its time has come."""
    with time_machine.travel(at("09:00")):
        yield


def asked(client: Client, one: Held) -> dict[str, int]:
    """What somebody is answered: the page, and what pages ask for."""
    page = "appointment" if one.video.appointment_id else "visit"
    found = {page: client.get(reverse(f"video:{page}", args=[one.of.pk])).status_code}
    # `seat` first: departure is from nobody's seat.
    found |= {name: client.post(one.address(name), SENT | {"seat": ""}).status_code for name in POSTED[:1]}
    found |= {name: client.post(one.address(name), SENT).status_code for name in POSTED[1:]}
    return found | {name: client.get(one.address(name)).status_code for name in ("relays", "waiting")}


# Nobody waits yet, nothing was admitted, and no seat is that of the form.
HOLDS = {
    "seat": 200, "departure": 204, "signal": 409, "admission": 409, "end": 409, "soon": 409, "unlocking": 303,
    "relays": 404, "waiting": 200,
}  # fmt: skip
LOOKS = dict.fromkeys(HOLDS, 403) | {"unlocking": 303, "waiting": 200}
NOTHING = dict.fromkeys(HOLDS, 404) | {"waiting": 200}
EXPECTED = {
    "anonymous": dict.fromkeys(HOLDS, 302),
    "without practice": dict.fromkeys(HOLDS, 403),
    DELEGATE: dict.fromkeys(HOLDS, 403),
    "administrator": HOLDS,
    "practitioner": HOLDS,
    "secretary": LOOKS,
    "stranger": NOTHING,
}


@pytest.mark.parametrize(("who", "opens"), [("jonas", True), ("miriam", True), ("jana", False)])
def test_only_who_is_let_in_is_shown_the_way_in(cast: Cast, who: str, opens: bool) -> None:
    """The secretary's office reads link and TAN out, and is led to no page that refuses it."""
    one = by_video(cast.albers)
    with acting(cast.albers.system):
        Appointment.objects.filter(pk=one.of.pk).update(location="video")
    client = Client()
    client.force_login(cast.albers.user(who))
    page = client.get(reverse("scheduling:appointment", args=[one.of.pk])).content.decode()
    assert one.tan in page
    assert (reverse("video:appointment", args=[one.of.pk]) in page) is opens


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("kind", ["appointment", "visit"])
def test_who_is_let_in_where(cast: Cast, person: str, kind: str) -> None:
    one = by_video(cast.albers) if kind == "appointment" else pushed(cast.albers, "09:30")
    expected = EXPECTED[person]
    page = {200: 200, 409: 200}.get(expected["seat"], expected["seat"])
    assert asked(client_of(cast, person), one) == {kind: page} | expected


def test_what_is_not_visible_is_like_what_never_was(cast: Cast) -> None:
    """Berta of the other practice, and Jonas of Miriam's consultation."""
    one, berta = by_video(cast.albers, who="miriam"), client_of(cast, "stranger")
    jonas = client_of(cast, "practitioner")
    for client, page in ((berta, "appointment"), (jonas, "appointment")):
        ids = [one.of.pk, new_id(), "not-an-id", one.id]
        answers = {shown(client.get(reverse(f"video:{page}", args=[each]))) for each in ids}
        assert len(answers) == 1 and answers.pop().startswith("404")
    assert asked(jonas, one) == {"appointment": 404} | NOTHING


def test_a_colleague_with_whom_the_patient_is_shared_sees_it_and_does_not_hold_it(cast: Cast) -> None:
    house, one = cast.albers, by_video(cast.albers, who="miriam")
    miriam = house.actor("miriam")
    assert isinstance(one.of, Appointment)
    with acting(miriam):
        share_patients(miriam, [one.of.patient_id], [house.members["jonas"].pk])
    assert asked(client_of(cast, "practitioner"), one) == {"appointment": 403} | LOOKS | {"unlocking": 403}


def test_an_access_opens_no_consultation(cast: Cast) -> None:
    """Jana documents for Jonas: she reads his notes, and takes part in none of his consultations."""
    house, one = cast.albers, by_video(cast.albers)
    give_member(house, "jana", terms(house, "jonas", areas=Area), by="jonas")
    assert asked(client_of(cast, "secretary"), one) == {"appointment": 403} | LOOKS


def test_no_cookie_of_the_practice_opens_the_patients_side_and_none_of_theirs_ours(cast: Cast) -> None:
    one, other = by_video(cast.albers), by_video(cast.albers, "10:00", email="other@example.org")
    jonas = client_of(cast, "practitioner")
    for name in ("seat", "signal", "departure"):
        assert jonas.post(reverse(f"video:join_{name}", args=[one.link]), SENT).status_code == 404
    patient = came_in(one)
    patient.cookies["consultation"]["path"] = "/"
    for name in ("seat", "signal", "departure"):
        assert patient.post(reverse(f"video:join_{name}", args=[other.link]), SENT).status_code == 404
        assert patient.post(one.address(name), SENT).status_code == 302
    assert patient.get(reverse("video:join_relays", args=[other.link])).status_code == 404


def test_another_site_cannot_write(cast: Cast) -> None:
    """The cookie alone is no leave: a browser says whose page sends it."""
    one = by_video(cast.albers)
    for client, address in ((came_in(one), f"{one.page}seat/"), (client_of(cast, "practitioner"), one.address("seat"))):
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert client.post(address, {"state": "waiting"}, headers=foreign).status_code == 403
        assert client.post(address, {"state": "waiting"}).status_code == 200


def test_the_pages_with_a_camera_allow_themselves_and_nothing_within(cast: Cast) -> None:
    one = by_video(cast.albers)
    jonas = client_of(cast, "practitioner")
    pages = [
        came_in(one).get(one.page), jonas.get(reverse("video:appointment", args=[one.of.pk])),
        jonas.get(reverse("video:devices")),
    ]  # fmt: skip
    for answer in pages:
        policy = answer.headers["Permissions-Policy"]
        assert all(f"{name}=(self)" in policy for name in ("camera", "microphone", "display-capture"))
        assert "geolocation=()" in policy and "payment=()" in policy
        security = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in security and "script-src 'self'" in security and "http" not in security
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Anlage 31b BMV-Ä" in answer.content.decode() or answer is pages[2]
    for address in ("/", reverse("video:list"), "/book/albers/"):
        assert "camera=()" in jonas.get(address).headers["Permissions-Policy"]


@pytest.mark.req("AUD-2")
def test_opening_a_call_is_logged_and_what_the_pages_tell_each_other_is_not(cast: Cast) -> None:
    one, jonas = by_video(cast.albers), client_of(cast, "practitioner")
    jonas.get(reverse("video:appointment", args=[one.of.pk]))
    sits(one, one.patient)
    jonas.post(one.address("admission"))
    with acting(cast.albers.system):
        entries = list(Entry.objects.order_by("id").values_list("table_name", "operation", "actor"))
    member = f"member:{cast.albers.members['jonas'].pk}"
    assert ("scheduling_appointment", "read", member) in entries
    assert ("video_consultation", "update", member) in entries
    assert not [one for one in entries if one[0] in ("video_seat", "video_signal")]
