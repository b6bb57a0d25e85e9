"""What the portal keeps: SQLite, one file. Of a patient as little as it can, for as long as it needs it."""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
-- One visit of the practice: from the held time on. `secret` is the hash of what stands in the patient's link.
CREATE TABLE IF NOT EXISTS booking (
    id INTEGER PRIMARY KEY, secret TEXT NOT NULL UNIQUE, state TEXT NOT NULL DEFAULT 'asked',
    language TEXT NOT NULL, type TEXT NOT NULL, wanted TEXT NOT NULL DEFAULT '', calendar TEXT NOT NULL,
    starts_at TEXT NOT NULL, ends_at TEXT NOT NULL DEFAULT '',
    hold TEXT NOT NULL DEFAULT '', expires_at TEXT NOT NULL DEFAULT '',
    appointment TEXT UNIQUE, sequence INTEGER NOT NULL DEFAULT -1, changed_at TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0
);
-- Calls that change something, written down before they are sent. Without `status`: nobody answered yet, so they are
-- sent again, with the same key. The body goes when the answer is there.
CREATE TABLE IF NOT EXISTS call (
    key TEXT PRIMARY KEY, booking INTEGER NOT NULL REFERENCES booking, verb TEXT NOT NULL, path TEXT NOT NULL,
    body TEXT NOT NULL, language TEXT NOT NULL, status INTEGER, created_at TEXT NOT NULL DEFAULT (datetime('now'))
);
-- Webhooks that came: the same one is not taken twice.
CREATE TABLE IF NOT EXISTS hook (
    id TEXT NOT NULL, signed_at INTEGER NOT NULL, PRIMARY KEY (id, signed_at)
);
"""


class Store:
    """The file, and the few questions asked of it. A connection a transaction: threads share nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = folder / "portal.sqlite3"
        with self.open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(TABLES)
        with self.open() as db:
            put = "INSERT OR IGNORE INTO setting VALUES ('secret', ?)"
            db.execute(put, [secrets.token_hex(32)])

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it stays, or nothing."""
        db = sqlite3.connect(self._file, timeout=30)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous = FULL")  # a call that was sent must be known after a power cut
        try:
            with db:
                yield db
        finally:
            db.close()

    def setting(self, name: str, default: Any = None) -> Any:
        """Something remembered."""
        with self.open() as db:
            row = db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row and name != "secret" else row[0] if row else default

    def remember(self, name: str, value: Any) -> None:
        """Keep something."""
        with self.open() as db:
            remember(db, name, value)

    def secret_of(self, form: str) -> str:
        """What stands in the link of the booking that a form began: the same form, the same booking."""
        return hmac.new(self.setting("secret").encode(), form.encode(), hashlib.sha256).hexdigest()[:40]

    def booking(self, secret: str) -> sqlite3.Row | None:
        """The booking of a link."""
        with self.open() as db:
            found: sqlite3.Row | None = db.execute(
                "SELECT * FROM booking WHERE secret = ?", [hashed(secret)]
            ).fetchone()
        return found

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a question."""
        with self.open() as db:
            found: sqlite3.Row | None = db.execute(sql, values).fetchone()
        return found

    def waiting(self) -> list[sqlite3.Row]:
        """Calls nobody answered yet, oldest first."""
        with self.open() as db:
            return db.execute("SELECT * FROM call WHERE status IS NULL ORDER BY created_at, rowid").fetchall()


def remember(db: sqlite3.Connection, name: str, value: Any) -> None:
    """Keep something, within a transaction."""
    db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, json.dumps(value)])


def change(db: sqlite3.Connection, booking_id: int, facts: Mapping[str, Any]) -> None:
    """Write what is new about a booking. The names are ours, never a visitor's."""
    names = ", ".join(f"{name} = ?" for name in facts)
    db.execute(f"UPDATE booking SET {names} WHERE id = ?", [*facts.values(), booking_id])  # noqa: S608 – columns


def hashed(secret: str) -> str:
    """What is kept of a link: who reads the file cannot open it."""
    return hashlib.sha256(secret.encode()).hexdigest()
