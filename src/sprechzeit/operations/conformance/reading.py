"""What a practice hands out: its shape by the contract, its lists in pages, and nothing for who may not read it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sprechzeit.operations.conformance.outcome import Part, Skipped, expect
from sprechzeit.operations.conformance.shapes import faults
from sprechzeit.operations.conformance.wire import Answer, Json, Practice, now
from sprechzeit.operations.terminal import _

reads: Part[Practice] = Part("reading")
DAYS = 28  # from tomorrow on


def days(practice: Practice) -> tuple[str, str]:
    """The first and the last day that the kit looks at."""
    today = datetime.fromtimestamp(now(), ZoneInfo(practice.need("zone"))).date()
    return (today + timedelta(days=1)).isoformat(), (today + timedelta(days=DAYS)).isoformat()


def shaped(practice: Practice, answer: Answer, path: str, *, status: int = 200) -> Json:
    """The body, of the shape that the contract gives it, and signed. Raises `Failed`."""
    answer.is_status(status)
    wrong = faults(practice.document, answer.request.method, path, status, answer.body)
    expect(not wrong, "; ".join(wrong[:3]))
    practice.check_signature(answer)
    return answer.body


def _read(practice: Practice, path: str, **query: Any) -> list[Json]:
    """The items of a list, remembered. Raises `Skipped` where the practice does not let us read it."""
    answer = practice.ask(path, **query)
    if answer.status_code == 403:
        answer.is_problem(403)
        raise Skipped(_("the practice does not let this partner read it"))
    items: list[Json] = shaped(practice, answer, path)["items"]
    practice.found[path] = items
    return items


def _list(path: str) -> Callable[[Practice], str]:
    def play(practice: Practice) -> str:
        return str(len(_read(practice, path)))

    return play


def _period(path: str) -> Callable[[Practice], str]:
    def play(practice: Practice) -> str:
        first, last = days(practice)
        return str(len(_read(practice, path, **{"from": first, "to": last})))

    return play


@reads.plays("practice", _("The practice has the shape of the contract"))
def practice_itself(practice: Practice) -> None:
    shaped(practice, practice.ask("/practice"), "/practice")


reads.plays("practitioners", _("Practitioners"))(_list("/practitioners"))
reads.plays("types", _("Appointment types"))(_list("/types"))
reads.plays("offerings", _("Offerings"))(_list("/offerings"))
reads.plays("rooms", _("Rooms"))(_list("/rooms"))
reads.plays("hours", _("Working hours, absences and windows"))(_period("/hours"))
reads.plays("busy", _("Taken times"))(_period("/busy"))


@reads.plays("free", _("Free times of every type, each of an offering and ahead"))
def free(practice: Practice) -> str:
    first, last = days(practice)
    offered = {(one["type"], one["calendar"]) for one in practice.need("/offerings")}
    found: dict[str, list[Json]] = {}
    for kind in practice.need("/types"):
        answer = practice.ask("/free", type=kind["type"], **{"from": first, "to": last})
        found[kind["type"]] = shaped(practice, answer, "/free")["items"]
        for one in found[kind["type"]]:
            expect((kind["type"], one["calendar"]) in offered, _("a time in a calendar that does not offer the type"))
            expect(datetime.fromisoformat(one["starts_at"]).timestamp() > now(), _("a time that is over"))
    practice.found["free"] = found
    return str(sum(map(len, found.values())))


@reads.plays("free-and-busy", _("No free time lies in a taken one"))
def free_and_busy(practice: Practice) -> None:
    taken: dict[str, list[tuple[datetime, datetime]]] = {}
    for one in practice.need("/busy"):
        taken.setdefault(one["calendar"], []).append(_span(one))
    for one in (one for times in practice.need("free").values() for one in times):
        starts, ends = _span(one)
        inside = any(begin < ends and starts < end for begin, end in taken.get(one["calendar"], []))
        expect(not inside, _("%(time)s is both") % {"time": one["starts_at"]})


@reads.plays("patients", _("Patients who said yes, in pages"))
def patients(practice: Practice) -> str:
    everybody = _read(practice, "/patients", limit=500)
    _pages(practice, "/patients", "patient", [one["patient"] for one in everybody])
    return str(len(everybody))


@reads.plays("match", _("A patient whom nobody knows is answered with null"))
def match(practice: Practice) -> None:
    stranger = {"first_name": "Kit", "last_name": "Nobody-Known", "date_of_birth": "1901-01-01", "contacts": []}
    answer = practice.tell("/patients/match", stranger)
    if answer.status_code == 403:
        raise Skipped(_("the practice does not let this partner read it"))
    expect(shaped(practice, answer, "/patients/match")["patient"] is None, _("somebody was found"))


@reads.plays("unknown-references", _("References that are unknown are answered with 404"))
def unknown_references(practice: Practice) -> None:
    first, last = days(practice)
    made_up = "A" * 43
    practice.ask("/free", type=made_up, **{"from": first, "to": last}).is_problem(404)
    practice.ask(f"/appointments/{made_up}").is_problem(404)
    practice.ask("/kit-no-such-address").is_problem(404)
    practice.tell(f"/appointments/{made_up}/cancel").is_problem(404)
    practice.tell(f"/appointments/{made_up}/move", {"starts_at": f"{last}T09:00:00+00:00"}).is_problem(404)


@reads.plays("validation", _("What is not as the contract says is refused, with the field's name"))
def validation(practice: Practice) -> None:
    first, last = days(practice)
    some = practice.need("/types")[0]["type"] if practice.need("/types") else "A" * 43
    too_late = f"{int(last[:4]) + 1}{last[4:]}"
    practice.ask("/free", type=some, **{"from": first, "to": too_late}).is_problem(422)
    practice.ask("/free", type=some, **{"from": last, "to": first}).is_problem(422)
    answer = practice.ask("/free", type=some, **{"from": "yesterday", "to": last}).is_problem(422)
    expect(any(one.get("field") == "from" for one in answer.body.get("fields", [])), _("the field is not named"))
    practice.ask("/appointments", limit=501).is_problem(422)
    practice.tell("/holds", {"starts_at": f"{last}T09:00:00+00:00"}).is_problem(422)
    practice.call("POST", "/holds", b'{"type": ', idempotency_key="kit-" + "0" * 30).is_problem(400, 422)


def pages(practice: Practice, path: str, name: str, every: list[Any]) -> None:
    """Two by two they are the same as all at once."""
    _pages(practice, path, name, every)


def _pages(practice: Practice, path: str, name: str, every: list[Any]) -> None:
    walked: list[Any] = []
    query: dict[str, Any] = {"limit": max(1, min(2, len(every)))}
    for _number in range(5):
        page = shaped(practice, practice.ask(path, **query), path)
        walked += [one[name] for one in page["items"]]
        if not page["next"]:
            break
        query["after"] = page["next"]
    wanted = every[: len(walked)] if page["next"] else every
    expect(walked == wanted, _("the pages are not the list"))


def _span(one: Json) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(one["starts_at"]), datetime.fromisoformat(one["ends_at"])
