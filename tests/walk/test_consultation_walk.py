"""A consultation in two real browsers with cameras: from the link to the end (VID-3, VID-4, VID-7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.core.live import announce_practice
from sprechzeit.scheduling.models import Appointment
from tests.support.accessible import objections
from tests.support.browser import complaints_of, wait_until
from tests.support.callers import KEEP_CONNECTIONS, calling_browser, connection_of, sees
from tests.support.cast import Cast
from tests.support.consultations import Held, now_by_video
from tests.support.coturn import SECRET, relay
from tests.support.databases import Databases
from tests.support.server import Program, running
from tests.walk.test_beside_walk import aside
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("VID-3", "VID-7")]


# By which way the other one is reached: another one after each ICE restart.
WAY = "/ice-ufrag:(\\S+)/.exec(window.testConnection().remoteDescription.sdp)[1]"
# What a browser answers whose user said no: there is nobody here to say it.
REFUSED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"


@dataclass
class Caller:
    """Somebody's page, what it complained about, and where it asked for anything."""

    page: Page
    complaints: list[str]
    asked: list[str]


@dataclass(frozen=True)
class House:
    """The program, Paula's appointment with Jonas, and the cookies of who works there."""

    url: str
    held: Held
    sessions: dict[str, str]


@pytest.fixture
def house(cast: Cast, own_database: Databases, served: Program) -> House:
    held = now_by_video(cast.albers)
    return House(served.url, held, {name: session_of(cast.albers, name) for name in ("jonas", "jana")})


@pytest.fixture
def chromium(house: House) -> Iterator[Browser]:
    with sync_playwright() as playwright, calling_browser(playwright) as chromium:
        yield chromium


@pytest.fixture
def caller(chromium: Browser, house: House) -> Callable[[str], Caller]:
    return opener(chromium, house)


def opener(chromium: Browser, house: House) -> Callable[[str], Caller]:
    """Opens a browser: the patient's on a phone, or a member's; 'refused': whose browser has no camera for the page."""

    def open_page(who: str) -> Caller:
        size = {"width": 390, "height": 844} if who == "patient" else {"width": 1400, "height": 900}
        context = chromium.new_context(locale="de-DE", viewport=size)  # type: ignore[arg-type]
        context.add_init_script(KEEP_CONNECTIONS)
        if who == "refused":
            context.add_init_script(REFUSED)
        if who in house.sessions:
            name, value = house.sessions[who].split("=", 1)
            context.add_cookies([{"name": name, "value": value, "url": house.url}])
        page = context.new_page()
        asked: list[str] = []

        def note(request: Request) -> None:
            asked.append(request.url)

        page.on("request", note)
        return Caller(page, complaints_of(page), asked)

    return open_page


def into_the_waiting_room(one: Caller, house: House) -> None:
    page = one.page
    page.goto(f"{house.url}{house.held.page}")
    page.get_by_label("Ihre TAN").fill(house.held.tan)
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("heading", name="Sehen und hören wir Sie gut?")).to_be_visible()
    page.get_by_role("button", name="In den Warteraum").click()
    expect(page.get_by_role("heading", name="Gleich geht es los, Paula Sommer")).to_be_visible()


def admitted(caller: Callable[[str], Caller], house: House) -> tuple[Caller, Caller]:
    """The patient waits, the practitioner sees it on the list and lets them in; they see each other."""
    patient, jonas = caller("patient"), caller("jonas")
    jonas.page.goto(f"{house.url}/video/")
    into_the_waiting_room(patient, house)
    jonas.page.get_by_role("button", name="Jetzt eintreten lassen").click()
    for one in (patient, jonas):
        sees(one.page)
    return patient, jonas


def ends(patient: Caller, jonas: Caller) -> None:
    """The practitioner ends it for both. Nothing was complained about, nobody else was asked for anything."""
    jonas.page.get_by_role("button", name="Gespräch beenden").click()
    for one in (patient, jonas):
        expect(one.page.get_by_role("heading", name="Das Gespräch ist beendet")).to_be_visible()
        assert one.complaints == []
        assert len({url.split("/")[2] for url in one.asked}) == 1


