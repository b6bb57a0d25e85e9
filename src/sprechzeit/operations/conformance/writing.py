"""What a portal does at a practice: hold, book, move, cancel; repeated, in parallel, and where it may not (OTV-6)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import sleep

from sprechzeit.operations.conformance.outcome import Failed, Part, Skipped, expect
from sprechzeit.operations.conformance.reading import pages, shaped
from sprechzeit.operations.conformance.wire import Answer, Json, Practice, new_key, now
from sprechzeit.operations.terminal import _

writes: Part[Practice] = Part("writing")
# Somebody who cannot be anybody: the number is one of those kept free for stories (Bundesnetzagentur).
PATIENT: Json = {
    "first_name": "Kit", "last_name": "Konformitaet", "date_of_birth": "1985-03-24", "language": "de",
    "contacts": [{"kind": "email", "value": "kit@example.org"}, {"kind": "mobile", "value": "+49 171 3920099"}],
}  # fmt: skip
PARALLEL = 6


def _time(practice: Practice) -> Json:
    """A free time that no situation took yet, the furthest first: nobody is in the kit's way there."""
    kinds = {one["type"]: one for one in practice.need("/types")}
    taken: list[Json] = practice.found.setdefault("taken", [])
    for kind, times in practice.need("free").items():
        about = kinds[kind]
        if about["patients"] == "known" or about["least_age"] or about["most_age"]:
            continue
        for one in reversed(times):
            if all(apart(one, other) for other in taken):
                taken.append(one)
                return {**one, "type": kind, "insurance": (about["insurances"] or ["statutory"])[0]}
    raise Skipped(_("no free time is left to try"))


def apart(one: Json, other: Json) -> bool:
    """Whether two times do not touch, buffers of an hour included."""
    first, second = (datetime.fromisoformat(each["starts_at"]).timestamp() for each in (one, other))
    return abs(first - second) >= 2 * 3600


def _slot(time: Json) -> Json:
    return {name: time[name] for name in ("type", "calendar", "starts_at")}


def _same(first: Answer, again: Answer) -> None:
    expect(first.status_code == again.status_code, _("the repetition has another status"))
    expect(first.body == again.body, _("the repetition has another answer"))


@writes.plays("hold", _("A free time is held"))
def hold(practice: Practice) -> None:
    time, key = _time(practice), new_key()
    answer = practice.tell("/holds", _slot(time), key=key)
    body = shaped(practice, answer, "/holds", status=201)
    expect(_instant(body["starts_at"]) == _instant(time["starts_at"]), _("another time is held"))
    practice.found |= {"time": time, "hold": body, "hold-key": key, "hold-answer": answer}


@writes.plays("hold-again", _("The same call again answers the same"))
def hold_again(practice: Practice) -> None:
    _same(
        practice.need("hold-answer"),
        practice.tell("/holds", _slot(practice.need("time")), key=practice.need("hold-key")),
    )


@writes.plays("key-reused", _("Refused: the same idempotency key for something else"))
def key_reused(practice: Practice) -> None:
    practice.tell("/holds", _slot(_time(practice)), key=practice.need("hold-key")).is_problem(422)


@writes.plays("no-key", _("Refused: a call without an idempotency key"))
def no_key(practice: Practice) -> None:
    practice.call("POST", "/holds", _slot(_time(practice))).is_problem(400, 422)


@writes.plays("taken", _("A taken time is refused with the next free ones"))
def taken(practice: Practice) -> None:
    practice.need("hold")
    answer = practice.tell("/holds", _slot(practice.need("time"))).is_problem(409)
    expect("next_free" in answer.body, _("the refusal lacks next_free"))


@writes.plays("release", _("A hold is released, and its time is free again"))
def release(practice: Practice) -> None:
    time = _time(practice)
    held = practice.tell("/holds", _slot(time)).is_status(201).body["hold"]
    answer = practice.call("DELETE", f"/holds/{held}").is_status(204)
    practice.check_signature(answer)
    again = practice.tell("/holds", _slot(time)).is_status(201).body["hold"]
    practice.call("DELETE", f"/holds/{again}").is_status(204)
    _gone(practice, {"hold": again, **PATIENT, "insurance": time["insurance"]})


