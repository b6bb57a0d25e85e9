"""Sealing, and what its proof finds when a superuser of the database tampers with the log (AUD-3)."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import LazySettings
from psycopg import sql

from sprechzeit.access.actor import Actor
from sprechzeit.audit import heads
from sprechzeit.audit.findings import Trouble
from sprechzeit.audit.models import Entry, Seal
from sprechzeit.audit.queries import head_of
from sprechzeit.audit.sealing import seal_log
from sprechzeit.core.acting import acting
from tests.support.cast import Cast
from tests.support.chain import change, proof_of, seal_next, sealed_entries

pytestmark = [pytest.mark.own_database, pytest.mark.req("AUD-3")]

OTHERS = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "bigint": "1",
    "timestamp with time zone": "now()",
    "bytea": "'x'::bytea",
}


class TestSealing:
    def test_all_that_is_committed_is_sealed_once_in_order(self, actor: Actor, cast: Cast) -> None:
        with acting(actor):
            entries = list(Entry.objects.values_list("id", flat=True).order_by("transaction", "id"))
        assert seal_log(actor) == len(entries) > 20
        assert sealed_entries(actor) == entries
        assert seal_log(actor) == 0
        assert proof_of(actor).finding is None
        assert proof_of(actor).sealed == len(entries)

    def test_each_practice_has_a_chain_of_its_own(self, actor: Actor, cast: Cast) -> None:
        seal_next(actor)
        assert proof_of(cast.brandt.system).sealed == 0
        seal_log(cast.brandt.system)
        assert proof_of(cast.brandt.system).finding is None
        assert set(sealed_entries(actor)).isdisjoint(sealed_entries(cast.brandt.system))

    def test_batches_make_the_same_chain(self, actor: Actor, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sprechzeit.audit.sealing.BATCH", 7)
        seal_next(actor)
        with acting(actor):
            assert Seal.objects.count() == Entry.objects.count()
        proof = proof_of(actor)
        assert (proof.finding, proof.waiting) == (None, 0)

    def test_what_is_not_sealed_yet_is_not_missing(self, actor: Actor, cast: Cast) -> None:
        seal_next(actor)
        change(actor, cast.albers.rooms["own"], 7)
        proof = proof_of(actor)
        assert (proof.finding, proof.waiting) == (None, 1)

    def test_the_digest_is_of_all_columns(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        """Every column of an entry, whichever come later: one changed alone breaks the proof."""
        seal_next(actor)
        entry = sealed_entries(actor)[5]
        superuser.execute("CREATE TABLE kept AS SELECT * FROM audit_entry")
        columns = superuser.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = 'audit_entry'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id'"
        ).fetchall()
        for name, kind in columns:
            column, other = sql.Identifier(name), sql.SQL(OTHERS[kind])
            superuser.execute(sql.SQL("UPDATE audit_entry SET {} = {} WHERE id = %s").format(column, other), [entry])
            finding = proof_of(actor).finding
            assert finding is not None, name
            assert finding.entry_id == entry
            back = sql.SQL("UPDATE audit_entry e SET {0} = k.{0} FROM kept k WHERE k.id = e.id").format(column)
            superuser.execute(back)
        assert proof_of(actor).finding is None

    def test_a_signed_head_lies_outside_the_database(self, actor: Actor, data_dir: Path) -> None:
        seal_next(actor)
        (file,) = (data_dir / "log" / str(actor.practice_id)).iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        (head,) = heads.kept(actor.practice_id)
        with acting(actor):
            known = head_of(actor)
        assert known is not None
        assert isinstance(head, heads.SignedHead)
        assert (head.place, head.digest, head.is_genuine()) == (known.place, bytes(known.digest), True)
        assert bytes(known.signature or b"") == head.signature
        seal_next(actor)
        assert len(list(heads.kept(actor.practice_id))) == 1, "nothing new, nothing signed"

    def test_a_torn_line_does_not_spoil_the_next_one(self, actor: Actor, cast: Cast, data_dir: Path) -> None:
        seal_next(actor)
        (file,) = (data_dir / "log" / str(actor.practice_id)).iterdir()
        with file.open("ab") as torn:
            torn.write(b'{"practice": ')
        change(actor, cast.albers.rooms["own"], 7)
        seal_next(actor)
        assert file.read_bytes().count(b"\n") == 3
        assert json.loads(file.read_bytes().splitlines()[2])["practice"] == str(actor.practice_id)

    def test_seals_without_their_head_are_found(
        self, actor: Actor, cast: Cast, superuser: psycopg.Connection[Any]
    ) -> None:
        seal_next(actor)
        superuser.execute("DELETE FROM audit_head WHERE practice_id = %s", [actor.practice_id])
        finding = proof_of(actor).finding
        assert finding is not None
        assert finding.trouble is Trouble.HEAD_FORGED
        change(actor, cast.albers.rooms["own"], 7)
        assert seal_next(actor) > 0, "and the chain goes on from its last seal"
        assert proof_of(actor).finding is None

    def test_copies_that_were_taken_away_are_found(self, actor: Actor, data_dir: Path) -> None:
        """Without any, a chain that was computed anew from the beginning would look whole."""
        seal_next(actor)
        shutil.rmtree(data_dir / "log")
        finding = proof_of(actor).finding
        assert finding is not None
        assert finding.trouble is Trouble.COPIES_MISSING


def delete(superuser: psycopg.Connection[Any], entries: list[int], *, seals: bool = False) -> None:
    tables = {"audit_entry": "id", "audit_value": "entry_id"} | ({"audit_seal": "entry_id"} if seals else {})
    for names in tables.items():
        statement = sql.SQL("DELETE FROM {} WHERE {} = ANY (%s)").format(*map(sql.Identifier, names))
        superuser.execute(statement, [entries])


def set_head_to_the_last_seal(superuser: psycopg.Connection[Any], practice_id: UUID) -> None:
    superuser.execute(
        "UPDATE audit_head h SET place = s.place, digest = s.digest, entry_id = s.entry_id, signature = NULL "
        "FROM (SELECT * FROM audit_seal WHERE practice_id = %s ORDER BY place DESC LIMIT 1) AS s "
        "WHERE h.practice_id = s.practice_id",
        [practice_id],
    )


def backdate(superuser: psycopg.Connection[Any], practice_id: UUID, by: str) -> None:
    """The newest entry claims to be older by so much."""
    superuser.execute(
        "UPDATE audit_entry SET at = at - %s::interval "
        "WHERE id = (SELECT max(id) FROM audit_entry WHERE practice_id = %s)",
        [by, practice_id],
    )


def write_lines(file: Path, *heads: dict[str, Any]) -> None:
    file.write_text("".join(f"{json.dumps(one)}\n" for one in heads))


def troubles_of(actor: Actor) -> list[tuple[Trouble, int]]:
    return [(one.trouble, one.place) for one in proof_of(actor).findings]


def compute_anew(superuser: psycopg.Connection[Any], practice_id: UUID) -> None:
    """What a superuser can do who has read how the chain is made."""
    rows = superuser.execute(
        "SELECT s.place, jsonb_build_array(e.id, e.practice_id, (extract(epoch FROM e.at) * 1000000)::bigint, "
        "e.transaction, e.actor, e.request, e.table_name, e.row_id, e.subject_id, e.operation, e.reason, "
        "encode(e.digest, 'hex'))::text FROM audit_seal s JOIN audit_entry e ON e.id = s.entry_id "
        "WHERE s.practice_id = %s ORDER BY s.place",
        [practice_id],
    ).fetchall()
    digest = bytes(32)
    for place, facts in rows:
        digest = hashlib.sha256(digest + facts.encode()).digest()
        superuser.execute(
            "UPDATE audit_seal SET digest = %s WHERE practice_id = %s AND place = %s", [digest, practice_id, place]
        )


class TestTampering:
    """A superuser of the database, step by step cleverer."""

    def test_one_byte_of_an_entry(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        victim = sealed_entries(actor)[9]
        superuser.execute("UPDATE audit_entry SET actor = overlay(actor PLACING 'X' FROM 1) WHERE id = %s", [victim])
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.place, finding.entry_id) == (Trouble.CHANGED, 10, victim)

    def test_one_byte_of_a_value(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        victim = sealed_entries(actor)[9]
        superuser.execute(
            "UPDATE audit_value SET new = jsonb_set(new, '{id}', '\"00000000-0000-0000-0000-000000000000\"') "
            "WHERE entry_id = %s",
            [victim],
        )
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.entry_id) == (Trouble.VALUES_CHANGED, victim)

    def test_values_blanked_without_a_logged_erasure(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        victim = sealed_entries(actor)[9]
        superuser.execute("UPDATE audit_value SET old = NULL, new = NULL, salt = NULL WHERE entry_id = %s", [victim])
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.entry_id) == (Trouble.VALUES_CHANGED, victim)

    def test_values_deleted(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        victim = sealed_entries(actor)[9]
        superuser.execute("DELETE FROM audit_value WHERE entry_id = %s", [victim])
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.entry_id) == (Trouble.VALUES_MISSING, victim)

    @pytest.mark.parametrize(("seals", "trouble"), [(False, Trouble.MISSING), (True, Trouble.SEAL_MISSING)])
    def test_one_deleted_in_the_middle(
        self, actor: Actor, superuser: psycopg.Connection[Any], seals: bool, trouble: Trouble
    ) -> None:
        seal_next(actor)
        victim = sealed_entries(actor)[9]
        delete(superuser, [victim], seals=seals)
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.place) == (trouble, 10)
        assert finding.entry_id == (None if seals else victim)

    def test_one_deleted_in_the_middle_and_the_rest_moved_up(
        self, actor: Actor, superuser: psycopg.Connection[Any]
    ) -> None:
        seal_next(actor)
        entries = sealed_entries(actor)
        delete(superuser, [entries[9]], seals=True)
        for place in range(11, len(entries) + 1):
            superuser.execute(
                "UPDATE audit_seal SET place = place - 1 WHERE practice_id = %s AND place = %s",
                [actor.practice_id, place],
            )
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.entry_id) == (Trouble.CHANGED, entries[10])

    def test_the_last_ten_deleted(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        entries = sealed_entries(actor)
        delete(superuser, entries[-10:])
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.entry_id) == (Trouble.MISSING, entries[-10])

    @pytest.mark.parametrize("head_too", [False, True])
    def test_the_last_ten_deleted_with_their_seals(
        self, actor: Actor, superuser: psycopg.Connection[Any], head_too: bool
    ) -> None:
        seal_next(actor)
        entries = sealed_entries(actor)
        delete(superuser, entries[-10:], seals=True)
        if head_too:
            set_head_to_the_last_seal(superuser, actor.practice_id)
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.place) == (Trouble.TAIL_MISSING, len(entries) - 9)
        assert finding.last == entries[-1]

    def test_a_tail_replaced_by_a_new_one_stays_found(
        self, actor: Actor, cast: Cast, superuser: psycopg.Connection[Any]
    ) -> None:
        """As after going back to an older backup: the program goes on sealing, what was lost stays known."""
        seal_next(actor)
        entries = sealed_entries(actor)
        delete(superuser, entries[-2:], seals=True)
        set_head_to_the_last_seal(superuser, actor.practice_id)
        for position in range(5):
            change(actor, cast.albers.rooms["own"], 30 + position)
        seal_next(actor)
        finding = proof_of(actor).finding
        assert finding is not None
        assert (finding.trouble, finding.last) == (Trouble.RECOMPUTED, entries[-1])

    def test_a_whole_chain_computed_anew(self, actor: Actor, cast: Cast, superuser: psycopg.Connection[Any]) -> None:
        """Only the heads outside tell; they say between which two the change lies."""
        seal_next(actor)
        signed_first = sealed_entries(actor)
        for position in range(3):
            change(actor, cast.albers.rooms["own"], 40 + position)
        seal_next(actor)
        entries = sealed_entries(actor)
        victim = entries[len(signed_first) + 1]
        superuser.execute("UPDATE audit_entry SET actor = 'member:somebody' WHERE id = %s", [victim])
        compute_anew(superuser, actor.practice_id)
        set_head_to_the_last_seal(superuser, actor.practice_id)
        finding = proof_of(actor).finding
        assert finding is not None
        assert finding.trouble is Trouble.RECOMPUTED
        assert (finding.entry_id, finding.last) == (entries[len(signed_first)], entries[-1])

    def test_a_head_that_somebody_else_signed(
        self, actor: Actor, superuser: psycopg.Connection[Any], settings: LazySettings
    ) -> None:
        seal_next(actor)
        superuser.execute("UPDATE audit_head SET signature = decode(repeat('ab', 64), 'hex')")
        finding = proof_of(actor).finding
        assert finding is not None
        assert finding.trouble is Trouble.HEAD_FORGED

    def test_heads_outside_changed(self, actor: Actor, data_dir: Path) -> None:
        seal_next(actor)
        (file,) = (data_dir / "log" / str(actor.practice_id)).iterdir()
        whole = file.read_text()
        for broken in (whole.replace('"place": ', '"place": 1'), "rubbish\n", whole[:40], whole.replace("20", "21", 1)):
            file.write_text(broken)
            assert proof_of(actor).finding is not None, broken
        file.write_text(whole)
        assert proof_of(actor).finding is None

    def test_a_head_outside_that_somebody_else_signed_however_old(
        self, actor: Actor, cast: Cast, data_dir: Path
    ) -> None:
        """It says what the chain says: only its signature tells. The newer ones are ours."""
        for position in range(3):
            change(actor, cast.albers.rooms["own"], 50 + position)
            seal_next(actor)
        (file,) = (data_dir / "log" / str(actor.practice_id)).iterdir()
        oldest, *others = map(json.loads, file.read_text().splitlines())
        write_lines(file, oldest | {"signature": "ab" * 64}, *others)
        assert troubles_of(actor) == [(Trouble.HEAD_FORGED, oldest["place"])]
        write_lines(file, oldest | {"sealed_at": "2001-01-01T00:00:00.000000+00:00"}, *others)
        assert troubles_of(actor) == [(Trouble.HEAD_FORGED, oldest["place"])], "its time is signed too"

    def test_a_torn_line_hides_nothing(
        self, actor: Actor, cast: Cast, superuser: psycopg.Connection[Any], data_dir: Path
    ) -> None:
        seal_next(actor)
        (file,) = (data_dir / "log" / str(actor.practice_id)).iterdir()
        file.write_text('{"practice": \n' + file.read_text())
        (torn,) = proof_of(actor).findings
        assert (torn.trouble, torn.place, torn.where) == (Trouble.TORN, 1, f"{file}:1")
        entries = sealed_entries(actor)
        delete(superuser, entries[-2:], seals=True)
        set_head_to_the_last_seal(superuser, actor.practice_id)
        assert troubles_of(actor) == [(Trouble.TAIL_MISSING, len(entries) - 1), (Trouble.TORN, 1)]

    def test_an_entry_that_claims_to_be_older_than_the_seal_before_it(
        self, actor: Actor, cast: Cast, superuser: psycopg.Connection[Any]
    ) -> None:
        """Written now, said to be of yesterday, and sealed by the program itself like any other."""
        seal_next(actor)
        sealed = len(sealed_entries(actor))
        change(actor, cast.albers.rooms["own"], 60)
        backdate(superuser, actor.practice_id, "59 minutes")
        seal_next(actor)
        assert troubles_of(actor) == [], "so long a transaction may take"
        change(actor, cast.albers.rooms["own"], 61)
        backdate(superuser, actor.practice_id, "61 minutes")
        seal_next(actor)
        (found,) = proof_of(actor).findings
        assert (found.trouble, found.place) == (Trouble.BACKDATED, sealed + 2)
        assert found.entry_id == sealed_entries(actor)[-1]

    def test_entries_that_nobody_seals(self, actor: Actor, cast: Cast, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        change(actor, cast.albers.rooms["own"], 70)
        backdate(superuser, actor.practice_id, "14 minutes")
        assert troubles_of(actor) == []
        backdate(superuser, actor.practice_id, "2 minutes")
        (found,) = proof_of(actor).findings
        assert (found.trouble, proof_of(actor).waiting) == (Trouble.UNSEALED, 1)
        seal_next(actor)
        assert troubles_of(actor) == [], "late, and whole"

    def test_an_entry_slipped_in_among_the_sealed(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        row = superuser.execute(
            "INSERT INTO audit_entry (practice_id, at, transaction, actor, request, table_name, row_id, subject_id, "
            "operation, reason, digest) SELECT practice_id, at, transaction, 'member:invented', request, table_name, "
            "row_id, subject_id, operation, reason, digest FROM audit_entry "
            "WHERE practice_id = %s LIMIT 1 RETURNING id",
            [actor.practice_id],
        ).fetchone()
        seal_next(actor)
        finding = proof_of(actor).finding
        assert finding is not None
        assert row is not None
        assert (finding.trouble, finding.entry_id) == (Trouble.ADDED, row[0])

    def test_the_seals_alone_deleted(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        superuser.execute("DELETE FROM audit_seal")
        superuser.execute("DELETE FROM audit_head")
        seal_next(actor)
        assert proof_of(actor).finding is None, "sealed anew, entry for entry the same"