@pytest.mark.req("VID-4")
def test_from_the_link_to_the_end(caller: Callable[[str], Caller], house: House) -> None:
    """TAN, device test, waiting room, let in, picture on both sides past the server, chat, end."""
    patient, jonas = admitted(caller, house)
    assert connection_of(jonas.page) == {"local": "host", "remote": "host"}
    stage = patient.page.locator(".stage-big").bounding_box()
    assert stage and stage["y"] < 40 and stage["height"] > 500, "the picture has the phone's screen"
    assert patient.page.evaluate("document.querySelector('[data-sound]').srcObject.getAudioTracks()[0].muted") is False
    patient.page.get_by_role("button", name="Chat", exact=True).click()
    patient.page.get_by_placeholder("Nachricht an").fill("Ich höre <b>Sie</b> gut.")
    patient.page.keyboard.press("Enter")
    expect(jonas.page.get_by_role("button", name="Chat , neue Nachricht")).to_be_visible()
    jonas.page.keyboard.press("c")
    expect(jonas.page.get_by_role("log")).to_contain_text("Ich höre <b>Sie</b> gut.")
    ends(patient, jonas)
    assert patient.page.evaluate("document.querySelector('[data-own]').srcObject") is None


@pytest.mark.long
def test_a_screen_is_shared_and_what_is_off_shows(caller: Callable[[str], Caller], house: House) -> None:
    """Keys M, K, B; whose screen is shared has the stage on both sides, and leaves it."""
    patient, jonas = admitted(caller, house)
    jonas.page.keyboard.press("b")
    expect(jonas.page.get_by_text("Sie teilen Ihren Bildschirm")).to_be_visible()
    for one in (patient, jonas):
        sees(one.page, "[data-screen]")
        sees(one.page, "[data-other-small]")
    jonas.page.get_by_role("button", name="Teilen beenden").click()
    expect(patient.page.locator("[data-screen]")).to_be_hidden()
    for key, what in (("m", "Mikrofon aus"), ("k", "Kamera aus")):
        patient.page.keyboard.press(key)
        expect(jonas.page.locator("[data-name]").get_by_text(what)).to_be_attached()
        expect(jonas.page.locator(f"[data-other-off={'microphone' if key == 'm' else 'camera'}]")).to_be_visible()
        patient.page.keyboard.press(key)
        expect(jonas.page.locator("[data-other-off]:visible")).to_have_count(0)
    ends(patient, jonas)


@pytest.mark.long
def test_who_reloads_or_changes_the_network_is_back(caller: Callable[[str], Caller], house: House) -> None:
    patient, jonas = admitted(caller, house)
    for one in (patient, jonas):
        talked = one.page.locator("[data-elapsed]").inner_text()
        one.page.reload()
        for other in (patient, jonas):
            sees(other.page)
        expect(one.page.locator("[data-elapsed]")).not_to_have_text("0:00")
        assert one.page.locator("[data-elapsed]").inner_text() >= talked
    for one in (patient, jonas):
        before = one.page.evaluate(WAY)
        one.page.context.set_offline(True)
        one.page.wait_for_timeout(1500)
        one.page.context.set_offline(False)  # The browser says 'online': another way is looked for.
        wait_until(one.page, f"({WAY}) !== '{before}'")
        for other in (patient, jonas):
            sees(other.page)
    for one in (patient, jonas):
        one.complaints[:] = [text for text in one.complaints if "ERR_INTERNET_DISCONNECTED" not in text]
    ends(patient, jonas)


@pytest.mark.long
def test_another_window_takes_over_and_the_first_one_says_so(caller: Callable[[str], Caller], house: House) -> None:
    """Two sides, one seat each: nobody listens in."""
    patient, jonas = admitted(caller, house)
    again = patient.page.context.new_page()
    again.goto(f"{house.url}{house.held.page}")
    sees(again)
    sees(jonas.page)
    expect(patient.page.get_by_role("heading", name="Sie machen in einem anderen Fenster")).to_be_visible()
    assert patient.page.evaluate("window.testConnection().connectionState") == "closed"