def _gone(practice: Practice, asked: Json) -> None:
    """A hold that is no more is refused; or its time, which is free, is booked at once: nobody is worse off."""
    answer = practice.tell("/appointments", asked)
    if answer.status_code == 201:
        practice.tell(f"/appointments/{answer.body['appointment']}/cancel").is_status(200)
    else:
        answer.is_problem(404, 409, 410)


@writes.plays("incomplete", _("Refused: booking without a name; and a wrong date of birth, by its field's name"))
def incomplete(practice: Practice) -> None:
    asked = {"hold": practice.need("hold")["hold"], **PATIENT}
    nameless = {name: one for name, one in asked.items() if name != "last_name"}
    practice.tell("/appointments", nameless).is_problem(422)
    answer = practice.tell("/appointments", {**asked, "date_of_birth": "yesterday"}).is_problem(422)
    named = [str(one.get("field")) for one in answer.body.get("fields", [])]
    expect("date_of_birth" in named, _("the field is not named"))


@writes.plays("book", _("A held time is booked"))
def book(practice: Practice) -> None:
    time, key = practice.need("time"), new_key()
    asked = {"hold": practice.need("hold")["hold"], **PATIENT, "insurance": time["insurance"]}
    answer = practice.tell("/appointments", asked, key=key)
    body = shaped(practice, answer, "/appointments", status=201)
    expect(body["state"] == "booked", _("its state is %(state)s") % {"state": body["state"]})
    practice.found |= {"appointment": body, "book-answer": answer, "book-key": key, "asked": asked}


@writes.plays("book-again", _("The same call again answers the same"))
def book_again(practice: Practice) -> None:
    again = practice.tell("/appointments", practice.need("asked"), key=practice.need("book-key"))
    _same(practice.need("book-answer"), again)


@writes.plays("book-in-parallel", _("The same call many times at once makes one appointment"))
def book_in_parallel(practice: Practice) -> str:
    time, key = _time(practice), new_key()
    asked = {**_slot(time), **PATIENT, "insurance": time["insurance"]}
    with ThreadPoolExecutor(PARALLEL) as threads:
        answers = list(threads.map(lambda _n: practice.tell("/appointments", asked, key=key), range(PARALLEL)))
    made = {one.is_status(201).body["appointment"] for one in answers}
    expect(len(made) == 1, _("%(made)s appointments were made") % {"made": len(made)})
    practice.tell(f"/appointments/{made.pop()}/cancel").is_status(200)
    return str(PARALLEL)


@writes.plays("race", _("Many portals' calls for one time: one gets it, the others its next free ones"))
def race(practice: Practice) -> None:
    time = _time(practice)
    with ThreadPoolExecutor(PARALLEL) as threads:
        answers = list(threads.map(lambda _n: practice.tell("/holds", _slot(time)), range(PARALLEL)))
    won = [one for one in answers if one.status_code == 201]
    for one in won:
        practice.call("DELETE", f"/holds/{one.body['hold']}")
    expect(len(won) == 1, _("%(count)s got it") % {"count": len(won)})
    for one in answers:
        if one.status_code != 201:
            one.is_problem(409)


@writes.plays("read-own", _("The appointment is read, and stands in the list"))
def read_own(practice: Practice) -> None:
    name = practice.need("appointment")["appointment"]
    body = shaped(practice, practice.ask(f"/appointments/{name}"), "/appointments/{appointment}")
    expect(body == practice.need("appointment"), _("it reads otherwise than it was answered"))
    items = shaped(practice, practice.ask("/appointments", limit=500), "/appointments")["items"]
    expect(any(one["appointment"] == name for one in items), _("it is not in the list"))
    pages(practice, "/appointments", "appointment", [one["appointment"] for one in items])


