"""A portal: what its address for webhooks takes, and what its pages show to everybody (OTV-4, OTV-9)."""

import base64
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sprechzeit.operations.conformance.outcome import Failed, Part, Skipped, expect
from sprechzeit.operations.conformance.wire import Json, Practice, exchange, now
from sprechzeit.operations.terminal import _

hooks: Part["Portal"] = Part("webhooks")
shows: Part["Portal"] = Part("portal")
MOST_PAGES = 60
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\S+")
CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")


@dataclass
class Portal:
    """Where it is, with what key we sign in the practice's stead, and what the practice told us of itself."""

    url: str
    hook_url: str
    hook_key: Ed25519PrivateKey | None
    practice: Practice
    words: tuple[str, ...]
    pages: dict[str, "Page"] = field(default_factory=dict)

    def hook(
        self, *, late: float = 0, key: Ed25519PrivateKey | None = None, name: str = "", altered: bool = False
    ) -> dict[str, str | bytes]:
        """A webhook about an appointment that nobody has, signed by Standard Webhooks (v1a)."""
        signer = key or self.hook_key
        if signer is None:
            raise Skipped(_("needs a key that the portal was told: --hook-key"))
        body = json.dumps(_event()).encode()
        name, signed_at = name or f"msg_{secrets.token_urlsafe(18)}", str(int(now() - late))
        signature = signer.sign(f"{name}.{signed_at}.".encode() + body)
        return {
            "body": body.replace(b"booked", b"cancelled") if altered else body,
            "webhook-id": name,
            "webhook-timestamp": signed_at,
            "webhook-signature": "v1a," + base64.b64encode(signature).decode(),
        }

    def send(self, hook: dict[str, str | bytes]) -> int:
        """The status that the portal answers."""
        headers = {name: one for name, one in hook.items() if isinstance(one, str)}
        body = hook["body"] if isinstance(hook["body"], bytes) else b""
        return exchange("POST", self.hook_url, body, {"content-type": "application/json", **headers})[0]

    def refuses(self, hook: dict[str, str | bytes]) -> None:
        """Raises `Failed` unless it does."""
        status = self.send(hook)
        expect(
            400 <= status < 500, _("answered %(status)s instead of %(wanted)s") % {"status": status, "wanted": "4xx"}
        )

    def takes(self, hook: dict[str, str | bytes]) -> None:
        """Raises `Failed` unless it does."""
        status = self.send(hook)
        expect(
            200 <= status < 300, _("answered %(status)s instead of %(wanted)s") % {"status": status, "wanted": "2xx"}
        )


def _event() -> Json:
    at = datetime.fromtimestamp(now(), UTC).isoformat()
    appointment = {
        "appointment": "kit-" + secrets.token_urlsafe(24), "type": "kit", "calendar": "kit", "starts_at": at,
        "ends_at": at, "state": "booked", "sequence": 1, "patient": None, "changed_at": at,
    }  # fmt: skip
    data = {"number": 0, "event": "kit", "kind": "moved", "at": at, "appointment": appointment}
    return {"type": "appointment.moved", "timestamp": at, "data": data}


@hooks.plays("hook", _("A webhook that is right is taken, about an unknown appointment too"))
def hook(portal: Portal) -> None:
    portal.takes(portal.hook())


@hooks.plays("hook-again", _("The same message sent again later, signed anew, is answered as taken"))
def hook_again(portal: Portal) -> None:
    name = f"msg_{secrets.token_urlsafe(18)}"
    portal.takes(portal.hook(name=name, late=5))
    portal.takes(portal.hook(name=name))


@hooks.plays("hook-unsigned", _("Refused: no signature"))
def hook_unsigned(portal: Portal) -> None:
    portal.refuses({"body": json.dumps(_event()).encode()})


@hooks.plays("hook-wrong", _("Refused: the signature of another key"))
def hook_wrong(portal: Portal) -> None:
    portal.refuses(portal.hook(key=Ed25519PrivateKey.generate()))


@hooks.plays("hook-altered", _("Refused: another body than was signed"))
def hook_altered(portal: Portal) -> None:
    portal.refuses(portal.hook(altered=True))


@hooks.plays("hook-stale", _("Refused: a signature of six minutes ago"))
def hook_stale(portal: Portal) -> None:
    portal.refuses(portal.hook(late=360))


@hooks.plays("hook-future", _("Refused: a signature of the future"))
def hook_future(portal: Portal) -> None:
    portal.refuses(portal.hook(late=-360))


@hooks.plays("hook-replayed", _("Refused: the same call once more"))
def hook_replayed(portal: Portal) -> None:
    message = portal.hook()
    portal.takes(message)
    portal.refuses(message)