@pytest.mark.req("VID-4")
def test_a_link_that_carries_the_tan_and_a_refused_camera(
    chromium: Browser, caller: Callable[[str], Caller], house: House
) -> None:
    """The TAN is typed in by the page and gone from the address; without the browser's leave nobody can wait."""
    secretary = caller("jana")
    secretary.page.goto(f"{house.url}/video/")
    link = secretary.page.locator("[data-join-link]").get_attribute("data-join-link") or ""
    assert link.endswith(f"#tan={house.held.tan}")
    patient = caller("refused")
    patient.page.goto(link.replace(link.split("/video/")[0], house.url))
    refusal = patient.page.get_by_role("alert").get_by_text(
        "Ihr Browser erlaubt dieser Seite Kamera und Mikrofon nicht."
    )
    expect(refusal).to_be_visible()
    expect(patient.page.get_by_role("button", name="In den Warteraum")).to_be_disabled()
    assert house.held.tan not in patient.page.url
    assert not [url for url in patient.asked if house.held.tan in url]
    assert secretary.page.get_by_role("button", name="Jetzt eintreten lassen").count() == 0


@pytest.mark.long
def test_through_a_relay_with_credentials_that_end(cast: Cast, own_database: Databases) -> None:
    """Nothing but the relay is allowed; it is taken away and comes back as a network does."""
    held = now_by_video(cast.albers)
    sessions = {"jonas": session_of(cast.albers, "jonas")}
    with (
        relay() as turn,
        running(own_database, worker=False, TURN_URLS=turn.url, TURN_SECRET=SECRET, TURN_ONLY="1") as program,
        sync_playwright() as playwright,
        calling_browser(playwright) as chromium,
    ):
        house = House(program.url, held, sessions)
        patient, jonas = admitted(opener(chromium, house), house)
        assert connection_of(jonas.page) == {"local": "relay", "remote": "relay"}
        assert "ALLOCATE processed, success" in turn.log()
        turn.stop()
        expect(jonas.page.get_by_role("heading", name="Die Verbindung ist unterbrochen")).to_be_visible(timeout=30_000)
        turn.start()
        for one in (patient, jonas):
            wait_until(one.page, "window.testConnection().connectionState === 'connected'", 60)
            sees(one.page)
        ends(patient, jonas)


@pytest.mark.req("VID-4")
def test_it_goes_on_after_the_links_time_and_is_over_with_who_leaves(
    cast: Cast, caller: Callable[[str], Caller], house: House
) -> None:
    """Both are told; after a change of network they are back; who loads the page again is not."""
    patient, jonas = admitted(caller, house)
    ended = timezone.now() - timedelta(hours=1)

    def is_over() -> None:
        with acting(cast.albers.system):
            appointment = Appointment.objects.filter(pk=house.held.of.pk)
            appointment.update(starts_at=ended - timedelta(minutes=50), ends_at=ended)
            announce_practice(house.held.video.practice_id)

    aside(is_over)
    for one in (patient, jonas):
        expect(one.page.locator("[data-closing]")).to_be_visible(timeout=20_000)
        expect(one.page.locator("[data-closing]")).to_contain_text(f"{ended + timedelta(hours=1):%M}")
        assert objections(one.page) == []
    before = jonas.page.evaluate(WAY)
    jonas.page.context.set_offline(True)
    jonas.page.wait_for_timeout(1500)
    jonas.page.context.set_offline(False)
    wait_until(jonas.page, f"({WAY}) !== '{before}'")
    for one in (patient, jonas):
        sees(one.page)
    patient.page.reload()
    expect(patient.page.get_by_role("heading", name="Diese Videosprechstunde ist vorbei")).to_be_visible()
    expect(jonas.page.get_by_role("heading", name="Das Gespräch ist beendet")).to_be_visible()
    expect(jonas.page.get_by_role("button", name="Sitzung dokumentieren")).to_be_visible()
