"""What the portal does: hold, book, move, cancel; repeat what nobody answered; take in what the practice changed."""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

from terminfinder.practice import Answer, Json, Practice, Unanswered
from terminfinder.store import Store, change, hashed, remember
from terminfinder.words import moment, say

log = logging.getLogger("terminfinder")
GIVES_UP = {"hold": 120.0}  # seconds after which nobody wants it any more; anything else is repeated until answered


class Desk:
    """Between the patient's pages and the practice."""

    def __init__(self, store: Store, practice: Practice, outbox: Path) -> None:
        self.store, self.practice, self._outbox = store, practice, outbox

    # What patients do. Each `form` is the key of a form that was shown: sent twice, it is one call.

    def hold(self, form: str, kind: str, wanted: str, time_: Json, language: str) -> tuple[str, Answer]:
        """Keep a free time; returns the secret of its link. Raises `Unanswered`."""
        secret = self.store.secret_of(form)
        body = {"type": kind, "calendar": time_["calendar"], "starts_at": time_["starts_at"]}
        with self.store.open() as db:
            db.execute(
                "INSERT OR IGNORE INTO booking (secret, language, type, wanted, calendar, starts_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [hashed(secret), language, kind, wanted, time_["calendar"], time_["starts_at"]],
            )
        booking = self._booking(secret)
        return secret, self._call(form, booking, "hold", "/holds", body, language)

    def book(self, form: str, secret: str, person: Json, email: str, language: str) -> Answer:
        """Make an appointment of a held time. Raises `Unanswered`."""
        booking = self._booking(secret)
        # The address goes again if the answer says that it is the practice who writes to the patient.
        with self.store.open() as db:
            change(db, booking["id"], {"email": email, "language": language, "problem": ""})
        return self._call(form, booking, "book", "/appointments", {"hold": booking["hold"], **person}, language)

    def move(self, form: str, secret: str, time_: Json, language: str) -> Answer:
        """Another time. Raises `Unanswered`."""
        booking = self._booking(secret)
        body = {"starts_at": time_["starts_at"], "calendar": time_["calendar"], "sequence": booking["sequence"]}
        return self._call(form, booking, "move", f"/appointments/{booking['appointment']}/move", body, language)

    def cancel(self, form: str, secret: str, language: str) -> Answer:
        """Not at all. Raises `Unanswered`."""
        booking = self._booking(secret)
        return self._call(form, booking, "cancel", f"/appointments/{booking['appointment']}/cancel", {}, language)

    # What is written down before it is sent.

    def _call(self, key: str, booking: sqlite3.Row, verb: str, path: str, body: Json, language: str) -> Answer:
        with self.store.open() as db:
            db.execute(
                "INSERT OR IGNORE INTO call (key, booking, verb, path, body, language) VALUES (?, ?, ?, ?, ?, ?)",
                [key, booking["id"], verb, path, json.dumps(body), language],
            )
        written = self.store.one("SELECT * FROM call WHERE key = ? AND booking = ?", key, booking["id"])
        if written is None:
            return Answer(422, {"detail": say(language, "again")})
        if written["status"] is not None:  # the form came twice: the page shows what became of it
            return Answer(200 if written["status"] < 400 else written["status"], {})
        return self._send(written)

    def _send(self, call: sqlite3.Row) -> Answer:
        answer = self.practice.tell(call["path"], json.loads(call["body"]), call["key"], call["language"])
        with self.store.open() as db:
            done = db.execute(
                "UPDATE call SET status = ?, body = '' WHERE key = ? AND status IS NULL", [answer.status, call["key"]]
            )
            if done.rowcount:
                self._take(db, call, answer)
        return answer

    def _take(self, db: sqlite3.Connection, call: sqlite3.Row, answer: Answer) -> None:
        """Make the answer true here, in the transaction that notes that it came."""
        if not answer.good:
            refused = {"hold": {"state": "refused"}, "book": {}}.get(call["verb"], {})
            change(db, call["booking"], {**refused, "problem": answer.problem})
        elif call["verb"] == "hold":
            names = ("hold", "calendar", "starts_at", "ends_at", "expires_at")
            change(db, call["booking"], {"state": "held", **{name: answer.body[name] for name in names}})
        else:
            self._note(db, call["booking"], answer.body)
            # Exactly one confirms: the practice says for each appointment whether that is us (OTV-13).
            forgotten = {} if answer.body.get("confirms") == "partner" else {"email": ""}
            change(db, call["booking"], {"problem": "", **forgotten})

    def _note(self, db: sqlite3.Connection, booking_id: int, appointment: Json) -> bool:
        """Write an appointment as the practice has it, unless something newer is known."""
        known = db.execute("SELECT * FROM booking WHERE id = ?", [booking_id]).fetchone()
        if _age(known) >= _age(appointment):
            return False
        names = ("appointment", "calendar", "starts_at", "ends_at", "state", "sequence", "changed_at")
        change(db, booking_id, {name: appointment[name] for name in names})
        return True

    # What must come right later.

    def repeat(self) -> float:
        """Send again what nobody answered; returns the seconds until it is worth another try."""
        wait = 2.0
        for call in self.store.waiting():
            if self._too_late(call):
                continue
            try:
                self._send(call)
                self._refresh(call["booking"])
            except Unanswered as error:
                log.warning("%s was not answered: %s", call["verb"], error)
                wait = max(wait, error.wait)
        self._tell()
        return wait

    def _too_late(self, call: sqlite3.Row) -> bool:
        limit = GIVES_UP.get(call["verb"])
        old = self.store.one("SELECT unixepoch() - unixepoch(created_at) FROM call WHERE key = ?", call["key"])
        if limit is None or old is None or old[0] < limit:
            return False
        with self.store.open() as db:
            db.execute("UPDATE call SET status = 499, body = '' WHERE key = ?", [call["key"]])
            change(db, call["booking"], {"state": "refused"})
        return True

    def _refresh(self, booking_id: int) -> None:
        """A repeated call answers what was true then: ask what is true now."""
        known = self.store.one("SELECT * FROM booking WHERE id = ?", booking_id)
        if known is not None and known["appointment"]:
            answer = self.practice.ask(f"/appointments/{known['appointment']}")
            if answer.good:
                with self.store.open() as db:
                    self._note(db, booking_id, answer.body)

    def know_keys(self) -> None:
        """The practice rolls its keys: the new one stands in an answer that is signed with one we know."""
        known, keys = self.store.setting("connected"), self.practice.itself()["keys"]
        if known and known["keys"] != keys:
            self.store.remember("connected", {**known, "keys": keys})
            self.practice.trust(keys)

    def take_hook(self, name: str, signed_at: int, event: Json) -> bool:
        """A verified webhook; whether it was new. One that is sent again with a new time is answered, not done again;
        the very same is a replay."""
        with self.store.open() as db:
            try:
                db.execute("INSERT INTO hook VALUES (?, ?)", [name, signed_at])
            except sqlite3.IntegrityError:
                return False
            db.execute("DELETE FROM hook WHERE signed_at < unixepoch() - 86400")
            self._changed(db, event.get("data", {}))
        self._tell()
        return True

    def catch_up(self) -> int:
        """Read the feed from where we stopped; returns how many events there were."""
        count = 0
        for event in self.practice.events(str(self.store.setting("after", ""))):
            with self.store.open() as db:
                self._changed(db, event)
                remember(db, "after", event["number"])
            count += 1
        self._tell()
        return count

    def _changed(self, db: sqlite3.Connection, event: Mapping[str, Any]) -> None:
        appointment = event.get("appointment") or {}
        known = db.execute("SELECT id FROM booking WHERE appointment = ?", [appointment.get("appointment")]).fetchone()
        # One that we do not know is one whose answer was lost: its repetition asks for what is true by then.
        if known is not None:
            self._note(db, known["id"], appointment)

    def _tell(self) -> None:
        """Write to patients of what they do not know, where the practice leaves that to us: into files, here."""
        with self.store.open() as db:
            for one in db.execute(
                "SELECT * FROM booking WHERE email != '' AND appointment IS NOT NULL AND told <= sequence"
            ).fetchall():
                self._outbox.mkdir(exist_ok=True)
                file = self._outbox / f"{one['id']}-{one['sequence']}.eml"
                file.write_bytes(bytes(self._mail(one)))
                change(db, one["id"], {"told": one["sequence"] + 1})

    def _mail(self, booking: sqlite3.Row) -> EmailMessage:
        practice = self.practice.itself()
        language, state = booking["language"], "cancelled" if booking["state"] == "cancelled" else "booked"
        mail = EmailMessage()
        mail["To"], mail["From"] = booking["email"], "TerminFinder <termine@portal.example>"
        mail["Subject"] = say(language, f"mail_{state}")
        when = moment(booking["starts_at"], practice["time_zone"], language)
        mail.set_content(f"{say(language, f'is_{state}')}\n\n{when}\n{practice['name']}\n")
        return mail

    def _booking(self, secret: str) -> sqlite3.Row:
        found = self.store.booking(secret)
        if found is None:
            raise LookupError
        return found


def _age(of: Mapping[str, Any] | sqlite3.Row) -> tuple[int, datetime]:
    """By which of two states of an appointment the newer one is known."""
    at = datetime.fromisoformat(of["changed_at"]) if of["changed_at"] else datetime.min.replace(tzinfo=UTC)
    return of["sequence"], at


def new_key() -> str:
    """The key of a form that is shown, and of the call that it becomes."""
    return str(uuid4())


def keep_up(desk: Desk, stopped: threading.Event, every: float) -> None:
    """Until stopped: repeat what waits, and read the feed, whether or not webhooks come."""
    next_feed = 0.0
    while not stopped.is_set():
        wait = 1.0
        try:
            wait = desk.repeat()
            if time.monotonic() >= next_feed:
                next_feed = time.monotonic() + every
                desk.catch_up()
                desk.know_keys()
        except Unanswered as error:
            log.warning("the practice does not answer: %s", error)
            wait = error.wait
        except Exception:
            log.exception("keeping up failed")
            wait = 10
        stopped.wait(wait)