class Page(HTMLParser):
    """What a page says, links to, and names as times."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.instants: list[str] = []
        self.elsewhere: list[str] = []
        self._said: list[str] = []
        self._address, self._silent = address, 0
        self.feed(text)

    @property
    def text(self) -> str:
        """All of it, what stands in attributes too: what is sent is shown."""
        return " ".join(" ".join(self._said).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: one or "" for name, one in attrs}
        self._silent += tag in ("script", "style")
        if tag == "a" and given.get("href"):
            self.links.append(urldefrag(urljoin(self._address, given["href"]))[0])
        if tag == "time":
            self.instants.append(given.get("datetime", ""))
        if tag in ("script", "img", "iframe", "link"):
            self.elsewhere.append(urljoin(self._address, given.get("src") or given.get("href") or ""))
        self._said += [one for name, one in given.items() if name in ("title", "alt", "aria-label", "value", "content")]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._said.append(data)


@shows.plays("pages", _("The pages for a booking are found by their links"))
def walk(portal: Portal) -> str:
    todo = [portal.url]
    while todo and len(portal.pages) < MOST_PAGES:
        address = todo.pop(0)
        if address in portal.pages or urlsplit(address).netloc != urlsplit(portal.url).netloc:
            continue
        status, headers, body = exchange("GET", address, b"", {"accept": "text/html", "accept-language": "de"})
        if status in (301, 302, 303, 307, 308):
            todo.append(urljoin(address, headers.get("location", "")))
        elif status == 200 and "text/html" in headers.get("content-type", ""):
            portal.pages[address] = Page(address, body.decode("utf-8", "replace"))
            todo += portal.pages[address].links
        elif address == portal.url:
            raise Failed(_("its first page answered %(status)s") % {"status": status})
    return str(len(portal.pages))


@shows.plays("offers", _("They show something that can be booked"))
def offers(portal: Portal) -> None:
    names = [one["name"] for one in portal.practice.need("/types")]
    everything = _text(portal)
    expect(any(one in everything for one in names), _("none of the practice's types is shown"))


@shows.plays("marked", _("None of the practice's marked words stands on them"))
def marked(portal: Portal) -> str:
    _absent(portal, portal.words)
    return str(len(portal.words))


@shows.plays("no-rooms", _("No room stands on them"))
def no_rooms(portal: Portal) -> None:
    _absent(portal, [one["name"] for one in portal.practice.need("/rooms")])


@shows.plays("no-patients", _("No patient stands on them"))
def no_patients(portal: Portal) -> None:
    people = portal.practice.need("/patients")
    names = [f"{one['first_name']} {one['last_name']}" for one in people]
    names += [f"{one['last_name']}, {one['first_name']}" for one in people]
    _absent(portal, [*names, *(point["value"] for one in people for point in one["contacts"])])


@shows.plays("free-only", _("Every time that stands on them is free"))
def free_only(portal: Portal) -> str:
    zone = ZoneInfo(portal.practice.need("zone"))
    times = [one for each in portal.practice.need("free").values() for one in each]
    today = datetime.fromtimestamp(now(), zone).date()
    for kind in portal.practice.need("/types"):
        query = {"from": today.isoformat(), "to": today.isoformat()}
        times += portal.practice.ask("/free", type=kind["type"], **query).is_status(200).body["items"]
    starts = {datetime.fromisoformat(one["starts_at"]) for one in times}
    last = max(starts, default=datetime.fromtimestamp(now(), UTC))
    clocks = {f"{one.astimezone(zone):%H:%M}" for one in starts}
    clocks |= {f"{datetime.fromisoformat(one['ends_at']).astimezone(zone):%H:%M}" for one in times}
    count = 0
    for page in portal.pages.values():
        for instant in map(datetime.fromisoformat, filter(_is_instant, page.instants)):
            # Further ahead than the kit asked: what it cannot judge it does not count.
            count += instant <= last
            expect(instant > last or instant in starts, _("%(time)s is not free") % {"time": instant.isoformat()})
        for hour, minute in CLOCK.findall(INSTANT.sub("", page.text)):
            expect(f"{int(hour):02}:{minute}" in clocks, _("%(time)s is not free") % {"time": f"{hour}:{minute}"})
    if not count:
        raise Skipped(_("no page names a time"))
    return str(count)


@shows.plays("no-third-parties", _("They load nothing from elsewhere"))
def no_third_parties(portal: Portal) -> None:
    own = urlsplit(portal.url).netloc
    for page in portal.pages.values():
        for address in page.elsewhere:
            expect(urlsplit(address).netloc in ("", own), address)


def _text(portal: Portal) -> str:
    expect(portal.pages, _("there is no page"))
    return "\n".join(page.text for page in portal.pages.values())


def _absent(portal: Portal, words: list[str] | tuple[str, ...]) -> None:
    everything = _text(portal).casefold()
    for word in words:
        # What was found is not repeated: the report must not hand out what the portal should not.
        found = re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", everything) if word else None
        expect(not found, _("a word of the practice's that is none of theirs: %(word)s…") % {"word": word[:3]})


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
