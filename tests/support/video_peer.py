"""A video service of somebody else, as a process of its own: `python -m tests.support.video_peer`.

It knows nothing of the program: it is made from the words of the interface (`/api/video/v1`: VID-1) and keeps what it
was told in a file, so that it has it after it was ended. What it answers is told beforehand, one word for each call
that has a token, the last one for all that follow: 'ok', a status ('500', '429:120' with Retry-After, '302'), 'reset'
(the connection is cut before anything was done), 'hang' (nothing is done or answered), 'lose' (it is done, the answer
is lost), 'kept' (it is done and never answered), 'page' (a page in HTML), 'huge'.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.peer import Peer, cut, hang, listen, peer_of, read_request, word_for, write_down

TOKEN = "vt_peer_0123456789abcdef"
KNOWN = {"reference", "practitioner", "starts_at", "minutes", "first_name", "last_name", "email", "mobile"}
NEEDED = KNOWN - {"last_name", "mobile"}
BASE = "/api/video/v1"
Answer = tuple[int, Any]


# --- The process ----------------------------------------------------------------------------------------------------


class Store:
    """What the service has. Each call leaves the file whole: it is written beside and put in its place."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "store.json"
        self._lock = threading.Lock()

    def do(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """The interface, one call after another; a key that was used before gets its answer again, a refusal too."""
        with self._lock:
            kept = json.loads(self._file.read_text())
            key, said = headers.get("idempotency-key", ""), f"{method} {path} {body.decode()}"
            if method != "GET" and key in kept["answers"]:
                former, status, content = kept["answers"][key]
                return (status, content) if former == said else (422, problem("key_reused"))
            status, content = _do(kept, method, path, body)
            if method != "GET":
                kept["answers"][key] = [said, status, content]
                if status < 400:
                    kept["effects"].append([method, content.get("reference"), content.get("starts_at", "")])
                fresh = self._file.with_suffix(".new")
                fresh.write_text(json.dumps(kept))
                fresh.replace(self._file)
            return status, content


def problem(code: str) -> dict[str, Any]:
    """As RFC 9457 has it."""
    return {"type": "about:blank", "title": code, "code": code}


def _do(kept: dict[str, Any], method: str, path: str, body: bytes) -> Answer:
    if (method, path) == ("GET", f"{BASE}/practitioners"):
        return 200, {"items": kept["practitioners"], "writes_to_patients": kept["writes"]}
    if not path.startswith(f"{BASE}/appointments"):
        return 404, None
    reference = path.removeprefix(f"{BASE}/appointments").lstrip("/")
    live = kept["appointments"].get(reference)
    if method == "DELETE":
        if live is None and reference not in kept["cancelled"]:
            return 404, problem("not_found")
        kept["appointments"].pop(reference, None)
        kept["cancelled"] = [*kept["cancelled"], reference]
        return 200, {"reference": reference, "state": "cancelled"}
    facts = json.loads(body)
    if set(facts) - KNOWN or NEEDED - {"reference"} - set(facts):
        return 422, problem("unknown_fields" if set(facts) - KNOWN else "invalid")
    if facts["practitioner"] not in [one["practitioner"] for one in kept["practitioners"]]:
        return 422, problem("unknown_practitioner")
    if method == "PUT" and live is None:
        return 404, problem("not_found")
    if method == "POST":
        reference = facts.pop("reference")
        if reference in kept["appointments"]:
            return 409, problem("reference_taken")
        kept["made"] += 1
        live = {"join_url": f"https://video.example/j/{kept['made']}", "tan": str(100000 + kept["made"])}
    at = [one["starts_at"] for name, one in kept["appointments"].items() if name != reference]
    kept["appointments"][reference] = {"join_url": live["join_url"], "tan": live["tan"], **facts}
    told = {name: facts[name] for name in ("practitioner", "starts_at", "minutes")}
    answer = {"reference": reference, "state": "booked", "overlaps": facts["starts_at"] in at, **told}
    return 201 if method == "POST" else 200, answer | {"join_url": live["join_url"], "tan": live["tan"]}


def send(connection: socket.socket, status: int, content: Any, *headers: str) -> None:
    """An answer in JSON; of no content a page."""
    kind = "text/html" if content is None else "application/problem+json" if status >= 400 else "application/json"
    body = b"<h1>What is this?</h1>" if content is None else json.dumps(content).encode()
    head = [f"HTTP/1.1 {status} So", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    connection.sendall("\r\n".join([*head, "", ""]).encode() + body)


def answer(connection: socket.socket, word: str, done: Answer | None) -> None:
    """As it was told."""
    kind, _, more = word.partition(":")
    match kind:
        case "ok":
            assert done is not None
            send(connection, *done)
        case "reset":
            cut(connection)
        case "lose":
            pass
        case "hang" | "kept":
            hang(connection)
        case "page":
            send(connection, 200, None)
        case "huge":
            send(connection, 200, {"items": "x" * 100_000})
        case _:
            place = ["Location: http://127.0.0.1:1/elsewhere"] if kind.startswith("3") else []
            send(connection, int(kind), problem("so"), *([f"Retry-After: {more}"] if more else []), *place)


def serve(port: int, folder: Path) -> None:
    """Until it is ended."""
    store, lock, count = Store(folder), threading.Lock(), 0

    def next_word() -> str:
        nonlocal count
        with lock:
            count += 1
            return word_for(folder, count - 1)

    def handle(connection: socket.socket, _number: int) -> None:
        with suppress(OSError), connection:
            first, headers, body = read_request(connection)
            if not first:
                return
            method, path, _version = first.split(" ")
            call = {"method": method, "path": path, "headers": headers, "body": body.decode(), "at": time.time()}
            with lock:
                write_down(folder, call)
            if headers.get("authorization") != f"Bearer {TOKEN}":
                send(connection, 401, problem("unauthorized"))
                return
            word = next_word()
            done = store.do(method, path, headers, body) if word in ("ok", "lose", "kept") else None
            answer(connection, word, done)

    listen(port, handle)


# --- For the tests --------------------------------------------------------------------------------------------------


class VideoPeer(Peer):
    """The process, and what it has."""

    MODULE = "tests.support.video_peer"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """It knows two, and nothing else yet."""
        known = [{"practitioner": f"{one}-there", "name": f"Dr. {one.title()}"} for one in ("albers", "petersen")]
        empty: dict[str, Any] = {"appointments": {}, "cancelled": [], "answers": {}, "effects": [], "made": 0}
        (self.folder / "store.json").write_text(json.dumps(empty | {"practitioners": known, "writes": False}))

    def has(self, name: str) -> Any:
        """'appointments' by reference; 'effects': what was done, in its order; 'cancelled'."""
        return json.loads((self.folder / "store.json").read_text())[name]

    def change(self, **facts: Any) -> None:
        """Set up a situation, while it does nothing."""
        kept = json.loads((self.folder / "store.json").read_text())
        (self.folder / "store.json").write_text(json.dumps(kept | facts))

    @property
    def effects(self) -> list[str]:
        """What was done, in its order: 'POST', 'PUT', 'DELETE'."""
        return [method for method, _reference, _starts_at in self.has("effects")]


@contextmanager
def video_peer(*words: str, running: bool = True) -> Iterator[VideoPeer]:
    """A video service on a port of its own, that knows 'albers-there' and 'petersen-there'."""
    with peer_of(VideoPeer, *(words or ("ok",)), running=running) as peer:
        yield peer


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