@writes.plays("move", _("It is moved; the same call again answers the same"))
def move(practice: Practice) -> None:
    own, time, key = practice.need("appointment"), _time(practice), new_key()
    if time["type"] != own["type"]:
        raise Skipped(_("no free time is left to try"))
    path = f"/appointments/{own['appointment']}/move"
    asked = {"starts_at": time["starts_at"], "calendar": time["calendar"], "sequence": own["sequence"]}
    first = practice.tell(path, asked, key=key)
    body = shaped(practice, first, "/appointments/{appointment}/move")
    expect(_instant(body["starts_at"]) == _instant(time["starts_at"]), _("it stands at another time"))
    expect(body["sequence"] > own["sequence"], _("its sequence did not grow"))
    _same(first, practice.tell(path, asked, key=key))
    practice.found["moved"] = body


@writes.plays("move-stale", _("Refused: moving what was changed meanwhile"))
def move_stale(practice: Practice) -> None:
    own, time = practice.need("appointment"), _time(practice)
    practice.need("moved")
    asked = {"starts_at": time["starts_at"], "calendar": time["calendar"], "sequence": own["sequence"]}
    practice.tell(f"/appointments/{own['appointment']}/move", asked).is_problem(409)


@writes.plays("cancel", _("It is cancelled; the same call again answers the same"))
def cancel(practice: Practice) -> None:
    own, key = practice.need("appointment"), new_key()
    path = f"/appointments/{own['appointment']}/cancel"
    first = practice.tell(path, {}, key=key)
    body = shaped(practice, first, "/appointments/{appointment}/cancel")
    expect(body["state"] == "cancelled", _("its state is %(state)s") % {"state": body["state"]})
    _same(first, practice.tell(path, {}, key=key))
    practice.found["cancelled"] = body


@writes.plays("free-again", _("A cancelled time is free again"))
def free_again(practice: Practice) -> None:
    gone = practice.need("cancelled")
    day = gone["starts_at"][:10]
    answer = practice.ask("/free", type=gone["type"], **{"from": day, "to": day}).is_status(200)
    starts = {_instant(one["starts_at"]) for one in answer.body["items"]}
    expect(_instant(gone["starts_at"]) in starts, _("it is not"))


@writes.plays("changed-since", _("The list since a moment names what changed"))
def changed_since(practice: Practice) -> None:
    gone = practice.need("cancelled")
    answer = practice.ask("/appointments", changed_since=gone["changed_at"], limit=500)
    items = shaped(practice, answer, "/appointments")["items"]
    expect(any(one["appointment"] == gone["appointment"] for one in items), _("it is not in the list"))


@writes.plays("feed", _("The feed has rising numbers, and nothing after its last"))
def feed(practice: Practice) -> str:
    items = shaped(practice, practice.ask("/events", limit=500), "/events")["items"]
    numbers = [one["number"] for one in items]
    expect(numbers == sorted(set(numbers)), _("the numbers do not rise"))
    if numbers:
        after = shaped(practice, practice.ask("/events", after=numbers[-1]), "/events")["items"]
        expect(all(one["number"] > numbers[-1] for one in after), _("events come twice"))
    return str(len(numbers))


@writes.plays("hold-expired", _("A hold that has run out is refused, or its time is booked if it is free still"))
def hold_expired(practice: Practice) -> None:
    # The last one: what the others hold must not run out meanwhile.
    if not practice.found.get("wait"):
        raise Skipped(_("takes as long as a hold; --wait plays it"))
    time = _time(practice)
    held = practice.tell("/holds", _slot(time)).is_status(201).body
    sleep(max(0.0, _instant(held["expires_at"]) - now()) + 2)
    _gone(practice, {"hold": held["hold"], **PATIENT, "insurance": time["insurance"]})


def clean_up(practice: Practice) -> None:
    """What failed half way stays held or booked no longer than it must."""
    if "appointment" in practice.found and "cancelled" not in practice.found:
        practice.tell(f"/appointments/{practice.found['appointment']['appointment']}/cancel")
    elif "hold" in practice.found and "appointment" not in practice.found:
        practice.call("DELETE", f"/holds/{practice.found['hold']['hold']}")


def _instant(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise Failed(str(error)) from error
