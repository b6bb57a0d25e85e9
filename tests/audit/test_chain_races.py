"""Writers and sealers at the same time, and the erasure that law asks for: nothing is lost (AUD-3, PRI-20)."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from sprechzeit.access.actor import Actor
from sprechzeit.audit.actions import erase_values
from sprechzeit.audit.models import Entry, Seal
from sprechzeit.audit.sealing import seal_log
from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Room
from tests.support.cast import Cast
from tests.support.chain import change, proof_of, seal_next, sealed_entries
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = [pytest.mark.own_database, pytest.mark.req("AUD-3")]


class TestErasure:
    """PRI-3, PRI-20: values can be blanked by law, and the chain stays whole."""

    @pytest.mark.req("PRI-3", "PRI-20")
    def test_values_are_gone_and_the_chain_is_whole(self, actor: Actor, superuser: psycopg.Connection[Any]) -> None:
        seal_next(actor)
        victims = sealed_entries(actor)[4:7]
        with acting(actor):
            assert erase_values(actor, victims, "PRI-20") == 3
            assert erase_values(actor, victims, "again") == 0
        left = superuser.execute(
            "SELECT count(*) FROM audit_value WHERE entry_id = ANY (%s) "
            "AND (old IS NOT NULL OR new IS NOT NULL OR salt IS NOT NULL)",
            [victims],
        ).fetchone()
        assert left == (0,)
        assert proof_of(actor).finding is None, "not sealed yet"
        seal_next(actor)
        assert proof_of(actor).finding is None
        with acting(actor):
            erasures = list(Entry.objects.filter(operation="erase").order_by("id").select_related("value"))
            erased = {one.pk: one for one in Entry.objects.filter(pk__in=victims)}
        assert [one.value.new for one in erasures] == [{"entry": entry} for entry in victims]
        assert [(one.actor, one.reason) for one in erasures] == [("system", "PRI-20")] * 3
        assert [one.row_id for one in erasures] == [erased[entry].row_id for entry in victims]

    def test_an_erasure_itself_cannot_be_erased(self, actor: Actor) -> None:
        with acting(actor):
            entry = Entry.objects.order_by("id").values_list("id", flat=True)[3]
            erase_values(actor, [entry], "PRI-20")
            erasure = Entry.objects.get(operation="erase")
            assert erase_values(actor, [erasure.pk], "PRI-20") == 0

    def test_nobody_erases_in_another_practices_log(self, actor: Actor, cast: Cast) -> None:
        with acting(actor):
            entries = list(Entry.objects.values_list("id", flat=True)[:5])
        with acting(cast.brandt.system):
            assert erase_values(cast.brandt.system, entries, "PRI-20") == 0


class TestWritersMeanwhile:
    def test_a_long_transaction_that_commits_late_is_sealed_later(
        self, actor: Actor, cast: Cast, own_database: Databases
    ) -> None:
        """Its entry has the lower id: it comes after those that were sealed meanwhile, and none is lost."""
        seal_next(actor)
        with psycopg.connect(own_database.url("app")) as slow:
            slow.execute(
                "SELECT set_config('sprechzeit.practices', %s, true), set_config('sprechzeit.actor', 'system', true)",
                [str(actor.practice_id)],
            )
            room = cast.albers.rooms["own"].pk
            slow.execute("SELECT log_use(%s, 'read', 'practice_room', %s, '', NULL, 0)", [actor.practice_id, room])
            change(actor, cast.albers.rooms["shared"], 51)
            seal_log(actor)  # nothing to wait for: the slow one is under way, here as anywhere
            assert proof_of(actor).finding is None
            slow.commit()
        with acting(actor):
            late, quick = Entry.objects.filter(operation__in=("read", "update")).order_by("id")[:2]
        assert (late.operation, quick.operation) == ("read", "update")
        change(actor, cast.albers.rooms["shared"], 52)
        seal_next(actor)
        sealed = sealed_entries(actor)
        assert {late.pk, quick.pk} <= set(sealed)
        assert len(sealed) == len(set(sealed))
        proof = proof_of(actor)
        assert (proof.finding, proof.waiting) == (None, 0)

    def test_many_writers_and_many_sealers_lose_nothing(self, actor: Actor, cast: Cast) -> None:
        rooms = [cast.albers.rooms["own"], cast.albers.rooms["shared"]]

        def write(room: Room) -> Callable[[], None]:
            def work() -> None:
                for position in range(30):
                    change(actor, room, 60 + position)
                    time.sleep(0.002)

            return work

        def seal() -> None:
            for _ in range(10):
                seal_log(actor)
                assert proof_of(actor).finding is None

        results = together(*map(write, rooms), seal, seal)
        assert results == [None] * 4
        seal_next(actor)
        proof = proof_of(actor)
        with acting(actor):
            assert Entry.objects.count() == Seal.objects.count()
        assert (proof.finding, proof.waiting) == (None, 0)

    def test_a_log_restored_on_another_server_is_sealed_on(
        self, actor: Actor, cast: Cast, superuser: psycopg.Connection[Any]
    ) -> None:
        """There transactions are counted from the beginning: what was sealed bears numbers that come again."""
        seal_next(actor)
        change(actor, cast.albers.rooms["own"], 80)
        superuser.execute("UPDATE audit_head SET upto = upto + 1000000000")
        superuser.execute(
            "UPDATE audit_entry SET transaction = transaction + 1000000000 "
            "WHERE id NOT IN (SELECT entry_id FROM audit_seal)"
        )
        assert seal_next(actor) == 1
        change(actor, cast.albers.rooms["own"], 81)
        assert seal_next(actor) == 1
        assert proof_of(actor).finding is None
